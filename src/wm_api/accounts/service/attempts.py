"""Passwords given by callers: checked, counted and hashed before a write begins.

Hashing waits in a queue. A write that held its connection meanwhile would keep it from everybody else.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts.errors import LoginFailed, PasswordRefused, TooManyAttempts
from wm_api.accounts.models import LoginFailure, User
from wm_api.core import clock
from wm_api.core.passwords import Busy, acceptable
from wm_api.core.problems import TemporarilyUnavailable
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction


@dataclass(frozen=True, slots=True)
class ChangedPassword:
    """`proved`: the stored hash that the current password matched; None where it did not."""

    throttle_key: bytes
    proved: str | None
    new_hash: str


async def prove(resources: Resources, email: str, password: str, network: str) -> User:
    """The same answer and time for an unknown address. Raises LoginFailed, TooManyAttempts, TemporarilyUnavailable."""
    key = _throttle_key(resources, email, network)
    async with transaction(resources, None) as session:
        await _check_throttle(session, resources, key)
        user = await session.scalar(select(User).where(User.email == email))
    if not await _matches(resources, password, user) or user is None:
        async with transaction(resources, None) as session:  # of its own: the count outlives the refusal
            await count_failure(session, resources, key)
        raise LoginFailed
    return user


async def prove_change(resources: Resources, user_id: UUID, current: str, new: str, network: str) -> ChangedPassword:
    """A wrong current password is said, not raised: the answer of a replay goes before. Raises PasswordRefused."""
    async with transaction(resources, None) as session:
        user = (await session.scalars(select(User).where(User.id == user_id))).one()
        key = _throttle_key(resources, user.email, network)
        await _check_throttle(session, resources, key)
    if not await _matches(resources, current, user):
        return ChangedPassword(key, None, "")
    return ChangedPassword(key, user.password_hash, await hashed(resources, new, (user.name, user.email)))


async def hashed(resources: Resources, password: str, own_words: Iterable[str]) -> str:
    """What is stored of a new password. Raises PasswordRefused, TemporarilyUnavailable."""
    if not acceptable(password, own_words):
        raise PasswordRefused
    try:
        return await resources.passwords.hash(password)
    except Busy as error:
        raise TemporarilyUnavailable(headers={"Retry-After": "2"}) from error


async def count_failure(session: AsyncSession, resources: Resources, key: bytes) -> None:
    values = {"key_hash": key, "window_start": _window(resources), "failures": 1}
    one = insert(LoginFailure).values(**values)
    more = {"failures": LoginFailure.failures + 1}
    await session.execute(one.on_conflict_do_update(index_elements=["key_hash", "window_start"], set_=more))


async def _matches(resources: Resources, password: str, user: User | None) -> bool:
    try:
        return await resources.passwords.verify(password, user.password_hash if user else None)
    except Busy as error:
        raise TemporarilyUnavailable(headers={"Retry-After": "2"}) from error


def _throttle_key(resources: Resources, email: str, network: str) -> bytes:
    return hmac.digest(resources.secrets.throttle, f"{email}\0{network}".encode(), "sha256")


def _window(resources: Resources) -> datetime:
    length = resources.settings.login_window.total_seconds()
    return datetime.fromtimestamp(clock.now().timestamp() // length * length, tz=clock.now().tzinfo)


async def _check_throttle(session: AsyncSession, resources: Resources, key: bytes) -> None:
    recent = LoginFailure.window_start >= _window(resources) - resources.settings.login_window
    total = select(func.sum(LoginFailure.failures)).where(LoginFailure.key_hash == key, recent)
    if (await session.scalar(total) or 0) >= resources.settings.login_failures:
        seconds = int(resources.settings.login_window.total_seconds())
        raise TooManyAttempts(headers={"Retry-After": str(seconds)}, violated_policies=["auth"])
