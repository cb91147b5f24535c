"""One operation under its lease: claimed, done step by step, ended exactly once."""

import asyncio
from uuid import UUID

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
from wm_api.pipeline.steps import STEPS


async def run_operation(resources: Resources, account_id: UUID, operation_id: UUID) -> None:
    """All that Redis can ask for. The row says what to do, and whether it is still to be done."""
    async with transaction(resources, account_id) as session:
        lease = await leases.claim(session, account_id, operation_id, resources.settings.lease)
    if lease is None:
        return
    if lease.attempt > resources.settings.max_attempts:
        await _fail(resources, lease, WorkerLost())
        return
    try:
        async with leases.kept_alive(resources, lease):
            await STEPS[lease.type](resources, lease)
    except leases.LeaseLost:
        log().warning("lease lost", operation_id=str(operation_id))
    except asyncio.CancelledError:
        await asyncio.shield(leases.release(resources, lease))
        raise
    except Problem as problem:
        await _fail(resources, lease, problem)
    except Exception as error:  # noqa: BLE001 - the operation ends with a problem, never without an end
        log().error("operation failed", operation_id=str(operation_id), **failure(error))
        await _fail(resources, lease, ComputationFailed())


async def _fail(resources: Resources, lease: Lease, problem: Problem) -> None:
    document = problem.document(resources.settings.public_url, str(lease.operation_id))
    async with transaction(resources, lease.account_id) as session:
        await leases.fail(session, lease, document)
        subject = ("operation", lease.operation_id)
        await events.append(session, SYSTEM, EventType.OPERATION_FAILED, subject, state="failed")
