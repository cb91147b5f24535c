"""Strong ETags over the body, and If-Match."""

from hashlib import sha256
from typing import Annotated, TypeVar

from fastapi import Header, Request, Response
from pydantic import BaseModel

from wm_api.core.problems import PreconditionFailed

IfMatch = Annotated[str | None, Header(alias="If-Match", description="Proves which version was looked at; else 412.")]


def etag_of(body: BaseModel) -> str:
    return _etag(body.model_dump_json().encode())


def _etag(content: bytes) -> str:
    return f'"{sha256(content).hexdigest()[:32]}"'


def check_if_match(if_match: str | None, current: BaseModel) -> None:
    """Raises PreconditionFailed where the caller looked at another version."""
    if if_match is None or if_match.strip() == "*":
        return
    etag = etag_of(current)
    if etag not in {tag.strip() for tag in if_match.split(",")}:
        raise PreconditionFailed(current_etag=etag)


Body = TypeVar("Body", bound=BaseModel)


def tagged(request: Request, response: Response, body: Body) -> Body | Response:
    """Set the ETag; 304 where the caller has this version already."""
    etag = etag_of(body)
    if request.headers.get("if-none-match") == etag:
        return Response(
            status_code=304,
            headers={"ETag": etag, "Cache-Control": response.headers.get("cache-control", "private, no-cache")},
        )
    response.headers["ETag"] = etag
    return body


def tagged_json(request: Request, body: BaseModel, cache_control: str) -> Response:
    """As `tagged`, written once: for bodies that are read often."""
    content = body.model_dump_json().encode()
    headers = {"ETag": _etag(content), "Cache-Control": cache_control}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type="application/json")
