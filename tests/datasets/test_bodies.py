"""S24: a body is counted as it comes: without a length, with a wrong one, without an end, or one that falls silent."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from capture.wires import serving
from companies import Company, sign_up
from wm_api.core.resources import Resources
from wm_api.core.settings import Settings
from wm_api.main import create_app

LIMIT = 200_000
PATH = "/v1/datasets?kind=workforce&as_of=2025-12-31"
Address = tuple[str, int]


@pytest.fixture
async def address(settings: Settings, resources: Resources) -> AsyncIterator[Address]:
    own = settings.model_copy(update={"push_bytes": LIMIT, "body_idle": timedelta(seconds=1)})
    async with serving(create_app(own, replace(resources, settings=own))) as socket:
        yield socket


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


class Sender:
    """A client that says of its body what it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, content: bytes) -> None:
        self._writer.write(content)
        await self._writer.drain()

    async def answer(self) -> tuple[int, str]:
        """Status, and the code of the problem."""
        try:
            async with asyncio.timeout(20):
                head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
                length = int(head.partition("content-length:")[2].split()[0])
                body = json.loads(await self._reader.readexactly(length))
        finally:
            self._writer.transport.abort()
            with suppress(ConnectionError):
                await self._writer.wait_closed()
        return int(head.split()[1]), body["code"]


async def begun(address: Address, company: Company, *headers: str) -> Sender:
    sender = Sender(*await asyncio.open_connection(*address))
    lines = [f"POST {PATH} HTTP/1.1", "Host: test", f"Authorization: {company.headers['Authorization']}"]
    await sender.send("\r\n".join([*lines, "Content-Type: text/csv", *headers, "", ""]).encode())
    return sender


async def test_a_length_over_the_limit_is_413_before_a_byte_came(address: Address, company: Company) -> None:
    sender = await begun(address, company, f"Content-Length: {LIMIT + 1}")
    assert await sender.answer() == (413, "content-too-large")


async def test_a_body_without_a_length_and_without_an_end_is_413_at_the_limit(
    address: Address, company: Company
) -> None:
    sender, sent = await begun(address, company, "Transfer-Encoding: chunked"), 0
    answering = asyncio.create_task(sender.answer())
    while not answering.done() and sent < 100 * LIMIT:
        try:
            await sender.send(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        except ConnectionError:
            break
        sent += 4096
        await asyncio.sleep(0)
    assert await answering == (413, "content-too-large")


@pytest.mark.parametrize("headers", ["Content-Length: 5000", "Transfer-Encoding: chunked"])
async def test_a_body_that_falls_silent_is_cut_and_others_are_served(
    address: Address, company: Company, headers: str
) -> None:
    sender = await begun(address, company, headers)
    await sender.send(b"11\r\nemployee_key,gend\r\n" if "chunked" in headers else b"employee_key,gend")
    assert await sender.answer() == (400, "malformed-request")
    assert (await company.call("GET", "/v1/datasets"))["data"] == []
