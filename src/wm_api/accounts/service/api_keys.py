"""API keys: shown once, stored as a hash, scoped, expiring."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts.errors import ExpiryTooLong, ScopeNotAllowed, TooManyKeys, expiry_between
from wm_api.accounts.models import ApiKey
from wm_api.accounts.roles import KEY_SCOPES
from wm_api.core import clock, credentials
from wm_api.core.ids import new_id
from wm_api.core.paging import Paging, page_of
from wm_api.core.principal import Principal, Scope
from wm_api.core.problems import NotFound, StateConflict
from wm_api.core.resources import Resources
from wm_api.events import service as events
from wm_api.events.models import EventType

DEFAULT_LIFE, LONGEST_LIFE = timedelta(days=180), timedelta(days=366)


async def make_key(
    session: AsyncSession,
    resources: Resources,
    principal: Principal,
    name: str,
    scopes: Sequence[Scope],
    expires_at: datetime | None,
) -> tuple[ApiKey, str]:
    """A key and its secret. Raises ScopeNotAllowed, ExpiryTooLong, TooManyKeys."""
    if refused := sorted(set(scopes) - (KEY_SCOPES & principal.scopes)):
        raise ScopeNotAllowed(scopes=refused)
    now = clock.now()
    ends = expires_at or now + DEFAULT_LIFE
    if not now < ends <= now + LONGEST_LIFE:
        raise ExpiryTooLong(limit=LONGEST_LIFE.days, errors=[expiry_between(LONGEST_LIFE.days)])
    living = select(func.count()).select_from(ApiKey).where(ApiKey.revoked_at.is_(None), ApiKey.expires_at > now)
    if (await session.scalar(living) or 0) >= resources.settings.max_api_keys:
        raise TooManyKeys(limit=resources.settings.max_api_keys)
    secret = credentials.make(credentials.API_KEY)
    key = ApiKey(
        account_id=principal.owner_id,
        id=new_id(),
        name=name,
        scopes=sorted(set(scopes)),
        hint=secret[-4:],
        secret_hash=credentials.secret_hash(secret, credentials.API_KEY),
        created_by=principal.actor.id,
        created_at=now,
        expires_at=ends,
    )
    session.add(key)
    await session.flush()
    await events.append(session, principal.actor, EventType.API_KEY_CREATED, ("api_key", key.id))
    return key, secret


async def list_keys(session: AsyncSession, page: Paging) -> tuple[Sequence[ApiKey], str | None]:
    return await page_of(session, select(ApiKey), ApiKey.id, page)


async def get_key(session: AsyncSession, key_id: UUID, *, lock: bool = False) -> ApiKey:
    rows = select(ApiKey).where(ApiKey.id == key_id)
    key = await session.scalar(rows.with_for_update() if lock else rows)
    if key is None:
        raise NotFound
    return key


async def revoke_key(session: AsyncSession, principal: Principal, key_id: UUID) -> None:
    """Dead with this answer, on every process."""
    key = await get_key(session, key_id, lock=True)
    if key.revoked_at is not None:
        raise StateConflict(state="revoked", allowed=["active"])
    key.revoked_at = clock.now()
    await session.flush()
    await events.append(session, principal.actor, EventType.API_KEY_REVOKED, ("api_key", key.id))
