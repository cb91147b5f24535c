"""AC6.2: what was revoked is refused on every process within a second, without Redis and with clocks five minutes apart."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from companies import Company, active_grant, grant_token, sign_up
from security.cast import member
from wm_api.core.embedded import Server, start_valkey
from wm_api.demo.installation import free_port
from wm_api.dev import Installation, stop_child

SCRIPT = Path(__file__).with_name("shifted_server.py")
BEHIND, AHEAD = -150, 150
READ = {"session": "/v1/account", "member": "/v1/account", "key": "/v1/events", "grant": "/v1/shared/scores"}


@dataclass
class Processes:
    """Two API processes on the same servers: one clock is slow, one is fast, five minutes apart."""

    slow: httpx.AsyncClient
    fast: httpx.AsyncClient
    redis: Server

    def other(self, one: httpx.AsyncClient) -> httpx.AsyncClient:
        return self.fast if one is self.slow else self.slow


async def ready(http: httpx.AsyncClient) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        with suppress(httpx.HTTPError):
            if (await http.get("/healthz")).status_code == 200:
                return
        await asyncio.sleep(0.1)
    raise AssertionError("the process did not start")


def started(port: int, shift: int, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, str(SCRIPT), str(port), str(shift)]
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
async def processes(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Processes]:
    redis = start_valkey(tmp_path_factory.mktemp("valkey"), persist=False)
    environment = {**os.environ, **installation.environment, "WM_REDIS_URL": redis.url, "WM_PUBLIC_URL": "http://two"}
    ports = (free_port(), free_port())
    children = [started(port, shift, environment) for port, shift in zip(ports, (BEHIND, AHEAD), strict=True)]
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(
                httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False)
            )
            for port in ports
        ]
        await asyncio.gather(*(ready(client) for client in clients))
        yield Processes(clients[0], clients[1], redis)
    for child in children:
        stop_child(child)
    redis.stop()


@pytest.fixture(scope="module")
async def companies(processes: Processes) -> tuple[Company, Company]:
    """Signed in where the clock is slow: a token of the fast one is from the future for the other."""
    return await sign_up(processes.slow), await sign_up(processes.slow)


async def accepted(http: httpx.AsyncClient, what: str, headers: dict[str, str]) -> bool:
    answer = await http.get(READ[what], headers=headers)
    assert answer.status_code < 500
    return answer.status_code == 200


async def everything(company: Company, giver: Company) -> dict[str, tuple[str, str, dict[str, str]]]:
    """By what is revoked: the call that revokes it, and a credential that lived until then."""
    user_id, person = await member(company, "auditor")
    _, leaving = await member(company, "auditor")
    key = await company.call("POST", "/v1/api-keys", 201, json={"name": "k", "scopes": ["events:read"]})
    grant = await active_grant(giver, company)
    return {
        "session": ("DELETE", "/v1/sessions/current", leaving),
        "member": ("DELETE", f"/v1/members/{user_id}", {**person, "WM-Account": company.id}),
        "key": ("DELETE", f"/v1/api-keys/{key['id']}", {"Authorization": f"Bearer {key['secret']}"}),
        "grant": ("POST", f"/v1/share-grants/{grant}/revocation", await grant_token(company, grant)),
    }


async def revoked_everywhere(
    processes: Processes, company: Company, giver: Company, revoking: httpx.AsyncClient
) -> None:
    for what, (method, path, credential) in (await everything(company, giver)).items():
        for http in (processes.slow, processes.fast):
            assert await accepted(http, what, credential), what
        headers = {"session": credential, "grant": giver.headers}.get(what, company.headers)
        answer = await revoking.request(method, path, headers=headers)
        begun = time.monotonic()
        assert answer.is_success, (what, answer.text)
        for http in (processes.other(revoking), revoking):
            assert not await accepted(http, what, credential), what
        assert time.monotonic() - begun < 1, what


@pytest.mark.parametrize("place", ["slow", "fast"])
async def test_ac6_2_what_was_revoked_is_refused_on_every_process_within_a_second(
    processes: Processes, companies: tuple[Company, Company], place: str
) -> None:
    await revoked_everywhere(processes, *companies, getattr(processes, place))


async def test_ac6_2_a_token_from_the_future_of_another_process_is_refused_not_believed(processes: Processes) -> None:
    company = await sign_up(processes.fast)
    assert await accepted(processes.fast, "session", company.headers)
    assert not await accepted(processes.slow, "session", company.headers)


async def test_ac6_2_without_redis_what_was_revoked_is_refused_all_the_same(
    processes: Processes, companies: tuple[Company, Company]
) -> None:
    await asyncio.to_thread(processes.redis.stop)
    assert (await processes.fast.get("/readyz")).json()["status"] == "degraded"
    await revoked_everywhere(processes, *companies, processes.fast)
