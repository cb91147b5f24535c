"""What is compared counts only where it still holds: whatever comes meanwhile, and with no transaction open."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text as sql

from beside import LATER, findings, paid, person, pushed, refused, run, text, uploaded, worked
from companies import Company, sign_up
from waiting import until
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.service import cases, comparisons, settling
from wm_api.records.columns import Finding

Compare = Callable[[cases.Case], Awaitable[tuple[Finding, ...]]]
COMPARE: Compare = comparisons.compare
OPEN = sql(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND usename = current_user AND xact_start IS NOT NULL"
)


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


def meanwhile(monkeypatch: pytest.MonkeyPatch, *acts: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Each act is done while a file is being compared for the first, second, ... time; what came of them."""
    waiting, answers, acting = list(acts), list[Any](), False

    async def compare(case: cases.Case) -> tuple[Finding, ...]:
        nonlocal acting
        found = await COMPARE(case)
        if waiting and not acting:  # an act may be a push, which is compared too
            acting = True
            answers.append(await waiting.pop(0)())
            acting = False
        return found

    monkeypatch.setattr(comparisons, "compare", compare)
    return answers


async def together(monkeypatch: pytest.MonkeyPatch, *pushes: Awaitable[Any]) -> list[Any]:
    """All are compared before any of them counts."""
    all_there, coming = asyncio.Barrier(len(pushes)), len(pushes)

    async def compare(case: cases.Case) -> tuple[Finding, ...]:
        nonlocal coming
        coming, first = coming - 1, coming > 0
        found = await COMPARE(case)
        if first:
            await all_there.wait()
        return found

    monkeypatch.setattr(comparisons, "compare", compare)
    return list(await asyncio.gather(*pushes))


async def test_of_two_files_with_the_same_runs_that_come_at_once_one_is_refused(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(site: str, first: int) -> httpx.Response:
        query = {"kind": "payroll", "period_start": "2025-01-01", "period_end": "2025-01-31", "external_ref": site}
        content = text([run(company, number) for number in range(first, first + 10)])
        headers = {**company.headers, "Content-Type": "text/csv"}
        return await company.http.post("/v1/datasets", params=query, content=content, headers=headers)

    answers = await together(monkeypatch, answer("a", 0), answer("b", 6))
    assert sorted(each.status_code for each in answers) == [202, 422]
    (no,) = [each.json() for each in answers if each.status_code == 422]
    assert refused(no)["duplicate_row_conflict"]["row_count"] == 4


async def test_the_same_runs_that_come_twice_at_once_are_one_dataset(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = text([run(company, number) for number in range(10)])
    query = {"kind": "payroll", "period_start": "2025-01-01", "period_end": "2025-01-31"}
    headers = {**company.headers, "Content-Type": "text/csv"}
    one = company.http.post("/v1/datasets", params=query, content=content, headers=headers)
    other = company.http.post("/v1/datasets", params=query, content=content, headers=headers)
    answers = await together(monkeypatch, one, other)
    assert sorted(each.status_code for each in answers) == [200, 202]
    assert len({each.json()["id"] for each in answers}) == 1


async def test_a_file_that_is_compared_while_another_is_accepted_is_compared_again(
    company: Company, monkeypatch: pytest.MonkeyPatch, worker_resources: Resources
) -> None:
    rows = [person(company, number) for number in range(60)]
    meanwhile(monkeypatch, lambda: pushed(company, rows))
    small = await pushed(company, [*rows, person(company, 60)], 202, **LATER)
    assert "stale_copy" in await findings(company, small)
    large = await uploaded(company, text([*rows, person(company, 61)]), as_of="2026-02-28", external_ref="b")
    again = [*rows, person(company, 62)]
    meanwhile(monkeypatch, lambda: pushed(company, again, as_of="2026-02-28", external_ref="a"))
    await worked(company, worker_resources, large)
    assert (await findings(company, large))["person_in_two_files"]["row_count"] == 60


async def test_a_commit_and_an_undo_are_compared_again_with_what_came_meanwhile(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await paid(company, [run(company, number) for number in range(10)], hold="true", external_ref="held")
    await pushed(company, [person(company, number) for number in range(10)])  # so that the commit compares
    (run_8, run_9) = (run(company, number) for number in (8, 9))
    came = meanwhile(monkeypatch, lambda: paid(company, [run_8], external_ref="b"))
    no = await company.call("POST", f"/v1/datasets/{held['id']}/commit", 409)
    assert [(each["code"], each["row_count"]) for each in no["findings"]] == [("duplicate_row_conflict", 1)]
    smaller = [run(company, number) for number in range(5)]
    whole = await paid(company, [*smaller, run_9], external_ref="whole")
    most = await paid(company, smaller, supersedes=whole["id"], external_ref="whole")
    await paid(company, [run(company, 30)], external_ref="c")  # so that the undo compares
    meanwhile(monkeypatch, lambda: paid(company, [run_9], external_ref="d"))
    no = await company.call("POST", f"/v1/datasets/{most['id']}/reversal", 409)
    assert [each["code"] for each in no["findings"] if each["severity"] == "refuse"] == ["duplicate_row_conflict"]
    assert came[0]["state"] == "accepted"


async def test_where_others_never_cease_a_file_is_compared_under_the_lock_at_last(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [person(company, number) for number in range(20)]
    monkeypatch.setattr(settling, "ROUNDS", 2)
    acts = [partial(pushed, company, [rows[site]], external_ref=f"site-{site}") for site in range(2)]
    came = meanwhile(monkeypatch, *acts)
    last = await pushed(company, rows, external_ref="all")
    assert len(came) == 2
    assert (await findings(company, last))["person_in_two_files"]["row_count"] == 2


async def test_no_transaction_is_open_while_a_push_job_commit_or_undo_compares(
    company: Company, monkeypatch: pytest.MonkeyPatch, resources: Resources, worker_resources: Resources
) -> None:
    looks, slots = list[str](), list[int]()

    async def none_open() -> bool:
        async with transaction(resources, UUID(company.id)) as session:
            return int((await session.execute(OPEN)).scalar_one()) == 0

    async def compare(case: cases.Case) -> tuple[Finding, ...]:
        await until(none_open, 5)  # a heartbeat's own is over at once
        looks.append(case.push.facts.kind)
        slots.append(case.resources.sandboxes._held[case.account_id])
        return await COMPARE(case)

    staff = [person(company, number) for number in range(20)]
    await pushed(company, staff)
    held = await paid(company, [run(company, number) for number in range(20)], hold="true")
    await pushed(company, staff[:10], external_ref="site")
    monkeypatch.setattr(comparisons, "compare", compare)
    await pushed(company, [*staff, person(company, 20)], 202, **LATER)
    large = await uploaded(company, text([*staff, person(company, 21)]), as_of="2026-02-28")
    await worked(company, worker_resources, large)
    committed = await company.call("POST", f"/v1/datasets/{held['id']}/commit", 202)
    better = await paid(company, [run(company, number) for number in range(19)], supersedes=committed["id"])
    await pushed(company, staff[10:], external_ref="other")
    await company.call("POST", f"/v1/datasets/{better['id']}/reversal", 202)
    assert looks == ["workforce", "workforce", "payroll", "payroll", "workforce", "payroll"]
    assert slots == [1] * len(looks)
