"""Leases and fences; faults that pass and faults that do not: every operation ends exactly once."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from companies import Company, sign_up, workforce
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.service import files
from wm_api.dev import Installation
from wm_api.operations import leases
from wm_api.pipeline.run import run_operation


async def queued(http: httpx.AsyncClient) -> tuple[Company, UUID, UUID]:
    company = await sign_up(http)
    dataset = await company.push(workforce(company.id, 60))
    return company, UUID(company.id), UUID(dataset["operation_id"])


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
    await worker_resources.storage.delete(files.name(account, dataset))
    await run_operation(worker_resources, account, operation)
    ended = await company.call("GET", f"/v1/operations/{operation}")
    assert (ended["state"], ended["error"]["code"]) == ("failed", "computation-failed")


async def test_server_sent_events_end_with_the_operation(http: httpx.AsyncClient, worker_resources: Resources) -> None:
    company, account, operation = await queued(http)
    await run_operation(worker_resources, account, operation)
    answer = await http.get(f"/v1/operations/{operation}/events", headers=company.headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert '"state":"succeeded"' in answer.text


@contextmanager
def store_away(installation: Installation) -> Iterator[None]:
    """The folder of the objects is gone for a while; what is asked of the store fails."""
    folder, aside = installation.folder / "objects" / "datasets", installation.folder / "objects" / "aside"
    folder.mkdir(exist_ok=True)
    folder.rename(aside)
    folder.touch()
    try:
        yield
    finally:
        folder.unlink()
        aside.rename(folder)


async def test_a_fault_that_passes_is_tried_again_and_costs_only_time(
    http: httpx.AsyncClient, worker_resources: Resources, installation: Installation
) -> None:
    company, account, operation = await queued(http)
    quick = replace(
        worker_resources, settings=worker_resources.settings.model_copy(update={"lease": timedelta(seconds=1)})
    )
    with store_away(installation):
        await run_operation(quick, account, operation)
        waiting = await company.call("GET", f"/v1/operations/{operation}")
        assert (waiting["state"], waiting["attempt"]) == ("queued", 1)
        await run_operation(quick, account, operation)
        assert await company.call("GET", f"/v1/operations/{operation}") == waiting  # not before its pause is over
    await asyncio.sleep(0.5)
    await run_operation(quick, account, operation)
    ended = await company.call("GET", f"/v1/operations/{operation}")
    assert (ended["state"], ended["attempt"]) == ("succeeded", 2)


async def test_a_fault_that_does_not_pass_ends_the_operation_after_its_last_attempt(
    http: httpx.AsyncClient, worker_resources: Resources, installation: Installation
) -> None:
    company, account, operation = await queued(http)
    hasty = {"lease": timedelta(milliseconds=6), "max_attempts": 2}
    quick = replace(worker_resources, settings=worker_resources.settings.model_copy(update=hasty))
    with store_away(installation):
        for _ in range(3):
            await run_operation(quick, account, operation)
            await asyncio.sleep(0.05)
    ended = await company.call("GET", f"/v1/operations/{operation}")
    assert (ended["state"], ended["attempt"], ended["error"]["code"]) == ("failed", 2, "computation-failed")
    failed = await company.call("GET", "/v1/events", params={"type": "operation.failed"})
    assert len(failed["data"]) == 1


async def test_ac9_3_a_push_while_the_store_is_away_is_a_503_and_leaves_nothing(
    http: httpx.AsyncClient, installation: Installation
) -> None:
    company = await sign_up(http)
    with store_away(installation):
        problem = await company.push(workforce(company.id, 60), 503)
    assert problem["code"] == "temporarily-unavailable"
    assert (await company.call("GET", "/v1/datasets"))["data"] == []
    await company.push(workforce(company.id, 60))


async def test_a_deletion_is_never_canceled_and_one_that_failed_is_begun_again(
    http: httpx.AsyncClient, worker_resources: Resources
) -> None:
    company, account, operation = await queued(http)
    await run_operation(worker_resources, account, operation)
    dataset = (await company.call("GET", "/v1/datasets"))["data"][0]["id"]
    first = await company.call("DELETE", f"/v1/datasets/{dataset}", 202)
    refused = await company.call("POST", f"/v1/operations/{first['id']}/cancellation", 409)
    assert refused["code"] == "state-conflict"
    assert (await company.call("DELETE", f"/v1/datasets/{dataset}", 409))["code"] == "state-conflict"
    async with transaction(worker_resources, account) as session:
        failed = text("UPDATE operations SET state = 'failed' WHERE id = :id")
        await session.execute(failed, {"id": UUID(first["id"])})
    second = await company.call("DELETE", f"/v1/datasets/{dataset}", 202)
    await run_operation(worker_resources, account, UUID(second["id"]))
    assert (await company.call("GET", f"/v1/operations/{second['id']}"))["state"] == "succeeded"
    assert (await company.call("GET", f"/v1/datasets/{dataset}", 410))["receipt_id"] is not None


@pytest.mark.parametrize("made", ["ffffffff-ffff-7fff-bfff-ffffffffffff", "e677d21f-d800-7fff-bfff-ffffffffffff"])
async def test_an_operation_whose_id_tells_no_time_is_not_found(http: httpx.AsyncClient, made: str) -> None:
    company = await sign_up(http)
    assert (await company.call("GET", f"/v1/operations/{made}", 404))["code"] == "not-found"


async def test_a_worker_that_is_told_to_stop_uses_up_no_attempt(
    http: httpx.AsyncClient, worker_resources: Resources
) -> None:
    company, account, operation = await queued(http)
    for _ in range(worker_resources.settings.max_attempts + 1):
        async with transaction(worker_resources, account) as session:
            lease = await leases.claim(session, account, operation, timedelta(seconds=30))
        assert lease is not None
        await leases.release(worker_resources, lease)
    await run_operation(worker_resources, account, operation)
    ended = await company.call("GET", f"/v1/operations/{operation}")
    assert (ended["state"], ended["attempt"]) == ("succeeded", 1)
