"""A release of contributed benchmarks on a server of its own: frozen, charged, and of those alone who take part."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from contributors import TODAY, contributors
from installed import own_servers
from releasing import begun, connected, drawn_in, nobody_takes_part
from wm_api.benchmarks.contributed.plan import METRIC_V1, SCORE_V1
from wm_api.benchmarks.contributed.tree import nodes
from wm_api.core.settings import Settings
from wm_api.dev import Installation
from wm_api.releases.admission import admit_contributor, revoke_contributor
from wm_api.releases.command import abandon_release, release_benchmarks, what_it_costs
from wm_api.releases.errors import CannotRelease


@pytest.fixture(scope="module")
def releasing() -> Iterator[Installation]:
    with own_servers("wm-release-", durable=False) as running:
        yield running


@pytest.fixture(scope="module")
async def admin(releasing: Installation) -> AsyncIterator[asyncpg.Connection]:
    connection = await connected(releasing)
    yield connection
    await connection.close()


@pytest.fixture
async def settings_there(releasing: Installation, admin: asyncpg.Connection) -> Settings:
    return await nobody_takes_part(releasing, admin)


async def test_a_release_is_drawn_once_and_leaves_no_row_of_anybody(
    settings_there: Settings, admin: asyncpg.Connection
) -> None:
    await contributors(admin, 260)
    said: list[str] = []
    for _ in range(2):
        await release_benchmarks(settings_there, "contributed-first", METRIC_V1, TODAY, said.append)
    drawn = await drawn_in(admin, "contributed-first")
    assert {cell for cell, _ in drawn} == {"all", "all/C"}, "the other sectors have under half of the gate"
    at_the_root = {name for cell, name in drawn if cell == "all"}
    assert len(at_the_root) >= len(METRIC_V1.statistics) - 1, (
        "noise may put one too far apart to be printed; two, hardly ever"
    )
    assert {drawn["all", name][0] for name in at_the_root} == {"200-499"}
    assert said[-1] == "contributed-first is published. Nothing was drawn."
    assert await admin.fetchval("SELECT count(*) FROM release_entries") == 0
    assert await admin.fetchval("SELECT commitment_key FROM release_runs") is None
    published = await admin.fetch(
        "SELECT level, sector, region, metric, p50, label FROM benchmark_cells WHERE contributors_band IS NOT NULL"
    )
    assert len(published) == len(drawn)
    assert {row["label"].partition(" (")[0] for row in published} == {"contributed"}


async def test_every_count_is_charged_whoever_is_there_and_every_value_has_its_line(
    settings_there: Settings, admin: asyncpg.Connection
) -> None:
    await contributors(admin, 160)
    await release_benchmarks(settings_there, "contributed-charged", METRIC_V1, TODAY, lambda _: None)
    counts = await admin.fetch("SELECT cell FROM budget_lines WHERE statistic = 'count'")
    assert sorted(row["cell"] for row in counts) == sorted(node.key for node in nodes(METRIC_V1.levels))
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await admin.execute(
            "INSERT INTO contributed_cells SELECT id, 'all/U', 'promotion_rate', '50-99', 1, 2, 3, 1 FROM release_runs"
        )


async def test_who_does_not_take_part_or_is_not_admitted_or_is_new_does_not_count(
    settings_there: Settings, admin: asyncpg.Connection
) -> None:
    """Were the 300 others counted, the root would reach its gate of 150; an attacker's unverified companies, too."""
    await contributors(admin, 60)
    late, new = TODAY - timedelta(days=60), TODAY - timedelta(days=30)
    for seed, others in enumerate(({"taking_part": False}, {"admitted": False}, {"since": new}, {"as_of": late}), 2):
        await contributors(admin, 75, seed, **others)  # type: ignore[arg-type]
    await release_benchmarks(settings_there, "contributed-few", METRIC_V1, TODAY, lambda _: None)
    assert ("all", "promotion_rate") not in await drawn_in(admin, "contributed-few")


async def test_the_year_has_its_cap_and_its_number_of_releases(
    settings_there: Settings, admin: asyncpg.Connection
) -> None:
    await release_benchmarks(settings_there, "contributed-small", METRIC_V1, TODAY, lambda _: None)
    lines = await what_it_costs(settings_there, METRIC_V1, TODAY)
    assert lines[-2] == f"{TODAY.year} has spent rho 0.25 of 0.85; this would be its release 2 of 2."
    assert f"Of {TODAY.year} rho 0.6 is left at the least, before this release." in lines
    with pytest.raises(CannotRelease, match="calendar year"):
        await release_benchmarks(settings_there, "contributed-large", SCORE_V1, TODAY, lambda _: None)
    await release_benchmarks(settings_there, "contributed-second", METRIC_V1, TODAY, lambda _: None)
    with pytest.raises(CannotRelease, match="has its 2 releases"):
        await release_benchmarks(settings_there, "contributed-third", METRIC_V1, TODAY, lambda _: None)


