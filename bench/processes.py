"""Starting what a benchmark measures, and reading what it costs."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx

HERE = Path(__file__).resolve().parent
STARTS_WITHIN = 300
"""Seconds, where other work shares the machine."""
Process = subprocess.Popen[bytes]


def started(script: str, environment: dict[str, str]) -> Process:
    """A script of this folder, in a process of its own."""
    command = [sys.executable, str(HERE / script)]
    return subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.DEVNULL)


def wait_for(port: int) -> None:
    """Until anything answers."""
    ends = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < ends:
        with suppress(httpx.HTTPError):
            httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)
            return
        time.sleep(0.1)
    raise SystemExit(f"nothing answers on port {port}")


def processor_seconds(pid: int) -> float:
    """Of a process, and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(each) for each in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def server_seconds(postmaster: int) -> float:
    """Of PostgreSQL with all its processes; one that ends meanwhile is among the ended children of the postmaster."""
    running = 0.0
    for each in Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split():
        with suppress(FileNotFoundError, ProcessLookupError):
            running += processor_seconds(int(each))
    return running + processor_seconds(postmaster)
