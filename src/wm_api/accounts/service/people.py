"""Members and invitations."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts.errors import AlreadyMember, LastOwner, LoginFailed
from wm_api.accounts.models import Account, Invitation, InvitationState, Member, User
from wm_api.accounts.roles import Role
from wm_api.accounts.service import accounts, attempts
from wm_api.core import clock, credentials
from wm_api.core.ids import new_id
from wm_api.core.paging import Paging, page_of
from wm_api.core.principal import Principal
from wm_api.core.problems import FieldError, InsufficientRole, LinkExpired, NotFound, StateConflict, ValidationFailed
from wm_api.core.resources import Resources
from wm_api.core.transactions import bind_account, transaction
from wm_api.events import service as events
from wm_api.events.models import EventType


async def list_members(session: AsyncSession, page: Paging) -> tuple[Sequence[tuple[Member, User]], str | None]:
    rows, next_cursor = await page_of(session, select(Member), Member.user_id, page)
    ids = [member.user_id for member in rows]
    users = {user.id: user for user in await session.scalars(select(User).where(User.id.in_(ids)))}
    return [(member, users[member.user_id]) for member in rows], next_cursor


async def get_member(session: AsyncSession, user_id: UUID, *, lock: bool = False) -> tuple[Member, User]:
    rows = select(Member).where(Member.user_id == user_id)
    member = await session.scalar(rows.with_for_update() if lock else rows)
    if member is None:
        raise NotFound
    return member, (await session.scalars(select(User).where(User.id == user_id))).one()


async def change_roles(
    session: AsyncSession, principal: Principal, user_id: UUID, roles: list[Role]
) -> tuple[Member, User]:
    """Only an owner makes or unmakes an owner; the last owner stays."""
    member, user = await get_member(session, user_id, lock=True)
    was_owner, becomes_owner = Role.OWNER in member.roles, Role.OWNER in roles
    if was_owner != becomes_owner:
        _need_owner(principal)
    if was_owner and not becomes_owner:
        await _keep_an_owner(session)
    member.roles = sorted({role.value for role in roles})
    await session.flush()
    await events.append(session, principal.actor, EventType.MEMBER_ROLES_CHANGED, ("user", user_id))
    return member, user


async def remove_member(session: AsyncSession, principal: Principal, user_id: UUID) -> None:
    """Rights end at once: each request reads the membership."""
    member, _ = await get_member(session, user_id, lock=True)
    if Role.OWNER in member.roles:
        _need_owner(principal)
        await _keep_an_owner(session)
    await session.execute(delete(Member).where(Member.user_id == user_id, Member.account_id == principal.owner_id))
    await events.append(session, principal.actor, EventType.MEMBER_REMOVED, ("user", user_id))


def _need_owner(principal: Principal) -> None:
    if Role.OWNER not in principal.roles:
        raise InsufficientRole(required_roles=[Role.OWNER.value])


async def _keep_an_owner(session: AsyncSession) -> None:
    """All owners' rows are locked, so that two cannot leave at once."""
    members = await session.scalars(select(Member).with_for_update())
    if sum(Role.OWNER in member.roles for member in members) <= 1:
        raise LastOwner


async def invite(
    session: AsyncSession, resources: Resources, principal: Principal, email: str, roles: list[Role]
) -> tuple[Invitation, str]:
    """An invitation and its token, which is shown once."""
    if Role.OWNER in roles:
        _need_owner(principal)
    known = select(Member.user_id).join(User, User.id == Member.user_id).where(User.email == email)
    if await session.scalar(known):
        raise AlreadyMember
    account = await accounts.get_account(session, principal.owner_id)
    token, now = credentials.make(credentials.INVITATION), clock.now()
    invitation = Invitation(
        account_id=account.id,
        id=new_id(),
        email=email,
        account_name=account.name,
        roles=sorted({role.value for role in roles}),
        state=InvitationState.PENDING.value,
        secret_hash=credentials.secret_hash(token, credentials.INVITATION),
        created_by=principal.actor.id,
        created_at=now,
        expires_at=now + resources.settings.invitation_lifetime,
    )
    session.add(invitation)
    await session.flush()
    await events.append(session, principal.actor, EventType.MEMBER_INVITED, ("invitation", invitation.id))
    return invitation, token


