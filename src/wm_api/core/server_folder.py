"""The folder of an embedded server: one process at a time, found by others, the same port and password again."""

import fcntl
import json
import os
import secrets
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path

STARTED_WITHIN = 30.0
Info = dict[str, str | int]


class ServerDidNotStart(Exception):  # noqa: N818 - named for what is wrong
    """Its text says to the operator what is wrong, and what to do."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One at a time: of two first starts on a folder the second finds the secrets of the first."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def lock_or_join(root: Path) -> tuple[TextIOWrapper | None, Info | None]:
    """The lock of the folder; where another process holds it, what it started."""
    lock = (root / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None, _join(root)
    _await_predecessor(root)
    (root / "server.json").unlink(missing_ok=True)
    return lock, None


def _await_predecessor(root: Path) -> None:
    """A server whose parent was killed shuts down by itself; two on one folder would harm it."""
    try:
        pid = int(json.loads((root / "server.json").read_text())["pid"])
    except (OSError, ValueError, KeyError):
        return
    ends = time.monotonic() + STARTED_WITHIN / 2
    while works_in(pid, root):
        number = signal.SIGINT if time.monotonic() < ends else signal.SIGKILL
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        time.sleep(0.1)


def works_in(pid: int, root: Path) -> bool:
    """A living process whose working folder is ours: an id alone may be another's by now."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        return state != "Z" and Path(f"/proc/{pid}/cwd").readlink().is_relative_to(root)
    except (OSError, IndexError):
        return False


def _join(root: Path) -> Info:
    ends = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < ends:
        try:
            info: Info = json.loads((root / "server.json").read_text())
            socket.create_connection(("127.0.0.1", int(info["port"])), 1).close()
        except (OSError, ValueError):
            time.sleep(0.05)
        else:
            return info
    raise ServerDidNotStart(f"Another process holds {root}, but no server answers. See its log there.")


def port_of(root: Path) -> int:
    """The port of the last run where it is still free, so that a server that was lost comes back at its address."""
    file = root / "port"
    try:
        last = int(file.read_text())
    except (OSError, ValueError):
        last = 0
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", last))
        except OSError:
            listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    file.write_text(str(port))
    return port


def password_of(root: Path) -> str:
    """Made once, mode 0600 before the first byte."""
    file = root / "password"
    if not file.exists() or not file.read_text():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(16))
    return file.read_text()


def publish(root: Path, info: Info) -> Info:
    draft = root / "server.json.new"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(info))
    draft.rename(root / "server.json")
    return info
