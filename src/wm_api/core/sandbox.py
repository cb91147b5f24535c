"""A file is read in a child process with limits, so that no file can harm the service."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import polars as pl

from wm_api.core.sandbox_process import Broken, frame, heard, message, said
from wm_api.core.sandbox_start import Child, ChildKilled
from wm_api.records.columns import finding
from wm_api.records.employee_keys import LENGTH
from wm_api.records.facts import Facts
from wm_api.records.intake import Report
from wm_api.records.kinds import KINDS
from wm_api.records.looks import Known
from wm_api.records.readers import Limits
from wm_api.records.wire import facts_document, known_document, known_from, report_from

__all__ = ["UNREADABLE", "ChildKilled", "OnPart", "OnProgress", "Order", "Part", "check"]

KEYS, FRAME, PROGRESS, REPORT, AGAIN = b"K", b"F", b"P", b"R", b"A"
MILLION = 1_000_000
UNREADABLE = Report("refused", 0, 0, (), (), (), (finding("file_unreadable"),))


@dataclass(frozen=True, slots=True)
class Part:
    """Typed rows, and the employee keys that are new in them: `employee_key` is the place of a key among all so far."""

    new_keys: bytes
    """One after another: all are of one length."""
    frame: pl.DataFrame


OnPart = Callable[[Part], Awaitable[None]]
OnProgress = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Order:
    """What the child is told before the file. `seconds` are for each million rows that are begun."""

    media_type: str
    content_encoding: str | None
    facts: Facts
    limits: Limits
    memory_bytes: int
    seconds: int
    known: Known = field(default_factory=Known)

    def document(self) -> dict[str, Any]:
        parts = {
            "task": "records",
            "facts": facts_document(self.facts),
            "limits": asdict(self.limits),
            "known": known_document(self.known),
        }
        return {**asdict(self), **parts}


async def check(
    blocks: AsyncIterator[bytes], order: Order, on_part: OnPart, on_progress: OnProgress | None = None
) -> Report | Known:
    """The report on a file; its typed parts go to `on_part` as they come.

    Or what has to be `known` in the order of the next look at the same file; then the parts of this one do not count.

    A child that dies, is out of memory or out of time is a refusal. Raises ChildKilled where it is killed from outside.
    """

    async def listen(child: Child, clock: asyncio.Timeout) -> Report | Known:
        return await _listen(child, order, clock, on_part, on_progress)

    found = await heard(blocks, order, listen)
    return UNREADABLE if found is None else found


async def _listen(
    child: Child, order: Order, clock: asyncio.Timeout, on_part: OnPart, on_progress: OnProgress | None
) -> Report | Known:
    """Raises Broken, also when the child is gone."""
    begun, new_keys, known = asyncio.get_running_loop().time(), b"", 0
    keyed = KINDS[order.facts.kind].keyed
    while True:
        kind, content = await message(child)
        if kind == KEYS:
            if len(content) % LENGTH:
                raise Broken
            new_keys, known = content, known + len(content) // LENGTH
        elif kind == FRAME:
            await on_part(Part(new_keys, await asyncio.to_thread(_rows, content, known if keyed else None)))
            new_keys = b""
        elif kind == PROGRESS:
            rows = said(content, int)
            clock.reschedule(begun + order.seconds * (1 + min(rows, order.limits.rows) // MILLION))
            if on_progress is not None:
                await on_progress(rows)
        else:
            return said(content, partial(_report, keyed=keyed)) if kind == REPORT else said(content, _known(order))


def _report(document: Any, *, keyed: bool) -> Report:
    report = report_from(document)
    if not report.refused and len(report.key_ids) != int(keyed):
        raise ValueError("an accepted file with employee keys has one key id, any other none")
    return report


def _known(order: Order) -> Callable[[Any], Known]:
    """A child that wants to look again and again is not believed."""

    def read(document: Any) -> Known:
        known = known_from(document)
        if order.known.last or known.looks != order.known.looks + 1:
            raise ValueError("looked at too often")
        return known

    return read


def _rows(content: bytes, known: int | None) -> pl.DataFrame:
    """What the child says is not believed: numbers of keys that were not sent are found here.

    `known` keys were sent; None is of a kind that has none.
    """
    rows = frame(content)
    numbers = rows.get_column("employee_key", default=None)
    if known is None and numbers is None:
        return rows
    if known is None or numbers is None:
        raise Broken
    if numbers.dtype != pl.UInt32 or numbers.null_count() or int(numbers.max() or 0) >= known:
        raise Broken
    return rows