async def test_the_plan_is_shown_before_the_draw_and_is_the_same_whoever_takes_part(
    settings_there: Settings, admin: asyncpg.Connection
) -> None:
    """An exact number of companies would be a release of its own, without noise and without a line in the ledger."""
    nobody = await what_it_costs(settings_there, SCORE_V1, TODAY)
    assert "- all, 1 cell: a noisy count, epsilon 0.5" in nobody
    assert "    quartiles of score: epsilon 1 each, from a noisy count of 75 on" in nobody
    assert any(f"here since {TODAY - timedelta(days=90)} or before" in line for line in nobody)
    await contributors(admin, 7)
    assert await what_it_costs(settings_there, SCORE_V1, TODAY) == nobody
    assert await admin.fetchval("SELECT count(*) FROM release_runs") == 0


RUN = """INSERT INTO release_runs (id, name, plan, day, year, number, commitment, started_at, published_at)
  VALUES (gen_random_uuid(), $1, 'score_v1', now(), extract(year FROM now()), $2, '', now(), now())"""


async def test_one_release_is_open_at_a_time_and_one_that_is_given_up_leaves_no_figure_and_all_that_it_spent(
    settings_there: Settings, admin: asyncpg.Connection
) -> None:
    await contributors(admin, 60)
    await begun(settings_there, "contributed-open")
    assert await admin.fetchval("SELECT count(*) FROM release_entries") == 60
    with pytest.raises(CannotRelease, match="contributed-open is not at its end"):
        await release_benchmarks(settings_there, "contributed-next", METRIC_V1, TODAY, lambda _: None)
    with pytest.raises(asyncpg.UniqueViolationError, match="uq_release_runs_open"):
        await admin.execute(OPEN_AS_WELL)
    await admin.execute(LINE, "contributed-open", "all", "score", "aq3", 1.5)
    for _ in range(2):
        await abandon_release(settings_there, "contributed-open", lambda _: None)
    assert await admin.fetchval("SELECT count(*) FROM release_entries") == 0
    assert await admin.fetchval("SELECT count(*) FROM budget_lines") == 1
    kept = await admin.fetchrow("SELECT commitment_key, published_at, abandoned_at FROM release_runs")
    assert [value is None for value in kept] == [True, True, False]
    with pytest.raises(CannotRelease, match="was abandoned"):
        await release_benchmarks(settings_there, "contributed-open", METRIC_V1, TODAY, lambda _: None)
    await release_benchmarks(settings_there, "contributed-next", METRIC_V1, TODAY, lambda _: None)
    assert await admin.fetchval("SELECT max(number) FROM release_runs") == 2
    for name, why in (("contributed-next", "cannot be undone"), ("contributed-none", "no release")):
        with pytest.raises(CannotRelease, match=why):
            await abandon_release(settings_there, name, lambda _: None)


async def test_what_the_database_refuses_is_said_and_the_release_can_still_be_given_up(
    settings_there: Settings, admin: asyncpg.Connection
) -> None:
    await begun(settings_there, "contributed-late")
    await admin.execute(RUN, "one", 2)
    await admin.execute(LINE, "one", "all", "count", "count", 1.25)
    with pytest.raises(CannotRelease, match="cap is reached"):
        await release_benchmarks(settings_there, "contributed-late", METRIC_V1, TODAY, lambda _: None)
    await abandon_release(settings_there, "contributed-late", lambda _: None)
    assert await admin.fetchval("SELECT count(*) FROM budget_lines") == 1


async def test_a_release_that_could_take_the_name_of_a_public_one_never_begins(
    settings_there: Settings, admin: asyncpg.Connection
) -> None:
    for name in ("public-2026.2", "read"):
        with pytest.raises(CannotRelease, match="begins with contributed-"):
            await release_benchmarks(settings_there, name, METRIC_V1, TODAY, lambda _: None)
    assert await admin.fetchval("SELECT count(*) FROM release_runs") == 0
    with pytest.raises(asyncpg.CheckViolationError, match="year_of_day"):
        await admin.execute(RUN.replace("extract(year FROM now())", "2000"), "of another year", 1)


OPEN_AS_WELL = """INSERT INTO release_runs (id, name, plan, day, year, number, commitment, commitment_key, started_at)
  SELECT gen_random_uuid(), 'as well', plan, day, year, 2, commitment, commitment_key, started_at FROM release_runs"""
LINE = "INSERT INTO budget_lines SELECT id, $2, $3, $4::text, $5::float8, $5::float8 * $5::float8 / CASE $4::text WHEN 'count' THEN 2 WHEN 'median' THEN 8 ELSE 16 END FROM release_runs WHERE name = $1"


