"""The child process in which a file is read: started, fed, listened to, and ended whatever happens."""

import asyncio
import contextlib
import io
import json
import signal
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol, TypeVar

import polars as pl

from wm_api.core.sandbox_start import Child, ChildKilled, started

T = TypeVar("T")
LARGEST_MESSAGE = 1 << 30


class Ordered(Protocol):
    """What the child is told before the file."""

    @property
    def seconds(self) -> int: ...
    def document(self) -> dict[str, Any]: ...


class Broken(Exception):  # noqa: N818 - named for what is wrong
    """The child does not speak as it should."""


class _Gone(Broken):
    """The child ended before its report."""


Listen = Callable[[Child, asyncio.Timeout], Awaitable[T]]


async def heard(blocks: AsyncIterator[bytes], order: Ordered, listen: Listen[T]) -> T | None:
    """What the child said of the file in the end; None where it is broken, out of memory or out of time.

    Its own limits end it with other signals than SIGKILL, and after that one ChildKilled is raised. A cancelled caller
    kills the child.
    """
    child = await started()
    feeding, clock = asyncio.create_task(_feed(child, order, blocks)), asyncio.timeout(order.seconds)
    try:
        async with clock:
            return await listen(child, clock)
    except TimeoutError:
        if not clock.expired():
            raise  # of the taker: no fault of the file
    except _Gone as gone:
        if await child.ended() == -signal.SIGKILL:
            raise ChildKilled from gone
    except Broken:
        pass
    finally:
        child.kill()
        try:
            await child.wait()
            await _settle(feeding)
        finally:
            child.close()
    return None


async def _settle(feeding: "asyncio.Task[None]") -> None:
    """An error of the source (a body over its limit) is the caller's; a closed pipe is not."""
    if not feeding.done():
        feeding.cancel()
    with contextlib.suppress(asyncio.CancelledError, BrokenPipeError, ConnectionResetError):
        await feeding


async def _feed(child: Child, order: Ordered, blocks: AsyncIterator[bytes]) -> None:
    """Raises BrokenPipeError where the child is gone; why, its listener says."""
    pipe = child.stdin
    try:
        await _write(pipe, json.dumps(order.document()).encode() + b"\n")
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


async def message(child: Child) -> tuple[bytes, bytes]:
    try:
        head = await child.stdout.readexactly(9)
        size = struct.unpack(">Q", head[1:])[0]
        if size > LARGEST_MESSAGE:
            raise Broken
        return head[:1], await child.stdout.readexactly(size)
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
