"""Routes of /v1/members."""

from uuid import UUID

from fastapi import Request, Response

from wm_api.accounts import models, schemas
from wm_api.accounts.auth import MemberAdmin, MemberReader
from wm_api.accounts.errors import LastOwner
from wm_api.accounts.service import people
from wm_api.core.web.declarations import ETAG, declare
from wm_api.core.web.dependencies import SessionDep, WriteSession
from wm_api.core.web.etags import IfMatch, check_if_match, etag_of, tagged
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router

router = new_router("/v1/members", "members")


def shown(row: tuple[models.Member, models.User]) -> schemas.Member:
    member, user = row
    return schemas.Member(
        user_id=user.id,
        email=user.email,
        name=user.name,
        roles=member.roles,
        joined_at=member.joined_at,
        last_seen_on=member.last_seen_on,
    )


@router.get("", operation_id="members_list", summary="List members")
async def list_members(_: MemberReader, session: SessionDep, page: PagingDep, response: Response) -> schemas.MemberList:
    """The people of the account, newest first."""
    rows, next_cursor = await people.list_members(session, page)
    link_next(response, page, next_cursor)
    return schemas.MemberList(data=[shown(row) for row in rows], next_cursor=next_cursor)


@router.get(
    "/{user_id}",
    operation_id="members_get",
    summary="Read one member",
    response_model=schemas.Member,
    openapi_extra=declare(headers=[ETAG]),
)
async def get_member(
    user_id: UUID, _: MemberReader, session: SessionDep, request: Request, response: Response
) -> schemas.Member | Response:
    """With roles; the ETag goes into If-Match of a change."""
    return tagged(request, response, shown(await people.get_member(session, user_id)))


@router.patch(
    "/{user_id}", operation_id="members_update", summary="Change a member's roles", openapi_extra=declare(LastOwner)
)
async def update_member(
    user_id: UUID,
    body: schemas.MemberUpdate,
    principal: MemberAdmin,
    session: WriteSession,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Member:
    """Only an owner makes or unmakes an owner; the last owner stays. Counts at the next request."""
    check_if_match(if_match, shown(await people.get_member(session, user_id, lock=True)))
    changed = shown(await people.change_roles(session, principal, user_id, body.roles))
    response.headers["ETag"] = etag_of(changed)
    return changed


@router.delete(
    "/{user_id}",
    status_code=204,
    operation_id="members_remove",
    summary="Remove a member",
    openapi_extra=declare(LastOwner),
)
async def remove_member(user_id: UUID, principal: MemberAdmin, session: WriteSession, if_match: IfMatch = None) -> None:
    """Rights end at once."""
    check_if_match(if_match, shown(await people.get_member(session, user_id, lock=True)))
    await people.remove_member(session, principal, user_id)