async def test_the_database_itself_keeps_the_caps_of_every_path(
    releasing: Installation, settings_there: Settings, admin: asyncpg.Connection
) -> None:
    for number, name in enumerate(("one", "two"), 1):
        await admin.execute(
            RUN,
            name,
            number,
        )
    release = await asyncpg.connect(releasing.urls["wm_release"])
    try:
        with pytest.raises(asyncpg.CheckViolationError, match="eps"):
            await release.execute(LINE, "one", "all", "score", "aq3", 1.6)
        await release.execute(LINE, "one", "all/C/GB", "a", "count", 1.0)
        await release.execute(LINE, "one", "all/C", "a", "median", 1.0)
        with pytest.raises(asyncpg.CheckViolationError, match="one release"):
            await release.execute(LINE, "one", "all", "a", "count", 0.7)  # above, and drawn later: the path counts
        await release.execute(LINE, "one", "all/D", "a", "count", 1.25)
        with pytest.raises(asyncpg.CheckViolationError, match="calendar year"):
            await release.execute(LINE, "two", "all", "a", "count", 0.4)
        await release.execute(LINE, "two", "all/E", "a", "count", 1.25)
        for statement in (
            "UPDATE budget_lines SET eps = 0.1",
            "DELETE FROM budget_lines",
            "DELETE FROM contributed_cells",
            "UPDATE benchmark_cells SET p50 = 0",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await release.execute(statement)
    finally:
        await release.close()
    application = await asyncpg.connect(releasing.urls["wm_app"])
    try:
        for table in ("release_runs", "release_entries", "budget_lines", "contributed_cells"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await application.execute(f"SELECT 1 FROM {table}")
    finally:
        await application.close()


async def test_what_survives_an_exit_is_noise_and_costs_without_a_row_of_the_company(
    settings_there: Settings, admin: asyncpg.Connection
) -> None:
    accounts = await contributors(admin, 260)
    await release_benchmarks(settings_there, "contributed-before", METRIC_V1, TODAY, lambda _: None)
    tables = (
        "release_runs",
        "release_entries",
        "budget_lines",
        "contributed_cells",
        "benchmark_releases",
        "benchmark_cells",
    )
    before = [await admin.fetch(f"SELECT t::text FROM {table} t ORDER BY 1") for table in tables]
    for table in ("scores", "contribution_consents", "contributor_groups"):
        await admin.execute(f"DELETE FROM {table} WHERE account_id = $1", accounts[0])
    await admin.execute("DELETE FROM accounts WHERE id = $1", accounts[0])
    assert [await admin.fetch(f"SELECT t::text FROM {table} t ORDER BY 1") for table in tables] == before
    assert not any(str(accounts[0]) in row[0] for rows in before for row in rows)
    assert before[tables.index("release_entries")] == []


async def test_an_operator_admits_after_checks_and_only_companies_that_are_there(
    settings_there: Settings, admin: asyncpg.Connection
) -> None:
    (account,) = await contributors(admin, 1, admitted=False)
    for employees, spelled in ((80, " The  Group "), (90, "THE GROUP")):
        await admit_contributor(settings_there, account, spelled, employees)
    assert [tuple(row) for row in await admin.fetch("SELECT name, employees FROM contributor_groups")] == [
        ("the group", 90)
    ]
    await admit_contributor(settings_there, account, "the group", 90)  # said again: no line
    acts = "SELECT type, state, previous_state, actor_type FROM events WHERE account_id = $1 ORDER BY sequence"
    admitted = [
        ("account.contributor_admitted", "admitted", None, "system"),
        ("account.contributor_admitted", "admitted", "admitted", "system"),
    ]
    assert [tuple(row) for row in await admin.fetch(acts, account)] == admitted
    for wrong, name, people in ((UUID(int=1), "The group", 80), (account, "The group", 49), (account, "  ", 80)):
        with pytest.raises(CannotRelease):
            await admit_contributor(settings_there, wrong, name, people)
    assert [tuple(row) for row in await admin.fetch(acts, account)] == admitted


async def test_an_operator_takes_an_admission_back_once_and_it_is_a_line(
    settings_there: Settings, admin: asyncpg.Connection
) -> None:
    (account,) = await contributors(admin, 1, admitted=False)
    with pytest.raises(CannotRelease):
        await revoke_contributor(settings_there, account)
    await admit_contributor(settings_there, account, "Another group", 80)
    await revoke_contributor(settings_there, account)
    with pytest.raises(CannotRelease):
        await revoke_contributor(settings_there, account)
    assert not await admin.fetch("SELECT FROM contributor_groups WHERE account_id = $1", account)
    acts = "SELECT type, state FROM events WHERE account_id = $1 ORDER BY sequence"
    assert [tuple(row) for row in await admin.fetch(acts, account)] == [
        ("account.contributor_admitted", "admitted"),
        ("account.contributor_revoked", "revoked"),
    ]
