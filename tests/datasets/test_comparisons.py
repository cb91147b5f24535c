"""A file beside the account's other datasets: on both paths, before it counts, and never with one that it replaces."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update

from beside import FEBRUARY, LATER, findings, key, paid, person, pushed, refused, run, text, uploaded, worked
from companies import Company, sign_up
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.models import Dataset
from wm_api.datasets.service import cases, files
from wm_api.datasets.service.datasets import lock_account
from wm_api.records import employee_keys

OTHER_SECRET = b"\x09" * 32
WEEK = ("2025-01-27", "2025-02-02")


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def test_an_old_file_under_a_new_day_is_warned_of(company: Company) -> None:
    rows = [person(company, number) for number in range(60)]
    first = await pushed(company, rows)
    again = await pushed(company, [*rows, person(company, 60)], 202, **LATER)
    raised = await pushed(company, [row | {"base_rate": "99.00"} for row in rows], as_of="2026-02-28")
    wider = await pushed(company, [row | {"veteran": "no"} for row in rows], as_of="2026-03-31")
    found = ["stale_copy" in await findings(company, each) for each in (first, again, raised, wider)]
    assert found == [False, True, False, False]


async def test_the_replaced_dataset_is_no_comparison(company: Company) -> None:
    wrong_day = await pushed(company, [person(company, number) for number in range(60)])
    moved = [person(company, number) for number in range(61)]
    assert "stale_copy" not in await findings(
        company, await pushed(company, moved, 202, **LATER, supersedes=wrong_day["id"])
    )


async def test_a_large_file_is_compared_by_its_operation(company: Company, worker_resources: Resources) -> None:
    rows = [person(company, number) for number in range(60)]
    await pushed(company, rows)
    stale = await uploaded(company, text([*rows, person(company, 60)]), **LATER)
    rekeyed = await uploaded(company, text(_forged(company)), as_of="2026-02-28")
    for each in (stale, rekeyed):
        await worked(company, worker_resources, each)
    assert "stale_copy" in await findings(company, stale)
    assert (await findings(company, rekeyed))["rekeyed_without_mapping"]["severity"] == "refuse"
    assert (await company.call("GET", f"/v1/datasets/{rekeyed['id']}"))["state"] == "refused"


@asynccontextmanager
async def returning(company: Company, resources: Resources, dataset: dict[str, Any]) -> AsyncIterator[None]:
    """Inside, the dataset does not count and nobody else changes what counts; at the end it counts again."""
    mine = update(Dataset).where(Dataset.id == UUID(dataset["id"]))
    async with transaction(resources, UUID(company.id)) as session:
        await session.execute(mine.values(state="superseded"))
    async with transaction(resources, UUID(company.id)) as session:
        await lock_account(session)
        await session.execute(mine.values(state="accepted"))
        yield


async def test_what_counts_at_last_is_what_was_compared(
    company: Company, resources: Resources, worker_resources: Resources
) -> None:
    rows = [person(company, number) for number in range(60)]
    first = await pushed(company, rows)
    large = await uploaded(company, text([*rows, person(company, 61)]), as_of="2026-02-28")
    async with returning(company, resources, first):
        pushing = asyncio.create_task(pushed(company, [*rows, person(company, 60)], 202, **LATER))
        working = asyncio.create_task(worked(company, worker_resources, large))
        await asyncio.wait({pushing, working}, timeout=3)
        assert not pushing.done()
        assert not working.done()
    await working
    assert "stale_copy" in await findings(company, await pushing)
    assert "stale_copy" in await findings(company, large)


def _forged(company: Company) -> list[dict[str, str]]:
    """The same people under keys of another secret that say they are of the same."""
    mine, other = key(company, 0), key(company, 0, OTHER_SECRET)
    rows = [person(company, number, OTHER_SECRET) for number in range(60)]
    return [row | {"employee_key": under(row["employee_key"], other[4:12], mine[4:12])} for row in rows]


def under(token: str, kid: str, claimed: str) -> str:
    head = token[:-7].replace(f"wm1_{kid}_", f"wm1_{claimed}_")
    return f"{head}_{employee_keys.checksum(head)}"


async def test_the_same_people_under_other_keys_are_refused_and_nothing_is_kept(
    company: Company, resources: Resources
) -> None:
    await pushed(company, [person(company, number) for number in range(60)])
    before = {name async for name in resources.storage.names("datasets")}
    found = refused(await pushed(company, _forged(company), 422, **LATER))
    assert found["rekeyed_without_mapping"]["severity"] == "refuse"
    assert {name async for name in resources.storage.names("datasets")} == before


async def test_other_people_are_not_taken_for_the_same(company: Company) -> None:
    await pushed(company, [person(company, number) for number in range(60)])
    others = [person(company, number, hire_date="2025-11-03", job_code="NEW") for number in range(100, 160)]
    found = await findings(company, await pushed(company, others, 202, **LATER))
    assert found["keys_mostly_new"]["severity"] == "warn"


async def test_one_run_in_two_files_of_a_period_refuses_the_second(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    await paid(company, [run(company, number) for number in range(10)], external_ref="site-a")
    monkeypatch.setattr(cases, "SLICE", 4)  # so that it takes several passes
    second = [run(company, number, run_no="1") for number in range(8, 20)]
    found = refused(await paid(company, second, status=422, external_ref="site-b"))["duplicate_row_conflict"]
    assert (found["severity"], found["rows"], found["row_count"]) == ("refuse", [1, 2], 2)
    third = await paid(company, [run(company, number, run_no="2") for number in range(8, 20)], external_ref="site-b")
    assert "duplicate_row_conflict" not in await findings(company, third)


async def test_a_correction_may_hold_the_runs_of_what_it_replaces(company: Company) -> None:
    wrong = await paid(company, [run(company, number) for number in range(10)])
    assert await paid(company, [run(company, number, pay_base="7.00") for number in range(10)], supersedes=wrong["id"])


async def test_people_in_two_workforce_files_of_a_day_are_named_and_given_spells_conflict(company: Company) -> None:
    await pushed(company, [person(company, number, spell_no="1") for number in range(9)], external_ref="site-a")
    both = [person(company, number, spell_no="2") for number in range(8, 20)]
    found = await findings(company, await pushed(company, both, external_ref="site-b"))
    assert (found["person_in_two_files"]["severity"], found["person_in_two_files"]["rows"]) == ("warn", [1])
    again = [person(company, number, spell_no="1") for number in range(5, 30)]
    assert refused(await pushed(company, again, 422, external_ref="c"))["duplicate_row_conflict"]["row_count"] == 4


async def test_days_without_payroll_since_the_last_period_are_named(company: Company) -> None:
    april = ("2025-04-01", "2025-04-30")
    first = await paid(company, [run(company, 1)])
    next_month = await paid(company, [run(company, 1, FEBRUARY)], FEBRUARY)
    late = await paid(company, [run(company, 1, april)], april)
    found = [await findings(company, each) for each in (first, next_month, late)]
    assert ["payroll_gap" in each for each in found] == [False, False, True]


async def test_periods_that_share_days_are_named_by_person(company: Company) -> None:
    await paid(company, [run(company, number) for number in range(5)])
    found = await findings(company, await paid(company, [run(company, number, WEEK) for number in range(3, 9)], WEEK))
    assert (found["payroll_overlap"]["severity"], found["payroll_overlap"]["rows"]) == ("warn", [1, 2])


async def test_payroll_and_workforce_are_reconciled_whichever_comes_first(company: Company) -> None:
    staff = [person(company, number) for number in range(30)]
    payroll = [run(company, number) for number in range(3, 34)]
    await pushed(company, staff)
    after = await findings(company, await paid(company, payroll))
    assert (after["payroll_without_person"]["rows"], after["person_without_payroll"]["row_count"]) == (
        [28, 29, 30, 31],
        3,
    )
    other = await sign_up(company.http)
    await paid(other, [run(other, number) for number in range(3, 34)])
    before = await findings(other, await pushed(other, [person(other, number) for number in range(30)]))
    assert (before["payroll_without_person"]["row_count"], before["person_without_payroll"]["rows"]) == (4, [1, 2, 3])


async def test_people_hired_or_gone_within_the_period_need_no_payroll(company: Company) -> None:
    staff = [
        person(company, 0, termination_date=""),
        person(company, 1, hire_date="2025-01-15", termination_date=""),
        person(company, 2, termination_date="2025-01-20"),
        person(company, 3, hire_date="2019-01-01", termination_date=""),
    ]
    await pushed(company, staff)
    assert "person_without_payroll" not in await findings(
        company, await paid(company, [run(company, n) for n in (0, 3)])
    )


async def test_rows_have_no_number_where_one_before_them_was_left_out(company: Company) -> None:
    await pushed(company, [person(company, number) for number in range(5)])
    twice = [run(company, 1), run(company, 1), run(company, 77)]
    found = (await findings(company, await paid(company, twice)))["payroll_without_person"]
    assert (found["rows"], found["row_count"]) == ([], 1)


async def test_rows_have_no_number_where_one_before_them_was_set_aside(company: Company) -> None:
    people = [person(company, number) for number in range(40)]
    await pushed(company, people)
    rows = [run(company, 1, pay_base="-5"), *(run(company, number) for number in range(2, 41))]
    found = await findings(company, await paid(company, rows, quarantine_ceiling="0.05"))
    assert (found["negative_pay_unmatched"]["rows"], found["payroll_without_person"]["rows"]) == ([1], [])
    assert found["payroll_without_person"]["row_count"] == 1


async def test_enrolments_need_their_person_and_their_plan(company: Company) -> None:
    plans = [{"plan_code": "MED", "benefit_type": "medical"}, {"plan_code": "DEN", "benefit_type": "dental"}]
    await pushed(company, [person(company, number) for number in range(10)])
    await pushed(company, plans, kind="benefit_plans")
    enrolled = [{"employee_key": key(company, number), "plan_code": "MED"} for number in range(10)]
    assert await pushed(company, enrolled, kind="benefit_enrolments")
    strange = [*enrolled, {"employee_key": key(company, 77), "plan_code": "DEN"}]
    strange.append({"employee_key": key(company, 1), "plan_code": "GYM"})
    found = refused(await pushed(company, strange, 422, kind="benefit_enrolments", **LATER))
    assert {code: each["rows"] for code, each in found.items()} == {
        "enrolment_without_person": [11],
        "enrolment_without_plan": [12],
    }


async def test_a_dataset_whose_bytes_are_lost_stands_in_no_way(company: Company, resources: Resources) -> None:
    lost = await pushed(company, [person(company, number) for number in range(20)])
    await files.forget(resources, UUID(company.id), UUID(lost["id"]))
    rows = [person(company, number) for number in range(21)]
    assert "stale_copy" not in await findings(company, await pushed(company, rows, 202, **LATER))
