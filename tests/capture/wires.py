"""A TCP proxy before a real server: it records what passes, cuts connections, or answers in the server's place."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field

import uvicorn
from fastapi import FastAPI

from waiting import until

BLOCK = 16 << 10


@dataclass
class Wire:
    """`cut` is asked for each block on its way to the server; when true, the connection breaks there."""

    port: int = 0
    sent: bytearray = field(default_factory=bytearray)
    connections: int = 0
    cut: Callable[["Wire", bytes], bool] = lambda *_: False
    lose_answer: Callable[["Wire", bytes], bool] = lambda *_: False
    answer: Callable[["Wire"], bytes | None] = lambda _: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def serving(application: FastAPI) -> AsyncIterator[tuple[str, int]]:
    """The application behind a real socket."""
    server = uvicorn.Server(uvicorn.Config(application, port=0, log_level="warning", lifespan="off"))
    task = asyncio.create_task(server.serve())
    await until(lambda: asyncio.sleep(0, server.started))
    yield server.servers[0].sockets[0].getsockname()
    server.should_exit = True
    await task


@asynccontextmanager
async def wire_to(address: tuple[str, int], wire: Wire) -> AsyncIterator[Wire]:
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire.connections += 1
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
        with suppress(OSError), _closed(writer):
            if (canned := wire.answer(wire)) is not None:
                await reader.read(BLOCK)
                writer.write(canned)
                await writer.drain()
            else:
                await _passed(reader, writer, address, wire)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    yield wire
    server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await server.wait_closed()
    await asyncio.sleep(0.05)


async def _passed(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: tuple[str, int], wire: Wire
) -> None:
    there, back = await asyncio.open_connection(*address)

    async def up() -> None:
        while block := await reader.read(BLOCK):
            wire.sent += block
            if wire.cut(wire, block):
                writer.transport.abort()
                return
            back.write(block)
            await back.drain()

    async def down() -> None:
        while block := await there.read(BLOCK):
            if wire.lose_answer(wire, block):
                writer.transport.abort()
                return
            writer.write(block)
            await writer.drain()

    with _closed(back):
        ends = [asyncio.create_task(up()), asyncio.create_task(down())]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
            await asyncio.gather(*ends, return_exceptions=True)


@contextmanager
def _closed(writer: asyncio.StreamWriter) -> Iterator[None]:
    try:
        yield
    finally:
        writer.close()
