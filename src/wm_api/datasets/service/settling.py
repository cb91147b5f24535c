"""What is compared before it counts: outside of every transaction, then settled under the account's lock."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core.problems import Problem
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.service.datasets import lock_account

ROUNDS = 5


class Seen(Protocol):
    """What is compared, as it was at one moment."""

    @property
    def ids(self) -> frozenset[UUID]:
        """The datasets that it rests on: while these are the same, so is what comes of it."""


S = TypeVar("S", bound=Seen)
T = TypeVar("T")
R = TypeVar("R")
Begun = Callable[[], AbstractAsyncContextManager[AsyncSession]]


class Unsettled(Problem):
    status, code, title = 503, "temporarily-unavailable", "Try again shortly"
    meaning = "The data of the account that this rests on kept changing."
    remedy = "Push again when the other pushes have ended."
    retryable = True


class _Moved(Exception):  # noqa: N818 - no error: what counts is not what was seen
    pass


async def settled(
    resources: Resources,
    account_id: UUID,
    begun: Begun,
    see: Callable[[AsyncSession], Awaitable[S]],
    compare: Callable[[S], Awaitable[T]],
    act: Callable[[AsyncSession, T], Awaitable[R]],
    *,
    however_long: bool = False,
) -> R:
    """What `act` answers, in the transaction that `begun` opens and on a locked account, where what was compared holds.

    While it compares no transaction is open and nothing is locked (decision 35). Where others came meanwhile it begins
    again; after some rounds it compares under the lock, so that it ends also where others never cease. Raises Unsettled
    where that takes longer than the database lets a transaction idle, TemporarilyUnavailable where no slot is free.
    """
    for _ in range(ROUNDS):
        seen, found = await looked(resources, account_id, see, compare, however_long=however_long)
        with suppress(_Moved):
            async with begun() as session:
                await lock_account(session)
                if (await see(session)).ids != seen.ids:
                    raise _Moved
                return await act(session, found)
    async with resources.sandboxes.taken(account_id, however_long=however_long), begun() as session:
        await lock_account(session)
        return await act(session, await _in_time(resources, compare(await see(session))))


async def looked(
    resources: Resources,
    account_id: UUID,
    see: Callable[[AsyncSession], Awaitable[S]],
    compare: Callable[[S], Awaitable[T]],
    *,
    however_long: bool = False,
) -> tuple[S, T]:
    """What counts now, read in a transaction of its own, and what comes of it."""
    async with transaction(resources, account_id) as session:
        seen = await see(session)
    async with resources.sandboxes.taken(account_id, however_long=however_long):  # as a check: both take memory
        return seen, await compare(seen)


async def _in_time(resources: Resources, comparing: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(resources.settings.transaction_idle.total_seconds() / 2):
            return await comparing
    except TimeoutError as error:
        raise Unsettled from error
