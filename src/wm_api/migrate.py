"""Migrations and the packaged reference release."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from wm_api.benchmarks.service import load_packaged

FOLDER = Path(__file__).resolve().parents[2] / "migrations"


def alembic_config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.set_main_option("prepend_sys_path", str(FOLDER.parent))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Up to a revision, as wm_migrator."""
    command.upgrade(alembic_config(url), revision)


async def load_references(url: str) -> None:
    """The packaged reference release, once; as wm_migrator acting as the owner."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    async with async_sessionmaker(engine)() as session, session.begin():
        connection = await session.connection()
        await connection.exec_driver_sql("SET LOCAL ROLE wm_owner")
        await load_packaged(session)
    await engine.dispose()
