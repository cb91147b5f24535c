"""A workforce that does not say who left is compared with the one before; what changes there is computed again here."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from companies import HEADINGS, Company, sign_up, workforce
from waiting import swept
from wm_api.core.resources import Resources
from wm_api.pipeline.run import run_operation

SPRING, SUMMER, AUTUMN = "2025-03-31", "2025-06-30", "2025-12-31"


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


def snapshot(company: Company, first: int, last: int, secret: bytes = b"\x07" * 32) -> str:
    """People by number, without a column that says who left."""
    gone = [HEADINGS.split(",").index(name) for name in ("hire_date", "termination_date", "termination_reason")]
    headings, *rows = workforce(company.id, last, secret).splitlines()
    lines = [line.split(",") for line in (headings, *rows[first:])]
    return "".join(",".join(c for n, c in enumerate(line) if n not in gone) + "\n" for line in lines)


async def pushed(company: Company, resources: Resources, text: str, as_of: str, **said: str) -> Any:
    dataset = await company.push(text, 202, as_of=as_of, **said)
    await run_operation(resources, UUID(company.id), UUID(dataset["operation_id"]))
    return dataset


async def turnover(company: Company, day: str) -> Any:
    of_day = {"metric": "turnover_rate", "profile": "default", "as_of": day}
    found = await company.call("GET", "/v1/metrics", params=of_day)
    return found["data"][0] if found["data"] else None


async def compared(company: Company, day: str) -> tuple[int, int, int]:
    groups = {part["group"]: part["n"] for part in (await turnover(company, day))["groups"]}
    return groups["opening"], groups["closing"], groups["left"]


async def test_turnover_of_a_snapshot_is_that_between_it_and_the_one_before(
    company: Company, worker_resources: Resources
) -> None:
    first = await pushed(company, worker_resources, snapshot(company, 0, 300), SPRING)
    assert (await turnover(company, SPRING))["reason"] == "column:termination_date"
    second = await pushed(company, worker_resources, snapshot(company, 30, 310), AUTUMN)
    found = await turnover(company, AUTUMN)
    assert await compared(company, AUTUMN) == (300, 280, 30)
    assert found["value"] == pytest.approx(100 * 30 / 290 * 365.25 / 275)
    assert (found["basis"], found["period_start"], found["period_end"]) == ("two_points", "2025-04-01", AUTUMN)
    assert set(found["dataset_ids"]) == {first["id"], second["id"]}
    score = (await company.call("GET", "/v1/scores", params={"as_of": AUTUMN}))["data"][0]
    assert {each["id"] for each in score["datasets"]} == {first["id"], second["id"]}


async def test_a_snapshot_that_comes_late_between_two_is_compared_on_both_sides(
    company: Company, worker_resources: Resources
) -> None:
    await pushed(company, worker_resources, snapshot(company, 0, 300), SPRING)
    await pushed(company, worker_resources, snapshot(company, 30, 310), AUTUMN)
    await pushed(company, worker_resources, snapshot(company, 10, 305), SUMMER)
    assert await compared(company, SUMMER) == (300, 295, 10)
    assert await compared(company, AUTUMN) == (295, 280, 20)


async def test_a_correction_of_the_earlier_snapshot_computes_the_later_day_again(
    company: Company, worker_resources: Resources
) -> None:
    wrong = await pushed(company, worker_resources, snapshot(company, 0, 300), SPRING)
    later = await pushed(company, worker_resources, snapshot(company, 30, 310), AUTUMN)
    right = await pushed(company, worker_resources, snapshot(company, 20, 300), SPRING, supersedes=wrong["id"])
    assert await compared(company, AUTUMN) == (280, 280, 10)
    assert set((await turnover(company, AUTUMN))["dataset_ids"]) == {later["id"], right["id"]}
    moved = await pushed(company, worker_resources, snapshot(company, 25, 300), "2026-01-31", supersedes=right["id"])
    assert (await turnover(company, AUTUMN))["status"] == "not_reported"
    assert set((await turnover(company, "2026-01-31"))["dataset_ids"]) == {later["id"], moved["id"]}


async def test_a_deletion_of_the_earlier_snapshot_withdraws_the_later_day_and_computes_it_without(
    company: Company, worker_resources: Resources
) -> None:
    first = await pushed(company, worker_resources, snapshot(company, 0, 300), SPRING)
    later = await pushed(company, worker_resources, snapshot(company, 30, 310), AUTUMN)
    score = (await company.call("GET", "/v1/scores", params={"as_of": AUTUMN}))["data"][0]
    operation = await company.call("DELETE", f"/v1/datasets/{first['id']}", 202)
    await run_operation(worker_resources, UUID(company.id), UUID(operation["id"]))
    assert await turnover(company, AUTUMN) is None
    assert (await company.call("GET", f"/v1/scores/{score['id']}"))["state"] == "withdrawn"
    assert await swept(worker_resources) >= 1
    for left in (await company.call("GET", "/v1/operations", params={"state": "queued"}))["data"]:
        await run_operation(worker_resources, UUID(company.id), UUID(left["id"]))
    found = await turnover(company, AUTUMN)
    assert (found["status"], found["dataset_ids"]) == ("not_reported", [later["id"]])


async def test_snapshots_of_another_perimeter_are_passed_over(company: Company, worker_resources: Resources) -> None:
    await pushed(company, worker_resources, snapshot(company, 0, 300), SPRING, perimeter="complete")
    await pushed(company, worker_resources, snapshot(company, 30, 310), SUMMER, perimeter="partial")
    assert (await turnover(company, SUMMER))["status"] == "not_reported"
    await pushed(company, worker_resources, snapshot(company, 40, 320), AUTUMN, perimeter="complete")
    assert await compared(company, AUTUMN) == (300, 280, 40)


async def test_snapshots_under_another_key_are_not_compared(company: Company, worker_resources: Resources) -> None:
    await pushed(company, worker_resources, snapshot(company, 0, 300), SPRING)
    other = snapshot(company, 0, 300, b"\x08" * 32)
    await pushed(company, worker_resources, other, AUTUMN, new_key="true")
    assert (await turnover(company, AUTUMN))["status"] == "not_reported"


async def test_a_file_that_says_who_left_rests_on_no_other_day(company: Company, worker_resources: Resources) -> None:
    await pushed(company, worker_resources, snapshot(company, 0, 300), SPRING)
    told = await pushed(company, worker_resources, workforce(company.id), AUTUMN)
    found = await turnover(company, AUTUMN)
    assert (found["basis"], found["dataset_ids"]) == ("person_days", [told["id"]])
