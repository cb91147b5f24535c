"""The sweep: what was not woken, and what nobody needs any more."""

import asyncio

from sqlalchemy import func, or_, select

from wm_api.core.logs import failure, log
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.operations.models import Operation, OperationState


async def sweep(resources: Resources) -> int:
    """Wake every operation that is due: queued and not woken, or with a lease that ran out. Returns how many."""
    expired = (Operation.state == OperationState.RUNNING) & (Operation.lease_until < func.clock_timestamp())
    due = select(Operation.account_id, Operation.id).where(or_(Operation.state == OperationState.QUEUED, expired))
    async with transaction(resources, None) as session:
        rows = (await session.execute(due.order_by(Operation.created_at).limit(200))).all()
    for account_id, operation_id in rows:
        await resources.wakeups.wake(account_id, operation_id)
    return len(rows)


async def sweep_for_ever(resources: Resources) -> None:
    """Every few seconds; a fault is a log line, never the end."""
    while True:
        try:
            await sweep(resources)
        except Exception as error:  # noqa: BLE001 - the database is away
            log().error("sweep failed", **failure(error))
        await asyncio.sleep(resources.settings.sweep_every.total_seconds())
