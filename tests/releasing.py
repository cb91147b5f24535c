"""A server on which releases are made, and what one has drawn."""

import asyncpg
import pytest

from contributors import TODAY
from installed import settings_of
from wm_api.benchmarks.contributed.plan import METRIC_V1
from wm_api.core.settings import Settings
from wm_api.dev import Installation
from wm_api.releases.command import release_benchmarks

CELLS = """SELECT cell, statistic, band, p25, p50, p75, error
  FROM contributed_cells c JOIN release_runs r ON r.id = c.release_id WHERE r.name = $1"""


async def connected(installation: Installation) -> asyncpg.Connection:
    return await asyncpg.connect(installation.admin_url.rpartition("/")[0] + "/wm")


async def nobody_takes_part(installation: Installation, admin: asyncpg.Connection) -> Settings:
    """And nothing is spent. What nobody may change goes as it would to a superuser who turns the triggers off."""
    await admin.execute("SET session_replication_role = replica")
    await admin.execute("TRUNCATE accounts, scores, release_runs CASCADE")
    await admin.execute("DELETE FROM benchmark_cells WHERE contributors_band IS NOT NULL")
    await admin.execute("DELETE FROM benchmark_releases WHERE source = 'contributed'")
    await admin.execute("SET session_replication_role = origin")
    return settings_of(installation)


async def begun(settings: Settings, name: str) -> None:
    """A release that is stopped after its snapshot."""

    def stop(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await release_benchmarks(settings, name, METRIC_V1, TODAY, stop)


async def drawn_in(admin: asyncpg.Connection, name: str) -> dict[tuple[str, str], tuple[object, ...]]:
    return {(row[0], row[1]): tuple(row)[2:] for row in await admin.fetch(CELLS, name)}
