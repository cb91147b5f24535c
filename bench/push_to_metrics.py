"""Push to metrics: a payroll file of 2.6 million rows over HTTP to `wm-api dev`, beside a floor made with duckdb."""

import argparse
import base64
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from make_extracts import AS_OF, FIRST_DAY, PEOPLE, PERIODS, make
from process_use import Use, Watch

PART = 16 << 20
POLL = 0.1
PASSWORD = "gravel teapot 42 lantern"  # noqa: S105 - of a scratch installation
KINDS = {"serve": "API", "worker": "worker"}
FACTS = {"country": "US", "industry_scheme": "naics_2022", "industry_code": "311812"}
screen = Console(width=120)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=PEOPLE)
    options.add_argument("--periods", type=int, default=PERIODS)
    options.add_argument("--extracts", type=Path, help="Folder in which the extracts are kept for the next run.")
    options.add_argument("--json", type=Path, help="File for all figures.")
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="wm-bench-"))
    folder.chmod(0o755)
    try:
        payroll, workforce = make(given.extracts or folder / "extracts", given.people, given.periods)
        before = floor(payroll, workforce, folder)
        figures = measure(payroll, workforce, folder)
        figures["floor"] = [before, floor(payroll, workforce, folder)]
        show(figures)
        if given.json:
            given.json.write_text(json.dumps(figures, indent=1))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def floor(payroll: Path, workforce: Path, folder: Path) -> dict[str, Any]:
    command = [sys.executable, str(Path(__file__).parent / "floor.py"), str(payroll), str(workforce), str(folder)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))


