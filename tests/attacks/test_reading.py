"""Attacks by reading (domain.md 7: A5, A13, A14): the interface says no more than the published cells."""

import random
import statistics
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import date, timedelta

import httpx
import pytest

from attacks import exact
from companies import sign_up, workforce
from contributors import TODAY, contributors
from installed import own_servers
from releasing import connected, nobody_takes_part
from shared import SCALE
from wm_api.benchmarks.contributed import mechanisms
from wm_api.benchmarks.contributed.plan import METRIC_V1, POINTS
from wm_api.core.resources import opened
from wm_api.core.settings import Settings
from wm_api.dev import Installation
from wm_api.main import create_app
from wm_api.releases.command import release_benchmarks

LANGUAGES = ("en", "de-DE", "fr")


@pytest.fixture(scope="module")
def servers() -> Iterator[Installation]:
    with own_servers("wm-reading-", durable=False) as running:
        yield running


@pytest.fixture(scope="module")
async def released(servers: Installation) -> Settings:
    """260 groups: the root and section C are published; G and J have some thirty to fifty, A has nobody."""
    admin = await connected(servers)
    settings = await nobody_takes_part(servers, admin)
    await contributors(admin, 260, 5)
    await release_benchmarks(settings, "contributed-read", METRIC_V1, TODAY, lambda _: None)
    await admin.close()
    return settings


