"""Pushing over HTTP: safe to repeat, retried with patience, followed to the end."""

import base64
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

import httpx

TRIES = 6
RETRIED = {409, 429, 502, 503, 504}
LONG_POLL = 20


class RefusedByServer(Exception):  # noqa: N818 - named for what is wrong
    """The server's problem document."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("title")))
        self.problem = problem


class NetworkAway(Exception):  # noqa: N818 - named for what is wrong
    """No answer after several tries; run the same command again."""


class Client:
    """One server and one API key."""

    def __init__(self, url: str, api_key: str) -> None:
        headers = {"Authorization": f"Bearer {api_key}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=120, trust_env=False)

    def push(self, content: bytes, parameters: Mapping[str, str]) -> dict[str, Any]:
        """The dataset; the same content and parameters again are the same push."""
        digest = sha256(content).digest()
        key = sha256(repr(sorted(parameters.items())).encode() + digest).hexdigest()
        headers = {
            "Content-Type": "application/vnd.apache.parquet",
            "Idempotency-Key": key,
            "Repr-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:",
        }
        return self._sent("POST", "/v1/datasets", params=dict(parameters), content=content, headers=headers)

    def follow(self, operation_id: str, show: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """The operation when it has ended."""
        while True:
            operation = self._sent("GET", f"/v1/operations/{operation_id}", params={"wait": "1"})
            show(operation)
            if operation["state"] in {"succeeded", "failed", "canceled"}:
                return operation

    def _sent(self, method: str, path: str, **parts: Any) -> dict[str, Any]:
        for attempt in range(TRIES):
            try:
                response = self._http.request(method, path, **parts)
            except httpx.TransportError:
                time.sleep(min(2**attempt * 0.25, 8))
                continue
            body = response.json() if response.content else {}
            if response.is_success:
                return dict(body)
            if response.status_code not in RETRIED or not body.get("retryable"):
                raise RefusedByServer(body)
            time.sleep(float(response.headers.get("retry-after", 1)))
        raise NetworkAway
