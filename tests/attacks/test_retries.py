"""A15 of domain.md 7: a release that is stopped again and again must not give a second sample of anything."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Callable, Iterator

import asyncpg
import pytest

from contributors import TODAY, contributors
from installed import own_servers
from releasing import connected, drawn_in, nobody_takes_part
from wm_api.benchmarks.contributed import mechanisms
from wm_api.benchmarks.contributed.plan import METRIC_V1, POINTS, SCORE_V1, Plan
from wm_api.benchmarks.contributed.tree import nodes
from wm_api.core.settings import Settings
from wm_api.dev import Installation, child
from wm_api.releases.command import release_benchmarks

Cells = dict[tuple[str, str], tuple[object, ...]]


@pytest.fixture(scope="module")
def releasing() -> Iterator[Installation]:
    with own_servers("wm-retries-", durable=False) as running:
        yield running


@pytest.fixture
async def admin(releasing: Installation) -> AsyncIterator[asyncpg.Connection]:
    connection = await connected(releasing)
    yield connection
    await connection.close()


@pytest.fixture
async def settings_there(releasing: Installation, admin: asyncpg.Connection) -> Settings:
    settings = await nobody_takes_part(releasing, admin)
    await contributors(admin, 260, 15)
    return settings


async def _is_whole(admin: asyncpg.Connection, plan: Plan, cells: Cells) -> None:
    """Every count is charged and every value has its line; what was published is what was drawn."""
    lines = {tuple(row) for row in await admin.fetch("SELECT cell, statistic FROM budget_lines")}
    assert lines >= set(cells) | {(node.key, "count") for node in nodes(plan.levels)}
    published = await admin.fetch(
        "SELECT metric, p25, p50, p75 FROM benchmark_cells WHERE contributors_band IS NOT NULL"
    )
    assert sorted(map(repr, published)) == sorted(
        f"<Record metric={statistic!r} p25={low!r} p50={middle!r} p75={high!r}>"
        for (_, statistic), (_, low, middle, high, _) in cells.items()
    )
    assert await admin.fetchval("SELECT count(*) FROM benchmark_releases WHERE source = 'contributed'") == 1


class CutError(Exception):
    """Raised where the job says how far it is."""


async def test_a15_a_release_that_is_cut_off_after_each_step_draws_each_key_once(
    settings_there: Settings, admin: asyncpg.Connection, told: Callable[[str], None]
) -> None:
    seen, words = Cells(), []

    def cut_at_a_new_word(word: str) -> None:
        if word not in words:
            words.append(word)
            raise CutError

    for _ in range(4):
        with pytest.raises(CutError):
            await release_benchmarks(settings_there, "contributed-cut", METRIC_V1, TODAY, cut_at_a_new_word)
        cells = await drawn_in(admin, "contributed-cut")
        assert seen.items() <= cells.items()
        seen = cells
    assert words[-1] == "contributed-cut is published; its snapshot is deleted."
    await _is_whole(admin, METRIC_V1, seen)
    values = [float(each % 40 + 40) for each in range(60)]
    anew = {mechanisms.aq3(values, POINTS, 1.5) for _ in range(20)}
    told(f"A15: cut off after each step, one value for each of {len(seen)} keys; naive: {len(anew)} in 20 tries")
    assert len(anew) > 1  # drawn anew, it tells more


@pytest.mark.slow
async def test_a15_a_process_that_is_killed_twenty_times_draws_each_key_once(
    releasing: Installation, settings_there: Settings, admin: asyncpg.Connection, told: Callable[[str], None]
) -> None:
    rolls, kills, seen = random.Random(), 20, Cells()
    for kill in range(kills + 1):
        running = child(["release-benchmarks", "--name", "contributed-killed"], releasing.environment)
        if kill < kills:
            began = await admin.fetchval("SELECT count(*) FROM budget_lines")
            await _until(admin, began + rolls.randint(0, 250))
            running.send_signal(signal.SIGKILL)
        code = await asyncio.to_thread(running.wait, 120)
        cells = await drawn_in(admin, "contributed-killed")
        assert seen.items() <= cells.items()  # what was there is there still, the same
        seen = cells
    assert code == 0
    told(f"A15: killed {kills} times, one value for each of {len(seen)} keys")
    assert ("all/C/GB", "score") in seen
    await _is_whole(admin, SCORE_V1, seen)


async def _until(admin: asyncpg.Connection, lines: int) -> None:
    for _ in range(3_000):
        if await admin.fetchval("SELECT count(*) FROM budget_lines") >= lines:
            return
        await asyncio.sleep(0.01)