@asynccontextmanager
async def _replica(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A process of its own as far as a caller can tell: nothing is kept from the one before."""
    async with opened(settings) as resources:
        transport = httpx.ASGITransport(create_app(settings, resources))
        async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=60) as client:
            yield client


async def _cells(client: httpx.AsyncClient, headers: dict[str, str], **filters: str) -> httpx.Response:
    listed = await client.get("/v1/benchmark-releases", params={"source": "contributed"}, headers=headers)
    path = f"/v1/benchmark-releases/{listed.json()['data'][0]['id']}/cells"
    return await client.get(path, params={"limit": "100", **filters}, headers=headers)


async def test_a5_whoever_asks_however_often_gets_one_value(released: Settings, told: Callable[[str], None]) -> None:
    seen, calls = set[bytes](), 0
    for _ in range(2):
        async with _replica(released) as client:
            for _ in range(25 if SCALE >= 25 else 3):
                company, asked = await sign_up(client), range(20 if SCALE >= 25 else 3)
                for language in (LANGUAGES[number % len(LANGUAGES)] for number in asked):
                    answer = await _cells(
                        client, {**company.headers, "Accept-Language": language}, metric="promotion_rate"
                    )
                    assert answer.status_code == 200
                    seen.add(answer.content)
                    calls += 1
    told(f"A5: {len(seen)} value in {calls} calls")
    assert len(seen) == 1
    values = [float(30 + each) for each in range(60)]
    true = statistics.median(values)
    fresh = [mechanisms.median(values, POINTS, 0.25) for _ in range(100)]
    one = statistics.fmean(abs(each - true) for each in fresh)
    averaged = abs(statistics.fmean(fresh) - true)
    told(f"A5, naive: 100 calls averaged are off by {averaged:.2f}, one by {one:.2f}")
    assert averaged < one  # noise that is made anew with every call averages away


async def test_a5_what_is_read_says_its_band_its_error_and_what_it_has_cost(released: Settings) -> None:
    async with _replica(released) as client:
        company = await sign_up(client)
        (release,) = (await company.call("GET", "/v1/benchmark-releases?source=contributed"))["data"]
        assert release["privacy"] == {"unit": "one verified group of companies", "epsilon": 5.65, "delta": 1e-6}
        cells = (await _cells(client, company.headers)).json()["data"]
        root = [cell for cell in cells if cell["level"] == "all"]
        names = {statistic.name for statistic in METRIC_V1.statistics}
        assert names >= {cell["metric"] for cell in root}
        assert len(root) >= len(names) - 1  # noise may put one too far apart to be printed; two, with less than 1e-7
        for cell in cells:
            assert cell["contributors_band"] in {"100-199", "200-499"}
            assert cell["label"] == f"contributed ({cell['contributors_band']} groups, release {TODAY.year})"
            assert cell["error"] > 0
            assert cell["p25"] <= cell["p50"] <= cell["p75"]


async def test_a13_a_cell_that_is_not_published_is_answered_as_one_that_nobody_is_in(released: Settings) -> None:
    async with _replica(released) as client:
        company = await sign_up(client)
        empty = await _cells(client, company.headers, sector="A")
        few = await _cells(client, company.headers, sector="J")
        there = await _cells(client, company.headers, sector="C")
        assert (empty.status_code, few.status_code, there.status_code) == (200, 200, 200)
        assert empty.content == few.content
        own = {"date", "content-length", "x-request-id", "wm-request-id", "request-id"}
        assert {k: v for k, v in empty.headers.items() if k not in own} == {
            k: v for k, v in few.headers.items() if k not in own
        }
        assert {cell["sector"] for cell in there.json()["data"]} == {"C"}
        assert not any("n" in cell for cell in there.json()["data"])  # a naive release shows cells of null with their n


@pytest.mark.skipif(SCALE < 25, reason="hundreds of calls: make attacks")
async def test_a13_an_absent_cell_takes_as_long_as_an_empty_one(
    released: Settings, told: Callable[[str], None]
) -> None:
    """Processor time, so that what else a machine does moves little; and the clock on the wall, as the attacker has it.

    A naive release draws when it is asked, so that it takes longer where somebody is.
    """
    calls, rolls = 300, random.Random(13)
    wall: dict[str, list[float]] = {"A": [], "J": [], "naive J": []}
    used: dict[str, list[float]] = {"A": [], "J": [], "naive J": []}
    async with _replica(released) as client:
        company = await sign_up(client)
        for _ in range(calls):
            for asked in rolls.sample(sorted(wall), len(wall)):
                began, spent = time.perf_counter(), time.process_time()
                await _cells(client, company.headers, sector=asked[-1])
                if asked.startswith("naive"):
                    _draw_anew()
                wall[asked].append(time.perf_counter() - began)
                used[asked].append(time.process_time() - spent)
    empty, few, naive = (statistics.median(used[each]) for each in ("A", "J", "naive J"))
    slower = sum(one > other for one, other in zip(wall["J"], wall["A"], strict=True))
    told(
        f"A13: processor ms of an empty cell {1000 * empty:.1f}, of one that is not published {1000 * few:.1f}, "
        f"slower in {slower} of {calls}; naive {1000 * naive:.1f}"
    )
    assert max(_slower(used["J"], used["A"]), _slower(used["A"], used["J"])) <= 0.05
    assert _slower(used["naive J"], used["A"]) > 0.05
    assert max(exact.at_least(slower, calls), exact.at_least(calls - slower, calls)) <= 0.5 + 0.05


def _slower(one: list[float], other: list[float]) -> float:
    """Not below this: by how much a call takes longer than the other of its round, at the median."""
    return exact.median_at_least([mine / theirs - 1 for mine, theirs in zip(one, other, strict=True)])


def _draw_anew() -> None:
    for statistic in METRIC_V1.statistics:
        values = [statistic.scale.lower + statistic.scale.range * each / 40 for each in range(40)]
        mechanisms.aq3(values, statistic.scale, 0.7)


async def test_a14_datasets_of_ones_own_do_not_move_a_benchmark(
    released: Settings, told: Callable[[str], None]
) -> None:
    async with _replica(released) as client:
        company = await sign_up(client)
        before = (await _cells(client, company.headers)).content
        await company.call("PUT", "/v1/account/contribution", json={"taking_part": True})
        live = set()  # of a naive release, which reads what is there now
        tries = range(20, 20 + (100 if SCALE >= 25 else 2))
        for people in tries:
            live.add(statistics.fmean([60.0, 61.0, 62.0, people]))
            day = date(2025, 9, 1) + timedelta(days=people)  # after the last who left
            await company.push(workforce(company.id, people), as_of=day.isoformat(), new_key="true")
            assert (await _cells(client, company.headers)).content == before
    told(f"A14: one value over {len(tries)} datasets; naive {len(live)}")
    assert len(live) == len(tries)
