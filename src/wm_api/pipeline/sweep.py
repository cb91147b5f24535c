"""The sweep: what was not woken is woken again, and what nobody needs any more goes."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import select

from wm_api.core.logs import failure, log
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.operations import leases
from wm_api.operations.models import Operation
from wm_api.pipeline.retention import retain


async def sweep(resources: Resources) -> int:
    """Wake every operation that is due: queued and not woken, or with a lease that ran out. Returns how many."""
    room = await resources.wakeups.room()
    due = select(Operation.account_id, Operation.id).where(leases.due()).order_by(Operation.created_at)
    async with transaction(resources, None) as session:
        rows = (await session.execute(due.limit(room))).all()
    for account_id, operation_id in rows:
        await resources.wakeups.wake(account_id, operation_id)
    return len(rows)


async def sweep_for_ever(resources: Resources) -> None:
    """Every few seconds what is due, every hour what is over; a fault is a log line, never the end."""
    settings = resources.settings
    await asyncio.gather(
        _again(resources, sweep, settings.sweep_every), _again(resources, retain, settings.retention_every)
    )


async def _again(resources: Resources, act: Callable[[Resources], Awaitable[object]], pause: timedelta) -> None:
    while True:
        try:
            await act(resources)
        except Exception as error:  # noqa: BLE001 - the database or the store is away
            log().error("sweep failed", **failure(error))
        await asyncio.sleep(pause.total_seconds())
