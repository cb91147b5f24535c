"""Rows that cannot be used beside other datasets are set aside where the sender allows it; what is left is the dataset."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from beside import Row, findings, key, paid, person, pushed, refused, run, text, uploaded, worked
from companies import Company, sign_up
from datasets.test_amendments import stored
from wm_api.core.resources import Resources

PLANS = [{"plan_code": "MED", "benefit_type": "medical"}]
ENROLMENTS = {"kind": "benefit_enrolments"}


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    """With 60 people and one plan."""
    company = await sign_up(http)
    await pushed(company, [person(company, number) for number in range(60)])
    await pushed(company, PLANS, kind="benefit_plans")
    return company


def enrolled(company: Company, people: Sequence[int], plan: str = "MED") -> list[Row]:
    return [{"employee_key": key(company, number), "plan_code": plan} for number in people]


async def report_of(company: Company, dataset: dict[str, Any]) -> Any:
    return await company.call("GET", f"/v1/datasets/{dataset['id']}/validation")


async def objects(resources: Resources, company: Company) -> int:
    return len([name async for name in resources.storage.names(f"datasets/{company.id}")])


async def test_rows_without_a_person_or_plan_are_left_out_counted_and_told(
    company: Company, resources: Resources
) -> None:
    rows = [*enrolled(company, range(58)), *enrolled(company, [70]), *enrolled(company, [59], "GYM")]
    expected = {"expected_rows": "60"}
    dataset = await pushed(company, rows, 202, **ENROLMENTS, **expected, quarantine_ceiling="0.05")
    report = await report_of(company, dataset)
    told = {each["code"]: (each["severity"], each["rows"]) for each in report["findings"]}
    assert told == {
        "enrolment_without_person": ("quarantine", [59]),
        "enrolment_without_plan": ("quarantine", [60]),
    }
    assert (report["outcome"], report["rows"], report["quarantined"], report["employees"]) == ("accepted", 60, 2, 58)
    assert report["totals"] == [{"measure": "headcount", "currency": None, "value": "58"}]
    left = await stored(company, resources, dataset["id"])
    assert (left.height, left.get_column("plan_code").unique().to_list()) == (58, ["MED"])
    assert await objects(resources, company) == 3
    assert (await pushed(company, rows, 200, **ENROLMENTS, **expected, quarantine_ceiling="0.05"))["id"] == dataset[
        "id"
    ]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"quarantine_ceiling": "0.03"}, "too_many_bad_rows"),
        ({"quarantine_ceiling": "0.05", "expected_headcount": "60"}, "totals_differ"),
        ({}, "enrolment_without_person"),
    ],
)
async def test_above_the_ceiling_or_where_less_is_left_than_expected_nothing_is_kept(
    company: Company, resources: Resources, more: dict[str, str], code: str
) -> None:
    rows = [*enrolled(company, range(58)), *enrolled(company, [70, 71])]
    problem = await pushed(company, rows, 422, **ENROLMENTS, **more)
    assert {"enrolment_without_person", code} == set(refused(problem))
    assert await objects(resources, company) == 2


async def test_a_reversal_of_what_was_set_aside_is_set_aside_too(company: Company, resources: Resources) -> None:
    undone: Row = {"pay_base": "-1000.50", "run_no": "2", "reverses_run_no": "9"}
    again = undone | {"run_no": "3", "reverses_run_no": "2"}
    runs = [run(company, number, run_no="1", reverses_run_no="") for number in range(58)]
    rows = [*runs, run(company, 1) | undone, run(company, 1) | again]
    dataset = await paid(company, rows, quarantine_ceiling="0.05")
    report = await report_of(company, dataset)
    found = [each["rows"] for each in report["findings"] if each["code"] == "negative_pay_unmatched"]
    assert (found, report["quarantined"]) == ([[59], [60]], 2)
    totals = {each["measure"]: each["value"] for each in report["totals"]}
    assert (totals["headcount"], float(totals["gross"])) == ("58", 58 * 1000.50)
    assert (await stored(company, resources, dataset["id"])).get_column("pay_base").min() == 1000.50


async def test_rows_that_were_bad_in_themselves_count_towards_the_same_ceiling(company: Company) -> None:
    wrong = run(company, 2, run_no="7", pay_base="-5", reverses_run_no="")  # in itself: it names no run
    lost = run(company, 1, run_no="2", pay_base="-5", reverses_run_no="9")  # beside others: no file has run 9
    rows = [run(company, number, run_no="1", reverses_run_no="") for number in range(40)]
    found = refused(await paid(company, [*rows, wrong, lost], status=422, quarantine_ceiling="0.03"))
    assert found["too_many_bad_rows"]["severity"] == "refuse"
    report = await report_of(company, await paid(company, [*rows, wrong, lost], quarantine_ceiling="0.05"))
    assert (report["rows"], report["quarantined"], report["employees"]) == (42, 2, 40)


async def test_a_large_file_is_sifted_by_its_operation(
    company: Company, resources: Resources, worker_resources: Resources
) -> None:
    rows = [*enrolled(company, range(59)), *enrolled(company, [70])]
    dataset = await uploaded(company, text(rows), **ENROLMENTS, as_of="2025-12-31", quarantine_ceiling="0.05")
    await worked(company, worker_resources, dataset)
    assert (await findings(company, dataset))["enrolment_without_person"]["severity"] == "quarantine"
    assert (await stored(company, resources, dataset["id"])).height == 59
    assert await objects(resources, company) == 3


async def test_a_commit_sets_aside_what_has_no_person_any_more_and_an_undo_never_does(
    company: Company, resources: Resources
) -> None:
    rows = [*enrolled(company, range(58)), *enrolled(company, [70])]
    held = await pushed(company, rows, 202, **ENROLMENTS, quarantine_ceiling="0.05", hold="true")
    assert (await report_of(company, held))["quarantined"] == 1
    (staff,) = (await company.call("GET", "/v1/datasets", params={"kind": "workforce"}))["data"]
    fewer = await pushed(company, [person(company, number) for number in range(1, 60)], 202, supersedes=staff["id"])
    await company.call("POST", f"/v1/datasets/{held['id']}/commit", 202)
    report = await report_of(company, held)
    assert (report["quarantined"], report["employees"], report["rows"]) == (2, 57, 59)
    assert (await stored(company, resources, held["id"])).height == 57
    assert await objects(resources, company) == 4
    better = await pushed(company, enrolled(company, range(2, 58)), 202, **ENROLMENTS, supersedes=held["id"])
    await pushed(company, [person(company, number) for number in range(2, 60)], 202, supersedes=fewer["id"])
    refusal = await company.call("POST", f"/v1/datasets/{better['id']}/reversal", 409)
    assert {each["code"] for each in refusal["findings"]} == {"enrolment_without_person"}
    assert await objects(resources, company) == 6


async def test_rows_that_were_set_aside_stay_counted_in_an_amendment(company: Company) -> None:
    wrong = run(company, 2, run_no="7", pay_base="-5")
    old = await paid(
        company, [*(run(company, number, run_no="1") for number in range(40)), wrong], quarantine_ceiling="0.05"
    )
    new = await paid(company, [run(company, 3, run_no="1", pay_base="7.00")], amends=old["id"])
    report = await report_of(company, new)
    assert (report["quarantined"], report["rows"], new["rows"]) == (1, 41, 41)
    assert report["amended"] == {"replaced": 1, "added": 0, "kept": 39}
