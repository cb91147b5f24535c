"""Routes of /v1/benchmark-releases."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Response, Security

from wm_api.benchmarks import service
from wm_api.benchmarks.schemas import (
    BenchmarkCell,
    BenchmarkCellList,
    BenchmarkRelease,
    BenchmarkReleaseList,
)
from wm_api.core.principal import Principal, Scope
from wm_api.core.web.auth import require
from wm_api.core.web.dependencies import SessionDep
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router

router = new_router("/v1/benchmark-releases", "benchmarks")


@dataclass(frozen=True, slots=True)
class CellFilter:
    """`of_none`: no public statistic is of that region."""

    columns: dict[str, str | None]
    of_none: bool


def cell_filter(
    metric: Annotated[str | None, Query(max_length=60)] = None,
    profile: Annotated[str | None, Query(max_length=20)] = None,
    sector: Annotated[str | None, Query(max_length=4)] = None,
    region: Annotated[str | None, Query(max_length=6)] = None,
    size_band: Annotated[str | None, Query(max_length=20)] = None,
) -> CellFilter:
    columns = {"metric": metric, "profile": profile, "sector": sector, "size_band": size_band}
    return CellFilter(columns, of_none=region is not None)


BenchmarkReader = Annotated[Principal, Security(require, scopes=[Scope.BENCHMARKS_READ])]


@router.get("", operation_id="benchmark_releases_list", summary="List benchmark releases")
async def list_releases(
    _: BenchmarkReader,
    session: SessionDep,
    page: PagingDep,
    response: Response,
    source: Annotated[Literal["public", "contributed"] | None, Query()] = None,
) -> BenchmarkReleaseList:
    """Newest first, each with its sources and licences."""
    rows, next_cursor = await service.list_releases(session, page, source)
    link_next(response, page, next_cursor)
    return BenchmarkReleaseList(data=[BenchmarkRelease.of(row) for row in rows], next_cursor=next_cursor)


@router.get("/{release_id}", operation_id="benchmark_releases_get", summary="Read one release")
async def get_release(release_id: UUID, _: BenchmarkReader, session: SessionDep) -> BenchmarkRelease:
    """With the editions that it is made of: source, licence, hash of the original, label."""
    return BenchmarkRelease.of(await service.get_release(session, release_id))


@router.get("/{release_id}/cells", operation_id="benchmark_cells_list", summary="Read the cells of a release")
async def list_cells(
    release_id: UUID,
    _: BenchmarkReader,
    session: SessionDep,
    page: PagingDep,
    response: Response,
    cells: Annotated[CellFilter, Depends(cell_filter)],
) -> BenchmarkCellList:
    """Quartiles between employers, or a centre only. Of most metrics in profile default; of no region."""
    if cells.of_none:
        await service.get_release(session, release_id)
        return BenchmarkCellList(data=[], next_cursor=None)
    rows, next_cursor = await service.list_cells(session, release_id, cells.columns, page)
    link_next(response, page, next_cursor)
    return BenchmarkCellList(data=[BenchmarkCell.of(row) for row in rows], next_cursor=next_cursor)
