"""An installation of its own in a folder that stays: embedded servers, one API process, workers."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from wm_api.core.settings import Settings
from wm_api.demo.installation import free_port
from wm_api.dev import Installation, child, stop_children

READY_WITHIN = 120


@dataclass(frozen=True, slots=True)
class Running:
    """`folder` holds what a later run goes on with; `environment` is that of its processes."""

    folder: Path
    url: str
    installation: Installation
    environment: dict[str, str]

    @property
    def settings(self) -> Settings:
        return self.installation.settings


@contextmanager
def running(folder: Path, workers: int) -> Iterator[Running]:
    """Started where it stopped, or new. It does not wait for disks: what is made up can be made again."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        folder.chmod(0o755)  # the embedded database runs as nobody
    installation, processes = Installation(folder / "data", durable=False), []
    try:
        installation.migrate()
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        environment = {**installation.environment, "WM_PUBLIC_URL": url}
        processes = [child(["worker"], environment, folder / "worker.log") for _ in range(workers)]
        processes.append(child(["serve", "--port", str(port)], environment, folder / "api.log"))
        _wait(url)
        yield Running(folder, url, installation, environment)
    finally:
        stop_children(processes)
        installation.stop()


def _wait(url: str) -> None:
    ends = time.monotonic() + READY_WITHIN
    with httpx.Client(base_url=url, timeout=10, trust_env=False) as http:
        while time.monotonic() < ends:
            with suppress(httpx.HTTPError, ValueError, KeyError):
                if http.get("/readyz").json()["status"] == "ready":
                    return
            time.sleep(0.1)
    raise SystemExit("The API did not start: see api.log in the folder.")
