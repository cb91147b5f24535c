"""Route of /v1/coverage."""

from typing import Annotated

from fastapi import Query, Response

from wm_api.core import clock
from wm_api.core.web.dependencies import SessionDep
from wm_api.core.web.pagination import DaysDep, PagingDep, link_next
from wm_api.core.web.routing import new_router
from wm_api.datasets import source_schemas as schemas
from wm_api.datasets.auth import DatasetReader
from wm_api.datasets.calendar import Covered, Entry
from wm_api.datasets.service import coverage as service
from wm_api.datasets.service.sources import Standing
from wm_api.records.kinds import KindName

router = new_router("/v1/coverage", "sources")
SHOWN_IDS = 20


@router.get("", operation_id="coverage_get", summary="What counts now, and what is missing")
async def get_coverage(
    _: DatasetReader,
    session: SessionDep,
    page: PagingDep,
    days: DaysDep,
    response: Response,
    kind: Annotated[KindName | None, Query()] = None,
) -> schemas.Coverage:
    """A calendar: datasets, holes, overlaps; every kind at a glance, and when each source is due."""
    found = await service.coverage(session, kind, days, page)
    link_next(response, page, found.next_cursor)
    return schemas.Coverage(
        kinds=[_kind(each, [one for one in found.covered if one.kind == each]) for each in found.kinds],
        sources=[_due(each) for each in found.standings],
        data=[_entry(each) for each in found.entries],
        next_cursor=found.next_cursor,
    )


def _kind(kind: str, covered: list[Covered]) -> schemas.KindCoverage:
    return schemas.KindCoverage(
        kind=kind,
        state="counted" if covered else "never_sent",
        datasets=len(covered),
        first_day=min((each.first_day for each in covered), default=None),
        last_day=max((each.last_day for each in covered), default=None),
    )


def _due(standing: Standing) -> schemas.SourceDue:
    row = standing.source
    return schemas.SourceDue(
        source_id=row.id,
        name=row.name,
        kind=row.kind,
        cadence=row.cadence,
        next_expected_on=standing.expected_on,
        state=standing.state(clock.today()),
    )


def _entry(entry: Entry) -> schemas.CoverageEntry:
    return schemas.CoverageEntry(
        type=entry.type,
        kind=entry.kind,
        first_day=entry.first_day,
        last_day=entry.last_day,
        reason=entry.reason,
        source_id=entry.source_id,
        dataset_ids=list(entry.dataset_ids[:SHOWN_IDS]),
        dataset_count=len(entry.dataset_ids),
    )
