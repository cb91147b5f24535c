"""Child processes of the embedded default: they die with this process, and are never root."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
Identity = tuple[int, int]
"""User and group; without one the child is who this process is."""


def die_with_parent(number: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """Runs in the child: when this process is killed, the child is told to stop."""
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def child() -> None:
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, number)

    return child


def lowest_identity() -> Identity | None:
    """Of `nobody` where this process is root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def demote(identity: Identity | None) -> Callable[[], None]:
    """Runs in the child: drop root, then ask to die with the parent (setuid would clear that)."""
    ask = die_with_parent(signal.SIGINT)

    def child() -> None:
        if identity is not None:
            os.setgroups([])
            os.setgid(identity[1])
            os.setuid(identity[0])
        ask()

    return child


def run(command: list[str | Path], identity: Identity | None) -> None:
    subprocess.run(
        [str(part) for part in command],
        check=True,
        capture_output=True,
        preexec_fn=demote(identity),
        cwd="/",
        env=ENVIRONMENT,
        timeout=60,
    )


def spawn(command: list[str | Path], root: Path, identity: Identity | None) -> "subprocess.Popen[bytes]":
    with (root / "log").open("ab") as log:
        return subprocess.Popen(
            [str(part) for part in command],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            preexec_fn=demote(identity),  # noqa: PLW1509 - three system calls, nothing that could wait
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
        )
