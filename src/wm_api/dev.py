"""Everything in one process tree: embedded servers, migrations, worker and API. For development, tests and demo."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from wm_api.core.child_processes import die_with_parent
from wm_api.core.embedded import Server, start_postgres, start_valkey
from wm_api.core.provision import embedded_secrets, provision
from wm_api.core.server_folder import ServerDidNotStart, alone
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
        with alone(folder):
            self._start(durable=durable)

    def _start(self, *, durable: bool) -> None:
        folder = self.folder
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
            "WM_RELEASE_URL": self.urls["wm_release"],
            "WM_REDIS_URL": valkey.url,
            "WM_STORAGE_URL": (folder / "objects").as_uri(),
            "WM_KEYSTORE_URL": (folder / "keys").as_uri(),
            **{f"WM_{name.upper()}": value for name, value in secrets.items()},
        }

    @property
    def settings(self) -> Settings:
        """As a process of this installation reads them."""
        given: dict[str, Any] = {name.removeprefix("WM_").lower(): each for name, each in self.environment.items()}
        return Settings(**given)

    def migrate(self) -> None:
        """To head, and the packaged reference release."""
        migrate(self.urls["wm_migrator"])
        asyncio.run(load_references(self.urls["wm_migrator"]))

    def alive(self) -> bool:
        return all(server.alive() for server in self.servers)

    def stop(self) -> None:
        for server in reversed(self.servers):
            server.stop()


@contextmanager
def standing(folder: Path) -> Iterator[Installation]:
    """One that is there, found running or started for a while; nothing is made. Raises ServerDidNotStart."""
    if not (folder / "postgres" / "data" / "PG_VERSION").exists():
        raise ServerDidNotStart(f"There is no installation in {folder}.")
    installation = Installation(folder)
    try:
        yield installation
    finally:
        installation.stop()


def child(arguments: list[str], environment: dict[str, str], log: Path | None = None) -> "subprocess.Popen[bytes]":
    """A process of ours that dies with this one."""
    with log.open("ab") if log is not None else nullcontext() as output:
        return subprocess.Popen(
            [sys.executable, "-m", "wm_api", *arguments],
            env={**os.environ, **environment},
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - one system call, nothing that could wait
        )


def run_dev(port: int, settings: Settings) -> None:
    """Until it is told to stop; stops API, worker and servers cleanly, in that order.

    With WM_DATABASE_URL set nothing embedded starts: API and worker run on the servers that the settings name.
    """
    _check_free(port)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _interrupt)
    installation = None
    children: list[subprocess.Popen[bytes]] = []
    try:
        installation = Installation(settings.data_dir) if settings.embedded else None
        if installation is not None:
            installation.migrate()
        children += _processes(port, installation)
        where = f"data in {installation.folder}" if installation is not None else "on the servers of WM_DATABASE_URL"
        sys.stdout.write(f"API on http://127.0.0.1:{port}  docs on /docs  {where}\nStop with Ctrl-C.\n")
        sys.stdout.flush()
        _watch(children, installation)
    except KeyboardInterrupt:
        pass
    finally:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)  # once is enough: a second would leave half of it running
        stop_children(children)
        if installation is not None:
            installation.stop()


def _interrupt(_: int, __: object) -> None:
    raise KeyboardInterrupt


def _check_free(port: int) -> None:
    """Before anything starts."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            sys.exit(f"Port {port} is taken. Choose another with --port.")


def _watch(children: "list[subprocess.Popen[bytes]]", installation: Installation | None) -> None:
    """Returns never: raises SystemExit when a part has ended by itself."""
    while all(each.poll() is None for each in children):
        if installation is not None and not installation.alive():
            sys.exit(f"A server of {installation.folder} has stopped. See its log there.")
        with suppress(subprocess.TimeoutExpired):
            children[0].wait(1)
    where = "above" if installation is None else f"worker.log and api.log in {installation.folder}"
    sys.exit(f"API or worker has stopped. See {where}.")


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


def stop_children(processes: "list[subprocess.Popen[bytes]]") -> None:
    """All at once, so that the slowest decides."""
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def stop_child(process: "subprocess.Popen[bytes]") -> None:
    stop_children([process])
