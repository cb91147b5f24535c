"""Migrations, and what belongs to no account: editions of reference tables and the releases that they make."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from wm_api.benchmarks import service as benchmarks
from wm_api.benchmarks.public_sources import serving
from wm_api.editions import service as editions
from wm_api.references.sources import EditionRefused, Source

LEAST_SHARE = 0.8
"""Of the rows of the edition before: a year in which a source says less than that is rare."""
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
    """The packaged editions, each once, and the release that they make."""
    async with _as_owner(url) as session:
        await editions.load_packaged(session)
        await benchmarks.freeze(session)


async def load_reference(url: str, source: Source, file: Path, edition: str, *, fewer_rows: bool = False) -> list[str]:
    """An edition of an original, and the release that it makes; what was done, in words.

    Raises WrongFile, EditionRefused: then nothing is loaded. `fewer_rows`: the operator has seen that it is whole.
    """
    content = await asyncio.to_thread(file.read_bytes)
    table = await asyncio.to_thread(source.from_original, file, edition)
    async with _as_owner(url) as session:
        if not fewer_rows:
            await _looks_whole(session, source, table.height)
        is_new = await editions.load(session, source, edition, sha256(content).hexdigest(), source.written(table))
        newest = (await editions.newest(session))[source.name].edition
        said = [f"{source.name} {edition}: {'loaded' if is_new else 'was loaded before'}, {table.height} rows."]
        if newest != edition:
            said.append(f"Edition {newest} is newer and stays the one that counts.")
        if source.name in serving():
            release, frozen = await benchmarks.freeze(session)
            said.append(f"Release {release.name} {'is frozen from it' if frozen else 'has it already'}.")
    return said


async def _looks_whole(session: AsyncSession, source: Source, rows: int) -> None:
    """A file that was cut off reads well, and an edition never changes: so a far smaller one is asked of."""
    last = (await editions.newest(session)).get(source.name)
    if last is not None and rows < last.rows * LEAST_SHARE:
        raise EditionRefused(
            f"The file gives {rows} rows, edition {last.edition} has {last.rows}: it looks cut off, or is of a part."
            " Load it whole; if it is, say so with --fewer-rows."
        )


@asynccontextmanager
async def _as_owner(url: str) -> AsyncIterator[AsyncSession]:
    """As wm_migrator acting as the owner, in one transaction."""
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    try:
        async with async_sessionmaker(engine)() as session, session.begin():
            connection = await session.connection()
            await connection.exec_driver_sql("SET LOCAL ROLE wm_owner")
            yield session
    finally:
        await engine.dispose()
