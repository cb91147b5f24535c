"""Routes under /v1/share-grants/{id} for the grantor: what the grantee sees, and who has read."""

from uuid import UUID

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core.principal import ActorType, Principal
from wm_api.core.problems import NotFound
from wm_api.core.web.dependencies import SessionDep
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router
from wm_api.share_grants import models, schemas
from wm_api.share_grants.router.grants import GrantLister
from wm_api.share_grants.service import grants as service
from wm_api.share_grants.service import shared

router = new_router("/v1/share-grants/{grant_id}", "share-grants")


@router.get("/preview", operation_id="share_grants_preview", summary="See what the grantee sees")
async def preview_grant(
    grant_id: UUID, principal: GrantLister, session: SessionDep, page: PagingDep, response: Response
) -> schemas.SharedScoreList:
    """Made by the code that serves the grantee, also while pending."""
    await _own(session, principal, grant_id)
    data, next_cursor = await shared.preview(session, grant_id, page)
    link_next(response, page, next_cursor)
    return schemas.SharedScoreList(data=data, next_cursor=next_cursor)


@router.get("/access-log", operation_id="share_grants_access_log", summary="Who has read")
async def access_log(
    grant_id: UUID, principal: GrantLister, session: SessionDep, page: PagingDep, response: Response
) -> schemas.AccessLog:
    """Every read under this grant, newest first."""
    await _own(session, principal, grant_id)
    rows, next_cursor = await shared.access_log(session, grant_id, page)
    link_next(response, page, next_cursor)
    return schemas.AccessLog(data=[_entry(row) for row in rows], next_cursor=next_cursor)


def _entry(row: models.GrantRead) -> schemas.AccessEntry:
    reader = schemas.Reader(account_id=row.account_id, type=ActorType(row.reader_type), id=row.reader_id)
    return schemas.AccessEntry(
        at=row.at, reader=reader, action=row.action, score_id=row.score_id, status=row.status, network=row.network
    )


async def _own(session: AsyncSession, principal: Principal, grant_id: UUID) -> service.Grant:
    """The other side's part of a grant is not found."""
    grant = await service.get(session, grant_id)
    if grant.row.account_id != principal.account_id:
        raise NotFound
    return grant
