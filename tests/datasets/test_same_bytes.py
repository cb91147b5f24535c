"""The same bytes are the same dataset for the same day, and another for another day."""

import asyncio
from typing import Any

import httpx
import pytest

from beside import FEBRUARY, JANUARY, findings, paid, pushed, run, text
from companies import Company, sign_up

PLANS = [{"plan_code": "MED", "benefit_type": "medical"}, {"plan_code": "DEN", "benefit_type": "dental"}]
DAYS = ("2025-10-31", "2025-11-30", "2025-12-31")


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def listed(company: Company, day: str, status: int = 202) -> Any:
    return await pushed(company, PLANS, status, kind="benefit_plans", as_of=day)


async def test_a_list_of_plans_that_did_not_change_counts_for_every_day_it_is_sent_for(company: Company) -> None:
    datasets = [await listed(company, day) for day in (DAYS[1], DAYS[0], DAYS[2])]
    assert len({each["id"] for each in datasets}) == 3
    assert [await findings(company, each) for each in datasets] == [{}, {}, {}]
    assert [each["id"] for each in datasets] == [(await listed(company, each["as_of"], 200))["id"] for each in datasets]
    counting = (await company.call("GET", "/v1/datasets", params={"state": "accepted"}))["data"]
    assert {each["as_of"] for each in counting} == set(DAYS)


async def test_bytes_that_come_at_once_for_two_days_are_two_datasets_however_often_they_come(company: Company) -> None:
    async def sent(day: str) -> httpx.Response:
        query, headers = {"kind": "benefit_plans", "as_of": day}, {**company.headers, "Content-Type": "text/csv"}
        return await company.http.post("/v1/datasets", params=query, content=text(PLANS), headers=headers)

    answers = await asyncio.gather(*(sent(day) for day in DAYS[:2] * 3))
    assert sorted(each.status_code for each in answers) == [200, 200, 200, 200, 202, 202]
    assert len({(each.json()["id"], each.json()["as_of"]) for each in answers}) == 2


async def test_the_payroll_of_one_period_sent_for_another_is_warned_of(company: Company) -> None:
    runs = [run(company, number) for number in range(3)]
    first = await paid(company, runs, JANUARY)
    again = await paid(company, runs, FEBRUARY)
    assert again["id"] != first["id"]
    assert (await findings(company, again))["stale_copy"]["severity"] == "warn"


async def test_what_was_undone_comes_back_beside_the_same_bytes_of_another_day(company: Company) -> None:
    first = await listed(company, DAYS[0])
    better = await pushed(company, [PLANS[0]], 202, kind="benefit_plans", as_of=DAYS[0], supersedes=first["id"])
    other = await listed(company, DAYS[1])
    await company.call("POST", f"/v1/datasets/{better['id']}/reversal", 202)
    states = {each["id"]: each["state"] for each in (await company.call("GET", "/v1/datasets"))["data"]}
    assert states == {first["id"]: "accepted", better["id"]: "reverted", other["id"]: "accepted"}
