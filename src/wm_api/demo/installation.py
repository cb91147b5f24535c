"""`wm-api dev` on a scratch folder and a free port, stopped and removed however the demo ends."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from wm_api.demo.companies import StepFailed

READY_WITHIN, STOPPED_WITHIN, LOG_LINES = 120, 60, 10
ENDS = (signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Scratch:
    """A running installation; `folder` is for the key file and the agent's reports."""

    url: str
    folder: Path


@contextmanager
def scratch_installation() -> Iterator[Scratch]:
    """Ready when it is entered. Raises StepFailed."""
    with _ended_by_signals(), tempfile.TemporaryDirectory(prefix="wm-demo-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if os.geteuid() == 0:
            folder.chmod(0o755)  # the embedded database runs as nobody
        port = free_port()
        data = folder / "data"
        command = [sys.executable, "-m", "wm_api", "dev", "--port", str(port), "--data-dir", str(data)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WM_")}
        with (folder / "dev.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
            try:
                url = f"http://127.0.0.1:{port}"
                _wait_until_ready(url, process, folder / "dev.log")
                yield Scratch(url, folder)
            finally:
                _stop(process)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A polite end from outside cleans up as Ctrl-C does."""

    def end(_: int, __: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in ENDS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    ends = time.monotonic() + READY_WITHIN
    with httpx.Client(base_url=url, timeout=10, trust_env=False) as http:
        while time.monotonic() < ends and process.poll() is None:
            with suppress(httpx.HTTPError, ValueError, KeyError):
                if http.get("/readyz").json()["status"] == "ready":
                    return
            time.sleep(0.1)
    said = log.read_text(errors="replace").strip().splitlines()[-LOG_LINES:]
    raise StepFailed("\n  ".join(["the installation did not start", *said]))


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Told to stop, it stops its own children and servers; an impatient second Ctrl-C does not cut that short."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process.send_signal(signal.SIGTERM)
        process.wait(STOPPED_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
