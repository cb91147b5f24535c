"""A file is read in a child process with limits, so that no file can harm the service."""

import asyncio
import contextlib
import ctypes
import io
import json
import signal
import struct
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass

import polars as pl

from wm_api.records.columns import finding
from wm_api.records.facts import Facts
from wm_api.records.intake import Report
from wm_api.records.readers import Limits
from wm_api.records.wire import facts_document, report_from

PR_SET_PDEATHSIG = 1
FRAME, PROGRESS, REPORT = b"F", b"P", b"R"
LARGEST_MESSAGE = 1 << 30
OnFrame = Callable[[pl.DataFrame], Awaitable[None]]
OnProgress = Callable[[int], Awaitable[None]]
UNREADABLE = Report("refused", 0, 0, (), (), (), (finding("file_unreadable"),))


@dataclass(frozen=True, slots=True)
class Order:
    """What the child is told before the file."""

    media_type: str
    content_encoding: str | None
    facts: Facts
    limits: Limits
    memory_bytes: int
    seconds: int

    def line(self) -> bytes:
        parts = {**asdict(self), "facts": facts_document(self.facts), "limits": asdict(self.limits)}
        return json.dumps(parts).encode() + b"\n"


async def check(
    blocks: AsyncIterator[bytes], order: Order, on_frame: OnFrame, on_progress: OnProgress | None = None
) -> Report:
    """The report on a file; its typed batches go to `on_frame` as they come.

    A child that dies, is out of memory or out of time is a refusal. A cancelled caller kills the child.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "wm_api.core.sandbox_child",
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "POLARS_MAX_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        start_new_session=True,
    )
    feeding = asyncio.create_task(_feed(process, order, blocks))
    try:
        async with asyncio.timeout(order.seconds):
            report = await _listen(process, on_frame, on_progress)
    except TimeoutError:
        report = None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await _settle(feeding)
    return report or UNREADABLE


async def _settle(feeding: "asyncio.Task[None]") -> None:
    """An error of the source (a body over its limit) is the caller's; a closed pipe is not."""
    if not feeding.done():
        feeding.cancel()
    with contextlib.suppress(asyncio.CancelledError, BrokenPipeError, ConnectionResetError):
        await feeding


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


async def _feed(process: Process, order: Order, blocks: AsyncIterator[bytes]) -> None:
    pipe = process.stdin
    if pipe is None:
        return
    try:
        pipe.write(order.line())
        async for block in blocks:
            pipe.write(block)
            await pipe.drain()
    finally:
        pipe.close()


async def _listen(process: Process, on_frame: OnFrame, on_progress: OnProgress | None) -> Report | None:
    pipe = process.stdout
    while pipe is not None:
        try:
            head = await pipe.readexactly(9)
            size = struct.unpack(">Q", head[1:])[0]
            if size > LARGEST_MESSAGE:
                return None
            content = await pipe.readexactly(size)
        except asyncio.IncompleteReadError:
            return None
        if head[:1] == FRAME:
            await on_frame(await asyncio.to_thread(pl.read_ipc_stream, io.BytesIO(content)))
        elif head[:1] == REPORT:
            return report_from(json.loads(content))
        elif on_progress is not None:
            await on_progress(int(json.loads(content)))
    return None
