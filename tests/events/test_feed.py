"""The feed: who reads on from the last line misses none, whoever wrote it and whenever it was committed."""

import asyncio
from uuid import UUID

import httpx

from companies import sign_up
from wm_api.core.principal import SYSTEM
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.events import service as events
from wm_api.events.models import EventType


async def test_a_line_of_another_that_is_committed_late_is_not_passed_over(
    http: httpx.AsyncClient, resources: Resources
) -> None:
    mine, other = await sign_up(http), await sign_up(http)
    begun, ends = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        act, subject = EventType.SHARE_GRANT_CREATED, ("share_grant", UUID(int=9))
        async with transaction(resources, UUID(other.id)) as session:
            await events.append(session, SYSTEM, act, subject, counterpart_id=UUID(mine.id))
            begun.set()
            await ends.wait()

    async def quick() -> None:
        await begun.wait()
        async with transaction(resources, UUID(mine.id)) as session:
            await events.append(session, SYSTEM, EventType.ACCOUNT_UPDATED, ("account", UUID(mine.id)))

    start = (await mine.call("GET", "/v1/events"))["next_after"]
    both = [asyncio.create_task(slow()), asyncio.create_task(quick())]
    await asyncio.wait([both[1]], timeout=0.3)
    first = await mine.call("GET", "/v1/events", params={"after": start})
    ends.set()
    await asyncio.gather(*both)
    rest = await mine.call("GET", "/v1/events", params={"after": first["next_after"]})
    assert [each["type"] for each in first["data"] + rest["data"]] == ["share_grant.created", "account.updated"]
