"""Migrations go up, down and up again, and agree with the models."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError, IntegrityError

from wm_api.core.provision import provision
from wm_api.dev import Installation
from wm_api.migrate import alembic_config

DATABASE = "wm_migrations"
ACCOUNT, OTHER = "01900000-0000-7000-8000-00000000000a", "01900000-0000-7000-8000-00000000000b"
SUPERSEDED, CURRENT, DELETED = (f"01900000-0000-7000-8000-{number:012x}" for number in (1, 2, 3))


async def _tables(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(
            await connection.fetchval(
                "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            )
        )
    finally:
        await connection.close()


def test_up_down_up_and_no_difference_to_the_models(installation: Installation, tmp_path: Path) -> None:
    urls = asyncio.run(provision(installation.admin_url, installation.folder / "secrets", DATABASE))
    config = alembic_config(urls["wm_migrator"])
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1
    command.upgrade(config, "head")
    command.downgrade(config, "base")
    assert asyncio.run(_tables(installation.admin_url.rpartition("/")[0] + f"/{DATABASE}")) == 1
    command.upgrade(config, "head")
    command.check(config)


async def _datasets_of_before(url: str) -> None:
    """As they were before what counted when was kept: superseded, current and deleted ones of two accounts."""
    connection = await asyncpg.connect(url)
    try:
        for account in (ACCOUNT, OTHER):
            await connection.execute("INSERT INTO chain_heads VALUES ($1, 0, '')", account)
            for dataset, state, day in (
                (SUPERSEDED, "superseded", 1),
                (CURRENT, "accepted", 2),
                (DELETED, "deleting", 3),
            ):
                await connection.execute(DATASET, account, dataset, state, day)
            for event, dataset, kind, state, day in (
                (1, SUPERSEDED, "dataset.superseded", "superseded", 2), (2, DELETED, "dataset.deleted", "deleting", 5),
                (3, DELETED, "dataset.deleted", "deleted", 6),
            ):  # fmt: skip
                await connection.execute(EVENT, account, event, kind, dataset, state, day)
    finally:
        await connection.close()


DATASET = """
  INSERT INTO datasets (account_id, id, kind, facts, state, sha256, bytes, media_type, schema_version, series_break,
    created_by_type, created_at, accepted_at)
  VALUES ($1, $2, 'workforce', '{}', $3, $2::uuid::text, 1, 'text/csv', '1.0', false, 'user', now(),
    '2025-01-01 00:00:00.000700Z'::timestamptz + $4::int * interval '1 day')"""
EVENT = """
  INSERT INTO events (account_id, id, sequence, type, occurred_at, actor_type, subject_type, subject_id, state,
    previous_hash, hash)
  VALUES ($1, gen_random_uuid(), $2, $3, '2025-01-01 00:00:00.000700Z'::timestamptz + $6::int * interval '1 day',
    'user', 'dataset', $4, $5, '', '')"""
COUNTED = """
  SELECT dataset_id::text, counts, extract(day FROM at)::int AS day, extract(microseconds FROM at)::int % 1000 AS rest
  FROM dataset_countings WHERE account_id = $1 ORDER BY dataset_id, at"""


async def _lines(url: str, account: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row.values()) for row in await connection.fetch(COUNTED, account)]
    finally:
        await connection.close()


def test_what_counted_before_there_was_a_history_is_told_from_the_events_of_every_account(
    installation: Installation,
) -> None:
    database = "wm_history"
    urls = asyncio.run(provision(installation.admin_url, installation.folder / "secrets", database))
    config, admin = alembic_config(urls["wm_migrator"]), installation.admin_url.rpartition("/")[0] + f"/{database}"
    command.upgrade(config, "0008")
    asyncio.run(_datasets_of_before(admin))
    command.upgrade(config, "head")
    began, ceased = (True, False)
    for account in (ACCOUNT, OTHER):
        assert asyncio.run(_lines(admin, account)) == [
            (SUPERSEDED, began, 2, 0), (SUPERSEDED, ceased, 3, 0), (CURRENT, began, 3, 0),
            (DELETED, began, 4, 0), (DELETED, ceased, 6, 0),
        ]  # fmt: skip


def test_the_same_bytes_of_two_days_hold_the_way_down_until_one_of_them_goes(installation: Installation) -> None:
    database = "wm_same_bytes"
    urls = asyncio.run(provision(installation.admin_url, installation.folder / "secrets", database))
    config, admin = alembic_config(urls["wm_migrator"]), installation.admin_url.rpartition("/")[0] + f"/{database}"
    command.upgrade(config, "head")
    asyncio.run(_told(admin, "INSERT INTO chain_heads VALUES ($1, 0, '')", ACCOUNT))
    for dataset in (SUPERSEDED, CURRENT):
        asyncio.run(_told(admin, DATASET, ACCOUNT, dataset, "accepted", 1))
    asyncio.run(_told(admin, "UPDATE datasets SET sha256 = 'same', as_of = created_at::date - right(id::text, 1)::int"))
    with pytest.raises(IntegrityError, match="uq_datasets_sha256"):
        command.downgrade(config, "0018")
    asyncio.run(_told(admin, "UPDATE datasets SET state = 'reverted' WHERE id = $1", CURRENT))
    command.downgrade(config, "0018")
    command.upgrade(config, "head")


def test_there_is_no_way_back_past_the_privacy_ledger_once_a_release_has_begun(installation: Installation) -> None:
    database = "wm_ledger"
    urls = asyncio.run(provision(installation.admin_url, installation.folder / "secrets", database))
    config, admin = alembic_config(urls["wm_migrator"]), installation.admin_url.rpartition("/")[0] + f"/{database}"
    command.upgrade(config, "0016")
    asyncio.run(_told(admin, RUN))
    with pytest.raises(DBAPIError, match="no way back"):
        command.downgrade(config, "0015")
    asyncio.run(_told(admin, "UPDATE release_runs SET plan = plan"))  # the table is there still


RUN = """INSERT INTO release_runs (id, name, plan, day, year, number, commitment, started_at, abandoned_at)
  VALUES (gen_random_uuid(), 'contributed-2026', 'score_v1', '2026-11-01', 2026, 1, '', now(), now())"""


async def _told(url: str, statement: str, *values: object) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement, *values)
    finally:
        await connection.close()
