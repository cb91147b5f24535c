"""Redis flushed, workers lost, zombies: every operation still ends exactly once."""

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from companies import Company, sign_up, workforce
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.operations import leases
from wm_api.pipeline.run import run_operation
from wm_api.pipeline.sweep import sweep


async def queued(http: httpx.AsyncClient) -> tuple[Company, UUID, UUID]:
    company = await sign_up(http)
    dataset = await company.push(workforce(company.id, 60))
    return company, UUID(company.id), UUID(dataset["operation_id"])


async def test_operations_whose_wake_ups_were_flushed_are_found_and_end_once(
    http: httpx.AsyncClient, worker_resources: Resources
) -> None:
    made = [await queued(http) for _ in range(20)]
    pool = await worker_resources.wakeups.pool()
    await pool.flushall()
    assert await sweep(worker_resources) >= 20
    await asyncio.gather(
        *(run_operation(worker_resources, account, operation) for _, account, operation in made for _ in range(2))
    )
    for company, _, operation in made:
        ended = await company.call("GET", f"/v1/operations/{operation}")
        assert (ended["state"], ended["attempt"]) == ("succeeded", 1)
        events = (await company.call("GET", "/v1/events", params={"type": "score.computed"}))["data"]
        assert len(events) == 1


async def test_a_lost_worker_s_operation_goes_on_and_the_zombie_cannot_finish(
    http: httpx.AsyncClient, worker_resources: Resources
) -> None:
    company, account, operation = await queued(http)
    async with transaction(worker_resources, account) as session:
        zombie = await leases.claim(session, account, operation, timedelta(milliseconds=1))
    assert zombie is not None
    await asyncio.sleep(0.05)
    await run_operation(worker_resources, account, operation)
    ended = await company.call("GET", f"/v1/operations/{operation}")
    assert (ended["state"], ended["attempt"]) == ("succeeded", 2)
    async with transaction(worker_resources, account) as session:
        with pytest.raises(leases.LeaseLost):
            await leases.finish(session, zombie, None)
    assert await leases.extend(worker_resources, zombie) is False


async def test_a_held_lease_is_not_taken(http: httpx.AsyncClient, worker_resources: Resources) -> None:
    _, account, operation = await queued(http)
    async with transaction(worker_resources, account) as session:
        first = await leases.claim(session, account, operation, timedelta(seconds=30))
    async with transaction(worker_resources, account) as session:
        assert await leases.claim(session, account, operation, timedelta(seconds=30)) is None
    assert first is not None
    await leases.release(worker_resources, first)


async def test_an_operation_that_cannot_be_computed_ends_with_a_problem(
    http: httpx.AsyncClient, worker_resources: Resources
) -> None:
    company, account, operation = await queued(http)
    async with transaction(worker_resources, account) as session:
        dataset = (await session.execute(text("SELECT id FROM datasets"))).scalar_one()
    await worker_resources.storage.delete(f"datasets/{dataset}")
    await run_operation(worker_resources, account, operation)
    ended = await company.call("GET", f"/v1/operations/{operation}")
    assert (ended["state"], ended["error"]["code"]) == ("failed", "computation-failed")


async def test_server_sent_events_end_with_the_operation(http: httpx.AsyncClient, worker_resources: Resources) -> None:
    company, account, operation = await queued(http)
    await run_operation(worker_resources, account, operation)
    answer = await http.get(f"/v1/operations/{operation}/events", headers=company.headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert '"state":"succeeded"' in answer.text
