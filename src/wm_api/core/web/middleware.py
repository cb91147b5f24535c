"""Every request: its id, the security headers of its answer, a token in the address refused, nothing escapes."""

import re
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import unquote_to_bytes

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.core.logs import failure, log
from wm_api.core.problems import InternalError, Problem, TokenInUrl
from wm_api.core.web.docs import DOCS_CSP, is_docs
from wm_api.core.web.errors import problem_response

TOKEN = re.compile(rb"wm[krig]_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.")
CSP = b"default-src 'none'; frame-ancestors 'none'"


class RequestContext:
    """Outermost: what it wraps cannot answer without these headers, nor fail with a traceback."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = str(new_id())
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        answer = Answer(scope, send, request_id, https=self._https)
        try:
            if found := TOKEN.search(unquote_to_bytes(scope["raw_path"] + b"?" + scope["query_string"])):
                await _note_exposed(scope, found.group().decode())
                await _refuse(TokenInUrl(), scope, receive, answer.send)
            else:
                await self._app(scope, receive, answer.send)
        except Exception as error:  # noqa: BLE001 - the last handler
            log().error("request failed", **failure(error))
            if not answer.started:
                await _refuse(InternalError(), scope, receive, answer.send)
        answer.log()


async def _note_exposed(scope: Scope, token: str) -> None:
    state = scope["app"].state
    await state.note_exposed(state.resources, token)


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    await problem_response(Request(scope, receive), problem)(scope, receive, send)


class Answer:
    """Adds the headers of every answer as it starts."""

    def __init__(self, scope: Scope, send: Send, request_id: str, *, https: bool) -> None:
        self._scope, self._send, self._request_id, self._https = scope, send, request_id, https
        self._begun = clock.now()
        self.status = 0

    @property
    def started(self) -> bool:
        return self.status != 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": [*message.get("headers", ()), *self._headers(message)]}
        await self._send(message)

    def _headers(self, message: MutableMapping[str, Any]) -> list[tuple[bytes, bytes]]:
        path: str = self._scope["path"]
        headers = [
            (b"wm-request-id", self._request_id.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
        ]
        if self._https:
            headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
        present = {name.lower() for name, _ in message.get("headers", ())}
        if b"content-security-policy" not in present:
            headers.append((b"content-security-policy", DOCS_CSP if is_docs(path) else CSP))
        if b"cache-control" not in present:
            headers.append((b"cache-control", b"private, no-cache"))
        return headers

    def log(self) -> None:
        route = self._scope.get("route")
        milliseconds = int((clock.now() - self._begun).total_seconds() * 1000)
        log().info(
            "request",
            method=self._scope["method"],
            route=getattr(route, "path", None),
            status=self.status,
            duration_ms=milliseconds,
        )
