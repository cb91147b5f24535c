"""An installation whose parts may be killed at any moment: what is killed is started again, as a supervisor does."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import httpx
from redis.asyncio import Redis

from processes import Process, Processes, until
from residue import readers_of, templates_of
from wm_api.core.embedded import start_postgres
from wm_api.dev import Installation

KINDS = ("agent", "api", "worker", "sandbox", "template", "redis", "postgres")
WEIGHTS = (25, 20, 20, 20, 8, 20, 4)
"""A restart of PostgreSQL holds everybody up for a second or two, so it is rarer."""
AGENT_PATIENCE = 300.0
SANDBOX_LOOKS, SANDBOX_LOOK = 750, 0.004


@dataclass
class Victims:
    """API, worker, agents and servers; `killed` counts what was hit."""

    own: Installation
    started: Processes
    port: int
    chance: random.Random
    killed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    agents: dict[int, asyncio.subprocess.Process] = field(default_factory=dict)
    _services: dict[str, Process] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def begin(self) -> None:
        for name in ("api", "worker"):
            self._start(name)
        await self.ready()

    def _start(self, name: str) -> None:
        arguments = ["serve", "--port", str(self.port)] if name == "api" else ["worker"]
        self._services[name] = self.started.start(*arguments)

    async def ready(self) -> None:
        await until(self._answers, 60)

    async def _answers(self) -> bool:
        with suppress(httpx.TransportError):
            async with httpx.AsyncClient(trust_env=False) as http:
                return bool((await http.get(f"{self.url}/readyz")).json()["status"] == "ready")
        return False

    async def agent(self, arguments: list[str], environment: dict[str, str]) -> tuple[int, bytes, bytes]:
        """Exit code (-9: it was hit) and what it printed."""
        command = [sys.executable, "-m", "wm_api.capture", *arguments]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=pipe, stderr=pipe)
        self.agents[process.pid] = process
        try:
            out, err = await asyncio.wait_for(process.communicate(), AGENT_PATIENCE)
        finally:
            del self.agents[process.pid]
        return process.returncode or 0, out, err

    async def kill_one(self) -> None:
        """Something at random. What was not there to be hit does not count."""
        kind = self.chance.choices(KINDS, WEIGHTS)[0]
        hit = await getattr(self, f"_kill_{kind}")()
        self.killed[kind] += bool(hit)

    async def _kill_agent(self) -> bool:
        return bool(self.agents) and _killed(self.chance.choice(sorted(self.agents)))

    async def _kill_api(self) -> bool:
        """Once it answers: on a busy machine it would otherwise be hit each time before it has begun."""
        return await self._answers() and await self._kill_service("api")

    async def _kill_worker(self) -> bool:
        return await self._kill_service("worker")

    async def _kill_service(self, name: str) -> bool:
        service = self._services[name]
        hit = _killed(service.pid)
        await asyncio.to_thread(service.wait, 10)
        self._start(name)
        return hit

    async def _kill_sandbox(self) -> bool:
        """The next one that comes: it lives for a moment only."""
        return await self._kill_next(readers_of)

    async def _kill_template(self) -> bool:
        """Of which the readers of files are forked: they end with it, and the next file has another."""
        return await self._kill_next(templates_of)

    async def _kill_next(self, found: Callable[[int], list[int]]) -> bool:
        for _ in range(SANDBOX_LOOKS):
            if there := [pid for service in self._services.values() for pid in found(service.pid)]:
                return _killed(self.chance.choice(there))
            await asyncio.sleep(SANDBOX_LOOK)
        return False

    async def _kill_redis(self) -> bool:
        redis = Redis.from_url(self.own.redis_url)
        await redis.flushall()
        await redis.aclose()
        return True

    async def _kill_postgres(self) -> bool:
        server = self.own.servers[0]
        if server.process is None or server.lock is None:
            return False
        _killed(server.process.pid)
        await asyncio.to_thread(server.process.wait, 10)
        server.lock.close()
        server.process = None
        self.own.servers[0] = await asyncio.to_thread(start_postgres, self.own.folder / "postgres")
        return True

    def said(self) -> str:
        """What API and worker logged last as their own fault: a failure of this test should name its cause."""
        logs = [(self.started.logs / name).read_text(errors="replace") for name in ("serve.log", "worker.log")]
        return "\n".join(line for log in logs for line in log.splitlines()[-400:] if '"level": "error"' in line)[-6000:]

    def revive(self) -> None:
        """A worker ends by itself when its servers are away; its supervisor starts it again."""
        for name, service in list(self._services.items()):
            if service.poll() is not None:
                self._start(name)


def _killed(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False
