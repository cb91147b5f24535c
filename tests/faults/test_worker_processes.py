"""Real workers, killed, stopped and told to stop; Redis flushed: every operation still ends exactly once."""

import os
import signal
from uuid import UUID

import httpx
import pytest

from companies import Company, sign_up, workforce
from processes import caught_running, processes, states, until
from wm_api.core.resources import Resources
from wm_api.dev import Installation

DAYS = [f"2025-{month:02}-{day:02}" for month in (8, 9, 10, 11, 12) for day in (5, 10, 15, 20)]


async def pushed(http: httpx.AsyncClient, company: Company, days: list[str], people: int = 60) -> list[UUID]:
    """One file per day, so that each operation has a draft of its own."""
    file = workforce(company.id, people)
    made = [await company.push(file.replace("2020-01-02", f"2020-02-{1 + n:02}"), as_of=d) for n, d in enumerate(days)]
    return [UUID(dataset["operation_id"]) for dataset in made]


async def ended_once(company: Company, resources: Resources, operations: list[UUID]) -> None:
    """Succeeded, one event and one draft each; nothing twice."""
    found = await states(resources, company.id, operations)
    assert {state for state, _ in found.values()} == {"succeeded"}
    computed = (await company.call("GET", "/v1/events", params={"type": "score.computed", "limit": "200"}))["data"]
    scores = (await company.call("GET", "/v1/scores", params={"limit": "200"}))["data"]
    assert len(computed) == len(scores) == len(operations)
    assert len({score["as_of"] for score in scores}) == len(operations)
    failed = await company.call("GET", "/v1/events", params={"type": "operation.failed"})
    assert failed["data"] == []


async def all_ended(company: Company, resources: Resources, operations: list[UUID], seconds: float = 60) -> None:
    async def over() -> bool:
        found = await states(resources, company.id, operations)
        return all(state in {"succeeded", "failed"} for state, _ in found.values())

    await until(over, seconds)


async def test_redis_flushed_and_a_worker_killed_in_a_job_and_twenty_operations_end_exactly_once(
    http: httpx.AsyncClient, installation: Installation, resources: Resources
) -> None:
    company = await sign_up(http)
    operations = await pushed(http, company, DAYS)
    async with processes(installation) as started:
        pool = await resources.wakeups.pool()
        await pool.flushall()
        first = started.start("worker")
        killed = await caught_running(resources, company.id, operations, first)
        os.kill(first.pid, signal.SIGKILL)
        await pool.flushall()
        started.start("worker")
        await all_ended(company, resources, operations)
    await ended_once(company, resources, operations)
    assert (await states(resources, company.id, [killed]))[killed][1] >= 2


@pytest.mark.slow
async def test_a_stopped_worker_that_comes_back_undoes_what_it_did(
    http: httpx.AsyncClient, installation: Installation, resources: Resources
) -> None:
    company = await sign_up(http)
    operations = await pushed(http, company, DAYS[:2], people=1000)
    async with processes(installation) as started:
        zombie = started.start("worker")
        stopped = await caught_running(resources, company.id, operations, zombie)
        started.start("worker")
        await all_ended(company, resources, operations)
        os.kill(zombie.pid, signal.SIGCONT)
        lines = started.logs / "worker.log"
        await until(lambda: "lease lost" in lines.read_text())
        assert zombie.poll() is None
    await ended_once(company, resources, operations)
    assert (await states(resources, company.id, [stopped]))[stopped][1] >= 2


async def test_a_worker_that_is_told_to_stop_hands_its_job_to_the_next_at_once(
    http: httpx.AsyncClient, installation: Installation, resources: Resources
) -> None:
    company = await sign_up(http)
    operations = await pushed(http, company, DAYS[:2], people=1000)
    async with processes(installation, WM_LEASE="PT60S") as started:
        first = started.start("worker")
        held = await caught_running(resources, company.id, operations, first)
        os.kill(first.pid, signal.SIGTERM)
        os.kill(first.pid, signal.SIGCONT)
        await until(lambda: first.poll() is not None, 20)
        assert first.returncode == 0
        assert (await states(resources, company.id, [held]))[held] == ("queued", 0)
        second = started.start("worker")
        await all_ended(company, resources, operations, 50)
        second.send_signal(signal.SIGINT)
        await until(lambda: second.poll() is not None, 20)
        assert second.returncode == 0
        lines = (started.logs / "worker.log").read_text().splitlines()
        assert [line for line in lines if not line.startswith('{"')] == []
    await ended_once(company, resources, operations)
    assert (await states(resources, company.id, [held]))[held] == ("succeeded", 1)
