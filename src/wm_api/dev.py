"""Everything in one process tree: embedded servers, migrations, worker and API. For development, tests and demo."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import nullcontext, suppress
from pathlib import Path

from wm_api.core.embedded import Server, start_postgres, start_valkey
from wm_api.core.provision import embedded_secrets, provision
from wm_api.core.settings import Settings
from wm_api.migrate import load_references, migrate


class Installation:
    """The embedded default, running. `environment` is what API and worker processes need."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            folder.chmod(0o755)  # the database runs as nobody, and must reach its own folder below
        self.folder = folder
        self.servers: list[Server] = []
        postgres = start_postgres(folder / "postgres", durable=durable)
        self.servers.append(postgres)
        valkey = start_valkey(folder / "valkey", persist=durable)
        self.servers.append(valkey)
        self.admin_url = postgres.url
        self.urls = asyncio.run(provision(postgres.url, folder / "secrets"))
        self.redis_url = valkey.url
        secrets = embedded_secrets(folder / "secrets")
        self.environment = {
            "WM_DATABASE_URL": self.urls["wm_app"],
            "WM_MIGRATION_URL": self.urls["wm_migrator"],
            "WM_WORKER_URL": self.urls["wm_worker"],
            "WM_REDIS_URL": valkey.url,
            "WM_STORAGE_URL": (folder / "objects").as_uri(),
            "WM_KEYSTORE_URL": (folder / "keys").as_uri(),
            **{f"WM_{name.upper()}": value for name, value in secrets.items()},
        }

    def migrate(self) -> None:
        """To head, and the packaged reference release."""
        migrate(self.urls["wm_migrator"])
        asyncio.run(load_references(self.urls["wm_migrator"]))

    def stop(self) -> None:
        for server in reversed(self.servers):
            server.stop()


def child(arguments: list[str], environment: dict[str, str], log: Path | None = None) -> "subprocess.Popen[bytes]":
    """A process of ours that dies with this one."""
    with log.open("ab") if log is not None else nullcontext() as output:
        return subprocess.Popen(
            [sys.executable, "-m", "wm_api", *arguments],
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def run_dev(port: int, settings: Settings) -> None:
    """Until it is told to stop; stops API, worker and servers cleanly, in that order.

    With WM_DATABASE_URL set nothing embedded starts: API and worker run on the servers that the settings name.
    """
    installation = Installation(settings.data_dir) if settings.embedded else None
    children: list[subprocess.Popen[bytes]] = []

    def stop(_: int, __: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        if installation is not None:
            installation.migrate()
        children += _processes(port, installation)
        where = f"data in {installation.folder}" if installation is not None else "on the servers of WM_DATABASE_URL"
        sys.stdout.write(f"API on http://127.0.0.1:{port}  docs on /docs  {where}\nStop with Ctrl-C.\n")
        sys.stdout.flush()
        while all(each.poll() is None for each in children):
            with suppress(subprocess.TimeoutExpired):
                children[0].wait(1)
    except KeyboardInterrupt:
        pass
    finally:
        for each in reversed(children):
            stop_child(each)
        if installation is not None:
            installation.stop()


def _processes(port: int, installation: Installation | None) -> "list[subprocess.Popen[bytes]]":
    """Worker and API. Their logs lie in the data folder, or go to standard error where there is none."""
    serve = ["serve", "--port", str(port)]
    if installation is None:
        return [child(["worker"], {}), child(serve, {})]
    environment = {**installation.environment, "WM_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    return [
        child(["worker"], environment, installation.folder / "worker.log"),
        child(serve, environment, installation.folder / "api.log"),
    ]


def stop_child(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)
