"""A file is read in a child process with limits, so that no file can harm the service."""

import asyncio
import contextlib
import io
import json
import os
import signal
import struct
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, TypeVar

import polars as pl

from wm_api.records.columns import finding
from wm_api.records.employee_keys import LENGTH
from wm_api.records.facts import Facts
from wm_api.records.intake import Report
from wm_api.records.kinds import KINDS
from wm_api.records.looks import Known
from wm_api.records.readers import Limits
from wm_api.records.wire import facts_document, known_document, known_from, report_from

T = TypeVar("T")
KEYS, FRAME, PROGRESS, REPORT, AGAIN = b"K", b"F", b"P", b"R", b"A"
LARGEST_MESSAGE = 1 << 30
PIPE_BYTES = 1 << 20
MILLION = 1_000_000
SECONDS_TO_END = 5
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "POLARS_MAX_THREADS": "1",  # the other core seals what this one has read
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",  # each arena takes address space, which is limited, long before memory
}
UNREADABLE = Report("refused", 0, 0, (), (), (), (finding("file_unreadable"),))


@dataclass(frozen=True, slots=True)
class Part:
    """Typed rows, and the employee keys that are new in them: `employee_key` is the place of a key among all so far."""

    new_keys: tuple[bytes, ...]
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

    def line(self) -> bytes:
        parts = {
            "facts": facts_document(self.facts),
            "limits": asdict(self.limits),
            "known": known_document(self.known),
        }
        return json.dumps({**asdict(self), **parts, "parent": os.getpid()}).encode() + b"\n"


class ChildKilled(OSError):  # noqa: N818 - named for what is wrong
    """The child was killed from outside, as where the machine is out of memory: it says nothing of the file."""


class _Broken(Exception):  # noqa: N818 - named for what is wrong
    """The child does not speak as it should."""


class _Gone(_Broken):
    """The child ended before its report."""


async def check(
    blocks: AsyncIterator[bytes], order: Order, on_part: OnPart, on_progress: OnProgress | None = None
) -> Report | Known:
    """The report on a file; its typed parts go to `on_part` as they come.

    Or what has to be `known` in the order of the next look at the same file; then the parts of this one do not count.

    A child that dies, is out of memory or out of time is a refusal; its own limits end it with other signals than
    SIGKILL, and after that one ChildKilled is raised. A cancelled caller kills the child.
    """
    process = await _started()
    feeding, clock = asyncio.create_task(_feed(process, order, blocks)), asyncio.timeout(order.seconds)
    try:
        async with clock:
            report = await _listen(process, order, clock, on_part, on_progress)
    except TimeoutError:
        if not clock.expired():
            raise  # of the taker: no fault of the file
        report = UNREADABLE
    except _Gone as gone:
        if await _ended(process) == -signal.SIGKILL:
            raise ChildKilled from gone
        report = UNREADABLE
    except _Broken:
        report = UNREADABLE
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await _settle(feeding)
    return report


async def _started() -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "wm_api.core.sandbox_child",
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        limit=PIPE_BYTES,
        env=ENVIRONMENT,
        cwd="/",
        start_new_session=True,
    )


async def _ended(process: Process) -> int | None:
    """How a child ended that says nothing more; None of one that lives on all the same."""
    with contextlib.suppress(TimeoutError):
        return await asyncio.wait_for(process.wait(), SECONDS_TO_END)
    return None


async def _settle(feeding: "asyncio.Task[None]") -> None:
    """An error of the source (a body over its limit) is the caller's; a closed pipe is not."""
    if not feeding.done():
        feeding.cancel()
    with contextlib.suppress(asyncio.CancelledError, BrokenPipeError, ConnectionResetError):
        await feeding


async def _feed(process: Process, order: Order, blocks: AsyncIterator[bytes]) -> None:
    """Raises BrokenPipeError where the child is gone; why, its listener says."""
    pipe = process.stdin
    if pipe is None:
        return
    try:
        await _write(pipe, order.line())
        async for block in blocks:
            await _write(pipe, block)
    finally:
        pipe.close()


async def _write(pipe: asyncio.StreamWriter, block: bytes) -> None:
    """Of a pipe that is closed uvloop raises RuntimeError; here it is BrokenPipeError on every event loop."""
    if pipe.is_closing():
        raise BrokenPipeError
    pipe.write(block)
    await pipe.drain()


async def _listen(
    process: Process, order: Order, clock: asyncio.Timeout, on_part: OnPart, on_progress: OnProgress | None
) -> Report | Known:
    """Raises _Broken, also when the child is gone."""
    begun, new_keys, known = asyncio.get_running_loop().time(), tuple[bytes, ...](), 0
    keyed = KINDS[order.facts.kind].keyed
    while True:
        kind, content = await _message(process)
        if kind == KEYS:
            new_keys = _keys(content)
            known += len(new_keys)
        elif kind == FRAME:
            await on_part(Part(new_keys, await asyncio.to_thread(_frame, content, known if keyed else None)))
            new_keys = ()
        elif kind == PROGRESS:
            rows = _said(content, int)
            clock.reschedule(begun + order.seconds * (1 + min(rows, order.limits.rows) // MILLION))
            if on_progress is not None:
                await on_progress(rows)
        else:
            return _said(content, partial(_report, keyed=keyed)) if kind == REPORT else _said(content, _known(order))


async def _message(process: Process) -> tuple[bytes, bytes]:
    if process.stdout is None:
        raise _Broken
    try:
        head = await process.stdout.readexactly(9)
        size = struct.unpack(">Q", head[1:])[0]
        if size > LARGEST_MESSAGE:
            raise _Broken
        return head[:1], await process.stdout.readexactly(size)
    except asyncio.IncompleteReadError as error:
        raise _Gone from error


def _said(content: bytes, read: Callable[[Any], T]) -> T:
    try:
        return read(json.loads(content))
    except (ValueError, TypeError, KeyError) as error:
        raise _Broken from error


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


def _keys(content: bytes) -> tuple[bytes, ...]:
    if len(content) % LENGTH:
        raise _Broken
    return tuple(content[start : start + LENGTH] for start in range(0, len(content), LENGTH))


def _frame(content: bytes, known: int | None) -> pl.DataFrame:
    """What the child says is not believed: numbers of keys that were not sent are found here.

    `known` keys were sent; None is of a kind that has none.
    """
    try:
        frame = pl.read_ipc_stream(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise _Broken from error
    numbers = frame.get_column("employee_key", default=None)
    if known is None and numbers is None:
        return frame
    if known is None or numbers is None:
        raise _Broken
    if numbers.dtype != pl.UInt32 or numbers.null_count() or int(numbers.max() or 0) >= known:
        raise _Broken
    return frame
