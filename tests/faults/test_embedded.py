"""`wm-api dev` as a process: data survive, a crash is recovered, it stops whole, two on one folder do no harm."""

import asyncio
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest

from companies import PASSWORD, Company, sign_up
from processes import Process, until
from wm_api.demo.installation import free_port

DEV = [sys.executable, "-m", "wm_api", "dev"]


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="wm-dev-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def tree_of(pid: int) -> set[int]:
    """A process and all below it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, IndexError):
            fields = stat.read_text().rsplit(")", 1)[1].split()
            parents[int(stat.parent.name)] = (int(fields[1]), fields[0])
    found = {pid}
    while more := {each for each, (parent, _) in parents.items() if parent in found} - found:
        found |= more
    return found


def owners_of(pids: set[int]) -> set[int]:
    return {Path(f"/proc/{pid}").stat().st_uid for pid in pids}


def living(pids: set[int]) -> set[int]:
    def lives(pid: int) -> bool:
        with suppress(OSError, IndexError):
            return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
        return False

    return {pid for pid in pids if lives(pid)}


def started(arguments: list[str], folder: Path) -> Process:
    with (folder / "dev.log").open("ab") as log:
        environment = {**os.environ, "HOME": str(folder)}
        return subprocess.Popen(arguments, stdout=log, stderr=log, env=environment, cwd=folder, start_new_session=True)


@asynccontextmanager
async def dev(
    folder: Path, command: list[str] = DEV, port: int = 0
) -> AsyncIterator[tuple[Process, httpx.AsyncClient]]:
    """Running and ready."""
    port = port or free_port()
    arguments = [*command, "--port", str(port), "--data-dir", str(folder / "data")]
    process = await asyncio.to_thread(started, arguments, folder)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:

            async def ready() -> bool:
                assert process.poll() is None, (folder / "dev.log").read_text()
                with suppress(httpx.TransportError):
                    return (await client.get("/readyz")).status_code == 200
                return False

            await until(ready)
            yield process, client
    finally:
        everything = tree_of(process.pid) if process.poll() is None else set()
        if process.poll() is None:
            process.terminate()
            await asyncio.to_thread(process.wait, 60)
        for pid in living(everything):
            os.kill(pid, signal.SIGKILL)


async def signs_in(client: httpx.AsyncClient, company: Company) -> bool:
    answer = await client.post("/v1/sessions", json={"email": company.email, "password": PASSWORD})
    return answer.status_code == 201


async def ends(process: Process) -> int:
    return await asyncio.to_thread(process.wait, 60)


@pytest.mark.slow
async def test_data_survive_a_stop_and_a_crash_and_nothing_is_left_running(folder: Path) -> None:
    async with dev(folder) as (process, client):
        company = await sign_up(client)
        everything = tree_of(process.pid)
        assert len(everything) >= 5
        process.send_signal(signal.SIGINT)
        assert await ends(process) == 0
        assert living(everything) == set()
    async with dev(folder) as (process, client):
        assert await signs_in(client, company)
        for pid in tree_of(process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await ends(process)
    async with dev(folder) as (process, client):
        assert await signs_in(client, company)
        await a_taken_port_is_refused(folder / "other", client.base_url.port or 0)
        async with dev(folder) as (second, beside):
            assert await signs_in(beside, company)  # it has joined the servers of the first
            everything = tree_of(process.pid) | tree_of(second.pid)
            os.kill(process.pid, signal.SIGKILL)  # it alone: what it started stops by itself
            await ends(process)
            assert await ends(second) == 1
            assert "has stopped" in (folder / "dev.log").read_text()
        await until(lambda: living(everything) == set(), 30)


async def a_taken_port_is_refused(other: Path, port: int) -> None:
    command = [*DEV, "--port", str(port), "--data-dir", str(other)]
    refused = await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=60, check=False)
    assert refused.returncode == 1
    assert f"Port {port} is taken" in refused.stderr.decode()
    assert not await asyncio.to_thread(other.exists)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
async def test_an_ordinary_user_runs_it_too(folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    python = os.environ.get("WM_TEST_PYTHON", sys.executable)
    become = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups", python]
    probe = [*become, "-c", "import wm_api.cli"]
    if (await asyncio.to_thread(subprocess.run, probe, capture_output=True, check=False)).returncode != 0:
        pytest.skip("an ordinary user cannot reach this interpreter; name another in WM_TEST_PYTHON")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    async with dev(folder, [*become, *DEV[1:]]) as (process, client):
        await sign_up(client)
        everything = tree_of(process.pid)
        owners = owners_of(everything)
        assert (owners, len(everything) >= 5) == ({nobody.pw_uid}, True)
        process.terminate()
        assert await ends(process) == 0
        assert living(everything) == set()
