"""From many companies that take part to a score that is compared with them, over HTTP."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from beside import succeeded
from companies import Company, active_grant, grant_token, sign_up, workforce
from contributors import TODAY, contributors
from installed import own_servers
from releasing import connected, nobody_takes_part
from wm_api.benchmarks.contributed.plan import METRIC_V1
from wm_api.core.resources import Resources, opened
from wm_api.core.settings import Settings
from wm_api.dev import Installation
from wm_api.main import create_app
from wm_api.releases.command import release_benchmarks
from wm_api.scores.verify_command import verify_score

NAME = f"contributed-{TODAY.year}"


@pytest.fixture(scope="module")
def servers() -> Iterator[Installation]:
    with own_servers("wm-blend-", durable=False) as running:
        yield running


@pytest.fixture
async def settings(servers: Installation) -> Settings:
    admin = await connected(servers)
    found = await nobody_takes_part(servers, admin)
    await admin.close()
    return found


@pytest.fixture
async def working(settings: Settings) -> AsyncIterator[Resources]:
    async with opened(settings, settings.worker_url) as resources:
        yield resources


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(settings) as resources:
        transport = httpx.ASGITransport(create_app(settings, resources))
        async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=60) as found:
            yield found


async def released(servers: Installation, settings: Settings) -> None:
    admin = await connected(servers)
    await contributors(admin, 260, 5)
    await admin.close()
    await release_benchmarks(settings, NAME, METRIC_V1, TODAY, lambda _: None)


async def draft_of(company: Company, working: Resources, people: int, **query: str) -> dict[str, Any]:
    made = await company.push(workforce(company.id, people), 202, **query)
    await succeeded(company, working, made["operation_id"])
    found = (await company.call("GET", "/v1/scores", params={"state": "draft"}))["data"]
    return dict(found[0])


async def compared(company: Company, score: dict[str, Any]) -> dict[str, Any]:
    """What each metric of a score is compared with."""
    explained = await company.call("GET", f"/v1/scores/{score['id']}/explanation")
    return {each["metric"]: each["benchmark"] for each in explained["contributions"] if each["metric"]}


def blended_as_released(used: dict[str, Any], cell: dict[str, Any]) -> None:
    """A benchmark of an explanation is made of the released cell, by weight, and says so with its error."""
    part, reference = used["contributed"], used["reference"]
    least = {"100-199": 100, "200-499": 200}[cell["contributors_band"]]
    weight = round(least / (least + 40), 6) if reference else 1
    assert (part["groups"], part["weight"], part["error"]) == (least, weight, cell["error"])
    for each in ("p25", "p50", "p75"):
        rest = (1 - weight) * reference[each] if reference else 0.0
        assert part[each] == cell[each]
        assert used[each] == pytest.approx(weight * cell[each] + rest, abs=1e-6)
    assert used["error"] == pytest.approx(weight * cell["error"], abs=1e-6)
    assert f"contributed ({cell['contributors_band']} groups, release {TODAY.year}; " in used["label"]


async def shared_label(company: Company, reader: Company, score_id: str) -> str:
    await company.call("POST", f"/v1/scores/{score_id}/publication")
    token = await grant_token(reader, await active_grant(company, reader, "metrics"))
    return str((await reader.http.get(f"/v1/shared/scores/{score_id}", headers=token)).json()["benchmark_label"])


async def test_after_a_release_a_score_pins_it_blends_it_says_so_and_computes_again(
    servers: Installation, settings: Settings, working: Resources, client: httpx.AsyncClient
) -> None:
    company, reader = await sign_up(client), await sign_up(client)
    await released(servers, settings)
    (release,) = (await company.call("GET", "/v1/benchmark-releases?source=contributed"))["data"]
    score = await draft_of(company, working, 300)
    assert score["contributed_release_id"] == release["id"]
    cells = (await company.call("GET", f"/v1/benchmark-releases/{release['id']}/cells"))["data"]
    at = {(each["metric"], each["sector"]): each for each in cells}
    used = await compared(company, score)
    for name in ("voluntary_turnover_rate", "permanent_share"):
        blended_as_released(used[name], at.get((name, "C")) or at[name, None])
    assert used["voluntary_turnover_rate"]["label"].endswith(
        "% US separations 2021 (nondurable goods manufacturing, by NAICS code)"
    )
    assert (used["permanent_share"]["reference"], used["turnover_rate"]["contributed"]) == (None, None)
    assert (await verify_score(settings, UUID(score["id"])))[0]
    page = await client.get(f"/v1/scores/{score['id']}/report", headers={**company.headers, "Accept": "text/html"})
    lines = page.text.replace("\N{NO-BREAK SPACE}", " ").splitlines()
    said = next(line for line in lines if line.startswith("<li") and "Voluntary turnover" in line)
    assert f"the middle of peers: {used['voluntary_turnover_rate']['label']}" in said
    assert "that middle may be off by " in said
    assert "% contributed (" in await shared_label(company, reader, score["id"])


async def test_a_release_never_moves_a_score_that_is_there_and_moves_the_next_by_its_peers_alone(
    servers: Installation, settings: Settings, working: Resources, client: httpx.AsyncClient
) -> None:
    company = await sign_up(client)
    first = await draft_of(company, working, 300)
    assert first["contributed_release_id"] is None
    await company.call("POST", f"/v1/scores/{first['id']}/publication")
    await released(servers, settings)
    assert (await company.call("GET", f"/v1/scores/{first['id']}"))["digest"] == first["digest"]
    assert (await verify_score(settings, UUID(first["id"])))[0]
    dataset = first["datasets"][0]["id"]
    again = await draft_of(company, working, 300, supersedes=dataset, declared_headcount="262")
    restated = await company.call("GET", f"/v1/scores/{again['id']}/restatement")
    assert set(restated["causes"]) == {"datasets", "contributed_release"}
    change = restated["change"]
    assert (change["own_data"], change["methodology"]) == (0.0, 0.0)
    assert change["benchmark"] == pytest.approx(again["headline"] - first["headline"], abs=1e-9) != 0
