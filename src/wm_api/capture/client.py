"""Calls over HTTP: safe to repeat, retried with patience, followed to the end."""

import time
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from typing import Any, Self

import httpx

from wm_api.capture.problems import NetworkAway, RefusedByServer

VERSION = metadata.version("wm-api")
TRIES = 8
LONGEST_WAIT = 120
RETRIED = {409, 429, 502, 503, 504}
FIRST_PAUSE = 0.25
BLOCK = 64 << 10
LONG_POLL = 20
AWAY = "The server of WM_URL does not answer. Nothing is lost: check the address, and run the same command again."
NOT_SHOWN = {403, 404, 409, 410}
ENDED = {"succeeded", "failed", "canceled"}
Sent = Callable[[int], None]


class Client:
    """One server and one API key; closed by `with`. `waiting` hears before each further try which one it is."""

    def __init__(self, url: str, api_key: str, waiting: Callable[[int], None] = lambda _: None) -> None:
        self._waiting = waiting
        headers = {"Authorization": f"Bearer {api_key}", "User-Agent": f"wm-capture/{VERSION}"}
        timeout = httpx.Timeout(120, connect=10)
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def call(self, method: str, path: str, *, body: bytes = b"", sent: Sent | None = None, **parts: Any) -> "Answer":
        """Repeated on network loss and on answers that say so. Raises RefusedByServer, NetworkAway."""
        for attempt in range(TRIES):
            try:
                return self.once(method, path, body=body, sent=sent, **parts)
            except Later as later:
                self.pause(attempt, later.seconds)
        raise NetworkAway(AWAY)

    def shown(self, path: str) -> dict[str, Any]:
        """Empty where it is not there, or not yet, or not for this key. Raises NetworkAway."""
        try:
            return self.call("GET", path).body
        except RefusedByServer as refused:
            if refused.problem.get("status") not in NOT_SHOWN:
                raise
            return {}

    def once(self, method: str, path: str, *, body: bytes = b"", sent: Sent | None = None, **parts: Any) -> "Answer":
        """One try. Raises RefusedByServer, or Later when it should be tried again."""
        if body:
            parts["content"] = _counted(body, sent)
            parts["headers"] = {**parts.get("headers", {}), "Content-Length": str(len(body))}
        try:
            response = self._http.request(method, path, **parts)
        except httpx.TransportError as error:
            raise Later(None) from error
        answer = Answer(response)
        if response.is_success:
            return answer
        if response.status_code in RETRIED and answer.body.get("retryable", response.status_code > 500):  # noqa: PLR2004
            raise Later(answer.retry_after)
        raise RefusedByServer(answer.problem)

    def pause(self, attempt: int, asked: float | None) -> None:
        """Before the next try. Raises NetworkAway when there have been enough."""
        if attempt >= TRIES:
            raise NetworkAway(AWAY)
        if asked is not None and asked > LONGEST_WAIT:
            raise NetworkAway(f"The server asks to come back in {asked:.0f} seconds. Run the same command then.")
        self._waiting(attempt + 2)
        own = min(FIRST_PAUSE * 2**attempt, 8.0)
        time.sleep(own if asked is None else max(asked, own if asked == 0 else 0.0))

    def follow(self, operation_id: str, show: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """The operation when it has ended."""
        while True:
            operation = self.call("GET", f"/v1/operations/{operation_id}", params={"wait": str(LONG_POLL)}).body
            show(operation)
            if operation["state"] in ENDED:
                return operation


class Later(Exception):  # noqa: N818 - named for what to do
    """Try again, after the seconds that the server asked for."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__("later")
        self.seconds = seconds


class Answer:
    """Status, headers and JSON body, whatever a proxy on the way made of them."""

    def __init__(self, response: httpx.Response) -> None:
        self.status, self.headers = response.status_code, response.headers
        try:
            body = response.json() if response.content else {}
        except ValueError:
            body = {}
        self.body: dict[str, Any] = body if isinstance(body, dict) else {}

    @property
    def problem(self) -> Mapping[str, Any]:
        detail = f"The server, or a proxy before it, answered {self.status}."
        return {"code": f"http-{self.status}", "detail": detail, "status": self.status} | self.body

    @property
    def retry_after(self) -> float | None:
        """Seconds; a date or nonsense counts as not said."""
        text = self.headers.get("retry-after", "")
        return float(text) if text.isdigit() else None


def _counted(body: bytes, sent: Sent | None) -> Iterator[bytes]:
    for start in range(0, len(body), BLOCK):
        yield body[start : start + BLOCK]
        if sent is not None:
            sent(min(start + BLOCK, len(body)))
