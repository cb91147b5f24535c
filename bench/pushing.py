"""Pushing an extract over HTTP to a `wm-api dev` of its own, and following it to the metrics."""

import base64
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path

import httpx

from make_extracts import AS_OF, first_day
from processes import wait_for
from wm_api.demo.installation import free_port

PART = 16 << 20
ONE_CALL = 32 << 20
POLL = 0.1
PASSWORD = "gravel teapot 42 lantern"  # noqa: S105 - of a scratch installation
SCOPES = ["datasets:write", "datasets:read", "operations:read", "metrics:read"]
KINDS = {"serve": "API", "worker": "worker"}
FACTS = {"country": "US", "industry_scheme": "naics_2022", "industry_code": "311812"}


@contextmanager
def live(folder: Path) -> Iterator[tuple[httpx.Client, int]]:
    """A client of a new company, and the process at the root of everything; stopped at the end."""
    port = free_port()
    command = [sys.executable, "-m", "wm_api", "dev", "--port", str(port), "--data-dir", str(folder / "data")]
    dev = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=600, trust_env=False) as http:
            sign_up(http)
            yield http, dev.pid
    finally:
        dev.terminate()
        dev.wait(30)


def sign_up(http: httpx.Client) -> None:
    """With an API key, since a session's token lives shorter than the largest push."""
    owner = {"name": "Bench Owner", "email": "owner@bench.example", "password": PASSWORD}
    body = {"name": "Bench", **FACTS, "owner": owner, "us_hosting_acknowledged": True}
    good(http.post("/v1/accounts", json=body))
    tokens = good(http.post("/v1/sessions", json={"email": owner["email"], "password": PASSWORD})).json()
    http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    key = good(http.post("/v1/api-keys", json={"name": "bench", "scopes": SCOPES})).json()
    http.headers["Authorization"] = f"Bearer {key['secret']}"


def good(response: httpx.Response) -> httpx.Response:
    if response.is_error:
        raise SystemExit(
            f"{response.request.method} {response.request.url.path}: {response.status_code} {response.text}"
        )
    return response


def push_workforce(http: httpx.Client, file: Path) -> dict[str, float]:
    return push(http, file, {"kind": "workforce", "as_of": str(AS_OF)})


def push_payroll(http: httpx.Client, file: Path, periods: int) -> dict[str, float]:
    return push(http, file, {"kind": "payroll", "period_start": str(first_day(periods)), "period_end": str(AS_OF)})


def push(http: httpx.Client, file: Path, query: dict[str, str]) -> dict[str, float]:
    """In one call, checked before the answer; what is too large for that in parts, checked by the operation."""
    clock = Clock()
    if file.stat().st_size <= ONE_CALL:
        answer = http.post(
            "/v1/datasets", params=query, content=file.read_bytes(), headers={"Content-Type": "text/csv"}
        )
        clock.stage("upload, check, store")
    else:
        upload_id = uploaded(http, file)
        clock.stage("upload")
        answer = http.post("/v1/datasets", params={**query, "upload_id": upload_id})
    follow(http, good(answer).json()["operation_id"], clock)
    return clock.all()


def uploaded(http: httpx.Client, file: Path) -> str:
    """In parts of 16 MiB, read as they go, so that this process holds one of them."""
    size, sha256 = file.stat().st_size, digest(file)
    begin = {"Content-Type": "text/csv", "Upload-Complete": "?0", "Upload-Length": str(size)}
    made = good(http.post("/v1/uploads", headers={**begin, "Repr-Digest": f"sha-256=:{sha256}:"}))
    with file.open("rb") as reading:
        for start in range(0, size, PART):
            complete = "?1" if start + PART >= size else "?0"
            headers = {"Upload-Offset": str(start), "Upload-Complete": complete}
            headers["Content-Type"] = "application/partial-upload"
            good(http.patch(made.headers["Location"], content=reading.read(PART), headers=headers))
    return str(made.json()["id"])


def digest(file: Path) -> str:
    with file.open("rb") as reading:
        return base64.b64encode(file_digest(reading, "sha256").digest()).decode()


class Clock:
    """Seconds by stage, each to the end of the one before."""

    def __init__(self) -> None:
        self.begun = self._last = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def stage(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._last
        self._last = now

    def all(self) -> dict[str, float]:
        return {**self.seconds, "total": self._last - self.begun}


def follow(http: httpx.Client, operation_id: str, clock: Clock) -> None:
    """By stage as the operation shows it."""
    name: Callable[[str | None], str] = lambda stage: {"check": "check, store"}.get(stage or "", stage or "queue")  # noqa: E731
    current = None
    while True:
        operation = good(http.get(f"/v1/operations/{operation_id}")).json()
        if operation["stage"] != current and operation["state"] == "running":
            clock.stage(name(current))
            current = operation["stage"]
        if operation["state"] not in {"queued", "running"}:
            break
        time.sleep(POLL)
    clock.stage(name(current))
    if operation["state"] != "succeeded":
        raise SystemExit(f"the operation {operation['state']}: {operation['error']}")
