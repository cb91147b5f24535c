"""The child process in which a file is read: started, fed, listened to, and ended whatever happens."""

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
from typing import Any, Protocol, TypeVar

import polars as pl

T = TypeVar("T")
LARGEST_MESSAGE = 1 << 30
PIPE_BYTES = 1 << 20
SECONDS_TO_END = 5
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "POLARS_MAX_THREADS": "1",  # the other core seals what this one has read
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",  # each arena takes address space, which is limited, long before memory
}


class Ordered(Protocol):
    """What the child is told before the file."""

    @property
    def seconds(self) -> int: ...
    def document(self) -> dict[str, Any]: ...


class ChildKilled(OSError):  # noqa: N818 - named for what is wrong
    """The child was killed from outside, as where the machine is out of memory: it says nothing of the file."""


class Broken(Exception):  # noqa: N818 - named for what is wrong
    """The child does not speak as it should."""


class _Gone(Broken):
    """The child ended before its report."""


Listen = Callable[[Process, asyncio.Timeout], Awaitable[T]]


async def heard(blocks: AsyncIterator[bytes], order: Ordered, listen: Listen[T]) -> T | None:
    """What the child said of the file in the end; None where it is broken, out of memory or out of time.

    Its own limits end it with other signals than SIGKILL, and after that one ChildKilled is raised. A cancelled caller
    kills the child.
    """
    process = await _started()
    feeding, clock = asyncio.create_task(_feed(process, order, blocks)), asyncio.timeout(order.seconds)
    try:
        async with clock:
            return await listen(process, clock)
    except TimeoutError:
        if not clock.expired():
            raise  # of the taker: no fault of the file
    except _Gone as gone:
        if await _ended(process) == -signal.SIGKILL:
            raise ChildKilled from gone
    except Broken:
        pass
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await _settle(feeding)
    return None


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


async def _feed(process: Process, order: Ordered, blocks: AsyncIterator[bytes]) -> None:
    """Raises BrokenPipeError where the child is gone; why, its listener says."""
    pipe = process.stdin
    if pipe is None:
        return
    try:
        await _write(pipe, json.dumps({**order.document(), "parent": os.getpid()}).encode() + b"\n")
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


async def message(process: Process) -> tuple[bytes, bytes]:
    if process.stdout is None:
        raise Broken
    try:
        head = await process.stdout.readexactly(9)
        size = struct.unpack(">Q", head[1:])[0]
        if size > LARGEST_MESSAGE:
            raise Broken
        return head[:1], await process.stdout.readexactly(size)
    except asyncio.IncompleteReadError as error:
        raise _Gone from error


def said(content: bytes, read: Callable[[Any], T]) -> T:
    try:
        return read(json.loads(content))
    except (ValueError, TypeError, KeyError) as error:
        raise Broken from error


def frame(content: bytes) -> pl.DataFrame:
    """A message that is a table; what stands in it is the listener's to look at."""
    try:
        return pl.read_ipc_stream(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise Broken from error
