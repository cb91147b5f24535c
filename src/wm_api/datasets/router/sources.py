"""Routes of /v1/sources."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core import clock
from wm_api.core.principal import ActorType
from wm_api.core.schemas import Actor
from wm_api.core.web.declarations import ETAG, LOCATION, declare
from wm_api.core.web.dependencies import ResourcesDep, SessionDep, WriteSession
from wm_api.core.web.etags import IfMatch, check_if_match, etag_of, tagged
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router
from wm_api.datasets import models
from wm_api.datasets import source_schemas as schemas
from wm_api.datasets.auth import DatasetReader, DatasetWriter
from wm_api.datasets.errors import SourceExists, TooManySources
from wm_api.datasets.service import sources as service
from wm_api.datasets.service.datasets import lock_account
from wm_api.datasets.service.drift import shape_of
from wm_api.records.kinds import KindName
from wm_api.records.shape import Shape

router = new_router("/v1/sources", "sources")


def shown(standing: service.Standing) -> schemas.Source:
    row, last = standing.source, standing.last
    return schemas.Source(
        id=row.id,
        name=row.name,
        kind=row.kind,
        cadence=row.cadence,
        grace_days=row.grace_days,
        mapping_version=row.mapping_version,
        last_dataset_id=last.id if last else None,
        last_accepted_at=last.accepted_at if last else None,
        last_shape=_shown_shape(shape_of(last)),
        latest_day=standing.latest_day,
        next_expected_on=standing.expected_on,
        state=standing.state(clock.today()),
        created_at=row.created_at,
        created_by=Actor(type=ActorType(row.created_by_type), id=row.created_by_id),
    )


def _shown_shape(shape: Shape | None) -> schemas.FileShape | None:
    if shape is None:
        return None
    columns = [
        schemas.ShapeColumn(name=each.name, filled=each.filled, codes=each.codes, distinct_codes=each.distinct)
        for each in shape.columns
    ]
    return schemas.FileShape(rows=shape.rows, key_id=shape.key_id, columns=columns)


async def shown_one(session: AsyncSession, source: models.Source) -> schemas.Source:
    return shown((await service.standings(session, [source]))[0])


@router.post(
    "",
    status_code=201,
    operation_id="sources_create",
    summary="Name a source",
    openapi_extra=declare(SourceExists, TooManySources, headers=[LOCATION, ETAG]),
)
async def create_source(
    body: schemas.SourceCreate,
    principal: DatasetWriter,
    resources: ResourcesDep,
    session: WriteSession,
    response: Response,
) -> schemas.Source:
    """One integration. A push names it with `source`; then its files are compared with each other."""
    await lock_account(session)  # of two for the last place one gets it
    row = await service.create(session, principal.actor, body, resources.settings.max_sources)
    made = await shown_one(session, row)
    response.headers["Location"] = f"/v1/sources/{row.id}"
    response.headers["ETag"] = etag_of(made)
    return made


@router.get("", operation_id="sources_list", summary="List sources")
async def list_sources(
    _: DatasetReader,
    session: SessionDep,
    page: PagingDep,
    response: Response,
    kind: Annotated[KindName | None, Query()] = None,
) -> schemas.SourceList:
    """Newest first, each with its last file and when the next is due."""
    rows, next_cursor = await service.list_sources(session, kind, page)
    link_next(response, page, next_cursor)
    data = [shown(each) for each in await service.standings(session, rows)]
    return schemas.SourceList(data=data, next_cursor=next_cursor)


@router.get(
    "/{source_id}",
    operation_id="sources_get",
    summary="Read one source",
    response_model=schemas.Source,
    openapi_extra=declare(headers=[ETAG]),
)
async def get_source(
    source_id: UUID, _: DatasetReader, session: SessionDep, request: Request, response: Response
) -> schemas.Source | Response:
    """Its rhythm, its mapping version, and its last accepted file."""
    return tagged(request, response, await shown_one(session, await service.get(session, source_id)))


@router.patch(
    "/{source_id}",
    operation_id="sources_update",
    summary="Change a source",
    openapi_extra=declare(SourceExists),
)
async def update_source(
    source_id: UUID,
    body: schemas.SourceUpdate,
    principal: DatasetWriter,
    session: WriteSession,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Source:
    """A mapping version that is said here is the one that the next push is compared with."""
    await lock_account(session)  # first, as a push and a commit do
    row = await service.get(session, source_id, lock=True)
    check_if_match(if_match, await shown_one(session, row))
    changed = await shown_one(session, await service.change(session, principal.actor, row, body))
    response.headers["ETag"] = etag_of(changed)
    return changed


@router.delete("/{source_id}", status_code=204, operation_id="sources_delete", summary="Delete a source")
async def delete_source(
    source_id: UUID, principal: DatasetWriter, session: WriteSession, if_match: IfMatch = None
) -> None:
    """Its datasets stay and count as before; the next push that names it is refused."""
    await lock_account(session)  # first, as a push and a commit do
    row = await service.get(session, source_id, lock=True)
    check_if_match(if_match, await shown_one(session, row))
    await service.delete(session, principal.actor, row)
