"""The agent of one company, run in a thread beside the server's event loop."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import pytest

from capture.customers import MAPPING, STAFF, Customer
from capture.wires import Wire
from companies import Company
from wm_api.capture import push
from wm_api.capture.cli import app
from wm_api.capture.client import Client
from wm_api.capture.journal import Journal

QUERY = {"kind": "workforce", "as_of": "2025-12-31", "full_time_weekly_hours": "40.00"}
SCOPES = ["datasets:write", "datasets:read", "operations:read", "account:read"]


@dataclass
class Pushed:
    exit_code: int
    line: dict[str, Any]
    text: str


@dataclass
class Agent:
    """The agent of one company, in a thread beside the server's event loop."""

    customer: Customer
    company: Company
    secret: str
    environment: pytest.MonkeyPatch
    output: pytest.CaptureFixture[str]

    async def push(self, wire: Wire, *more: str, staff: str = STAFF, mapping: str = MAPPING) -> Pushed:
        report = self.customer.folder / "report.json"
        report.unlink(missing_ok=True)
        files = [self.customer.file("staff.csv", staff), "--mapping", self.customer.file("staff.toml", mapping)]
        code, text = await self.run(wire, "push", *files, *more, "--report", str(report))
        return Pushed(code, json.loads(report.read_text()) if report.exists() else {}, " ".join(text.split()))

    async def run(self, wire: Wire, *arguments: str) -> tuple[int, str]:
        """Exit code, and all that was printed."""
        settings = {**self.customer.environment, "WM_URL": wire.url, "WM_API_KEY": self.secret}
        for name, value in settings.items():
            self.environment.setenv(name, value)
        self.output.readouterr()
        code = await asyncio.to_thread(app, list(arguments), standalone_mode=False)
        return code or 0, "".join(self.output.readouterr())

    async def datasets(self) -> list[dict[str, Any]]:
        return list((await self.company.call("GET", "/v1/datasets"))["data"])

    async def sent_in_parts(self, wire: Wire, content: bytes, progress: list[int]) -> dict[str, Any]:
        """The large path, with parts small enough for a test."""
        with Client(wire.url, self.secret) as client:
            journal = Journal(self.customer.folder / "journal", wire.url)
            sending = push.Push(content, QUERY)
            return await asyncio.to_thread(push.send, client, journal, sending, progress.append, small=100, part=1000)

    async def followed(self, wire: Wire, dataset: dict[str, Any]) -> dict[str, Any]:
        with Client(wire.url, self.secret) as client:
            return await asyncio.to_thread(client.follow, dataset["operation_id"], lambda _: None)
