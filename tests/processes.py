"""The real thing for tests of faults and residue: servers, API and workers as processes of their own."""

import asyncio
import os
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx

from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.demo.installation import free_port
from wm_api.dev import Installation, child, stop_child
from wm_api.operations.models import Operation

QUICK = {"WM_LEASE": "PT4S", "WM_SWEEP_EVERY": "PT0.5S", "WM_TRANSACTION_IDLE": "PT6S"}
Process = subprocess.Popen[bytes]


@dataclass
class Processes:
    """What a test started; all of it is ended with the test."""

    environment: dict[str, str]
    logs: Path
    running: list[Process] = field(default_factory=list)

    def start(self, *arguments: str) -> Process:
        process = child(list(arguments), self.environment, self.logs / f"{arguments[0]}.log")
        self.running.append(process)
        return process

    def end(self) -> None:
        for process in self.running:
            if process.poll() is None:
                with suppress(ProcessLookupError):
                    process.send_signal(signal.SIGCONT)
                stop_child(process)


@asynccontextmanager
async def processes(installation: Installation, **more: str) -> AsyncIterator[Processes]:
    """Workers with short leases; their logs and their temporary files lie in folders of their own."""
    logs = Path(tempfile.mkdtemp(prefix="logs-", dir=installation.folder))
    temporary = logs / "tmp"
    temporary.mkdir()
    started = Processes({**installation.environment, **QUICK, "TMPDIR": str(temporary), **more}, logs)
    try:
        yield started
    finally:
        await asyncio.to_thread(started.end)


@asynccontextmanager
async def served(started: Processes) -> AsyncIterator[httpx.AsyncClient]:
    """An API process, ready, and a client of it."""
    port = free_port()
    started.environment["WM_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
    started.start("serve", "--port", str(port))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        await until(lambda: _answers(client))
        yield client


async def _answers(client: httpx.AsyncClient) -> bool:
    with suppress(httpx.TransportError):
        return (await client.get("/readyz")).status_code == 200
    return False


async def until(holds: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something holds; a coroutine function is awaited."""
    ends = asyncio.get_running_loop().time() + seconds
    while True:
        found = holds()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        assert asyncio.get_running_loop().time() < ends, "it did not come to hold in time"
        await asyncio.sleep(0.02)


async def states(resources: Resources, account_id: str, operations: list[UUID]) -> dict[UUID, tuple[str, int]]:
    """State and attempt of operations, as the database has them."""
    async with transaction(resources, UUID(account_id)) as session:
        found = [await session.get_one(Operation, (UUID(account_id), each)) for each in operations]
    return {row.id: (row.state, row.attempt) for row in found}


async def caught_running(
    resources: Resources, account_id: str, operations: list[UUID], worker: Process, seconds: float = 60
) -> UUID:
    """Stop the worker in the middle of an operation. It still holds the lease; the operation's id."""
    ends = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < ends:
        if any(state == "running" for state, _ in (await states(resources, account_id, operations)).values()):
            os.kill(worker.pid, signal.SIGSTOP)
            await asyncio.sleep(0.1)
            for operation, (state, _) in (await states(resources, account_id, operations)).items():
                if state == "running":
                    return operation
            os.kill(worker.pid, signal.SIGCONT)
        await asyncio.sleep(0.005)
    raise AssertionError("no operation was seen running")
