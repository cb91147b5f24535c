"""A run may reverse one of another file: it is matched by what counts, and netted in all figures."""

from typing import Any

import httpx
import pytest

from beside import JANUARY, Row, findings, key, paid, refused, run, text, uploaded, worked
from companies import Company, payroll, sign_up, workforce
from wm_api.core.resources import Resources


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


def reversal(company: Company, number: int, of: str = "1") -> Row:
    return run(company, number, pay_base="-1000.50", run_no="2", reverses_run_no=of)


def runs(company: Company, people: int) -> list[Row]:
    return [run(company, number, run_no="1", reverses_run_no="") for number in range(people)]


async def test_a_run_of_an_earlier_file_is_reversed_by_a_later_one(company: Company) -> None:
    await paid(company, [run(company, number) for number in range(5)])  # without run_no a run is the first
    again = await paid(company, [reversal(company, number) for number in range(2)], external_ref="correction")
    assert "negative_pay_unmatched" not in await findings(company, again)


@pytest.mark.parametrize("earlier", [0, 3])
async def test_a_run_that_no_file_has_is_refused_by_its_row(company: Company, earlier: int) -> None:
    if earlier:
        await paid(company, runs(company, earlier))
    rows = [*runs(company, 9)[3:], reversal(company, 4), reversal(company, 8, of="3"), reversal(company, 20)]
    found = refused(await paid(company, rows, status=422, external_ref="b"))["negative_pay_unmatched"]
    assert (found["severity"], found["column"], found["rows"]) == ("quarantine", "reverses_run_no", [8, 9])


async def test_a_run_of_another_period_person_or_of_a_replaced_file_is_no_match(company: Company) -> None:
    first = await paid(company, runs(company, 3))
    february = [run(company, 1, ("2025-02-01", "2025-02-28"), pay_base="-1", run_no="2", reverses_run_no="1")]
    for rows in (february, [reversal(company, 7)]):
        assert "negative_pay_unmatched" in refused(await paid(company, rows, status=422, external_ref="b"))
    alone = await paid(company, [reversal(company, 1)], status=422, supersedes=first["id"])
    assert "negative_pay_unmatched" in refused(alone)


async def test_a_large_file_is_settled_by_its_operation(company: Company, worker_resources: Resources) -> None:
    await paid(company, runs(company, 3))
    dated = {"kind": "payroll", "period_start": JANUARY[0], "period_end": JANUARY[1]}
    good = await uploaded(company, text([reversal(company, 1)]), **dated, external_ref="b")
    bad = await uploaded(company, text([reversal(company, 2, of="5")]), **dated, external_ref="c")
    for each in (good, bad):
        await worked(company, worker_resources, each)
    states = [(await company.call("GET", f"/v1/datasets/{each['id']}"))["state"] for each in (good, bad)]
    assert states == ["accepted", "refused"]


async def figures(company: Company) -> dict[str, Any]:
    values = (await company.call("GET", "/v1/metrics", params={"limit": "200"}))["data"]
    return {f"{each['metric']} {each['profile']} {each['status']} {each['n']}": each["value"] or 0.0 for each in values}


PERIOD = ("2025-12-01", "2025-12-14")


def reversing(company: Company, number: int) -> Row:
    """Takes back the run of `companies.payroll`, but for its pay, which was wrong."""
    row = {"employee_key": key(company, number), "period_start": PERIOD[0], "period_end": PERIOD[1]}
    row |= {"currency": "USD", "pay_base": "-9000", "hours_regular": "80", "hours_overtime": f"{number % 3}"}
    return row | {"run_no": "2", "reverses_run_no": "1"}


async def test_figures_of_a_run_and_its_reversal_are_those_of_neither(
    http: httpx.AsyncClient, worker_resources: Resources
) -> None:
    """Also of both in one file; without the reversal they differ."""
    shown = []
    for case in ("neither", "two files", "one file", "no reversal"):
        company = await sign_up(http)
        rows = payroll(company.id, *PERIOD).splitlines()
        table = [dict(zip(rows[0].split(","), row.split(","), strict=True)) for row in rows[1:]]
        raised, kept = [row | {"pay_base": "9000"} for row in table[:40]], table[40:]
        undone = [reversing(company, number) for number in range(40)]
        whole = [row | {"run_no": "1", "reverses_run_no": ""} for row in (*raised, *kept)]
        first = {"neither": kept, "one file": [*whole, *undone]}.get(case, whole)
        await paid(company, first, PERIOD)
        if case == "two files":
            await paid(company, undone, PERIOD, external_ref="correction")
        last = await company.push(workforce(company.id))
        await worked(company, worker_resources, last)
        shown.append(await figures(company))
    neither, two_files, one_file, without = shown
    assert two_files == pytest.approx(neither, rel=1e-9)
    assert one_file == pytest.approx(neither, rel=1e-9)
    assert without != pytest.approx(neither, rel=1e-9)
