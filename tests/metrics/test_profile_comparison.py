"""One metric side by side under every profile, with the reason for each difference."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from companies import Company, sign_up, workforce
from wm_api.core.resources import Resources
from wm_api.metrics.profiles import PROFILES
from wm_api.pipeline.run import run_operation

DAY = "2025-12-31"


async def compared(company: Company, metric: str, **asked: str) -> dict[str, Any]:
    found: dict[str, Any] = await company.call("GET", f"/v1/metrics/{metric}/profiles", params=asked)
    return found


def by_profile(found: dict[str, Any]) -> dict[str, Any]:
    return {each["profile"]: each for each in found["readings"]}


async def test_every_profile_shows_its_figure_how_far_it_is_from_default_and_why(
    http: httpx.AsyncClient, worker_resources: Resources
) -> None:
    company = await sign_up(http)
    nothing = await compared(company, "gender_gap_mean_hourly")
    assert nothing["as_of"] is None
    assert [each["value"] for each in nothing["readings"]] == [None] * len(PROFILES)
    dataset = await company.push(workforce(company.id), 202, as_of=DAY)
    await run_operation(worker_resources, UUID(company.id), UUID(dataset["operation_id"]))

    gaps = by_profile(await compared(company, "gender_gap_mean_hourly", as_of=DAY))
    assert list(gaps) == list(PROFILES)
    assert [each["read_as"] for each in gaps.values()] == list(PROFILES)
    base = gaps["default"]["value"]["value"]
    for profile, reading in gaps.items():
        assert reading["value"]["profile"] == profile
        assert reading["difference"] == reading["value"]["value"] - base
    asked = {profile: {each["question"] for each in reading["reasons"]} for profile, reading in gaps.items()}
    assert asked == {
        "default": set(),
        "uk": {"hourly_pay", "gender_x"},
        "eu": {"hourly_pay", "overtime", "who_is_in_gaps", "gender_x"},
        "esrs": {"hourly_pay", "overtime", "who_is_in_gaps", "gender_x"},
        "us": {"who_is_in_gaps"},
    }
    assert gaps["us"]["reasons"] == [
        {
            "question": "who_is_in_gaps",
            "default": "People employed on the day, without reduced or unpaid leave.",
            "profile": "Everybody employed on the day.",
        }
    ]

    plain = by_profile(await compared(company, "permanent_share"))
    assert {each["read_as"] for each in plain.values()} == {"default"}
    assert {each["value"]["profile"] for each in plain.values()} == {"default"}
    receipt = by_profile(await compared(company, "variable_receipt_gap"))["esrs"]
    assert (receipt["read_as"], receipt["value"], receipt["difference"]) == (None, None, None)
    assert receipt["reasons"][-1]["profile"] == "The standard has no gap of variable pay."
    assert (await compared(company, "permanent_share", as_of="2024-12-31"))["as_of"] is None


@pytest.mark.parametrize("asked", ["gender_gap", "median_hourly_pay%20"])
async def test_a_metric_that_does_not_exist_is_not_found(http: httpx.AsyncClient, asked: str) -> None:
    company = await sign_up(http)
    found = await http.get(f"/v1/metrics/{asked}/profiles", headers=company.headers)
    assert (found.status_code, found.json()["code"]) == (404, "not-found")
