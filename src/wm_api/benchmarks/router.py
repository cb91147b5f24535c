"""Routes of /v1/benchmark-releases."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response, Security

from wm_api.benchmarks import models, service
from wm_api.core.principal import Principal, Scope
from wm_api.core.schemas import Instant, Output, Page
from wm_api.core.web.auth import require
from wm_api.core.web.dependencies import SessionDep
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router

router = new_router("/v1/benchmark-releases", "benchmarks")
BenchmarkReader = Annotated[Principal, Security(require, scopes=[Scope.BENCHMARKS_READ])]


class ReleaseSource(Output):
    title: str
    url: str
    licence: str
    reference_period: str


class BenchmarkRelease(Output):
    """A frozen set of reference values."""

    id: UUID
    name: str
    source: str
    label: str
    published_at: Instant
    sha256: str
    sources: list[ReleaseSource]

    @classmethod
    def of(cls, row: models.BenchmarkRelease) -> "BenchmarkRelease":
        shown: dict[str, Any] = {name: getattr(row, name) for name in cls.model_fields}
        return cls.model_validate(shown)


class BenchmarkReleaseList(Page):
    data: list[BenchmarkRelease]


class BenchmarkCell(Output):
    """A cell that is not released is absent, not empty."""

    metric: str
    level: str
    sector: str | None
    size_band: str | None
    industry: str | None
    p10: float | None
    p25: float | None
    p50: float | None
    p75: float | None
    p90: float | None
    unit: str
    label: str


class BenchmarkCellList(Page):
    data: list[BenchmarkCell]


@router.get("", operation_id="benchmark_releases_list", summary="List benchmark releases")
async def list_releases(
    _: BenchmarkReader, session: SessionDep, page: PagingDep, response: Response
) -> BenchmarkReleaseList:
    """Newest first, each with its sources and licences."""
    rows, next_cursor = await service.list_releases(session, page)
    link_next(response, page, next_cursor)
    return BenchmarkReleaseList(data=[BenchmarkRelease.of(row) for row in rows], next_cursor=next_cursor)


@router.get("/{release_id}", operation_id="benchmark_releases_get", summary="Read one release")
async def get_release(release_id: UUID, _: BenchmarkReader, session: SessionDep) -> BenchmarkRelease:
    """With sources, licences and hash."""
    return BenchmarkRelease.of(await service.get_release(session, release_id))


@router.get("/{release_id}/cells", operation_id="benchmark_cells_list", summary="Read the cells of a release")
async def list_cells(
    release_id: UUID,
    _: BenchmarkReader,
    session: SessionDep,
    page: PagingDep,
    response: Response,
    metric: Annotated[str | None, Query(max_length=60)] = None,
    sector: Annotated[str | None, Query(max_length=4)] = None,
    size_band: Annotated[str | None, Query(max_length=20)] = None,
) -> BenchmarkCellList:
    """Quartiles between employers, or a centre only."""
    filters = {"metric": metric, "sector": sector, "size_band": size_band}
    rows, next_cursor = await service.list_cells(session, release_id, filters, page)
    link_next(response, page, next_cursor)
    return BenchmarkCellList(data=[BenchmarkCell.model_validate(row) for row in rows], next_cursor=next_cursor)
