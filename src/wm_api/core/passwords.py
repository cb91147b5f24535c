"""Passwords: argon2id (46 MiB, t=2, p=1) over a keyed hash, in a thread, two at once, a bounded queue."""

import asyncio
import base64
import hmac
from collections.abc import Callable, Iterable
from functools import cache
from importlib import resources
from typing import TypeVar

from passlib.hash import argon2

Result = TypeVar("Result")
MINIMUM, MAXIMUM = 12, 128
AT_ONCE, QUEUE = 2, 64
HASHER = argon2.using(type="ID", memory_cost=46 * 1024, rounds=2, parallelism=1)


class Busy(Exception):  # noqa: N818 - named for what is wrong
    """The queue is full; try again shortly."""


@cache
def common_passwords() -> frozenset[str]:
    """Well-known passwords of 12 characters and more, offline."""
    listed = resources.files("wm_api.core").joinpath("data/common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line for line in listed.splitlines() if line and not line.startswith("#"))


def acceptable(password: str, own_words: Iterable[str]) -> bool:
    """12 to 128 characters, not well known, not mostly made of the person's, company's or product's words."""
    if not MINIMUM <= len(password) <= MAXIMUM:
        return False
    plain = password.casefold()
    if plain in common_passwords() or len(set(plain)) < 4:  # noqa: PLR2004 - one pattern repeated
        return False
    words = [word.casefold() for text in own_words for word in (text, *text.replace("@", " ").split()) if len(word) > 3]  # noqa: PLR2004
    rest = plain
    for word in sorted([*words, "workingmetrics", "working metrics", "password"], key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) >= MINIMUM // 2


class Passwords:
    """Hashing that neither blocks the event loop nor fills the memory."""

    def __init__(self, pepper: bytes) -> None:
        self._pepper = pepper
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._nobody = HASHER.hash("nobody")

    async def hash(self, password: str) -> str:
        """Raises Busy."""
        return str(await self._run(HASHER.hash, self._peppered(password)))

    async def verify(self, password: str, stored: str | None) -> bool:
        """Takes the same time for an unknown user (`stored` None). Raises Busy."""
        matches = await self._run(HASHER.verify, self._peppered(password), stored or self._nobody)
        return bool(matches) and stored is not None

    def _peppered(self, password: str) -> str:
        return base64.b64encode(hmac.digest(self._pepper, password.encode("utf-8", "surrogatepass"), "sha256")).decode()

    async def _run(self, work: Callable[..., Result], *arguments: str) -> Result:
        if self._waiting >= QUEUE:
            raise Busy
        self._waiting += 1
        try:
            async with self._slots:
                return await asyncio.to_thread(work, *arguments)
        finally:
            self._waiting -= 1
