"""Freeze a release of the newest editions; find releases and cells."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.benchmarks.beside import beside
from wm_api.benchmarks.contributed.cells import Published
from wm_api.benchmarks.contributed.plan import OF_METRICS
from wm_api.benchmarks.fallback import FACTS, Found, Place
from wm_api.benchmarks.models import BenchmarkCell, BenchmarkRelease
from wm_api.benchmarks.public_sources import Cell, Edition, cells_of_editions, content_hash, serving
from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.core.paging import Paging, page_of
from wm_api.core.problems import NotFound
from wm_api.editions import service as editions
from wm_api.metrics.service import account_facts

AnyCell = TypeVar("AnyCell", Cell, Published)
LABEL, PUBLIC = "Public reference statistics", "public"
KEPT = 4
FREEZING = 7302
"""Of the advisory lock: one release is frozen at a time."""


@dataclass(frozen=True, slots=True)
class Releases:
    """What companies are compared with: public statistics, and contributed ones once there are any."""

    public: BenchmarkRelease
    contributed: BenchmarkRelease | None = None

    @property
    def ids(self) -> tuple[UUID, UUID | None]:
        return self.public.id, self.contributed.id if self.contributed else None


@dataclass(frozen=True, slots=True)
class Cells:
    """All of both."""

    public: tuple[Cell, ...]
    contributed: tuple[Published, ...] = ()


_kept: dict[tuple[UUID, UUID | None], Cells] = {}


async def freeze(session: AsyncSession) -> tuple[BenchmarkRelease, bool]:
    """The release of the newest edition of every source, and whether it is new: the same content is released once."""
    await session.execute(select(func.pg_advisory_xact_lock(FREEZING)))
    made_of = {
        Edition(**{name: getattr(each.row, name) for name in Edition.__dataclass_fields__}): each.table
        for each in (await editions.chosen(session, serving())).values()
    }
    cells = cells_of_editions(made_of)
    sha256 = content_hash(cells, made_of)
    known = await session.scalar(select(BenchmarkRelease).where(BenchmarkRelease.sha256 == sha256))
    if known is not None:
        return known, False
    release = BenchmarkRelease(
        id=new_id(),
        name=await _next_name(session),
        source=PUBLIC,
        label=LABEL,
        published_at=clock.now(),
        sha256=sha256,
        sources=[each.provenance for each in made_of],
    )
    session.add(release)
    await session.flush()
    await session.execute(
        insert(BenchmarkCell), [{"id": new_id(), "release_id": release.id, **asdict(cell)} for cell in cells]
    )
    return release, True


async def _next_name(session: AsyncSession) -> str:
    """public-YEAR.N, by the year in which it is released."""
    year = f"public-{clock.today().year}."
    numbered = BenchmarkRelease.name.regexp_match(f"^{re.escape(year)}[0-9]+$")
    names = await session.scalars(select(BenchmarkRelease.name).where(numbered))
    return f"{year}{max((int(name.removeprefix(year)) for name in names), default=0) + 1}"


async def latest_releases(session: AsyncSession) -> Releases:
    """The newest of public statistics, and the newest of contributed metrics."""
    public = await _latest(session, BenchmarkRelease.source == PUBLIC)
    if public is None:
        raise NotFound
    return Releases(public, await _latest(session, BenchmarkRelease.plan.in_(OF_METRICS)))


async def _latest(session: AsyncSession, which: ColumnElement[bool]) -> BenchmarkRelease | None:
    rows = select(BenchmarkRelease).where(which).order_by(BenchmarkRelease.published_at.desc(), BenchmarkRelease.id)
    return await session.scalar(rows.limit(1))


async def releases_of(session: AsyncSession, public: UUID, contributed: UUID | None) -> Releases:
    """Raises NotFound."""
    found = await get_release(session, public)
    return Releases(found, await get_release(session, contributed) if contributed else None)


async def cells_of(session: AsyncSession, releases: Releases) -> Cells:
    """Of contributed ones those with quartiles. A release is frozen: a process keeps what it has read."""
    found = _kept.get(releases.ids)
    if found is None:
        _kept[releases.ids] = found = await _read(session, releases)
        for older in [*_kept][:-KEPT]:
            del _kept[older]
    return found


async def _read(session: AsyncSession, releases: Releases) -> Cells:
    of_both = select(BenchmarkCell.__table__).where(BenchmarkCell.release_id.in_(releases.ids))
    rows = (await session.execute(of_both)).all()  # plain rows: there are a thousand, and none is changed
    return Cells(
        tuple(_as(Cell, row) for row in rows if row.release_id == releases.public.id),
        tuple(_as(Published, row) for row in rows if row.release_id != releases.public.id and row.p25 is not None),
    )


def _as(kind: type[AnyCell], row: Row[Any]) -> AnyCell:
    return kind(**{name: getattr(row, name) for name in kind.__dataclass_fields__})


async def beside_of(session: AsyncSession, metric: str) -> tuple[BenchmarkRelease, list[Found]]:
    """Of the newest public release, in the bound account's place."""
    releases = await latest_releases(session)
    account = await account_facts(session)
    place = Place.of({name: getattr(account, name) for name in FACTS})
    cells = await cells_of(session, releases)
    return releases.public, beside(cells.public, metric, account.country, place)


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
