"""A live installation, and the agent beside it, as an integrator has them."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from wm_api.demo.installation import free_port
from wm_api.dev import stop_child


@pytest.fixture(scope="module")
def live() -> Iterator[tuple[str, Path]]:
    """`wm-api dev` with nothing configured: its address and its data folder."""
    folder, port = Path(tempfile.mkdtemp(prefix="wm-live-")), free_port()
    folder.chmod(0o755)  # the embedded database runs as nobody
    command = [sys.executable, "-m", "wm_api", "dev", "--port", str(port), "--data-dir", str(folder / "data")]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WM_")}
    with (folder / "dev.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
        try:
            wait_until_ready(f"http://127.0.0.1:{port}", process, folder / "dev.log")
            yield f"http://127.0.0.1:{port}", folder
        finally:
            stop_child(process)
            shutil.rmtree(folder, ignore_errors=True)


def wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    ends = time.monotonic() + 120
    while time.monotonic() < ends and process.poll() is None:
        with suppress(httpx.HTTPError):
            if httpx.get(f"{url}/readyz", trust_env=False).json()["status"] == "ready":
                return
        time.sleep(0.2)
    raise AssertionError(f"it did not start: {process.poll()} {log.read_text()[-1500:]}")


@pytest.fixture
async def client(live: tuple[str, Path]) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=live[0], timeout=120, trust_env=False) as http:
        yield http
