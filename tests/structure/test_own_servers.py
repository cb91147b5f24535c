"""Servers of one's own: the roles of deploy/roles.sql, the settings, and nothing embedded beside them."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import pytest
from typer.testing import CliRunner

from companies import sign_up, workforce
from wm_api.cli import app
from wm_api.core import embedded
from wm_api.core.embedded import Server, start_postgres, start_valkey
from wm_api.core.provision import provision
from wm_api.core.settings import NEEDED, Settings
from wm_api.demo.installation import free_port

ROOT = Path(__file__).resolve().parents[2]
PASSWORDS = {f"WM_{name}_PASSWORD": f"{name.lower()}-its-own" for name in ("MIGRATOR", "APP", "WORKER", "RELEASE")}
ROLES = """SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolcanlogin, rolinherit,
  ARRAY(SELECT roleid::regrole::text FROM pg_auth_members m WHERE m.member = r.oid) AS member_of
  FROM pg_roles r WHERE rolname LIKE 'wm%' ORDER BY rolname"""
SCHEMA = """SELECT nspowner::regrole::text AS owner, nspacl::text AS rights,
  (SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()) AS of_database
  FROM pg_namespace WHERE nspname = 'public'"""


@dataclass(frozen=True)
class Servers:
    folder: Path
    postgres: Server
    environment: dict[str, str]

    def start(self, *arguments: str, without: str = "", **more: str) -> "subprocess.Popen[str]":
        """A process that has these settings only."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WM_")}
        environment = {**kept, **self.environment, "WM_DATA_DIR": str(self.folder / "embedded"), **more}
        environment.pop(without, None)
        command = [sys.executable, "-m", "wm_api", *arguments]
        log = (self.folder / "processes.log").open("a")
        with log:
            return subprocess.Popen(command, env=environment, cwd=self.folder, stdout=log, stderr=log, text=True)

    def refused(self, *arguments: str, without: str = "", **more: str) -> tuple[int, str]:
        """Exit status of a command that does not start, and all that it says."""
        environment: dict[str, str | None] = {**self.environment, **more, **({without: None} if without else {})}
        result = CliRunner().invoke(app, arguments, env=environment)
        return result.exit_code, result.output


def psql(server: Server, database: str, *arguments: str) -> None:
    binary = str(embedded._binaries() / "psql")
    url = server.url.rpartition("/")[0] + f"/{database}"
    subprocess.run(
        [binary, url, "-q", *arguments], check=True, env={**os.environ, **PASSWORDS}, stdout=subprocess.DEVNULL
    )


def made_secrets(folder: Path) -> dict[str, str]:
    """What the commands under "Secrets" of docs/operating.md make."""
    page = (ROOT / "docs" / "operating.md").read_text().partition("## Secrets")[2]
    block = page.partition("```sh\n")[2].partition("```")[0]
    printed = subprocess.run(["bash", "-ec", f"{block}\nenv"], cwd=folder, check=True, capture_output=True, text=True)
    made = dict(line.split("=", 1) for line in printed.stdout.splitlines() if line.startswith("WM_"))
    assert set(made) == {"WM_MASTER_KEY", "WM_PASSWORD_PEPPER", "WM_SIGNING_KEYS"}
    return made


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    """What an operator has: two servers, the roles, a schema; made with the commands of docs/operating.md."""
    folder = Path(tempfile.mkdtemp(prefix="wm-own-"))
    folder.chmod(0o755)
    postgres = start_postgres(folder / "postgres", durable=False)
    valkey = start_valkey(folder / "valkey", persist=False)
    psql(postgres, "postgres", "-c", "CREATE DATABASE wm")
    for _ in range(2):  # safe to run again
        psql(postgres, "wm", "-f", str(ROOT / "deploy" / "roles.sql"))
    logins = {"DATABASE": "app", "WORKER": "worker", "MIGRATION": "migrator", "RELEASE": "release"}
    environment = {
        f"WM_{name}_URL": f"postgresql://wm_{role}:{role}-its-own@127.0.0.1:{postgres.port}/wm"
        for name, role in logins.items()
    }
    environment |= {"WM_REDIS_URL": valkey.url, "WM_STORAGE_URL": (folder / "objects").as_uri()}
    environment |= {"WM_KEYSTORE_URL": (folder / "keys").as_uri()}
    environment |= made_secrets(folder)
    yield Servers(folder, postgres, environment)
    valkey.stop()
    postgres.stop()
    shutil.rmtree(folder, ignore_errors=True)


