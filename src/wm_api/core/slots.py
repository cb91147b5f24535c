"""How many files a process checks at once: each check is a child process with memory of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from wm_api.core.problems import TemporarilyUnavailable

PATIENCE = 30.0
"""Seconds that a caller waits for a slot."""
RETRY_AFTER = "5"


class Slots:
    """`count` at once; who comes later waits in line."""

    def __init__(self, count: int, patience: float = PATIENCE) -> None:
        self._free = asyncio.Semaphore(count)
        self._patience = patience

    @asynccontextmanager
    async def taken(self, *, however_long: bool = False) -> AsyncIterator[None]:
        """A caller of the API waits a while, a job as long as it takes. Raises TemporarilyUnavailable."""
        try:
            async with asyncio.timeout(None if however_long else self._patience):
                await self._free.acquire()
        except TimeoutError as error:
            raise TemporarilyUnavailable(headers={"Retry-After": RETRY_AFTER}) from error
        try:
            yield
        finally:
            self._free.release()
