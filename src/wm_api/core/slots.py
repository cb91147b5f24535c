"""How many files a process checks at once: each check is a child process with memory of its own."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from wm_api.core.problems import TemporarilyUnavailable

PATIENCE = 30.0
"""Seconds that a caller waits for a slot."""
RETRY_AFTER = "5"
Turn = asyncio.Future[None]


class Slots:
    """`count` at once. A free slot goes to the owner who holds fewest, then to who waits longest:
    however many files one account sends at once, another waits for one of them at most.
    """

    def __init__(self, count: int, patience: float = PATIENCE) -> None:
        self._free, self._patience = count, patience
        self._held, self._waiting = Counter[Hashable](), list[tuple[Hashable, Turn]]()

    @asynccontextmanager
    async def taken(self, owner: Hashable, *, however_long: bool = False) -> AsyncIterator[None]:
        """A caller of the API waits a while, a job as long as it takes. Raises TemporarilyUnavailable."""
        waiting = (owner, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._give()
        try:
            async with asyncio.timeout(None if however_long else self._patience):
                await waiting[1]
        except TimeoutError as error:
            self._leave(waiting)
            raise TemporarilyUnavailable(headers={"Retry-After": RETRY_AFTER}) from error
        except asyncio.CancelledError:
            self._leave(waiting)
            raise
        try:
            yield
        finally:
            self._release(owner)

    def _give(self) -> None:
        while self._free and (there := [each for each in self._waiting if not each[1].done()]):
            next_one = min(there, key=lambda waiting: self._held[waiting[0]])
            self._waiting.remove(next_one)
            self._free -= 1
            self._held[next_one[0]] += 1
            next_one[1].set_result(None)

    def _leave(self, waiting: tuple[Hashable, Turn]) -> None:
        """It may have been given a slot in the very moment in which it gave up."""
        if waiting in self._waiting:
            self._waiting.remove(waiting)
        else:
            self._release(waiting[0])

    def _release(self, owner: Hashable) -> None:
        self._free += 1
        self._held[owner] -= 1
        self._held += Counter()  # forgets who holds none
        self._give()
