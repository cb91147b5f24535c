"""Real servers, once a run: PostgreSQL and a Redis-compatible server from wheels, migrated by Alembic."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from answers import CheckedTransport
from installed import begin_run, end_run, once_a_run, own_servers, settings_of
from order import longest_first
from wm_api.core import ids, passwords
from wm_api.core.resources import Resources, opened
from wm_api.core.settings import Settings
from wm_api.core.transactions import transaction
from wm_api.dev import Installation
from wm_api.main import create_app
from wm_api.operations.models import ENDED, Operation
from wm_api.pipeline.run import run_operation


def pytest_configure(config: pytest.Config) -> None:
    """Not in the processes that xdist starts: theirs is the run of the one that started them."""
    if not hasattr(config, "workerinput"):
        config.add_cleanup(begin_run().close)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        end_run()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After the files were shuffled: those that take alike stay in that order."""
    longest_first(items)


def pytest_collection_finish() -> None:
    """Thousands of tests and what they import stay to the end: the collector need not look at them again."""
    gc.freeze()


@pytest.fixture(scope="session")
def strong() -> Any:
    """How passwords are hashed outside of tests."""
    return passwords.HASHER


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords(strong: Any) -> Iterator[None]:
    """Hundreds of people sign up in the tests of one process; servers that tests start hash as anywhere."""
    passwords.HASHER = strong.using(memory_cost=1024, rounds=1)
    yield
    passwords.HASHER = strong


@pytest.fixture(autouse=True)
def _ids_of_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids rise within a process: where a test moves the clock, those of the next would be of days to come."""
    monkeypatch.setattr(ids, "_last", [*ids._last])


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    with own_servers("shared-", durable=False) as running:
        yield running


@pytest.fixture(scope="session")
def own() -> Iterator[Installation]:
    """One more, as durable as that of a user: for tests that kill servers, move the clock or search the disk."""
    with own_servers("wm-own-", durable=True) as running:
        yield running


@pytest.fixture(scope="session")
def settings(installation: Installation) -> Settings:
    return settings_of(installation)


@pytest.fixture(scope="session")
async def resources(settings: Settings) -> AsyncIterator[Resources]:
    async with opened(settings) as running:
        yield running


@pytest.fixture(scope="session")
async def worker_resources(settings: Settings) -> AsyncIterator[Resources]:
    async with opened(settings, settings.worker_url) as running:
        yield running


@pytest.fixture(scope="session")
def application(settings: Settings, resources: Resources) -> FastAPI:
    return create_app(settings, resources)


@pytest.fixture(scope="session")
async def http(application: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    contract = once_a_run("contract", lambda draft: draft.write_bytes(application.state.contract()))
    transport = CheckedTransport(httpx.ASGITransport(application), json.loads(contract.read_bytes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=60) as client:
        yield client


async def not_ended(resources: Resources) -> list[tuple[UUID, UUID]]:
    async with transaction(resources, None) as session:
        open_ = select(Operation.account_id, Operation.id).where(Operation.state.not_in(ENDED))
        return [(row[0], row[1]) for row in await session.execute(open_.order_by(Operation.created_at))]


@pytest.fixture(scope="module")
async def of_other_modules(worker_resources: Resources) -> frozenset[tuple[UUID, UUID]]:
    """What their tests left in the queue. Nobody waits for it, and done first it would cost minutes."""
    return frozenset(await not_ended(worker_resources))


@pytest.fixture
async def worker(worker_resources: Resources, of_other_modules: frozenset[tuple[UUID, UUID]]) -> AsyncIterator[None]:
    """The worker's own code, run beside the tests: what is open is done. No sweep: nobody reads what it would wake."""

    async def work() -> None:
        while True:
            for account_id, operation_id in await not_ended(worker_resources):
                if (account_id, operation_id) not in of_other_modules:
                    await run_operation(worker_resources, account_id, operation_id)
            await asyncio.sleep(0.1)

    task = asyncio.create_task(work())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
