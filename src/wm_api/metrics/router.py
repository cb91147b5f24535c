"""Routes of /v1/metrics and /v1/metric-definitions."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response, Security

from wm_api.core.paging import page_of_items
from wm_api.core.principal import Principal, Scope
from wm_api.core.problems import Gone, NotFound, StateConflict
from wm_api.core.web.auth import require
from wm_api.core.web.declarations import declare
from wm_api.core.web.dependencies import SessionDep
from wm_api.core.web.pagination import DaysDep, PagingDep, link_next
from wm_api.core.web.routing import new_router
from wm_api.datasets.service import datasets, holding
from wm_api.datasets.states import WAITS
from wm_api.metrics import breakdown_schemas, breakdown_service, schemas, service, years
from wm_api.metrics.breakdowns import Dimension
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.comparison_schemas import ProfileComparison
from wm_api.metrics.figures import Status

router = new_router("/v1", "metrics")
MetricReader = Annotated[Principal, Security(require, scopes=[Scope.METRICS_READ])]


@router.get("/metric-definitions", operation_id="metric_definitions_list", summary="What is measured")
async def list_definitions(
    page: PagingDep,
    response: Response,
    area: Annotated[str | None, Query(max_length=40)] = None,
    profile: Annotated[str | None, Query(max_length=20)] = None,
) -> schemas.MetricDefinitionList:
    """Formula, unit, least group and source with article of every metric."""
    response.headers["Cache-Control"] = "public, max-age=300"
    found = [each for each in CATALOGUE.values() if area in {None, each.area}]
    found = [each for each in found if profile in {None, *each.profiles}]
    rows, next_cursor = page_of_items(found, page)
    link_next(response, page, next_cursor)
    data = [schemas.MetricDefinition.of(row) for row in rows]
    return schemas.MetricDefinitionList(data=data, next_cursor=next_cursor)


@router.get("/metric-definitions/{key}", operation_id="metric_definitions_get", summary="One metric's definition")
async def get_definition(key: str, response: Response) -> schemas.MetricDefinition:
    """Formula, unit, least group and source."""
    if key not in CATALOGUE:
        raise NotFound
    response.headers["Cache-Control"] = "public, max-age=300"
    return schemas.MetricDefinition.of(CATALOGUE[key])


@router.get("/metrics", operation_id="metrics_list", summary="Read the figures of a day")
async def list_metrics(
    _: MetricReader,
    session: SessionDep,
    page: PagingDep,
    days: DaysDep,
    response: Response,
    metric: Annotated[str | None, Query(max_length=60)] = None,
    profile: Annotated[str | None, Query(max_length=20)] = None,
    as_of: Annotated[date | None, Query(description="Default: the latest day.")] = None,
    status: Annotated[Status | None, Query()] = None,
) -> schemas.MetricValueList:
    """Unrounded; `decimals` says how to print. A status other than ok has value null and a reason."""
    rows, next_cursor = await service.list_values(session, page, metric, profile, as_of, status, days)
    link_next(response, page, next_cursor)
    return schemas.MetricValueList(data=[schemas.MetricValue.of(row) for row in rows], next_cursor=next_cursor)


@router.get("/metrics/breakdowns", operation_id="metric_breakdowns_list", summary="Metrics by entity and region")
async def list_breakdowns(
    _: MetricReader,
    session: SessionDep,
    page: PagingDep,
    days: DaysDep,
    response: Response,
    dimension: Annotated[Dimension | None, Query()] = None,
    metric: Annotated[str | None, Query(max_length=60)] = None,
) -> breakdown_schemas.MetricBreakdownList:
    """Each metric by `establishment_code` and by `work_region`, in profile default; by default of the latest day.

    A group of under 10 people, or under the metric's least group, is `suppressed`, and so are more until nothing small
    follows by subtraction.
    """
    rows, next_cursor = await breakdown_service.list_breakdowns(session, page, dimension, metric, days)
    link_next(response, page, next_cursor)
    data = [breakdown_schemas.MetricBreakdown.of(row) for row in rows]
    return breakdown_schemas.MetricBreakdownList(data=data, next_cursor=next_cursor)


@router.get("/metrics/like-for-like", operation_id="like_for_like_list", summary="What changed over a year")
async def list_like_for_like(
    _: MetricReader,
    session: SessionDep,
    page: PagingDep,
    days: DaysDep,
    response: Response,
    metric: Annotated[str | None, Query(max_length=60)] = None,
) -> breakdown_schemas.LikeForLikeList:
    """Of the people who were there on the day and a year before, 31 days more or less; by default of the latest day.

    `not_reported` where no such day counts, or its employee keys or its perimeter are others.
    """
    rows, next_cursor = await years.list_years(session, page, metric, days)
    link_next(response, page, next_cursor)
    data = [breakdown_schemas.LikeForLike.of(row) for row in rows]
    return breakdown_schemas.LikeForLikeList(data=data, next_cursor=next_cursor)


@router.get(
    "/metrics/{metric}/profiles", operation_id="metrics_compare_profiles", summary="One metric under every profile"
)
async def compare_profiles(
    metric: str,
    _: MetricReader,
    session: SessionDep,
    as_of: Annotated[date | None, Query(description="Default: the latest day.")] = None,
) -> ProfileComparison:
    """The same data side by side, with the reason for each difference: what the profile asks in another way.

    A metric of several parts has them in the groups of each `value`.
    """
    if metric not in CATALOGUE:
        raise NotFound
    return ProfileComparison.of(CATALOGUE[metric], await service.values_by_profile(session, metric, as_of))


@router.get(
    "/datasets/{dataset_id}/preview",
    operation_id="datasets_get_preview",
    summary="What accepting a held dataset would change",
    openapi_extra=declare(Gone, StateConflict),
)
async def get_preview(dataset_id: UUID, _: MetricReader, session: SessionDep) -> schemas.Preview:
    """Of each day that it touches: headcount, and every metric now and if it were accepted. No score is drafted.

    409 for a dataset that was never held, and while the preview is computed. `stale` where the account has moved on.
    """
    row = await datasets.get_dataset(session, dataset_id)
    if row.preview is None:
        why = "It is still being computed." if row.state in WAITS else "It has no preview: it was never held."
        raise StateConflict(why, state=row.state, allowed=["held"])
    return schemas.Preview.model_validate(await holding.preview_of(session, row, row.preview))
