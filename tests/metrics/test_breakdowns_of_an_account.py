"""What an account reads of its entities and regions."""

from typing import Any
from uuid import UUID

import httpx

from companies import Company, placed, sign_up, workforce
from wm_api.core.resources import Resources
from wm_api.pipeline.run import run_operation

DAY, EARLIER = "2025-12-31", "2025-11-30"


async def computed(company: Company, worker: Resources, file: str, day: str) -> str:
    dataset = await company.push(file, 202, as_of=day)
    await run_operation(worker, UUID(company.id), UUID(dataset["operation_id"]))
    return str(dataset["id"])


async def broken_down(company: Company, **asked: str) -> list[dict[str, Any]]:
    found = await company.call("GET", "/v1/metrics/breakdowns", params={"limit": "200", **asked})
    return list(found["data"])


def by_group(row: dict[str, Any]) -> dict[str, tuple[str, int | None]]:
    return {each["group"]: (each["status"], each["n"]) for each in row["groups"]}


async def test_each_entity_and_region_has_its_figures_and_a_trend_over_days(
    http: httpx.AsyncClient, worker_resources: Resources
) -> None:
    company = await sign_up(http)
    assert await broken_down(company) == []
    await computed(company, worker_resources, placed(workforce(company.id, 240)), EARLIER)
    dataset = await computed(company, worker_resources, placed(workforce(company.id)), DAY)

    sites = {each["metric"]: each for each in await broken_down(company, dimension="establishment")}
    whole = {
        each["metric"]: each
        for each in (await company.call("GET", "/v1/metrics", params={"profile": "default", "limit": "200"}))["data"]
    }
    assert set(sites) == set(whole) - {"pay_quarter_female_share"}
    share = sites["permanent_share"]
    assert {each["as_of"] for each in sites.values()} == {DAY}
    assert (share["profile"], share["unit"], share["dataset_ids"]) == ("default", "percent", [dataset])
    assert list(by_group(share)) == ["AUS1", "DAL1", "LAX1"]
    assert all(each["status"] == "ok" for each in share["groups"])
    assert sum(each["n"] for each in share["groups"]) == whole["permanent_share"]["n"]
    assert [each["n"] for each in sites["turnover_rate"]["groups"]] != [None] * 3

    (regions,) = await broken_down(company, dimension="region", metric="permanent_share")
    assert by_group(regions)["US-CA"] == by_group(share)["LAX1"]
    assert list(by_group(regions)) == ["US-CA", "US-TX"]

    trend = await broken_down(company, dimension="region", metric="permanent_share", **{"from": EARLIER, "to": DAY})
    assert [each["as_of"] for each in trend] == [DAY, EARLIER]


async def test_what_a_deleted_file_gave_is_gone_and_a_file_without_the_columns_says_so(
    http: httpx.AsyncClient, worker_resources: Resources
) -> None:
    company = await sign_up(http)
    dataset = await computed(company, worker_resources, placed(workforce(company.id, 60)), DAY)
    assert await broken_down(company, metric="turnover_rate")
    gone = await company.call("DELETE", f"/v1/datasets/{dataset}", 202)
    await run_operation(worker_resources, UUID(company.id), UUID(gone["id"]))
    assert await broken_down(company) == []

    await computed(company, worker_resources, workforce(company.id, 60), DAY)
    for each in await broken_down(company):
        column = {"establishment": "establishment_code", "region": "work_region"}[each["dimension"]]
        assert (each["status"], each["reason"], each["groups"]) == ("not_reported", f"column:{column}", [])


async def test_a_small_entity_is_suppressed_with_a_second_one(
    http: httpx.AsyncClient, worker_resources: Resources
) -> None:
    company = await sign_up(http)
    file = placed(workforce(company.id, 120)).replace("LAX1", "DAL1").splitlines()
    few = [row.replace("AUS1", "ELP1").replace("DAL1", "ELP1") for row in file[1:6]]
    await computed(company, worker_resources, "\n".join([file[0], *few, *file[6:]]) + "\n", DAY)
    found = {each["metric"]: by_group(each) for each in await broken_down(company, dimension="establishment")}
    assert set(found["permanent_share"]) == {"AUS1", "DAL1", "ELP1"}
    for groups in found.values():
        assert groups["ELP1"] == ("suppressed", None)
        assert [group for group in ("AUS1", "DAL1") if groups[group] == ("suppressed", None)]