def below(pid: int) -> set[str]:
    """Names of all processes below one."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        names = {Path(f"/proc/{child}/comm").read_text().strip() for child in children}
    except FileNotFoundError:
        return set()
    return names.union(*(below(int(child)) for child in children))


async def until_ready(client: httpx.AsyncClient) -> None:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        try:
            if (await client.get("/readyz")).json()["status"] == "ready":
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.1)
    raise AssertionError("the service is not ready in time")


async def test_the_service_runs_on_servers_of_ones_own_and_nothing_embedded_starts(servers: Servers) -> None:
    assert servers.start("migrate").wait(60) == 0
    port = free_port()
    dev = servers.start("dev", "--port", str(port), WM_PUBLIC_URL=f"http://127.0.0.1:{port}")
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            await until_ready(client)
            company = await sign_up(client)
            await company.pushed_and_done(workforce(company.id))
            assert len((await company.call("GET", "/v1/scores"))["data"]) == 1
        assert not {"postgres", "valkey-server"} & below(dev.pid)
        assert not (servers.folder / "embedded").exists()
    finally:
        dev.terminate()
        assert dev.wait(20) == 0


async def test_roles_and_rights_are_those_of_the_embedded_server(servers: Servers) -> None:
    async def seen(database: str) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
        connection = await asyncpg.connect(servers.postgres.url.rpartition("/")[0] + f"/{database}")
        try:
            return [dict(row) for row in await connection.fetch(ROLES)], [
                dict(row) for row in await connection.fetch(SCHEMA)
            ]
        finally:
            await connection.close()

    ours = await seen("wm")
    await provision(servers.postgres.url, servers.folder / "other", "other")
    psql(servers.postgres, "wm", "-f", str(ROOT / "deploy" / "roles.sql"))  # the passwords of before
    assert ours == await seen("other")
    assert len(ours[0]) == 5


@pytest.mark.parametrize(
    ("command", "variable"), [("serve", "WM_MASTER_KEY"), ("worker", "WM_REDIS_URL"), ("migrate", "WM_MIGRATION_URL")]
)
def test_a_missing_setting_stops_the_start_and_names_itself(servers: Servers, command: str, variable: str) -> None:
    assert servers.refused(command, without=variable) == (2, f"Set {variable}.\n")


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_an_example_secret_stops_the_start_and_is_not_printed(servers: Servers) -> None:
    key = example()["WM_MASTER_KEY"]
    status, errors = servers.refused("serve", WM_MASTER_KEY=key)
    assert status == 2
    assert errors.startswith("WM_MASTER_KEY is the example")
    assert key not in errors


def test_every_needed_setting_is_asked_for_and_every_example_secret_is_refused() -> None:
    assert [line.split()[1] for line in Settings().lacking()] == [f"WM_{name.upper()}." for name in NEEDED]
    secret = {name: value for name, value in example().items() if "PASSWORD" in name or "KEY" in name}
    assert set(secret) == {*PASSWORDS, "POSTGRES_PASSWORD", "VALKEY_PASSWORD", "WM_MASTER_KEY", "WM_PASSWORD_PEPPER"}
    assert all("change-me" in value for value in secret.values())
    url = f"postgresql://wm_app:{secret['WM_APP_PASSWORD']}@postgres/wm"
    examples = Settings.model_validate(
        {"database_url": url, "master_key": secret["WM_MASTER_KEY"], "password_pepper": secret["WM_PASSWORD_PEPPER"]}
    )
    assert len(examples.lacking(("database_url", "master_key", "password_pepper"))) == 3
