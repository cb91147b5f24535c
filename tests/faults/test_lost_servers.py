"""Redis and PostgreSQL killed and started again: nothing acknowledged is lost, work goes on by itself."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from companies import Company, sign_up, workforce
from processes import Processes, processes, served, until
from wm_api.core.embedded import Server, start_postgres, start_valkey
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.dev import Installation
from wm_api.events import chain, service


@pytest.fixture(scope="module")
async def started(own: Installation) -> AsyncIterator[Processes]:
    async with processes(own) as started:
        yield started


@pytest.fixture(scope="module")
async def client(started: Processes) -> AsyncIterator[httpx.AsyncClient]:
    started.start("worker")
    async with served(started) as client:
        yield client


def kill(server: Server) -> None:
    """As a crash: nothing is written, nothing is told."""
    assert server.process is not None
    assert server.lock is not None
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait(10)
    server.lock.close()
    server.process = None


async def done(company: Company, dataset: dict[str, str]) -> bool:
    operation = await company.call("GET", f"/v1/operations/{dataset['operation_id']}")
    assert operation["state"] in {"queued", "running", "succeeded"}, operation
    return bool(operation["state"] == "succeeded")


async def test_redis_killed_and_started_again_costs_only_time(client: httpx.AsyncClient, own: Installation) -> None:
    company = await sign_up(client)
    kill(own.servers[1])
    dataset = await company.push(workforce(company.id, 60))
    ready = await client.get("/readyz")
    assert ready.status_code in {200, 503}
    own.servers[1] = start_valkey(own.folder / "valkey")
    assert own.servers[1].url == own.redis_url
    await until(lambda: done(company, dataset), 20)


async def test_postgres_killed_is_a_503_and_back_within_ten_seconds_with_all_that_was_acknowledged(
    client: httpx.AsyncClient, own: Installation, started: Processes
) -> None:
    company = await sign_up(client)
    datasets = [await company.push(workforce(company.id, 30 + day), as_of=f"2025-12-{day}") for day in (30, 31)]
    kill(own.servers[0])
    for method, path in (("GET", "/v1/datasets"), ("GET", "/v1/account"), ("POST", "/v1/sessions")):
        answer = await client.request(
            method, path, headers=company.headers, json={"email": "a@b.test", "password": "p" * 12}
        )
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json"), (
            path,
            answer.text,
        )
        assert int(answer.headers["retry-after"]) > 0
    own.servers[0] = start_postgres(own.folder / "postgres")
    assert own.servers[0].url == own.admin_url

    async def back() -> bool:
        return (await client.get("/v1/datasets", headers=company.headers)).status_code == 200

    await until(back, 10)
    kept = (await company.call("GET", "/v1/datasets"))["data"]
    assert {each["id"] for each in kept} == {each["id"] for each in datasets}
    for dataset in datasets:
        await until(lambda dataset=dataset: done(company, dataset), 40)  # type: ignore[misc]
    computed = await company.call("GET", "/v1/events", params={"type": "score.computed"})
    assert len(computed["data"]) == len(datasets)
    assert all(process.poll() is None for process in started.running)
    assert UUID(company.id)


async def test_ac5_3_an_api_process_killed_under_load_has_kept_what_it_acknowledged_and_each_act_has_its_event(
    own: Installation, own_worker: Resources
) -> None:
    kept: dict[str, set[str]] = {"dataset.accepted": set(), "api_key.created": set()}
    async with processes(own) as api, served(api) as client:
        company = await sign_up(client)

        async def push(number: int) -> None:
            kept["dataset.accepted"].add((await company.push(workforce(company.id, 40 + number)))["id"])

        async def make_key(number: int) -> None:
            body = {"name": f"k{number}", "scopes": ["events:read"]}
            kept["api_key.created"].add((await company.call("POST", "/v1/api-keys", 201, json=body))["id"])

        calls = [asyncio.create_task(act(number)) for number in range(10) for act in (push, make_key)]
        await until(lambda: all(kept[kind] for kind in ("dataset.accepted", "api_key.created")))
        os.kill(api.running[0].pid, signal.SIGKILL)
        ended = await asyncio.gather(*calls, return_exceptions=True)
    assert any(isinstance(each, httpx.TransportError) for each in ended)  # it was in the middle of some
    async with transaction(own_worker, UUID(company.id)) as session:
        lines = [line async for line in service.chain_lines(session)]
        for table, kind in (("datasets", "dataset.accepted"), ("api_keys", "api_key.created")):
            rows = {str(row.id) for row in await session.execute(text(f"SELECT id FROM {table}"))}
            told = [line["subject"][1] for line, _ in lines if line["type"] == kind]  # type: ignore[index]
            assert kept[kind] <= rows
            assert sorted(rows) == sorted(told)
    assert chain.verify(lines) is None
