"""An account whose industry code reaches several sections picks one, and is compared in it from then on."""

from typing import Any

import httpx
import pytest

from beside import succeeded
from companies import Company, sign_up, workforce
from wm_api.core.resources import Resources

AMBIGUOUS = "111419"
"""Of NAICS 2022: other food crops grown under cover, which reaches sections A and C."""


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def drafts_label(company: Company) -> tuple[str, str]:
    """The newest draft and what its pay gap is compared with."""
    draft = (await company.call("GET", "/v1/scores", params={"state": "draft"}))["data"][0]
    explained = (await company.call("GET", f"/v1/scores/{draft['id']}/explanation"))["contributions"]
    found: Any = next(each["benchmark"] for each in explained if each["metric"] == "gender_gap_median_hourly")
    return draft["id"], found["label"]


async def test_a_code_of_several_sections_is_compared_with_all_until_one_is_picked(
    company: Company, worker_resources: Resources
) -> None:
    account = await company.call("PATCH", "/v1/account", json={"industry_code": AMBIGUOUS, "size_band": "250-499"})
    assert (account["sector"], account["sectors"]) == (None, ["A", "C"])
    made = await company.push(workforce(company.id))
    await succeeded(company, worker_resources, made["operation_id"])
    draft, label = await drafts_label(company)
    assert "sector ambiguous" in label
    account = await company.call("PATCH", "/v1/account", json={"sector": "C"})
    assert account["sector"] == "C"
    changed = await company.call("POST", f"/v1/scores/{draft}/publication", 409)
    assert changed["code"] == "state-conflict"
    again = (await company.call("GET", "/v1/operations", params={"type": "score.compute"}))["data"][0]
    await succeeded(company, worker_resources, again["id"])
    _, label = await drafts_label(company)
    assert label == "UK employers, returns 2021-22 (section C, size 250-499)"


async def test_a_pick_is_a_section_that_the_code_reaches(company: Company) -> None:
    await company.call("PATCH", "/v1/account", json={"industry_code": AMBIGUOUS, "sector": "A"})
    for body in ({"sector": "K"}, {"industry_code": "622110"}, {"industry_code": None}, {"industry_scheme": "nace_2"}):
        problem = await company.call("PATCH", "/v1/account", 422, json=body)
        assert "A" not in str(problem["errors"][0]["detail"]).split()
        assert problem["errors"][0]["pointer"] in {"/sector", "/industry_code"}
    account = await company.call("PATCH", "/v1/account", json={"industry_code": "622110", "sector": None})
    assert (account["sector"], account["sectors"]) == (None, ["Q"])
