"""Load the packaged release once; find releases and cells."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.benchmarks.models import BenchmarkCell, BenchmarkRelease
from wm_api.benchmarks.public_sources import Cell, packaged_release
from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.core.paging import Paging, page_of
from wm_api.core.problems import NotFound

LABEL = "Public reference statistics"


async def load_packaged(session: AsyncSession) -> BenchmarkRelease:
    """Idempotent: the release of this name is made once and never changed."""
    packaged = packaged_release()
    values = {
        "id": new_id(),
        "name": packaged.name,
        "source": "public",
        "label": LABEL,
        "published_at": clock.now(),
        "sha256": packaged.sha256,
        "sources": [asdict(source) for source in packaged.sources],
    }
    made = insert(BenchmarkRelease).values(values).on_conflict_do_nothing(index_elements=["name"])
    release_id = await session.scalar(made.returning(BenchmarkRelease.id))
    if release_id is not None:
        rows = [{"id": new_id(), "release_id": release_id, **asdict(cell)} for cell in packaged.cells]
        await session.execute(insert(BenchmarkCell), rows)
    return await latest_release(session)


async def latest_release(session: AsyncSession) -> BenchmarkRelease:
    newest = select(BenchmarkRelease).order_by(BenchmarkRelease.published_at.desc()).limit(1)
    release = await session.scalar(newest)
    if release is None:
        raise NotFound
    return release


async def cells_of(session: AsyncSession, release_id: UUID) -> tuple[Cell, ...]:
    rows = await session.scalars(select(BenchmarkCell).where(BenchmarkCell.release_id == release_id))
    return tuple(Cell(**{name: getattr(row, name) for name in Cell.__dataclass_fields__}) for row in rows)


async def list_releases(
    session: AsyncSession, page: Paging, source: str | None = None
) -> tuple[Sequence[BenchmarkRelease], str | None]:
    rows = select(BenchmarkRelease)
    if source is not None:
        rows = rows.where(BenchmarkRelease.source == source)
    return await page_of(session, rows, BenchmarkRelease.id, page)


async def get_release(session: AsyncSession, release_id: UUID) -> BenchmarkRelease:
    release = await session.scalar(select(BenchmarkRelease).where(BenchmarkRelease.id == release_id))
    if release is None:
        raise NotFound
    return release


async def list_cells(
    session: AsyncSession, release_id: UUID, filters: dict[str, str | None], page: Paging
) -> tuple[Sequence[BenchmarkCell], str | None]:
    await get_release(session, release_id)
    rows = select(BenchmarkCell).where(BenchmarkCell.release_id == release_id)
    for name, value in filters.items():
        if value is not None:
            rows = rows.where(getattr(BenchmarkCell, name) == value)
    return await page_of(session, rows, BenchmarkCell.id, page)
