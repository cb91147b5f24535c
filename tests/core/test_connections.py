"""Connections: replaced when spent, handed out in turn, bound in every kind of transaction."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import nullcontext
from uuid import UUID

import asyncpg
import httpx
import pytest
from sqlalchemy import text

from companies import sign_up
from wm_api.core.principal import SYSTEM
from wm_api.core.resources import Resources, opened
from wm_api.core.settings import Settings
from wm_api.core.transactions import driver_transaction, transaction
from wm_api.dev import Installation
from wm_api.events import service as events
from wm_api.events.models import EventType

BOUND = "SELECT current_setting('app.account_id', true)"


@pytest.fixture
async def single(settings: Settings) -> AsyncIterator[Resources]:
    """With one connection only."""
    async with opened(settings.model_copy(update={"database_pool": 1})) as resources:
        yield resources


async def test_a_connection_that_the_server_closed_is_replaced_unseen(
    single: Resources, installation: Installation
) -> None:
    async with transaction(single, None) as session:
        before = await session.scalar(text("SELECT pg_backend_pid()"))
    admin = await asyncpg.connect(installation.admin_url)
    await admin.fetchval("SELECT pg_terminate_backend($1, 5000)", before)
    await admin.close()
    await asyncio.sleep(0.05)
    async with transaction(single, None) as session:
        assert await session.scalar(text("SELECT pg_backend_pid()")) != before


async def test_a_connection_left_inside_a_transaction_is_never_used_again(single: Resources) -> None:
    account_id = UUID(int=7)
    async with single.engine.connect() as pooled:
        driver = (await pooled.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.execute("BEGIN")
        await driver.execute("SELECT set_config('app.account_id', $1, false)", str(account_id))
    async with transaction(single, None) as session:
        assert not await session.scalar(text(BOUND))


async def test_callers_get_connections_in_the_order_they_came(single: Resources) -> None:
    order: list[int] = []

    async def call(number: int) -> None:
        for _ in range(2):
            async with transaction(single, None) as session:
                await session.scalar(text("SELECT 1"))
                order.append(number)

    await asyncio.gather(*(call(number) for number in range(8)))
    assert order == [*range(8), *range(8)]


async def test_a_driver_transaction_is_bound_and_keeps_all_or_nothing(
    http: httpx.AsyncClient, single: Resources
) -> None:
    company = await sign_up(http)
    account_id, lines = UUID(company.id), "SELECT count(*) FROM events WHERE account_id = $1"
    for fails in (True, False):
        async with driver_transaction(single, account_id, None) as open_:
            assert await open_.connection.fetchval(BOUND) == company.id
            before = await open_.connection.fetchval(lines, account_id)
        with pytest.raises(RuntimeError) if fails else nullcontext():
            async with driver_transaction(single, account_id, None) as open_:
                async with open_.session() as session:
                    await events.append(session, SYSTEM, EventType.ACCOUNT_UPDATED, ("account", account_id))
                if fails:
                    raise RuntimeError
        async with driver_transaction(single, account_id, None) as open_:
            assert await open_.connection.fetchval(lines, account_id) == before + (0 if fails else 1)
    async with transaction(single, None) as session:
        assert not await session.scalar(text(BOUND))