def measure(payroll: Path, workforce: Path, folder: Path) -> dict[str, Any]:
    """Start everything, push both files, wait for the score, stop everything."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "wm_api", "dev", "--port", str(port), "--data-dir", str(folder / "data")]
    dev = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as http:
            until_ready(http)
            sign_up(http)
            watch = Watch(dev.pid, KINDS)
            small = push_whole(http, workforce)
            uses_small = watch.stop()
            watch = Watch(dev.pid, KINDS)
            large = push_in_parts(http, payroll)
            uses = watch.stop()
            metrics = http.get("/v1/metrics", params={"limit": 100}).json()["data"]
    finally:
        dev.terminate()
        dev.wait(30)
    values = {f"{each['metric']} ({each['profile']})": each["value"] for each in metrics if each["status"] == "ok"}
    return {
        "bytes": payroll.stat().st_size,
        "workforce": {"seconds": small, "use": shown(uses_small)},
        "payroll": {"seconds": large, "use": shown(since(uses_small, uses))},
        "metrics": values,
    }


def until_ready(http: httpx.Client) -> None:
    for _ in range(600):
        with suppress(httpx.TransportError):
            if http.get("/readyz").status_code == 200:
                return
        time.sleep(0.1)
    raise SystemExit("wm-api dev did not become ready")


def sign_up(http: httpx.Client) -> None:
    owner = {"name": "Bench Owner", "email": "owner@bench.example", "password": PASSWORD}
    body = {"name": "Bench", **FACTS, "owner": owner, "us_hosting_acknowledged": True}
    good(http.post("/v1/accounts", json=body))
    tokens = good(http.post("/v1/sessions", json={"email": owner["email"], "password": PASSWORD})).json()
    http.headers["Authorization"] = f"Bearer {tokens['access_token']}"


def good(response: httpx.Response) -> httpx.Response:
    if response.is_error:
        raise SystemExit(
            f"{response.request.method} {response.request.url.path}: {response.status_code} {response.text}"
        )
    return response


def push_whole(http: httpx.Client, file: Path) -> dict[str, float]:
    """The small path: one call, checked before the answer."""
    clock, query = Clock(), {"kind": "workforce", "as_of": str(AS_OF)}
    headers = {"Content-Type": "text/csv"}
    dataset = good(http.post("/v1/datasets", params=query, content=file.read_bytes(), headers=headers)).json()
    clock.stage("upload, check, store")
    follow(http, dataset["operation_id"], clock)
    return clock.all()


def push_in_parts(http: httpx.Client, file: Path) -> dict[str, float]:
    """The large path: parts of 16 MiB, then the operation checks, stores and computes."""
    content = file.read_bytes()
    digest, clock = base64.b64encode(sha256(content).digest()).decode(), Clock()
    begin = {"Content-Type": "text/csv", "Upload-Complete": "?0", "Upload-Length": str(len(content))}
    made = good(http.post("/v1/uploads", headers={**begin, "Repr-Digest": f"sha-256=:{digest}:"}))
    for start in range(0, len(content), PART):
        part, end = content[start : start + PART], start + PART >= len(content)
        headers = {"Upload-Offset": str(start), "Upload-Complete": "?1" if end else "?0"}
        headers["Content-Type"] = "application/partial-upload"
        good(http.patch(made.headers["Location"], content=part, headers=headers))
    clock.stage("upload")
    dates = {"period_start": str(FIRST_DAY), "period_end": str(AS_OF)}
    query = {"kind": "payroll", **dates, "upload_id": made.json()["id"]}
    dataset = good(http.post("/v1/datasets", params=query)).json()
    follow(http, dataset["operation_id"], clock)
    return clock.all()


class Clock:
    """Seconds by stage, each to the end of the one before."""

    def __init__(self) -> None:
        self.begun = self._last = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def stage(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._last
        self._last = now

    def all(self) -> dict[str, float]:
        return {**self.seconds, "total": self._last - self.begun}


def follow(http: httpx.Client, operation_id: str, clock: Clock) -> None:
    """By stage as the operation shows it."""
    name: Callable[[str | None], str] = lambda stage: {"check": "check, store"}.get(stage or "", stage or "queue")  # noqa: E731
    current = None
    while True:
        operation = good(http.get(f"/v1/operations/{operation_id}")).json()
        if operation["stage"] != current and operation["state"] == "running":
            clock.stage(name(current))
            current = operation["stage"]
        if operation["state"] not in {"queued", "running"}:
            break
        time.sleep(POLL)
    clock.stage(name(current))
    if operation["state"] != "succeeded":
        raise SystemExit(f"the operation {operation['state']}: {operation['error']}")


def since(before: dict[str, Use], uses: dict[str, Use]) -> dict[str, Use]:
    """Processor time of long-lived processes is counted from the push before."""
    return {
        name: use if "child" in name else Use(use.peak_mb, use.cpu - before.get(name, Use()).cpu)
        for name, use in uses.items()
    }


def shown(uses: dict[str, Use]) -> dict[str, dict[str, float]]:
    return {name: asdict(use) for name, use in sorted(uses.items())}


def show(figures: dict[str, Any]) -> None:
    floors = figures["floor"]
    least = {name: sum(each[name] for each in floors) / len(floors) for name in ("total", "cpu", "peak_mb")}
    for name in ("workforce", "payroll"):
        table = Table("stage", "seconds", title=f"{name}: push to metrics")
        for stage, seconds in figures[name]["seconds"].items():
            table.add_row(stage, f"{seconds:.2f}")
        screen.print(table)
        table = Table("process", "peak MB", "processor seconds", title=f"{name}: processes")
        for process, use in figures[name]["use"].items():
            table.add_row(process, f"{use['peak_mb']:.0f}", f"{use['cpu']:.1f}")
        screen.print(table)
    total = figures["payroll"]["seconds"]["total"]
    cpu = sum(use["cpu"] for use in figures["payroll"]["use"].values())
    together = sum(use["peak_mb"] for name, use in figures["payroll"]["use"].items() if "worker" in name)
    table = Table(
        "", "push", "floor", "ratio", "aim", title="payroll against the floor (mean of a run before and after)"
    )
    table.add_row("seconds", f"{total:.1f}", f"{least['total']:.1f}", f"{total / least['total']:.1f}", "4 or better")
    table.add_row("processor seconds", f"{cpu:.1f}", f"{least['cpu']:.1f}", f"{cpu / least['cpu']:.1f}", "")
    table.add_row("MB of the API", f"{figures['payroll']['use']['API']['peak_mb']:.0f}", "", "", "under 300")
    table.add_row("MB of worker and child", f"{together:.0f}", f"{least['peak_mb']:.0f}", "", "under 1,536")
    screen.print(table)
    same = figures["floor"][0]["figures"]
    for metric in ("gender_gap_mean_hourly", "gender_gap_median_hourly", "overtime_hours_share"):
        ours = figures["metrics"].get(f"{metric} (default)")
        screen.print(f"{metric}: {ours} here, {same[metric][0][0]} in the floor")


if __name__ == "__main__":
    main()
