"""Which days a push belongs to: figures and drafts of each rest on all that counts, whatever came first."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import event

from companies import Company, payroll, sign_up, workforce
from waiting import swept
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.metrics import service as metrics
from wm_api.metrics.sources import sources_by_day, sources_of
from wm_api.pipeline import steps
from wm_api.pipeline.run import run_operation


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def paid(company: Company, start: str, end: str, **query: str) -> Any:
    text = payroll(company.id, start, end, rate=float(query.pop("rate", "30")))
    parameters = {"kind": "payroll", "as_of": "", "period_start": start, "period_end": end, **query}
    given = {name: value for name, value in parameters.items() if value}
    headers = {"Content-Type": "text/csv"}
    return await company.call("POST", "/v1/datasets", 202, params=given, content=text.encode(), headers=headers)


async def done(company: Company, resources: Resources, *datasets: dict[str, Any]) -> None:
    runs = [run_operation(resources, UUID(company.id), UUID(each["operation_id"])) for each in datasets]
    await asyncio.gather(*runs)
    for each in datasets:
        ended = await company.call("GET", f"/v1/operations/{each['operation_id']}")
        assert ended["state"] == "succeeded", ended["error"]


async def rests_on(company: Company, day: str) -> set[str]:
    rows = (await company.call("GET", "/v1/metrics", params={"as_of": day, "limit": "200"}))["data"]
    drafts = (await company.call("GET", "/v1/scores", params={"as_of": day, "state": "draft"}))["data"]
    assert len(drafts) == 1
    ids = {tuple(row["dataset_ids"]) for row in rows}
    assert ids == {tuple(each["id"] for each in drafts[0]["datasets"])}
    return {each for group in ids for each in group}


async def test_a_payroll_period_counts_on_every_day_whose_window_holds_it(
    company: Company, worker_resources: Resources
) -> None:
    early = await company.push(workforce(company.id), as_of="2025-06-30")
    late = await company.push(workforce(company.id, 299), as_of="2025-12-31")
    await done(company, worker_resources, early, late)
    spring = await paid(company, "2025-05-03", "2025-05-16")
    autumn = await paid(company, "2025-11-01", "2025-11-14")
    await done(company, worker_resources, spring, autumn)
    assert await rests_on(company, "2025-06-30") == {early["id"], spring["id"]}
    assert await rests_on(company, "2025-12-31") == {late["id"], spring["id"], autumn["id"]}


async def test_many_pushes_of_one_day_at_once_end_in_figures_that_rest_on_all(
    company: Company, worker_resources: Resources
) -> None:
    pushed = [await company.push(workforce(company.id))]
    start = date(2025, 1, 4)
    for number in range(6):
        first = start + timedelta(days=14 * number)
        pushed.append(await paid(company, first.isoformat(), (first + timedelta(days=13)).isoformat()))
    await done(company, worker_resources, *reversed(pushed))
    assert await rests_on(company, "2025-12-31") == {each["id"] for each in pushed}


async def test_a_payroll_that_comes_before_any_workforce_counts_when_one_comes(
    company: Company, worker_resources: Resources
) -> None:
    period = await paid(company, "2025-11-01", "2025-11-14")
    await done(company, worker_resources, period)
    assert (await company.call("GET", "/v1/scores"))["data"] == []
    people = await company.push(workforce(company.id))
    await done(company, worker_resources, people)
    assert await rests_on(company, "2025-12-31") == {period["id"], people["id"]}


async def test_a_correction_that_supersedes_a_period_is_computed_on_all_its_days(
    company: Company, worker_resources: Resources
) -> None:
    people = await company.push(workforce(company.id))
    wrong = await paid(company, "2025-11-01", "2025-11-14")
    await done(company, worker_resources, people, wrong)
    right = await paid(company, "2025-11-01", "2025-11-14", supersedes=wrong["id"], rate="31")
    await done(company, worker_resources, right)
    assert await rests_on(company, "2025-12-31") == {people["id"], right["id"]}


async def test_a_correction_to_another_day_leaves_neither_figures_nor_an_open_draft_of_the_wrong_day(
    company: Company, worker_resources: Resources
) -> None:
    wrong = await company.push(workforce(company.id), as_of="2025-12-31")
    await done(company, worker_resources, wrong)
    old = (await company.call("GET", "/v1/scores"))["data"][0]["id"]
    right = await company.push(workforce(company.id, 299), as_of="2025-12-30", supersedes=wrong["id"])
    await done(company, worker_resources, right)
    assert {row["as_of"] for row in (await company.call("GET", "/v1/metrics"))["data"]} == {"2025-12-30"}
    assert (await company.call("GET", "/v1/metrics", params={"as_of": "2025-12-31"}))["data"] == []
    assert await rests_on(company, "2025-12-30") == {right["id"]}
    assert (await company.call("GET", f"/v1/scores/{old}"))["state"] == "superseded"
    refused = await company.call("POST", f"/v1/scores/{old}/publication", 409)
    assert refused["code"] == "state-conflict"
    told = (await company.call("GET", "/v1/events", params={"type": "score.superseded"}))["data"]
    assert [each["subject"]["id"] for each in told] == [old]


async def test_after_a_deletion_what_is_left_of_a_day_is_computed_again(
    company: Company, worker_resources: Resources
) -> None:
    people = await company.push(workforce(company.id))
    period = await paid(company, "2025-11-01", "2025-11-14")
    await done(company, worker_resources, people, period)
    operation = await company.call("DELETE", f"/v1/datasets/{period['id']}", 202)
    await run_operation(worker_resources, UUID(company.id), UUID(operation["id"]))
    assert (await company.call("GET", "/v1/metrics"))["data"] == []  # withdrawn at once
    assert await swept(worker_resources) >= 1
    left = (await company.call("GET", "/v1/operations", params={"state": "queued"}))["data"]
    assert [each["type"] for each in left] == ["score.compute"]
    await run_operation(worker_resources, UUID(company.id), UUID(left[0]["id"]))
    assert await rests_on(company, "2025-12-31") == {people["id"]}


async def test_files_of_one_day_that_declare_other_full_time_hours_are_each_read_with_their_own(
    company: Company, worker_resources: Resources
) -> None:
    headings, *rows = workforce(company.id, 100).splitlines(keepends=True)
    for site, hours, part in (("a", "32.50", rows[:40]), ("b", "40.00", rows[40:])):
        await company.push("".join([headings, *part]), external_ref=site, full_time_weekly_hours=hours)
    async with transaction(worker_resources, UUID(company.id)) as session:
        account, sources = await metrics.account_facts(session), await sources_of(session, date(2025, 12, 31))
    assert sources is not None
    spells = (await metrics.read_inputs(worker_resources, account, sources)).everyone()
    assert dict(spells.get_column("hours").value_counts().iter_rows()) == {32.5: 40, 40.0: 60}


async def test_facts_of_the_account_that_change_while_a_day_is_computed_are_in_its_draft(
    company: Company, worker_resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed, computed, calls = await company.push(workforce(company.id)), steps._computed, []

    async def then_changed(*given: Any) -> Any:
        day = await computed(*given)
        calls.append(day)
        await company.call("PATCH", "/v1/account", json={"industry_code": "622110"})
        return day

    monkeypatch.setattr(steps, "_computed", then_changed)
    await done(company, worker_resources, pushed)
    assert len(calls) == 2
    draft = (await company.call("GET", "/v1/scores"))["data"][0]
    explained = (await company.call("GET", f"/v1/scores/{draft['id']}/explanation"))["contributions"]
    labels = {each["metric"]: each["benchmark"]["label"] for each in explained if each["benchmark"]}
    assert labels["turnover_rate"] == "US separations 2021 (health care and social assistance, by NAICS code)"


async def test_the_database_is_asked_as_often_for_many_days_as_for_one(company: Company, resources: Resources) -> None:
    asked, days = list[int](), ("2025-12-31", "2025-11-30", "2025-10-31")
    run = await paid(company, "2025-05-03", "2025-05-16")
    for number, day in enumerate(days):
        await company.push(workforce(company.id, 20 + number), as_of=day)
        statements = list[str]()
        event.listen(resources.engine.sync_engine, "before_cursor_execute", told := _into(statements))
        async with transaction(resources, UUID(company.id)) as session:
            found = await sources_by_day(session, UUID(run["id"]))
        event.remove(resources.engine.sync_engine, "before_cursor_execute", told)
        assert sorted(map(str, found)) == sorted(days[: number + 1])
        asked.append(len(statements))
    assert len(set(asked)) == 1


def _into(statements: list[str]) -> Callable[..., None]:
    def told(*arguments: Any) -> None:
        statements.append(arguments[2])

    return told
