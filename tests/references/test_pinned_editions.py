"""A score pins the editions that it rests on: a later one moves scores of later, never one of before."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from beside import succeeded
from companies import Company, sign_up, workforce
from installed import own_servers, settings_of
from wm_api.core.resources import Resources, opened
from wm_api.dev import Installation
from wm_api.main import create_app
from wm_api.migrate import load_reference
from wm_api.references.sources import SOURCES
from wm_api.scores.verification import verify

HOUSEHOLDS = {"2 Adults (Both Working),2 Children": 36.0, "1 Adult,0 Children": 22.0}
COUNTIES = ("48113", "48999", "")


def living_wages(folder: Path, factor: float) -> Path:
    """Dallas alone is known of Texas: so its wage is the median of the state too."""
    lines = [f"2021,48,113,{household},{wage * factor:.2f}" for household, wage in HOUSEHOLDS.items()]
    file = folder / f"living_wage_{factor}.csv"
    file.write_text("\n".join(["year,state,county,adults,children,wage", *lines]))
    return file


def placed(company: Company, people: int) -> str:
    """Every third person in a county that is known, in one that is not, and without one."""
    head, *rows = workforce(company.id, people).splitlines()
    return "\n".join([f"{head},work_county", *(f"{row},{COUNTIES[n % 3]}" for n, row in enumerate(rows))]) + "\n"


async def scored(company: Company, resources: Resources, day: str, people: int) -> tuple[dict[str, Any], UUID]:
    made = await company.push(placed(company, people), 202, as_of=day)
    await succeeded(company, resources, made["operation_id"])
    query = {"metric": "living_wage_share", "profile": "default", "as_of": day}
    figure = (await company.call("GET", "/v1/metrics", params=query))["data"][0]
    score = (await company.call("GET", "/v1/scores", params={"as_of": day, "state": "draft"}))["data"][0]["id"]
    return figure, UUID(score)


@pytest.fixture(scope="module")
def servers() -> Iterator[Installation]:
    with own_servers("wm-pins-", durable=False) as running:
        yield running


async def test_scores_rest_on_the_newest_editions_and_verify_with_those_that_they_pin(
    servers: Installation, tmp_path: Path
) -> None:
    settings = settings_of(servers)
    async with opened(settings, settings.worker_url) as resources:
        transport = httpx.ASGITransport(create_app(settings, resources))
        async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=60) as http:
            await story(await sign_up(http), resources, servers.urls["wm_migrator"], tmp_path)


async def story(company: Company, resources: Resources, url: str, folder: Path) -> None:
    source = SOURCES["living_wage"]
    figure, without = await scored(company, resources, "2025-10-31", 300)
    assert (figure["status"], figure["reason"]) == ("not_applicable", "no_reference")
    await load_reference(url, source, living_wages(folder, 1.0), "2022-H1")
    figure, first = await scored(company, resources, "2025-11-30", 303)
    assert (figure["status"], figure["basis"]) == ("ok", "two_adults_two_children")
    groups = {row["group"]: row for row in figure["groups"]}
    assert groups["one_adult"]["value"] > figure["value"] > 0
    excluded = {row["reason"]: row["n"] for row in figure["excluded"]}
    assert figure["n"] > excluded["no_place"] > 0
    await load_reference(url, source, living_wages(folder, 1.2), "2023")
    later, second = await scored(company, resources, "2025-12-31", 306)
    assert later["value"] < figure["value"]
    for score in (without, first, second):
        parts = (await verify(resources, UUID(company.id), score)).parts
        assert parts == dict.fromkeys(parts, True)
        assert "references" in parts
