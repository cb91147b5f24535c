"""Claim, keep alive, finish, fail: by fence, on the clock of the database alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, update
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core.logs import failure, log
from wm_api.core.principal import Actor, ActorType
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.operations.models import Operation, OperationState, OperationType

COLUMNS = (
    Operation.account_id,
    Operation.id,
    Operation.fence,
    Operation.attempt,
    Operation.type,
    Operation.subject_id,
    Operation.actor_type,
    Operation.actor_id,
)


class LeaseLost(Exception):  # noqa: N818 - another worker holds the operation, or it was canceled
    """What this worker did is undone by its rollback."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on an operation, as long as no higher fence exists."""

    account_id: UUID
    operation_id: UUID
    fence: int
    attempt: int
    type: OperationType
    subject_id: UUID
    actor: Actor

    def held(self) -> tuple[ColumnElement[bool], ...]:
        mine = (Operation.account_id == self.account_id, Operation.id == self.operation_id)
        return (*mine, Operation.fence == self.fence, Operation.state == OperationState.RUNNING)


def due() -> ColumnElement[bool]:
    """To be done now: queued and not told to wait, or running under a lease that ran out."""
    over = or_(Operation.lease_until.is_(None), Operation.lease_until < func.clock_timestamp())
    return Operation.state.in_((OperationState.QUEUED, OperationState.RUNNING)) & over


async def claim(session: AsyncSession, account_id: UUID, operation_id: UUID, length: timedelta) -> Lease | None:
    """Take a free operation, or None. Each claim raises the fence."""
    one = update(Operation).where(Operation.account_id == account_id, Operation.id == operation_id, due())
    taken = one.values(
        state=OperationState.RUNNING,
        attempt=Operation.attempt + 1,
        fence=Operation.fence + 1,
        revision=Operation.revision + 1,
        started_at=func.coalesce(Operation.started_at, func.clock_timestamp()),
        lease_until=func.clock_timestamp() + length,
    )
    row = (await session.execute(taken.returning(*COLUMNS))).one_or_none()
    if row is None:
        return None
    actor = Actor(ActorType(row.actor_type), row.actor_id)
    return Lease(row.account_id, row.id, row.fence, row.attempt, OperationType(row.type), row.subject_id, actor)


async def hold(session: AsyncSession, lease: Lease, length: timedelta) -> None:
    """In a transaction that takes effect before the end: nobody else has taken over, nor does before it commits.

    Raises LeaseLost.
    """
    longer = update(Operation).where(*lease.held()).values(lease_until=func.clock_timestamp() + length)
    if (await session.execute(longer.returning(Operation.id))).one_or_none() is None:
        raise LeaseLost


async def extend(resources: Resources, lease: Lease) -> bool:
    """One heartbeat in a transaction of its own. False: the lease is lost."""
    try:
        async with transaction(resources, lease.account_id) as session:
            await hold(session, lease, resources.settings.lease)
    except LeaseLost:
        return False
    return True


@asynccontextmanager
async def kept_alive(resources: Resources, lease: Lease) -> AsyncIterator[None]:
    """Heartbeats while the work goes on; a lost lease cancels the work, and raises LeaseLost.

    As `asyncio.timeout` does: a cancellation from elsewhere stays a cancellation.
    """
    task = asyncio.current_task()
    heart = asyncio.create_task(_beat(resources, lease))
    if task is not None:
        heart.add_done_callback(lambda done: None if done.cancelled() else task.cancel())
    try:
        yield
    except asyncio.CancelledError:
        if heart.done() and task is not None and task.uncancel() == 0:
            raise LeaseLost from None
        raise
    finally:
        heart.cancel()
        await asyncio.wait({heart})


async def _beat(resources: Resources, lease: Lease) -> None:
    """Returns when the lease is lost. The database away is not that: the lease decides."""
    while True:
        await asyncio.sleep(resources.settings.lease.total_seconds() / 3)
        try:
            if not await extend(resources, lease):
                return
        except Exception as error:  # noqa: BLE001 - as above
            log().warning("heartbeat failed", operation_id=str(lease.operation_id), **failure(error))


async def progress(resources: Resources, lease: Lease, stage: str, done: int, total: int | None, unit: str) -> None:
    """A short transaction of its own, so that the caller sees how far it is. Raises LeaseLost."""
    async with transaction(resources, lease.account_id) as session:
        values = {"stage": stage, "done": done, "total": total, "unit": unit, "revision": Operation.revision + 1}
        shown = update(Operation).where(*lease.held()).values(**values)
        if (await session.execute(shown.returning(Operation.id))).one_or_none() is None:
            raise LeaseLost


async def finish(session: AsyncSession, lease: Lease, result: tuple[str, UUID] | None) -> None:
    """In the transaction of the work: results and end commit together; all that was to do is done. Raises LeaseLost."""
    result_type, result_id = result or (None, None)
    done = func.coalesce(Operation.total, Operation.done)
    await _end(session, lease, OperationState.SUCCEEDED, result_type=result_type, result_id=result_id, done=done)


async def fail(session: AsyncSession, lease: Lease, error: dict[str, object]) -> None:
    """End with a problem. Raises LeaseLost."""
    await _end(session, lease, OperationState.FAILED, error=error)


async def _end(session: AsyncSession, lease: Lease, state: OperationState, **values: object) -> None:
    ended = update(Operation).where(*lease.held())
    ended = ended.values(
        state=state,
        lease_until=None,
        finished_at=func.clock_timestamp(),
        revision=Operation.revision + 1,
        **values,
    )
    if (await session.execute(ended.returning(Operation.id))).one_or_none() is None:
        raise LeaseLost


async def release(resources: Resources, lease: Lease, wait: timedelta = timedelta(0)) -> None:
    """Give the operation back: at once from a worker that is told to stop, after a while for a passing fault.

    A stop is no fault of the operation: it does not count as an attempt. Raises LeaseLost.
    """
    later = func.clock_timestamp() + wait if wait else None
    attempt = Operation.attempt if wait else Operation.attempt - 1
    async with transaction(resources, lease.account_id) as session:
        back = update(Operation).where(*lease.held())
        values = {"state": OperationState.QUEUED, "lease_until": later, "attempt": attempt}
        values["revision"] = Operation.revision + 1
        if (await session.execute(back.values(**values).returning(Operation.id))).one_or_none() is None:
            raise LeaseLost
