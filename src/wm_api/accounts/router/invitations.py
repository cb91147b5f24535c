"""Routes of /v1/invitations."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from wm_api.accounts import models, schemas
from wm_api.accounts.auth import MemberAdmin
from wm_api.accounts.errors import AlreadyMember, EmailInUse, LoginFailed, PasswordRefused, SessionEnded
from wm_api.accounts.service import people
from wm_api.core import clock
from wm_api.core.principal import ActorType
from wm_api.core.problems import (
    AccountNotAllowed,
    LinkExpired,
    SecretNotReplayable,
    StateConflict,
    TokenExpired,
    TokenInvalid,
    TokenMalformed,
)
from wm_api.core.schemas import Actor
from wm_api.core.web.auth import caller
from wm_api.core.web.declarations import ETAG, LOCATION, declare
from wm_api.core.web.dependencies import PublicSession, ResourcesDep, SessionDep, WriteSession
from wm_api.core.web.etags import IfMatch, check_if_match, tagged
from wm_api.core.web.idempotency import made_secret
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router

router = new_router("/v1/invitations", "members")
CREDENTIAL = (TokenMalformed, TokenExpired, TokenInvalid, SessionEnded, AccountNotAllowed)
"""What a caller's own access token can be refused with, where it is not needed but may come."""


def shown(row: models.Invitation) -> schemas.Invitation:
    over = row.state == models.InvitationState.PENDING and row.expires_at < clock.now()
    return schemas.Invitation(
        id=row.id,
        email=row.email,
        roles=row.roles,
        state=models.InvitationState.EXPIRED if over else models.InvitationState(row.state),
        expires_at=row.expires_at,
        created_at=row.created_at,
        created_by=Actor(type=ActorType.USER, id=row.created_by),
    )


@router.post(
    "",
    status_code=201,
    operation_id="invitations_create",
    summary="Invite a person",
    openapi_extra=declare(AlreadyMember, SecretNotReplayable, headers=[LOCATION]),
)
async def create_invitation(
    body: schemas.InvitationCreate,
    principal: MemberAdmin,
    request: Request,
    resources: ResourcesDep,
    session: WriteSession,
    response: Response,
) -> schemas.InvitationMade:
    """The token is shown once; give it to the person. It works once, for 7 days."""
    row, token = await people.invite(session, resources, principal, body.email, body.roles)
    made_secret(request, "invitation", row.id)
    response.headers["Location"] = f"/v1/invitations/{row.id}"
    response.headers["Cache-Control"] = "no-store"
    return schemas.InvitationMade(**dict(shown(row)), token=token)


@router.get("", operation_id="invitations_list", summary="List invitations")
async def list_invitations(
    _: MemberAdmin, session: SessionDep, page: PagingDep, response: Response
) -> schemas.InvitationList:
    """Newest first."""
    rows, next_cursor = await people.list_invitations(session, page)
    link_next(response, page, next_cursor)
    return schemas.InvitationList(data=[shown(row) for row in rows], next_cursor=next_cursor)


@router.get(
    "/{invitation_id}",
    operation_id="invitations_get",
    summary="Read one invitation",
    response_model=schemas.Invitation,
    openapi_extra=declare(headers=[ETAG]),
)
async def get_invitation(
    invitation_id: UUID, _: MemberAdmin, session: SessionDep, request: Request, response: Response
) -> schemas.Invitation | Response:
    """Without its token."""
    return tagged(request, response, shown(await people.get_invitation(session, invitation_id)))


@router.delete(
    "/{invitation_id}",
    status_code=204,
    operation_id="invitations_withdraw",
    summary="Withdraw an invitation",
    openapi_extra=declare(StateConflict),
)
async def withdraw_invitation(
    invitation_id: UUID, principal: MemberAdmin, session: WriteSession, if_match: IfMatch = None
) -> None:
    """Its link no longer works."""
    check_if_match(if_match, shown(await people.get_invitation(session, invitation_id)))
    await people.withdraw_invitation(session, principal, invitation_id)


async def joining(body: schemas.InvitationAcceptance, request: Request, resources: ResourcesDep) -> people.Joining:
    """Stands before the session, as its look-ups and hashing wait."""
    signed_in = await caller(request) if "authorization" in request.headers else None
    caller_id = signed_in.user_id if signed_in else None
    return await people.joining(resources, body.token, body.name, body.password, caller_id)


@router.post(
    "/acceptance",
    operation_id="invitations_accept",
    summary="Accept an invitation",
    openapi_extra=declare(LinkExpired, LoginFailed, AlreadyMember, EmailInUse, PasswordRefused, *CREDENTIAL),
)
async def accept_invitation(who: Annotated[people.Joining, Depends(joining)], session: PublicSession) -> schemas.Joined:
    """A new person gives name and password; a person with a login sends their access token with it."""
    account, user, roles = await people.accept_invitation(session, who)
    return schemas.Joined(
        account=schemas.Account.model_validate(account), user=schemas.User.model_validate(user), roles=roles
    )
