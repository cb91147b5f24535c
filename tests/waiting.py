"""Waiting for what happens in its own time."""

import asyncio
from collections.abc import Awaitable, Callable

from wm_api.core.resources import Resources
from wm_api.pipeline.sweep import sweep


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 15) -> None:
    """Returns when it holds; fails when it does not in time."""
    for _ in range(int(seconds / 0.02)):
        if await holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen in time")


async def swept(resources: Resources) -> int:
    """A sweep with room for every wake-up: other tests leave theirs in the queue. Returns how many it woke."""
    await (await resources.wakeups.pool()).flushdb()
    return await sweep(resources)
