"""From a token to a principal; each request reads the session, membership, key or grant row anew."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Security
from sqlalchemy import select, update

from wm_api.accounts.errors import SessionEnded
from wm_api.accounts.models import ApiKey, Member, Session
from wm_api.accounts.roles import scopes_of
from wm_api.core import clock, credentials, tokens
from wm_api.core.principal import SYSTEM, Actor, ActorType, Principal, Scope
from wm_api.core.problems import AccountNotAllowed, Problem, TokenExpired, TokenInvalid, TokenMalformed
from wm_api.core.resources import Resources
from wm_api.core.transactions import bind_account, transaction
from wm_api.core.web.auth import any_credential, any_person, require, require_person
from wm_api.events import service as events
from wm_api.events.models import EventType

LONGEST = timedelta(minutes=10)
REFUSALS: dict[str, type[Problem]] = {
    "token-malformed": TokenMalformed,
    "token-expired": TokenExpired,
    "token-invalid": TokenInvalid,
}
CHALLENGE = {"WWW-Authenticate": 'Bearer error="invalid_token"'}

AccountReader = Annotated[Principal, Security(require, scopes=[Scope.ACCOUNT_READ])]
AccountWriter = Annotated[Principal, Security(require_person, scopes=[Scope.ACCOUNT_WRITE])]
MemberReader = Annotated[Principal, Security(require_person, scopes=[Scope.MEMBERS_READ])]
MemberAdmin = Annotated[Principal, Security(require_person, scopes=[Scope.MEMBERS_WRITE])]
KeyReader = Annotated[Principal, Security(require_person, scopes=[Scope.KEYS_READ])]
KeyAdmin = Annotated[Principal, Security(require_person, scopes=[Scope.KEYS_WRITE])]
Person = Annotated[Principal, Depends(any_person)]
AnyCredential = Annotated[Principal, Depends(any_credential)]


async def authenticate(resources: Resources, token: str, account: str | None) -> Principal:
    """Raises a 401 problem for anything that is not a living credential."""
    if token.startswith("wm"):
        return await _api_key(resources, token)
    settings = resources.settings
    shared = f"{settings.audience}/shared"
    try:
        claims = tokens.verify(
            resources.signing_keys,
            token,
            kind=tokens.ACCESS,
            audiences=(settings.audience, shared),
            issuer=settings.public_url,
            longest=LONGEST,
        )
        subject = UUID(claims["sub"])
        if claims["aud"] == shared:
            principal = _grantee(claims, subject)
        else:
            principal = await _user(resources, subject, UUID(claims["sid"]), account)
    except tokens.TokenRefused as refused:
        raise REFUSALS[refused.code](headers=CHALLENGE) from refused
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise TokenInvalid(headers=CHALLENGE) from error
    issued, expires = (datetime.fromtimestamp(claims[name], tz=UTC) for name in ("iat", "exp"))
    return replace(principal, issued_at=issued, expires_at=expires)


def _grantee(claims: dict[str, Any], account_id: UUID) -> Principal:
    """The token names a grant; the row decides in the read's own transaction."""
    actor = Actor(ActorType.GRANTEE, UUID(claims["act"]["id"]))
    grant_id = UUID(claims["grant"])
    return Principal(actor, account_id, frozenset({Scope.SHARED_READ}), share_grant_id=grant_id, claims=claims)


async def _user(resources: Resources, user_id: UUID, session_id: UUID, account: str | None) -> Principal:
    async with transaction(resources, None, user_id=user_id) as session:
        row = await session.scalar(select(Session).where(Session.id == session_id, Session.user_id == user_id))
        members = (await session.scalars(select(Member).where(Member.user_id == user_id))).all()
    if row is None:
        raise TokenInvalid(headers=CHALLENGE)
    if row.ended_at is not None or min(row.idle_until, row.absolute_until) < clock.now():
        raise SessionEnded(headers=CHALLENGE)
    member = _chosen(members, account)
    actor = Actor(ActorType.USER, user_id)
    if member is None:
        return Principal(actor, None, frozenset(), user_id=user_id, session_id=session_id, memberships=len(members))
    roles = tuple(member.roles)
    return Principal(actor, member.account_id, scopes_of(roles), roles, user_id, session_id)


def _chosen(members: Sequence[Member], account: str | None) -> Member | None:
    """The account of the header, or the only one. Not a member and not there are the same answer."""
    by_id = {str(member.account_id): member for member in members}
    if account is not None:
        if account.lower() not in by_id:
            raise AccountNotAllowed
        return by_id[account.lower()]
    return next(iter(by_id.values())) if len(by_id) == 1 else None


async def _api_key(resources: Resources, token: str) -> Principal:
    try:
        secret_hash = credentials.secret_hash(token, credentials.API_KEY)
    except credentials.MalformedCredential as error:
        raise TokenMalformed(headers=CHALLENGE) from error
    now = clock.now()
    async with transaction(resources, None, secret_hash=secret_hash) as session:
        key = await session.scalar(select(ApiKey).where(ApiKey.secret_hash == secret_hash))
        if key is None or key.revoked_at is not None:
            raise TokenInvalid(headers=CHALLENGE)
        if key.expires_at < now:
            raise TokenExpired(headers=CHALLENGE)
        if key.last_used_on != now.date():
            await bind_account(session, key.account_id)
            await session.execute(update(ApiKey).where(ApiKey.id == key.id).values(last_used_on=now.date()))
    scopes = frozenset(Scope(scope) for scope in key.scopes)
    actor = Actor(ActorType.API_KEY, key.id)
    return Principal(actor, key.account_id, scopes, issued_at=key.created_at, expires_at=key.expires_at)


async def note_exposed(resources: Resources, token: str) -> None:
    """An API key came in an address: its account's log says so. Anything else leaves no line."""
    try:
        secret_hash = credentials.secret_hash(token, credentials.API_KEY)
    except credentials.MalformedCredential:
        return
    async with transaction(resources, None, secret_hash=secret_hash) as session:
        key = await session.scalar(select(ApiKey).where(ApiKey.secret_hash == secret_hash))
        if key is not None:
            await bind_account(session, key.account_id)
            await events.append(session, SYSTEM, EventType.API_KEY_EXPOSED, ("api_key", key.id))
