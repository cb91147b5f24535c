"""Plans and enrolments count from their day to the next file of the kind; with them the area of benefits is scored."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from companies import SECRET, Company, sign_up, workforce
from waiting import swept
from wm_api.core.resources import Resources
from wm_api.pipeline.run import run_operation
from wm_api.records import employee_keys

SUMMER, WINTER = "2025-06-30", "2025-12-31"
LIST = "plan_code,benefit_type,waiting_days,min_weekly_hours\n"
ALL = "MED,medical,90,30\nDC,retirement_dc,0,0\nVAC,vacation,0,0\nSICK,sick_leave,0,0\nPAR,parental_leave,365,0\n"


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def pushed(company: Company, resources: Resources, text: str, as_of: str, **said: str) -> str:
    dataset = await company.push(text, 202, as_of=as_of, **said)
    await run_operation(resources, UUID(company.id), UUID(dataset["operation_id"]))
    ended = await company.call("GET", f"/v1/operations/{dataset['operation_id']}")
    assert ended["state"] == "succeeded", ended["error"]
    return str(dataset["id"])


def enrolments(company: Company, people: int) -> str:
    rows = ["employee_key,plan_code,employer_contribution_annual,employee_contribution_annual"]
    for number in range(people):
        key = employee_keys.make(SECRET, company.id, "1", str(number))
        rows.append(f"{key},MED,{7000 + number}.00,{1500 + number % 3}.00")
    return "\n".join(rows) + "\n"


async def figure(company: Company, day: str, metric: str = "benefit_access_rate", profile: str = "default") -> Any:
    asked = {"metric": metric, "profile": profile, "as_of": day}
    found = await company.call("GET", "/v1/metrics", params=asked)
    return found["data"][0] if found["data"] else None


async def rests_on(company: Company, day: str) -> set[str]:
    score = (await company.call("GET", "/v1/scores", params={"as_of": day, "state": "draft"}))["data"][0]
    ids = set((await figure(company, day))["dataset_ids"])
    assert ids == {each["id"] for each in score["datasets"]}
    return ids


async def test_plans_count_on_every_day_from_theirs_to_the_next_list(
    company: Company, worker_resources: Resources
) -> None:
    early = await pushed(company, worker_resources, workforce(company.id), SUMMER)
    late = await pushed(company, worker_resources, workforce(company.id, 299), WINTER)
    first = await pushed(company, worker_resources, LIST + ALL, "2025-05-01", kind="benefit_plans")
    assert (await rests_on(company, SUMMER), await rests_on(company, WINTER)) == ({early, first}, {late, first})
    fewer = LIST + "VAC,vacation,0,0\n"
    second = await pushed(company, worker_resources, fewer, "2025-09-01", kind="benefit_plans")
    assert (await rests_on(company, SUMMER), await rests_on(company, WINTER)) == ({early, first}, {late, second})
    assert (await figure(company, WINTER))["value"] == 20.0
    assert (await figure(company, SUMMER))["value"] > 20.0
    later = await pushed(company, worker_resources, LIST + ALL + "DEN,dental,0,0\n", "2026-02-01", kind="benefit_plans")
    assert later not in await rests_on(company, WINTER)


async def test_a_list_that_goes_leaves_its_days_to_the_one_before(
    company: Company, worker_resources: Resources
) -> None:
    people = await pushed(company, worker_resources, workforce(company.id), WINTER)
    first = await pushed(company, worker_resources, LIST + ALL, "2025-05-01", kind="benefit_plans")
    wrong = await pushed(company, worker_resources, LIST + "MED,medical,0,0\n", "2025-09-01", kind="benefit_plans")
    operation = await company.call("DELETE", f"/v1/datasets/{wrong}", 202)
    await run_operation(worker_resources, UUID(company.id), UUID(operation["id"]))
    assert await figure(company, WINTER) is None
    assert await swept(worker_resources) >= 1
    for left in (await company.call("GET", "/v1/operations", params={"state": "queued"}))["data"]:
        await run_operation(worker_resources, UUID(company.id), UUID(left["id"]))
    assert await rests_on(company, WINTER) == {people, first}


async def test_lists_of_two_countries_count_together(company: Company, worker_resources: Resources) -> None:
    await pushed(company, worker_resources, workforce(company.id), WINTER)
    for name, row in (("us", "MED,medical,0,0\n"), ("ca", "VAC,vacation,0,0\n")):
        await pushed(company, worker_resources, LIST + row, "2025-05-01", kind="benefit_plans", external_ref=name)
    assert (await figure(company, WINTER))["value"] == 40.0


async def test_with_plans_and_enrolments_the_area_of_benefits_is_scored_and_without_it_is_not(
    company: Company, worker_resources: Resources
) -> None:
    async def area() -> Any:
        score = (await company.call("GET", "/v1/scores", params={"as_of": WINTER, "state": "draft"}))["data"][0]
        return next(each for each in score["areas"] if each["area"] == "benefits"), score["coverage"]

    await pushed(company, worker_resources, workforce(company.id), WINTER)
    nothing, before = await area()
    assert (nothing["status"], nothing["score"]) == ("insufficient_data", None)
    assert (await figure(company, WINTER, "employer_premium_share"))["reason"] == "kind:benefit_enrolments"
    await pushed(company, worker_resources, LIST + ALL, "2025-05-01", kind="benefit_plans")
    await pushed(company, worker_resources, enrolments(company, 250), "2025-05-01", kind="benefit_enrolments")
    scored, after = await area()
    assert scored["status"] == "ok"
    assert after == pytest.approx(before + 0.17 / (1 - 0.25 * 0.45))  # no living wage is loaded: it does not apply
    share = await figure(company, WINTER, "employer_premium_share")
    assert (share["status"], share["basis"], 80 < share["value"] < 90) == ("ok", "amounts", True)
    assert (await figure(company, WINTER, "low_wage_benefit_parity"))["status"] == "ok"
    waiting = [(await figure(company, WINTER, profile=profile))["value"] for profile in ("default", "us")]
    assert waiting[0] < waiting[1] == 100.0
