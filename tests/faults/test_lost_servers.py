"""Redis and PostgreSQL killed and started again: nothing acknowledged is lost, work goes on by itself."""

import os
import signal
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from companies import Company, sign_up, workforce
from processes import Processes, processes, served, until
from wm_api.core.embedded import Server, start_postgres, start_valkey
from wm_api.dev import Installation


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
