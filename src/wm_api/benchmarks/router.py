"""Routes of /v1/benchmark-releases."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Response, Security

from wm_api.benchmarks import service
from wm_api.benchmarks.schemas import (
    BenchmarkBeside,
    BenchmarkCell,
    BenchmarkCellList,
    BenchmarkRelease,
    BenchmarkReleaseList,
    ReferenceBeside,
)
from wm_api.core.principal import Principal, Scope
from wm_api.core.problems import NotFound
from wm_api.core.web.auth import require
from wm_api.core.web.dependencies import SessionDep
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router
from wm_api.metrics.catalogue import CATALOGUE

router = new_router("/v1/benchmark-releases", "benchmarks")


def cell_filter(
    metric: Annotated[str | None, Query(max_length=60)] = None,
    profile: Annotated[str | None, Query(max_length=20)] = None,
    sector: Annotated[str | None, Query(max_length=4)] = None,
    region: Annotated[str | None, Query(max_length=6)] = None,
    size_band: Annotated[str | None, Query(max_length=20)] = None,
) -> dict[str, str | None]:
    return {"metric": metric, "profile": profile, "sector": sector, "region": region, "size_band": size_band}


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


@router.get("/latest/{metric}/beside", operation_id="benchmark_beside_get", summary="Public figures beside a metric")
async def get_beside(metric: str, _: BenchmarkReader, session: SessionDep) -> BenchmarkBeside:
    """What the newest public release says of a metric's parts in the account's place. It counts in no score.

    The first cell that exists of industry x ownership, ownership, all; empty where none is of the metric or country.
    """
    if metric not in CATALOGUE:
        raise NotFound
    release, found = await service.beside_of(session, metric)
    data = [ReferenceBeside.of(each) for each in found]
    return BenchmarkBeside(metric=metric, benchmark_release_id=release.id, data=data)


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
    cells: Annotated[dict[str, str | None], Depends(cell_filter)],
) -> BenchmarkCellList:
    """Quartiles between employers, or a centre only. Public statistics are of no region, most of profile default.

    Contributed ones carry the band of their number of groups and what each value may be off by.
    """
    rows, next_cursor = await service.list_cells(session, release_id, cells, page)
    link_next(response, page, next_cursor)
    return BenchmarkCellList(data=[BenchmarkCell.of(row) for row in rows], next_cursor=next_cursor)
