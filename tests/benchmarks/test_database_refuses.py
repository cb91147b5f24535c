"""Raw SQL as each role: no value without its line, none twice, no line over a cap, and nothing is ever changed.

What the code does is tested elsewhere; here there is none of it, only what the database lets a session do.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest

from contributors import TODAY, contributors
from installed import own_servers
from releasing import connected, nobody_takes_part
from wm_api.benchmarks.contributed.plan import METRIC_V1
from wm_api.dev import Installation
from wm_api.releases.command import release_benchmarks

ROLES = ("wm_app", "wm_worker", "wm_release")
OTHERS = ROLES[:2]
PRIVACY = ("release_runs", "release_entries", "budget_lines", "contributed_cells")
FROZEN = ("benchmark_releases", "benchmark_cells", "budget_lines", "contributed_cells")
RUN = """INSERT INTO release_runs (id, name, plan, day, year, number, commitment, commitment_key, started_at)
  VALUES (gen_random_uuid(), $1, 'score_v1', $2, extract(year FROM $2::date), $3, '', 'k', now()) RETURNING id"""
LINE = """INSERT INTO public.budget_lines SELECT $1::uuid, $2::text, $3::text, $4::text, $5::float8,
  $5::float8 ^ 2 / CASE $4::text WHEN 'count' THEN 2 WHEN 'median' THEN 8 ELSE 16 END"""
CELL = "INSERT INTO contributed_cells VALUES ($1, $2, $3, '50-99', 40, 50, 60, 5)"
PUBLIC = """INSERT INTO benchmark_releases (id, name, source, label, published_at, sha256, sources, plan)
  SELECT id, name, 'contributed', 'x', now(), '', '[]', plan FROM release_runs WHERE id = $1"""
SHOWN = """INSERT INTO benchmark_cells (id, release_id, metric, level, sector, kind, unit, label, contributors_band,
    p25, p50, p75, error)
  VALUES (gen_random_uuid(), $1, $2, 'sector', $3, 'quartiles', 'points', 'x', '50-99', $4, 50, 60, 5)"""
ERRORS = (asyncpg.InsufficientPrivilegeError, asyncpg.CheckViolationError, asyncpg.RaiseError)


@pytest.fixture(scope="module")
def servers() -> Iterator[Installation]:
    with own_servers("wm-refuses-", durable=False) as running:
        yield running


@pytest.fixture
async def admin(servers: Installation) -> AsyncIterator[asyncpg.Connection]:
    connection = await connected(servers)
    await nobody_takes_part(servers, connection)
    yield connection
    await connection.close()


@asynccontextmanager
async def _as(servers: Installation, role: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(servers.urls[role])
    try:
        yield connection
    finally:
        await connection.close()


async def _begun(admin: asyncpg.Connection, name: str = "contributed-raw", number: int = 1) -> UUID:
    run: UUID = await admin.fetchval(RUN, name, TODAY, number)
    return run


@pytest.mark.parametrize("role", OTHERS)
async def test_application_and_worker_neither_read_nor_write_what_a_release_is_made_of(
    servers: Installation, admin: asyncpg.Connection, role: str
) -> None:
    run = await _begun(admin)
    async with _as(servers, role) as session:
        for table in PRIVACY:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await session.fetch(f"SELECT 1 FROM {table}")
        for statement, values in (
            (RUN, ("contributed-mine", TODAY, 2)),
            (LINE, (run, "all", "score", "aq3", 0.5)),
            (CELL, (run, "all", "score")),
            (PUBLIC, (run,)),
            (SHOWN, (run, "score", "C", 40)),
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await session.execute(statement, *values)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", FROZEN)
async def test_no_role_changes_or_takes_away_what_was_published_or_paid(
    servers: Installation, admin: asyncpg.Connection, role: str, table: str
) -> None:
    column = "name" if table == "benchmark_releases" else "metric" if table == "benchmark_cells" else "statistic"
    async with _as(servers, role) as session:
        for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await session.execute(statement)


async def test_not_even_the_owner_changes_a_release_of_either_kind_or_its_ledger(
    servers: Installation, admin: asyncpg.Connection
) -> None:
    settings = await nobody_takes_part(servers, admin)
    await contributors(admin, 220)
    await release_benchmarks(settings, "contributed-kept", METRIC_V1, TODAY, lambda _: None)
    before = {table: await admin.fetch(f"SELECT t::text FROM {table} t ORDER BY 1") for table in FROZEN}
    for owner in ("wm_owner", None):
        if owner is not None:
            await admin.execute(f"SET ROLE {owner}")
        for table in FROZEN:
            assert before[table]
            column = "label" if table.startswith("benchmark") else "statistic"
            for change in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
                with pytest.raises((asyncpg.RaiseError, asyncpg.ForeignKeyViolationError)):
                    await admin.execute(change)
        await admin.execute("RESET ROLE")
    assert {table: await admin.fetch(f"SELECT t::text FROM {table} t ORDER BY 1") for table in FROZEN} == before


async def test_a_frozen_release_takes_no_cell_more(servers: Installation, admin: asyncpg.Connection) -> None:
    public = await admin.fetchval("SELECT id FROM benchmark_releases WHERE source = 'public'")
    settings = await nobody_takes_part(servers, admin)
    await contributors(admin, 220)
    await release_benchmarks(settings, "contributed-full", METRIC_V1, TODAY, lambda _: None)
    contributed = await admin.fetchval("SELECT id FROM benchmark_releases WHERE source = 'contributed'")
    async with _as(servers, "wm_release") as session:
        await session.execute(LINE, contributed, "all/U", "promotion_rate", "aq3", 0.7)
        await session.execute(CELL, contributed, "all/U", "promotion_rate")
        for release in (public, contributed):
            with pytest.raises(asyncpg.CheckViolationError, match="frozen"):
                await session.execute(SHOWN, release, "promotion_rate", "U", 40)


async def test_a_value_is_published_only_with_its_line_as_it_was_drawn_and_once(
    servers: Installation, admin: asyncpg.Connection
) -> None:
    run = await _begun(admin)
    async with _as(servers, "wm_release") as session:
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await session.execute(CELL, run, "all/C", "score")
        await session.execute(LINE, run, "all/C", "score", "aq3", 1.0)
        await session.execute(LINE, run, "all/C", "count", "count", 0.5)
        await session.execute(CELL, run, "all/C", "score")
        with pytest.raises(asyncpg.UniqueViolationError):
            await session.execute(CELL, run, "all/C", "score")
        with pytest.raises(asyncpg.CheckViolationError, match="no_count"):
            await session.execute(CELL, run, "all/C", "count")
        for metric, sector, p25 in (("score", "D", 40), ("area_pay", "C", 40), ("score", "C", 41)):
            with pytest.raises(asyncpg.CheckViolationError, match="as it was drawn"):
                async with session.transaction():
                    await session.execute(PUBLIC, run)
                    await session.execute(SHOWN, run, metric, sector, p25)
        with pytest.raises(asyncpg.UniqueViolationError, match="uq_benchmark_cells_contributed"):
            async with session.transaction():
                await session.execute(PUBLIC, run)
                for _ in range(2):
                    await session.execute(SHOWN, run, "score", "C", 40)
        async with session.transaction():
            await session.execute(PUBLIC, run)
            await session.execute(SHOWN, run, "score", "C", 40)


@pytest.mark.parametrize(
    ("source", "words"), [("contributed", "one that was run"), ("public", "released by the owner")]
)
async def test_a_release_that_was_not_run_is_not_published(
    servers: Installation, admin: asyncpg.Connection, source: str, words: str
) -> None:
    async with _as(servers, "wm_release") as session:
        with pytest.raises(asyncpg.CheckViolationError, match=words):
            await session.execute(
                "INSERT INTO benchmark_releases (id, name, source, label, published_at, sha256, sources, plan)"
                " VALUES (gen_random_uuid(), 'x', $1, 'x', now(), '', '[]', 'metric_v1')",
                source,
            )


OVER = {
    "a statistic": ([], ("all", "score", "aq3", 1.51), "eps"),
    "rho of a path": ([("all", "a", "count", 1.2)], ("all/C/GB", "b", "count", 0.5), "one release"),
    "the sum of eps of a path": (
        [("all/C", str(n), "aq3", 0.5) for n in range(18)],
        ("all", "last", "aq3", 0.51),
        "one release",
    ),
    "another root": ([], ("everybody", "score", "aq3", 0.5), "ck_budget_lines_cell"),
    "a country that is four regions": ([], ("all/C/US", "score", "aq3", 0.5), "ck_budget_lines_cell"),
    "a region that is a country": ([], ("all/C/GB-R1", "score", "aq3", 0.5), "ck_budget_lines_cell"),
    "a cell below the tree": ([], ("all/C/GB/1-49", "score", "aq3", 0.5), "ck_budget_lines_cell"),
    "less than the mechanism costs": ([], ("all", "score", "median", 0.5), "rho"),
}


@pytest.mark.parametrize("case", OVER)
async def test_no_line_passes_a_cap_or_leaves_the_tree(
    servers: Installation, admin: asyncpg.Connection, case: str
) -> None:
    before, line, words = OVER[case]
    run = await _begun(admin)
    statement = LINE.replace("/ CASE", "/ 2 / CASE") if words == "rho" else LINE
    async with _as(servers, "wm_release") as session:
        for each in before:
            await session.execute(LINE, run, *each)
        with pytest.raises(asyncpg.CheckViolationError, match=words):
            await session.execute(statement, run, *line)
        assert await session.fetchval("SELECT count(*) FROM budget_lines") == len(before)


async def test_two_releases_of_a_year_share_its_cap_and_there_is_no_third(
    servers: Installation, admin: asyncpg.Connection
) -> None:
    first = await _begun(admin)
    async with _as(servers, "wm_release") as session:
        await session.execute(LINE, first, "all", "a", "count", 1.28)
        await session.execute("UPDATE release_runs SET commitment_key = NULL, abandoned_at = now()")
        second = await _begun(admin, "contributed-raw-2", 2)
        with pytest.raises(asyncpg.CheckViolationError, match="calendar year"):
            await session.execute(LINE, second, "all/C", "a", "count", 0.26)
        for change in ("year = year + 1", "day = day - 400", "number = 1", "plan = 'x'"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await session.execute(f"UPDATE release_runs SET {change}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await session.execute("DELETE FROM release_runs")
        await session.execute("UPDATE release_runs SET commitment_key = NULL, abandoned_at = now() WHERE number = 2")
        for number in (1, 3):
            with pytest.raises((asyncpg.UniqueViolationError, asyncpg.CheckViolationError)):
                await session.execute(RUN, f"contributed-raw-{number + 2}", TODAY, number)


async def test_temporary_tables_do_not_hide_the_ledger_from_its_caps(
    servers: Installation, admin: asyncpg.Connection
) -> None:
    run = await _begun(admin)
    async with _as(servers, "wm_release") as session:
        await session.execute(LINE, run, "all", "a", "count", 1.28)
        await session.execute("CREATE TEMPORARY TABLE budget_lines (LIKE public.budget_lines)")
        await session.execute("CREATE TEMPORARY TABLE release_runs (LIKE public.release_runs)")
        with pytest.raises(asyncpg.CheckViolationError, match="one release"):
            await session.execute(LINE, run, "all", "b", "count", 1.28)


@pytest.mark.parametrize("isolation", ["repeatable_read", "serializable"])
async def test_a_transaction_that_does_not_see_the_lines_of_others_writes_none(
    servers: Installation, admin: asyncpg.Connection, isolation: str
) -> None:
    run = await _begun(admin)
    async with _as(servers, "wm_release") as one, _as(servers, "wm_release") as other:
        began = other.transaction(isolation=isolation)
        await began.start()
        assert await other.fetchval("SELECT count(*) FROM budget_lines") == 0
        await one.execute(LINE, run, "all", "a", "count", 1.28)
        with pytest.raises(asyncpg.CheckViolationError, match="sees the lines of others"):
            await other.execute(LINE, run, "all", "b", "count", 1.28)
        await began.rollback()
