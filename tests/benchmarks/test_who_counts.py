"""The snapshot of a release: whose scores are in it on a day, that it is the one that was begun with, what it costs."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import asyncpg
import pytest

from contributors import TODAY, contributors
from installed import own_servers
from releasing import begun, connected, nobody_takes_part
from wm_api.benchmarks.contributed.entries import AGE, SINCE
from wm_api.benchmarks.contributed.plan import METRIC_V1
from wm_api.core.settings import Settings
from wm_api.dev import Installation
from wm_api.releases.command import abandon_release, release_benchmarks
from wm_api.releases.errors import CannotRelease

DAY, OLD = timedelta(days=1), TODAY - timedelta(days=200)


@pytest.fixture(scope="module")
def servers() -> Iterator[Installation]:
    with own_servers("wm-counts-", durable=False) as running:
        yield running


@pytest.fixture
async def admin(servers: Installation) -> AsyncIterator[asyncpg.Connection]:
    connection = await connected(servers)
    yield connection
    await connection.close()


@pytest.fixture
async def settings_there(servers: Installation, admin: asyncpg.Connection) -> Settings:
    return await nobody_takes_part(servers, admin)


async def test_whose_score_is_not_ok_not_standing_too_new_or_whose_company_is_new_is_not_in_the_snapshot(
    settings_there: Settings, admin: asyncpg.Connection
) -> None:
    counted = [
        *await contributors(admin, 1, 1, as_of=TODAY - AGE, since=OLD),
        *await contributors(admin, 1, 2, as_of=TODAY - AGE, since=TODAY - SINCE),
        *await contributors(admin, 1, 3),
    ]
    await admin.execute("UPDATE scores SET state = 'published' WHERE account_id = $1", counted[2])
    await contributors(admin, 1, 4, as_of=TODAY - AGE + DAY)
    await contributors(admin, 1, 5, since=TODAY - SINCE + DAY)
    for seed, change in enumerate(("state = 'withdrawn'", "state = 'superseded'", "status = 'insufficient_data'"), 6):
        (account,) = await contributors(admin, 1, seed)
        await admin.execute(f"UPDATE scores SET {change} WHERE account_id = $1", account)
    await begun(settings_there, "contributed-counted")
    assert await _snapshot(admin) == sorted([await _figures(admin, account) for account in counted])


async def _snapshot(admin: asyncpg.Connection) -> list[list[float]]:
    return sorted(json.loads(row[0]) for row in await admin.fetch("SELECT figures FROM release_entries"))


async def _figures(admin: asyncpg.Connection, account: object) -> list[float]:
    record = json.loads(await admin.fetchval("SELECT record FROM scores WHERE account_id = $1", account))
    return [each.value(record["metrics"][each.name]["value"]) for each in METRIC_V1.statistics]


async def test_who_leaves_is_in_no_snapshot_from_the_next_release_on(
    settings_there: Settings, admin: asyncpg.Connection
) -> None:
    stays, leaves, revoked = await contributors(admin, 3)
    await begun(settings_there, "contributed-counted")
    assert len(await _snapshot(admin)) == 3
    await admin.execute("UPDATE contribution_consents SET taking_part = false WHERE account_id = $1", leaves)
    await admin.execute("DELETE FROM contributor_groups WHERE account_id = $1", revoked)
    await abandon_release(settings_there, "contributed-counted", lambda _: None)
    await begun(settings_there, "contributed-next")
    assert await _snapshot(admin) == [await _figures(admin, stays)]


@pytest.mark.parametrize("change", ["UPDATE release_entries SET figures = '[0,0,0,0,0,0,0]' WHERE position = 0",
                                    "DELETE FROM release_entries WHERE position = 0"])  # fmt: skip
async def test_a_release_does_not_go_on_with_another_snapshot(
    settings_there: Settings, admin: asyncpg.Connection, change: str
) -> None:
    """The same budget would be spent on two different sets of groups."""
    await contributors(admin, 3)
    await begun(settings_there, "contributed-counted")
    await admin.execute(change)
    with pytest.raises(CannotRelease, match="not the one"):
        await release_benchmarks(settings_there, "contributed-counted", METRIC_V1, TODAY, lambda _: None)
    assert await admin.fetchval("SELECT count(*) FROM budget_lines") == 0


async def test_each_value_is_charged_as_its_plan_says(settings_there: Settings, admin: asyncpg.Connection) -> None:
    await contributors(admin, 220)
    await release_benchmarks(settings_there, "contributed-charged", METRIC_V1, TODAY, lambda _: None)
    lines = await admin.fetch("SELECT cell, statistic, mechanism, eps, rho FROM budget_lines")
    levels = {"all": "all", "all/C": "sector"}
    declared = {statistic.name: statistic for statistic in METRIC_V1.statistics}
    assert {(row["cell"], row["statistic"]) for row in lines} >= {("all", name) for name in declared}
    for row in lines:
        if row["statistic"] == "count":
            assert (row["mechanism"], row["eps"], row["rho"]) == ("count", 0.5, 0.125)
        else:
            eps = declared[row["statistic"]].shares[levels[row["cell"]]].eps
            assert (row["mechanism"], row["eps"], row["rho"]) == ("aq3", eps, pytest.approx(eps**2 / 16))
