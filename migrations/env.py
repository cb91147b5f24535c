"""Alembic's environment: as wm_migrator, acting as wm_owner, under timeouts and one advisory lock."""

import asyncio

from alembic import context
from sqlalchemy import pool, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from wm_api.core.settings import Settings
from wm_api.tables import metadata

LOCK = 4_711_002_026
target_metadata = metadata


def database_url() -> str:
    url = context.config.get_main_option("sqlalchemy.url") or ""
    setting = Settings().migration_url
    if not url and setting is not None:
        url = setting.get_secret_value()
    return url.replace("postgresql://", "postgresql+asyncpg://", 1)


def migrate(connection: Connection) -> None:
    connection.execute(text("SET ROLE wm_owner"))
    connection.execute(text("SET lock_timeout = '4s'"))
    connection.execute(text("SET statement_timeout = '60s'"))
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
    connection.commit()
    context.configure(connection=connection, target_metadata=target_metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def migrate_online() -> None:
    engine = create_async_engine(database_url(), poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await engine.dispose()


asyncio.run(migrate_online())