async def list_invitations(session: AsyncSession, page: Paging) -> tuple[Sequence[Invitation], str | None]:
    return await page_of(session, select(Invitation), Invitation.id, page)


async def get_invitation(session: AsyncSession, invitation_id: UUID) -> Invitation:
    invitation = await session.scalar(select(Invitation).where(Invitation.id == invitation_id))
    if invitation is None:
        raise NotFound
    return invitation


async def withdraw_invitation(session: AsyncSession, principal: Principal, invitation_id: UUID) -> None:
    locked = select(Invitation).where(Invitation.id == invitation_id).with_for_update()
    invitation = await session.scalar(locked, execution_options={"populate_existing": True})
    if invitation is None:
        raise NotFound
    if invitation.state != InvitationState.PENDING:
        raise StateConflict(state=invitation.state, allowed=[InvitationState.PENDING.value])
    invitation.state = InvitationState.WITHDRAWN.value
    await session.flush()
    await events.append(session, principal.actor, EventType.INVITATION_WITHDRAWN, ("invitation", invitation.id))


@dataclass(frozen=True, slots=True)
class Joining:
    """Who accepts which invitation; looked up before the acceptance takes a connection."""

    account_id: UUID
    invitation_id: UUID
    caller_id: UUID | None
    name: str | None
    password_hash: str | None


async def joining(
    resources: Resources, token: str, name: str | None, password: str | None, caller_id: UUID | None
) -> Joining:
    """Raises LinkExpired, PasswordRefused, TemporarilyUnavailable."""
    invitation, known = await _invitation_of(resources, token)
    password_hash = None
    if name is not None and password is not None and not known:
        words = (name, invitation.email, invitation.account_name)
        password_hash = await attempts.hashed(resources, password, words)
    return Joining(invitation.account_id, invitation.id, caller_id, name, password_hash)


async def _invitation_of(resources: Resources, token: str) -> tuple[Invitation, bool]:
    """And whether the invited address has a login already."""
    try:
        secret_hash = credentials.secret_hash(token, credentials.INVITATION)
    except credentials.MalformedCredential as error:
        raise LinkExpired from error
    async with transaction(resources, None, secret_hash=secret_hash) as session:
        found = await session.scalar(select(Invitation).where(Invitation.secret_hash == secret_hash))
        if found is None:
            raise LinkExpired
        known = await session.scalar(select(User.id).where(User.email == found.email))
    return found, known is not None


async def accept_invitation(session: AsyncSession, who: Joining) -> tuple[Account, User, list[str]]:
    """Join once. A new person gives name and password; one with a login signs in first. Raises LinkExpired."""
    await bind_account(session, who.account_id)
    locked = select(Invitation).where(Invitation.id == who.invitation_id).with_for_update()
    invitation = (await session.scalars(locked)).one()
    if invitation.state != InvitationState.PENDING or invitation.expires_at < clock.now():
        raise LinkExpired
    account = await accounts.get_account(session, who.account_id)
    user = await _joining_user(session, invitation, who)
    if await session.scalar(select(Member.user_id).where(Member.user_id == user.id)):
        raise AlreadyMember
    invitation.state = InvitationState.ACCEPTED.value
    await accounts.add_member(session, account, user, [Role(role) for role in invitation.roles])
    return account, user, invitation.roles


async def _joining_user(session: AsyncSession, invitation: Invitation, who: Joining) -> User:
    """The invited address decides: nobody else can use the link."""
    known = await session.scalar(select(User).where(User.email == invitation.email))
    if known is not None:
        if who.caller_id != known.id:
            raise LoginFailed("Sign in as the person who was invited, then accept.")
        return known
    if who.name is None or who.password_hash is None:
        missing = "A new person gives name and password."
        errors = [FieldError("missing", missing, pointer=f"/{field}") for field in ("name", "password")]
        raise ValidationFailed(missing, errors=errors)
    return await accounts.new_user(session, who.name, invitation.email, who.password_hash)
