"""Sessions of people: begun, refreshed by rotating tokens with reuse detection, ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts.errors import SessionEnded
from wm_api.accounts.models import Member, Session, SpentToken, User
from wm_api.accounts.service.attempts import ChangedPassword
from wm_api.core import clock, credentials, tokens
from wm_api.core.ids import new_id
from wm_api.core.principal import Actor, ActorType
from wm_api.core.problems import TokenExpired, TokenInvalid, TokenMalformed
from wm_api.core.resources import Resources
from wm_api.core.transactions import bind_account, bound_as
from wm_api.events import service as events
from wm_api.events.models import EventType

SAME_SUCCESSOR = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class SignedIn:
    session: Session
    user: User
    refresh_token: str
    memberships: Sequence[Member]


def access_token(resources: Resources, session: Session) -> str:
    """ES256, 10 minutes, nothing personal in it."""
    settings, now = resources.settings, int(clock.now().timestamp())
    claims = {
        "iss": settings.public_url,
        "aud": settings.audience,
        "sub": str(session.user_id),
        "sid": str(session.id),
        "jti": str(new_id()),
        "iat": now,
        "exp": now + int(settings.access_token_lifetime.total_seconds()),
    }
    return tokens.issue(resources.signing_keys, tokens.ACCESS, claims)


async def memberships_of(session: AsyncSession, user_id: UUID) -> Sequence[Member]:
    """In all accounts of the user."""
    async with bound_as(session, user_id=user_id):
        mine = select(Member).where(Member.user_id == user_id).order_by(Member.account_id)
        return (await session.scalars(mine)).all()


async def sign_in(session: AsyncSession, resources: Resources, user: User) -> SignedIn:
    """A session for a person whose password was proved (attempts.prove)."""
    refresh_token = credentials.make(credentials.REFRESH)
    now = clock.now()
    row = Session(
        id=new_id(),
        user_id=user.id,
        current_hash=credentials.secret_hash(refresh_token, credentials.REFRESH),
        created_at=now,
        idle_until=now + resources.settings.refresh_idle,
        absolute_until=now + resources.settings.refresh_absolute,
    )
    session.add(row)
    await session.flush()
    memberships = await memberships_of(session, user.id)
    await _tell_accounts(session, memberships, row, EventType.SESSION_CREATED)
    return SignedIn(row, user, refresh_token, memberships)


async def _tell_accounts(session: AsyncSession, memberships: Sequence[Member], row: Session, act: EventType) -> None:
    """One line in the chain of each account of the user, in a fixed order so that two never wait for each other."""
    await session.flush()
    for member in memberships:
        await bind_account(session, member.account_id)
        mine = (Member.account_id == member.account_id, Member.user_id == row.user_id)
        await session.execute(update(Member).where(*mine).values(last_seen_on=clock.today()))
        await events.append(session, Actor(ActorType.USER, row.user_id), act, ("session", row.id))


async def refresh(session: AsyncSession, resources: Resources, refresh_token: str) -> SignedIn | SessionEnded:
    """One living successor, whatever happens at once. A spent token that comes back later ends the session.

    The ended session is returned, not raised, so that its end is committed.
    """
    try:
        secret_hash = credentials.secret_hash(refresh_token, credentials.REFRESH)
    except credentials.MalformedCredential as error:
        raise TokenMalformed from error
    successor = credentials.successor(refresh_token, resources.secrets.refresh)
    successor_hash = credentials.secret_hash(successor, credentials.REFRESH)
    row = await _locked_session(session, secret_hash)
    now = clock.now()
    if row.ended_at is not None:
        raise SessionEnded
    if min(row.idle_until, row.absolute_until) < now:
        raise TokenExpired
    if row.current_hash == secret_hash:
        session.add(SpentToken(secret_hash=secret_hash, session_id=row.id, successor_hash=successor_hash))
        row.current_hash, row.rotated_at = successor_hash, now
        row.idle_until = min(now + resources.settings.refresh_idle, row.absolute_until)
    elif row.current_hash != successor_hash or row.rotated_at is None or row.rotated_at + SAME_SUCCESSOR < now:
        row.ended_at = now
        await _tell_accounts(session, await memberships_of(session, row.user_id), row, EventType.SESSION_REUSE_DETECTED)
        return SessionEnded()
    await session.flush()
    user = (await session.scalars(select(User).where(User.id == row.user_id))).one()
    return SignedIn(row, user, successor, await memberships_of(session, user.id))


async def _locked_session(session: AsyncSession, secret_hash: bytes) -> Session:
    """The session of a living or spent token, locked; the lock decides which of many refreshes comes first."""
    spent = select(SpentToken.session_id).where(SpentToken.secret_hash == secret_hash)
    living = select(Session.id).where(Session.current_hash == secret_hash)
    session_id = await session.scalar(living) or await session.scalar(spent)
    if session_id is None:
        raise TokenInvalid
    locked = select(Session).where(Session.id == session_id).with_for_update()
    return (await session.scalars(locked, execution_options={"populate_existing": True})).one()


async def sign_out(session: AsyncSession, session_id: UUID, memberships: Sequence[Member]) -> None:
    row = (await session.scalars(select(Session).where(Session.id == session_id))).one()
    row.ended_at = clock.now()
    await _tell_accounts(session, memberships, row, EventType.SESSION_ENDED)


async def change_password(session: AsyncSession, user_id: UUID, session_id: UUID, change: ChangedPassword) -> bool:
    """All other sessions of the user end. False where the current password is another."""
    locked = select(User).where(User.id == user_id).with_for_update()
    user = (await session.scalars(locked)).one()
    if user.password_hash != change.proved:
        return False
    user.password_hash = change.new_hash
    others = (Session.user_id == user_id, Session.id != session_id, Session.ended_at.is_(None))
    await session.execute(update(Session).where(*others).values(ended_at=clock.now()))
    row = (await session.scalars(select(Session).where(Session.id == session_id))).one()
    memberships = await memberships_of(session, user_id)
    await _tell_accounts(session, memberships, row, EventType.USER_PASSWORD_CHANGED)
    return True
