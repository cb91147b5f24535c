"""What an account reads of its own change over a year."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from companies import Company, sign_up, workforce
from wm_api.core.resources import Resources
from wm_api.datasets.service.files import open_records
from wm_api.metrics.like_for_like import COMPARED
from wm_api.pipeline.run import run_operation

DAY, BEFORE, LONG_BEFORE = "2025-12-31", "2024-12-31", "2023-06-30"


async def computed(company: Company, worker: Resources, file: str, day: str, **more: str) -> str:
    dataset = await company.push(file, 202, as_of=day, **more)
    await run_operation(worker, UUID(company.id), UUID(dataset["operation_id"]))
    return str(dataset["id"])


async def changes(company: Company, **asked: str) -> dict[str, dict[str, Any]]:
    found = await company.call("GET", "/v1/metrics/like-for-like", params=asked)
    return {each["metric"]: each for each in found["data"]}


async def test_a_year_before_that_comes_late_is_compared_with_and_makes_no_new_draft(
    http: httpx.AsyncClient, worker_resources: Resources
) -> None:
    company = await sign_up(http)
    assert await changes(company) == {}
    await computed(company, worker_resources, workforce(company.id, 120), DAY)
    old = workforce(company.id, 90).replace("2025-", "2022-")
    await computed(company, worker_resources, old, LONG_BEFORE)
    alone = await changes(company)
    assert set(alone) == set(COMPARED)
    for each in alone.values():
        assert (each["as_of"], each["status"], each["reason"]) == (DAY, "not_reported", "no_day_a_year_before")
        assert (each["compared_with"], each["value"], each["change"]) == (None, None, None)

    drafts = [each["id"] for each in (await company.call("GET", "/v1/scores", params={"as_of": DAY}))["data"]]
    fewer = workforce(company.id, 100).replace("2025-03", "2024-03").replace("permanent", "fixed_term", 40)
    earlier = await computed(company, worker_resources, fewer, BEFORE)
    share = (await changes(company, metric="permanent_share"))["permanent_share"]
    assert (share["status"], share["compared_with"], share["unit"]) == ("ok", BEFORE, "percent")
    assert 20 <= share["n"] <= 100
    assert share["change"] == share["value"] - share["before"] > 0
    assert earlier in share["dataset_ids"]
    assert len(share["dataset_ids"]) == 2
    assert drafts == [each["id"] for each in (await company.call("GET", "/v1/scores", params={"as_of": DAY}))["data"]]

    gone = await company.call("DELETE", f"/v1/datasets/{earlier}", 202)
    await run_operation(worker_resources, UUID(company.id), UUID(gone["id"]))
    after = (await changes(company))["permanent_share"]
    assert (after["status"], after["reason"], after["value"]) == ("not_reported", "no_day_a_year_before", None)


async def test_the_records_of_a_day_are_opened_once_for_its_figures_and_its_comparison(
    http: httpx.AsyncClient, worker_resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    company, opened = await sign_up(http), list[UUID]()
    older = workforce(company.id, 60).replace("2025-03", "2024-03")
    await computed(company, worker_resources, older, BEFORE)

    def noted(resources: Resources, account_id: UUID, object_id: UUID, *columns: Any) -> Any:
        opened.append(object_id)
        return open_records(resources, account_id, object_id, *columns)

    monkeypatch.setattr("wm_api.metrics.service.open_records", noted)
    await computed(company, worker_resources, workforce(company.id, 60), DAY)
    assert {each["status"] for each in (await changes(company)).values()} >= {"ok"}
    assert len(opened) == len(set(opened)) == 2


async def test_people_under_other_keys_or_of_another_perimeter_are_not_compared(
    http: httpx.AsyncClient, worker_resources: Resources
) -> None:
    company = await sign_up(http)
    older = workforce(company.id, 60).replace("2025-03", "2024-03")
    await computed(company, worker_resources, older, BEFORE, perimeter="complete")
    await computed(company, worker_resources, workforce(company.id, 60), DAY, perimeter="partial")
    assert {each["reason"] for each in (await changes(company)).values()} == {"perimeter_differs"}
    rekeyed = workforce(company.id, 60, b"\x55" * 32)
    await computed(company, worker_resources, rekeyed, "2025-12-30", perimeter="complete", new_key="true")
    found = await changes(company, **{"from": "2025-12-30", "to": "2025-12-30"})
    assert {each["reason"] for each in found.values()} == {"keys_not_linked"}
