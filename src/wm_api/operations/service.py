"""Ask for work, look at it, wait for it, cancel it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core import clock
from wm_api.core.ids import made_at, new_id
from wm_api.core.paging import Paging, page_of
from wm_api.core.principal import Actor
from wm_api.core.problems import Gone, NotFound, StateConflict
from wm_api.core.resources import Resources
from wm_api.core.transactions import after_commit, transaction
from wm_api.events import service as events
from wm_api.events.models import EventType
from wm_api.operations.models import ENDED, Operation, OperationState, OperationType

LOOK_AGAIN = 0.25
"""Seconds between two looks of a waiting read; each look is a new transaction, so no connection is held."""
KEPT = timedelta(days=30)


async def enqueue(session: AsyncSession, kind: OperationType, actor: Actor, subject: tuple[str, UUID]) -> Operation:
    """Write the operation with the data; a worker is woken after the commit."""
    account_id: UUID = session.info["account_id"]
    now = clock.now()
    operation = Operation(
        account_id=account_id,
        id=new_id(),
        type=kind.value,
        state=OperationState.QUEUED.value,
        subject_type=subject[0],
        subject_id=subject[1],
        actor_type=actor.type.value,
        actor_id=actor.id,
        attempt=0,
        fence=0,
        revision=1,
        created_at=now,
        expires_at=now + KEPT,
    )
    session.add(operation)
    await session.flush()
    operation_id = operation.id

    async def wake(resources: Resources) -> None:
        await resources.wakeups.wake(account_id, operation_id)

    after_commit(session, wake)
    return operation


async def get_operation(session: AsyncSession, operation_id: UUID) -> Operation:
    """Raises NotFound, and Gone after 30 days.

    By then the row may have gone; its id still says how old it is, whoever asks and whether or not it ever existed.
    """
    operation = await session.scalar(select(Operation).where(Operation.id == operation_id))
    made = made_at(operation_id)
    if (made is not None and made < clock.now() - KEPT) or (
        operation is not None and operation.expires_at < clock.now()
    ):
        raise Gone
    if operation is None:
        raise NotFound
    return operation


async def list_operations(
    session: AsyncSession, kind: str | None, state: str | None, page: Paging
) -> tuple[Sequence[Operation], str | None]:
    rows = select(Operation).where(Operation.expires_at >= clock.now())
    if kind is not None:
        rows = rows.where(Operation.type == kind)
    if state is not None:
        rows = rows.where(Operation.state == state)
    return await page_of(session, rows, Operation.id, page)


async def changes(resources: Resources, account_id: UUID, operation_id: UUID, after: int) -> AsyncIterator[Operation]:
    """The operation each time it has changed after a revision, until it has ended."""
    while True:
        async with transaction(resources, account_id) as session:
            operation = await get_operation(session, operation_id)
        if operation.revision > after:
            after = operation.revision
            yield operation
        if operation.state in ENDED:
            return
        await asyncio.sleep(LOOK_AGAIN)


async def wait_for_end(resources: Resources, account_id: UUID, operation_id: UUID, seconds: float) -> Operation:
    """The operation when it has ended, or as it is when the time is over."""
    ends = asyncio.get_running_loop().time() + seconds
    while True:
        async with transaction(resources, account_id) as session:
            operation = await get_operation(session, operation_id)
        if operation.state in ENDED or asyncio.get_running_loop().time() >= ends:
            return operation
        await asyncio.sleep(LOOK_AGAIN)


async def cancel(session: AsyncSession, actor: Actor, operation_id: UUID) -> Operation:
    """Cancel what has not begun. Raises StateConflict for anything else: an effect is never left half-done.

    A deletion that was promised, and the figures that it leaves to be computed, are never taken back.
    """
    operation = await get_operation(session, operation_id)
    if operation.type != OperationType.DATASET_PROCESS:
        raise StateConflict("Only a push can be canceled.", state=operation.state, allowed=[])
    queued = (Operation.id == operation_id, Operation.state == OperationState.QUEUED)
    values = {"state": OperationState.CANCELED, "revision": Operation.revision + 1}
    ended = update(Operation).where(*queued).values(**values, finished_at=func.clock_timestamp())
    if (await session.execute(ended.returning(Operation.id))).one_or_none() is None:
        raise StateConflict(state=operation.state, allowed=[OperationState.QUEUED.value])
    await session.refresh(operation)
    await events.append(
        session, actor, EventType.OPERATION_CANCELED, ("operation", operation_id), state=operation.state
    )
    return operation
