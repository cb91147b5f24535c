"""Payroll hours that are no usual period's, through the contract: told at the push, beside the workforce and the weeks before."""

from datetime import date, timedelta

import httpx
import pytest

from beside import FEBRUARY, JANUARY, Row, findings, paid, person, pushed, run
from companies import Company, sign_up

FIRST = date(2025, 1, 6)
TWELVE = [(f"{FIRST + timedelta(weeks=at)}", f"{FIRST + timedelta(weeks=at, days=6)}") for at in range(12)]
FOURS = [(f"{FIRST + timedelta(weeks=at)}", f"{FIRST + timedelta(weeks=at, days=27)}") for at in (0, 4, 8)]


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


def month(company: Company, hours: list[str], period: tuple[str, str]) -> list[Row]:
    return [run(company, at, period, hours_regular=each) for at, each in enumerate(hours)]


async def test_hours_of_a_contract_are_told_of_exempt_staff_in_the_second_period(company: Company) -> None:
    staff = [person(company, at, overtime_exempt="exempt" if at < 3 else "nonexempt") for at in range(6)]
    await pushed(company, staff)
    first = await paid(company, month(company, ["160"] * 6, JANUARY), JANUARY)
    second = await paid(company, month(company, ["160", "151", "160", "160", "160", "160"], FEBRUARY), FEBRUARY)
    assert "constant_exempt_hours" not in await findings(company, first)
    told = (await findings(company, second))["constant_exempt_hours"]
    assert (told["severity"], told["column"], told["rows"]) == ("warn", "hours_regular", [1, 3])


async def test_whoever_came_or_went_inside_a_period_is_told_and_is_off_no_average(company: Company) -> None:
    staff = [person(company, at, termination_date="") for at in range(5)]
    staff[1] |= {"hire_date": "2025-01-02"}
    staff[2] |= {"termination_date": "2025-01-31"}
    staff[3] |= {"termination_date": "2025-01-30"}
    await pushed(company, staff)
    told = await findings(company, await paid(company, month(company, ["160"] * 5, JANUARY), JANUARY))
    assert (told["partial_period"]["column"], told["partial_period"]["rows"]) == ("period_end", [2, 4])
    whole = await paid(company, month(company, ["160"] * 3, FEBRUARY), FEBRUARY)
    assert "partial_period" not in await findings(company, whole)


async def test_four_weeks_off_the_average_are_told_from_the_files_of_the_weeks_before(company: Company) -> None:
    for period in FOURS[:-1]:
        await paid(company, month(company, ["160", "160", "160"], period), period)
    usual = await paid(company, month(company, ["164", "160", "160"], FOURS[-1]), FOURS[-1])
    assert "reference_hours_differ" not in await findings(company, usual)
    other = await paid(company, month(company, ["160", "80", "240"], FOURS[-1]), FOURS[-1], supersedes=usual["id"])
    told = (await findings(company, other))["reference_hours_differ"]
    assert (told["severity"], told["column"], told["rows"]) == ("warn", "hours_regular", [2, 3])


async def test_one_file_of_all_weeks_alone_says_the_same_of_its_last_week(company: Company) -> None:
    rows = [row for period in TWELVE[:-1] for row in month(company, ["40", "40"], period)]
    rows += month(company, ["40", "20"], TWELVE[-1])
    told = await findings(company, await paid(company, rows, (TWELVE[0][0], TWELVE[-1][1])))
    assert told["reference_hours_differ"]["rows"] == [24]
    assert "constant_exempt_hours" not in told
