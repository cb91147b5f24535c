"""A crosswalk is read in the same child process, with the same limits, as a file of records."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from wm_api.core.sandbox_process import Broken, frame, heard, message, said
from wm_api.core.sandbox_start import Child
from wm_api.records.columns import Finding, finding
from wm_api.records.crosswalk import COLUMNS
from wm_api.records.employee_keys import LENGTH
from wm_api.records.readers import Limits
from wm_api.records.wire import findings_from

FRAME, REPORT = b"F", b"R"
OnPairs = Callable[[pl.DataFrame], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class CrosswalkOrder:
    """What the child is told before the crosswalk. `key_id` is the one that the account has now."""

    content_encoding: str | None
    key_id: str | None
    limits: Limits
    memory_bytes: int
    seconds: int

    def document(self) -> dict[str, Any]:
        return {**asdict(self), "task": "crosswalk"}


async def read_pairs(blocks: AsyncIterator[bytes], order: CrosswalkOrder, on_pairs: OnPairs) -> tuple[Finding, ...]:
    """What is wrong with a crosswalk. Its pairs go to `on_pairs` as they come, and count only where nothing is.

    A child that dies, is out of memory or out of time is a refusal. Raises ChildKilled where it is killed from outside.
    """

    async def listen(child: Child, _: asyncio.Timeout) -> tuple[Finding, ...]:
        while True:
            kind, content = await message(child)
            if kind == REPORT:
                return said(content, findings_from)
            if kind != FRAME:
                raise Broken
            await on_pairs(await asyncio.to_thread(_pairs, content))

    found = await heard(blocks, order, listen)
    return (finding("file_unreadable"),) if found is None else found


def _pairs(content: bytes) -> pl.DataFrame:
    """What the child says is not believed."""
    pairs = frame(content)
    if pairs.schema != dict.fromkeys(COLUMNS, pl.String()):
        raise Broken
    if not pairs.select(pl.all_horizontal((pl.all().str.len_bytes() == LENGTH).fill_null(value=False).all())).item():
        raise Broken
    return pairs
