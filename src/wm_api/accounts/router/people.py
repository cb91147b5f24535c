"""Routes of /v1/members and /v1/invitations."""

from uuid import UUID

from fastapi import Request, Response

from wm_api.accounts import models, schemas
from wm_api.accounts.auth import MemberAdmin, MemberReader
from wm_api.accounts.service import people
from wm_api.core.principal import ActorType
from wm_api.core.schemas import Actor
from wm_api.core.web.auth import caller
from wm_api.core.web.dependencies import PublicSession, ResourcesDep, SessionDep, WriteSession
from wm_api.core.web.idempotency import made_secret
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router

router = new_router("/v1", "members")


def shown_member(row: tuple[models.Member, models.User]) -> schemas.Member:
    member, user = row
    return schemas.Member(
        user_id=user.id,
        email=user.email,
        name=user.name,
        roles=member.roles,
        joined_at=member.joined_at,
        last_seen_on=member.last_seen_on,
    )


def shown_invitation(row: models.Invitation) -> dict[str, object]:
    return {
        "id": row.id,
        "email": row.email,
        "roles": row.roles,
        "state": row.state,
        "expires_at": row.expires_at,
        "created_at": row.created_at,
        "created_by": Actor(type=ActorType.USER, id=row.created_by),
    }


@router.get("/members", operation_id="members_list", summary="List members")
async def list_members(_: MemberReader, session: SessionDep, page: PagingDep, response: Response) -> schemas.MemberList:
    """The people of the account, newest first."""
    rows, next_cursor = await people.list_members(session, page)
    link_next(response, page, next_cursor)
    return schemas.MemberList(data=[shown_member(row) for row in rows], next_cursor=next_cursor)


@router.patch("/members/{user_id}", operation_id="members_update", summary="Change a member's roles")
async def update_member(
    user_id: UUID, body: schemas.MemberUpdate, principal: MemberAdmin, session: WriteSession
) -> schemas.Member:
    """Only an owner makes or unmakes an owner; the last owner stays. Counts at the next request."""
    return shown_member(await people.change_roles(session, principal, user_id, body.roles))


@router.delete("/members/{user_id}", status_code=204, operation_id="members_remove", summary="Remove a member")
async def remove_member(user_id: UUID, principal: MemberAdmin, session: WriteSession) -> None:
    """Rights end at once."""
    await people.remove_member(session, principal, user_id)


@router.post("/invitations", status_code=201, operation_id="invitations_create", summary="Invite a person")
async def create_invitation(
    body: schemas.InvitationCreate,
    principal: MemberAdmin,
    request: Request,
    resources: ResourcesDep,
    session: WriteSession,
) -> schemas.InvitationMade:
    """The token is shown once; give it to the person. It works once, for 7 days."""
    row, token = await people.invite(session, resources, principal, body.email, body.roles)
    made_secret(request, "invitation", row.id)
    return schemas.InvitationMade.model_validate({**shown_invitation(row), "token": token})


@router.get("/invitations", operation_id="invitations_list", summary="List invitations")
async def list_invitations(
    _: MemberAdmin, session: SessionDep, page: PagingDep, response: Response
) -> schemas.InvitationList:
    """Newest first."""
    rows, next_cursor = await people.list_invitations(session, page)
    link_next(response, page, next_cursor)
    data = [schemas.Invitation.model_validate(shown_invitation(row)) for row in rows]
    return schemas.InvitationList(data=data, next_cursor=next_cursor)


@router.delete(
    "/invitations/{invitation_id}",
    status_code=204,
    operation_id="invitations_withdraw",
    summary="Withdraw an invitation",
)
async def withdraw_invitation(invitation_id: UUID, principal: MemberAdmin, session: WriteSession) -> None:
    """Its link no longer works."""
    await people.withdraw_invitation(session, principal, invitation_id)


@router.post("/invitations/acceptance", operation_id="invitations_accept", summary="Accept an invitation")
async def accept_invitation(
    body: schemas.InvitationAcceptance, request: Request, resources: ResourcesDep, session: PublicSession
) -> schemas.Joined:
    """A new person gives name and password; a person with a login sends their access token with it."""
    signed_in = await caller(request) if "authorization" in request.headers else None
    account, user, roles = await people.accept_invitation(
        session, resources, body.token, body.name, body.password, signed_in.user_id if signed_in else None
    )
    return schemas.Joined(
        account=schemas.Account.model_validate(account), user=schemas.User.model_validate(user), roles=roles
    )
