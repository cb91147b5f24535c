"""Migrations go up, down and up again, and agree with the models."""

import asyncio
from pathlib import Path

import asyncpg
from alembic import command
from alembic.script import ScriptDirectory

from wm_api.core.provision import provision
from wm_api.dev import Installation
from wm_api.migrate import alembic_config

DATABASE = "wm_migrations"


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
