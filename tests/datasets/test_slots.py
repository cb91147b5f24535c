"""So many files are checked at once; who waits too long is told to come again, and nothing was kept."""

import asyncio
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from companies import sign_up, workforce
from wm_api.core.problems import TemporarilyUnavailable
from wm_api.core.resources import Resources
from wm_api.core.settings import Settings
from wm_api.core.slots import Slots
from wm_api.main import create_app


@pytest.fixture
def busy(settings: Settings, resources: Resources) -> FastAPI:
    return create_app(settings, replace(resources, sandboxes=Slots(1, patience=0.2)))


async def test_a_push_without_a_free_slot_is_503_with_retry_after_and_goes_through_later(busy: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(busy), base_url="http://test", timeout=60) as http:
        company = await sign_up(http)
        query = {"kind": "workforce", "as_of": "2025-12-31"}
        headers = {**company.headers, "Content-Type": "text/csv", "Idempotency-Key": "same"}
        content = workforce(company.id).encode()
        async with busy.state.resources.sandboxes.taken("another"):
            refused = await http.post("/v1/datasets", params=query, headers=headers, content=content)
        assert (refused.status_code, refused.json()["code"]) == (503, "temporarily-unavailable")
        assert refused.json()["retryable"] is True
        assert int(refused.headers["retry-after"]) > 0
        assert (await company.call("GET", "/v1/datasets"))["data"] == []
        taken = await http.post("/v1/datasets", params=query, headers=headers, content=content)
        assert taken.status_code == 202


async def test_never_more_than_the_slots_at_once_and_a_job_waits_as_long_as_it_takes() -> None:
    slots, inside, most = Slots(2, patience=0.05), 0, 0

    async def work() -> None:
        nonlocal inside, most
        async with slots.taken("one", however_long=True):
            inside, most = inside + 1, max(most, inside + 1)
            await asyncio.sleep(0.02)
            inside -= 1

    await asyncio.gather(*(work() for _ in range(20)))
    assert (inside, most) == (0, 2)


async def test_a_slot_is_given_back_when_its_holder_fails_or_is_cancelled() -> None:
    slots = Slots(1, patience=0.05)
    with pytest.raises(ZeroDivisionError):
        async with slots.taken("one"):
            raise ZeroDivisionError
    holder = asyncio.create_task(_hold(slots))
    await asyncio.sleep(0)
    with pytest.raises(TemporarilyUnavailable):
        async with slots.taken("one"):
            pass
    holder.cancel()
    await asyncio.gather(holder, return_exceptions=True)
    async with slots.taken("one"):
        pass


async def _hold(slots: Slots) -> None:
    async with slots.taken("one"):
        await asyncio.Event().wait()


async def test_a_free_slot_goes_to_the_owner_who_holds_fewest() -> None:
    slots, order = Slots(2, patience=5), list[str]()

    async def work(owner: str) -> None:
        async with slots.taken(owner):
            order.append(owner)
            await asyncio.sleep(0.01)

    many = [asyncio.create_task(work("many")) for _ in range(10)]
    await asyncio.sleep(0)
    few = asyncio.create_task(work("few"))
    await asyncio.gather(few, *many)
    assert order.index("few") == 2
    assert len(order) == 11


async def test_who_gives_up_in_the_moment_of_getting_a_slot_gives_it_back() -> None:
    slots = Slots(1, patience=5)
    async with slots.taken("one"):
        late = asyncio.create_task(_hold(slots))
        await asyncio.sleep(0)
    late.cancel()
    await asyncio.gather(late, return_exceptions=True)
    async with asyncio.timeout(1), slots.taken("one"):
        pass
