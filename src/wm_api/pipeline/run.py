"""One operation under its lease: claimed, done step by step, ended exactly once."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from wm_api.core.faults import passes
from wm_api.core.logs import failure, log
from wm_api.core.principal import SYSTEM
from wm_api.core.problems import Problem
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.events import service as events
from wm_api.events.models import EventType
from wm_api.operations import leases
from wm_api.operations.errors import ComputationFailed, WorkerLost
from wm_api.operations.leases import Lease
from wm_api.pipeline.intake import give_up
from wm_api.pipeline.steps import STEPS

DOUBLINGS = 6
"""Of the pause between attempts, at most."""


async def run_operation(resources: Resources, account_id: UUID, operation_id: UUID) -> None:
    """All that Redis can ask for. The row says what to do, and whether it is still to be done.

    Raises what keeps the row from being read or written; then the lease runs out and the sweep comes again.
    """
    lease = await _claimed(resources, account_id, operation_id)
    if lease is None:
        return
    try:
        await _attempt(resources, lease)
    except leases.LeaseLost:
        log().warning("lease lost", operation_id=str(operation_id))


async def _claimed(resources: Resources, account_id: UUID, operation_id: UUID) -> Lease | None:
    """The lease. Told to stop meanwhile, it is handed back: a claim whose commit nobody waited for would hold it."""

    async def claim() -> Lease | None:
        async with transaction(resources, account_id) as session:
            return await leases.claim(session, account_id, operation_id, resources.settings.lease)

    claiming = asyncio.create_task(claim())
    try:
        return await asyncio.shield(claiming)
    except asyncio.CancelledError:
        lease = await claiming
        if lease is not None:
            await _hand_back(resources, lease)
        raise


async def _attempt(resources: Resources, lease: Lease) -> None:
    if lease.attempt > resources.settings.max_attempts:
        await _fail(resources, lease, WorkerLost())
        return
    try:
        async with leases.kept_alive(resources, lease):
            await STEPS[lease.type](resources, lease)
    except leases.LeaseLost:
        raise
    except asyncio.CancelledError:
        with suppress(leases.LeaseLost):
            await asyncio.shield(_hand_back(resources, lease))
        raise
    except Problem as problem:
        await _again_or_fail(resources, lease, problem)
    except Exception as error:  # noqa: BLE001 - the operation ends with a problem, never without an end
        await _after(resources, lease, error)


async def _after(resources: Resources, lease: Lease, error: Exception) -> None:
    """A fault that passes is tried again, later each time; any other would only fail again."""
    log().error("operation failed", operation_id=str(lease.operation_id), attempt=lease.attempt, **failure(error))
    if passes(error) and lease.attempt < resources.settings.max_attempts:
        await leases.release(resources, lease, pause(resources.settings.lease, lease.attempt))
    else:
        await _fail(resources, lease, ComputationFailed())


async def _again_or_fail(resources: Resources, lease: Lease, problem: Problem) -> None:
    """What is worth another try is tried again, with all that it rests on still there."""
    if problem.retryable and lease.attempt < resources.settings.max_attempts:
        await leases.release(resources, lease, pause(resources.settings.lease, lease.attempt))
    else:
        await _fail(resources, lease, problem)


def pause(lease: timedelta, attempt: int) -> timedelta:
    """Before the next attempt: a third of a lease, doubled each time, up to some twenty leases."""
    return lease / 3 * (1 << min(attempt - 1, DOUBLINGS))


async def _hand_back(resources: Resources, lease: Lease) -> None:
    """Told to stop: the next worker begins at once, without waiting for the lease."""
    await leases.release(resources, lease)
    await resources.wakeups.wake(lease.account_id, lease.operation_id)


async def _fail(resources: Resources, lease: Lease, problem: Problem) -> None:
    document = problem.document(resources.settings.public_url, str(lease.operation_id))
    async with transaction(resources, lease.account_id) as session:
        await leases.fail(session, lease, document)
        await give_up(session, lease, problem, document)
        subject = ("operation", lease.operation_id)
        await events.append(session, SYSTEM, EventType.OPERATION_FAILED, subject, state="failed")
