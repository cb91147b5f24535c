"""Bodies: JSON read strictly and under a limit; files counted as they come, never spooled to disk."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

from fastapi import Request
from starlette.requests import ClientDisconnect

from wm_api.core.problems import ContentTooLarge, MalformedRequest, UnsupportedMediaType, ValidationFailed

JSON_TYPES = ("application/json", "application/merge-patch+json")
MAX_DEPTH = 16
BLOCK = 1 << 20


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


class BodyStopped(MalformedRequest):
    """The sender has fallen silent, or is gone, before the end of the body."""

    def __init__(self) -> None:
        super().__init__("The body stopped before its end. Send it again; a large file goes by /v1/uploads.")


async def counted(request: Request, limit: int) -> AsyncIterator[bytes]:
    """The body in blocks; over the limit it is 413 at once, whatever Content-Length said. Raises BodyStopped."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise ContentTooLarge(limit=limit)
    seen, blocks = 0, request.stream()
    while (block := await _next(blocks, request.app.state.resources.settings.body_idle)) is not None:
        seen += len(block)
        if seen > limit:
            raise ContentTooLarge(limit=limit)
        if block:
            yield block


async def _next(blocks: AsyncIterator[bytes], idle: timedelta) -> bytes | None:
    try:
        return await asyncio.wait_for(anext(blocks, None), idle.total_seconds())
    except (TimeoutError, ClientDisconnect) as error:
        raise BodyStopped from error


async def in_blocks(body: bytes) -> AsyncIterator[bytes]:
    """A body that was read, as it is given to who reads files."""
    for start in range(0, len(body), BLOCK):
        yield body[start : start + BLOCK]


async def read_json(request: Request) -> None:
    """Put a strictly read JSON body where FastAPI takes it from."""
    if request.headers.get("content-encoding", "identity") != "identity":
        raise UnsupportedMediaType("A JSON body has no Content-Encoding.", supported=["identity"])
    body = await small_body(request)
    if body and media_type(request) not in JSON_TYPES:
        raise UnsupportedMediaType(supported=list(JSON_TYPES))
    if body:
        value = parse_json(body)
        _check_depth(value)


async def small_body(request: Request) -> bytes:
    """The whole body of a call that takes no file: under the limit of JSON, read once."""
    if not hasattr(request, "_body"):
        limit: int = request.app.state.resources.settings.json_bytes
        # where Starlette keeps a body that was read before
        request._body = b"".join([block async for block in counted(request, limit)])  # noqa: SLF001
    return await request.body()


def parse_json(body: bytes) -> object:
    """Strict JSON: UTF-8, no duplicate keys, no NaN or Infinity."""
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedRequest from error


def _no_duplicates(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedRequest("A JSON object names a member twice.")
    return members


def _no_constant(_: str) -> object:
    raise MalformedRequest("NaN and Infinity are not JSON.")


def _check_depth(value: object) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        children = [child for item in level for child in _children(item)]
        if not children:
            return
        level = children
    raise MalformedRequest(f"JSON may be {MAX_DEPTH} levels deep.")


def _children(item: object) -> Sequence[object]:
    if isinstance(item, dict):
        if any("\x00" in key for key in item):
            raise ValidationFailed("U+0000 is not allowed.")
        return list(item.values())
    return item if isinstance(item, list) else []
