"""The application behind a real server of its own, and companies with things to call it about."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn

from companies import PASSWORD, workforce
from wm_api.core.settings import Settings
from wm_api.main import create_app

KEY_SCOPES = ["datasets:read", "datasets:write", "operations:read", "metrics:read", "scores:read", "events:read"]


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """The base URL of a server in a thread, with an event loop and resources of its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(settings), log_level="error", access_log=False, lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listening.close()


@dataclass
class Caller:
    """A company with its owner, an API key, and one of each thing that is soon made."""

    base: str
    email: str
    known: dict[str, str] = field(default_factory=dict)
    token: str = ""
    key: str = ""

    def call(self, method: str, path: str, **parts: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", **parts.pop("headers", {})}
        answer = httpx.request(method, self.base + path, headers=headers, timeout=30, **parts)
        assert answer.is_success, (path, answer.text)
        return answer.json() if answer.content else None

    def sign_in(self) -> str:
        body = {"email": self.email, "password": PASSWORD}
        return str(httpx.post(f"{self.base}/v1/sessions", json=body, timeout=30).json()["access_token"])


def sign_up(base: str, email: str) -> Caller:
    body = {
        "name": email, "country": "US", "us_hosting_acknowledged": True,
        "owner": {"name": "Olive Owner", "email": email, "password": PASSWORD},
    }  # fmt: skip
    made = httpx.post(f"{base}/v1/accounts", json=body, timeout=30).json()
    caller = Caller(base, email)
    caller.token = caller.sign_in()
    caller.known |= {"account_id": made["account"]["id"], "user_id": made["user"]["id"]}
    return caller


def furnish(caller: Caller, other: Caller) -> None:
    """One of each: key, invitation, dataset, operation (ended), grant, upload, event, receipt, release."""
    known, named = caller.known, {"name": "k", "scopes": KEY_SCOPES}
    caller.key = caller.call("POST", "/v1/api-keys", json=named)["secret"]
    known["key_id"] = caller.call("POST", "/v1/api-keys", json=named)["id"]
    invited = {"email": f"x.{caller.email}", "roles": ["analyst"]}
    known["invitation_id"] = caller.call("POST", "/v1/invitations", json=invited)["id"]
    push = {"params": {"kind": "workforce", "as_of": "2025-06-30"}, "headers": {"Content-Type": "text/csv"}}
    dataset = caller.call("POST", "/v1/datasets", content=workforce(known["account_id"], 30), **push)
    known |= {"dataset_id": dataset["id"], "operation_id": dataset["operation_id"]}
    caller.call("POST", f"/v1/operations/{known['operation_id']}/cancellation")
    grant = {
        "grantee": {"account_id": other.known["account_id"]}, "detail": "areas", "purpose": "other",
        "expires_at": "2027-03-01T00:00:00Z",
    }  # fmt: skip
    known["grant_id"] = caller.call("POST", "/v1/share-grants", json=grant)["id"]
    begin = {"Content-Type": "text/csv", "Upload-Length": "30", "Upload-Complete": "?0"}
    known["upload_id"] = caller.call("POST", "/v1/uploads", headers=begin)["id"]
    for name, path in (("event_id", "events"), ("receipt_id", "receipts"), ("release_id", "benchmark-releases")):
        known[name] = caller.call("GET", f"/v1/{path}")["data"][0]["id"]
    known |= {"kind": "workforce", "code": "not-found", "key": "gender_gap_mean_hourly"}
