"""Shared-score reads of one API process beside a bare endpoint that does the same durable work on the same server.

Starts its own installation (durable settings) in a scratch folder, and stops what it started. See bench/README.md.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from bare_endpoint import TABLES
from companies import Company, grant_token
from granting_companies import granting
from wm_api.core.resources import opened
from wm_api.core.settings import Settings
from wm_api.dev import Installation, child, stop_child

HERE = Path(__file__).resolve().parent
Granted = list[tuple[str, str]]
Reads = list[list[str]]
Figures = dict[str, float]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def started(script: str, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, str(HERE / script)]
    return subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.DEVNULL)


def wait_for(url: str) -> None:
    """Until anything answers."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        with suppress(httpx.HTTPError):
            httpx.get(url, trust_env=False)
            return
        time.sleep(0.1)
    raise SystemExit(f"{url} did not start")


def processor_seconds(pid: int) -> float:
    """Of a process, and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(each) for each in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def server_seconds(postmaster: int) -> float:
    """Of PostgreSQL with all its processes."""
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return processor_seconds(postmaster) + sum(processor_seconds(int(each)) for each in children)


def measured(process: int, postmaster: int, **asked: Any) -> Figures:
    before = processor_seconds(process), server_seconds(postmaster)
    load = [sys.executable, str(HERE / "load.py")]
    done = subprocess.run(load, input=json.dumps(asked).encode(), stdout=subprocess.PIPE, check=True)
    figures: Figures = json.loads(done.stdout)
    if figures["refused"]:
        raise SystemExit(f"{figures['refused']:.0f} reads were not answered with 200")
    figures["api_ms"] = (processor_seconds(process) - before[0]) * 1000 / figures["requests"]
    figures["database_ms"] = (server_seconds(postmaster) - before[1]) * 1000 / figures["requests"]
    return figures


async def prepare(url: str, settings: Settings, count: int) -> tuple[Company, Granted]:
    async with opened(settings) as resources, httpx.AsyncClient(base_url=url, timeout=120, trust_env=False) as http:
        return await granting(http, resources, count)


async def tokens(url: str, reader: Company, granted: Granted) -> Reads:
    """A fresh token for each grant."""
    async with httpx.AsyncClient(base_url=url, timeout=120, trust_env=False) as http:
        reader.http = http
        made = [(score, await grant_token(reader, grant)) for score, grant in granted]
    return [[f"/v1/shared/scores/{score}", token["Authorization"].removeprefix("Bearer ")] for score, token in made]


async def bare_database(admin_url: str, url: str, reads: Reads) -> str:
    """A database on the same server with the documents that our endpoint answers."""
    admin = await asyncpg.connect(admin_url)
    await admin.execute("CREATE DATABASE bare")
    await admin.close()
    bare_url = admin_url.rpartition("/")[0] + "/bare"
    bare = await asyncpg.connect(bare_url)
    await bare.execute(TABLES)
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        for path, token in reads:
            body = (await http.get(path, headers={"Authorization": f"Bearer {token}"})).text
            row = json.loads(body)
            insert = "INSERT INTO bare_publications VALUES ($1, $2, $3)"
            await bare.execute(insert, row["score_id"], row["company"]["id"], body)
    await bare.close()
    return bare_url


def compare(asked: argparse.Namespace, folder: Path, stack: ExitStack) -> dict[str, Any]:
    installation = Installation(folder / "data")
    stack.callback(installation.stop)
    installation.migrate()
    port, bare_port, sampled_port = free_port(), free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {**installation.environment, "WM_PUBLIC_URL": url}
    os.environ.update(environment)
    settings = Settings()
    worker = child(["worker"], environment, folder / "worker.log")
    stack.callback(stop_child, worker)
    api = child(["serve", "--port", str(port)], environment, folder / "api.log")
    stack.callback(stop_child, api)
    wait_for(f"{url}/healthz")
    reader, granted = asyncio.run(prepare(url, settings, asked.companies))
    stop_child(worker)
    reads = asyncio.run(tokens(url, reader, granted))
    bare_url = asyncio.run(bare_database(installation.admin_url, url, reads))
    pool = str(settings.database_pool)
    bare = started("bare_endpoint.py", {"BARE_URL": bare_url, "BARE_PORT": str(bare_port), "BARE_POOL": pool})
    stack.callback(stop_child, bare)
    wait_for(f"http://127.0.0.1:{bare_port}/")
    bare_reads = [[path.replace("/v1/shared", ""), ""] for path, _ in reads]
    postmaster = int(installation.servers[0].info["pid"])
    common: dict[str, Any] = {"connections": asked.connections, "postmaster": postmaster}

    def run(seconds: float) -> tuple[Figures, Figures]:
        ours = measured(api.pid, port=port, seconds=seconds, reads=reads, **common)
        return ours, measured(bare.pid, port=bare_port, seconds=seconds, reads=bare_reads, **common)

    run(2)  # warm
    runs = [run(asked.seconds) for _ in range(asked.runs)]
    found = {"ours": [ours for ours, _ in runs], "bare": [each for _, each in runs]}
    if asked.profile:
        sampled = {"SAMPLED_PORT": str(sampled_port), "SAMPLED_TO": str(folder / "samples.json")}
        process = started("sampled_api.py", {**environment, **sampled})
        wait_for(f"http://127.0.0.1:{sampled_port}/healthz")
        process.send_signal(signal.SIGUSR1)
        figures = measured(process.pid, port=sampled_port, seconds=asked.seconds, reads=reads, **common)
        stop_child(process)
        found["profile"] = {**json.loads((folder / "samples.json").read_text()), "api_ms": figures["api_ms"]}
    return found


def show(found: dict[str, Any]) -> None:
    print(f"{'':6}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'API ms':>9}{'database ms':>13}")
    for name in ("ours", "bare"):
        for each in found[name]:
            print(
                f"{name:6}{each['per_second']:12.0f}{each['p50']:9.1f}{each['p99']:9.1f}"
                f"{each['api_ms']:9.3f}{each['database_ms']:13.3f}"
            )
    middle = {
        (name, part): statistics.median(each[part] for each in found[name])
        for name in ("ours", "bare")
        for part in ("per_second", "p99", "api_ms")
    }
    ratio = middle["bare", "per_second"] / middle["ours", "per_second"]
    print(
        f"ours {middle['ours', 'per_second']:.0f}/s, p99 {middle['ours', 'p99']:.1f} ms; "
        f"bare {middle['bare', 'per_second']:.0f}/s, p99 {middle['bare', 'p99']:.1f} ms; "
        f"the bare endpoint is {ratio:.2f} times as fast "
        f"({middle['ours', 'api_ms'] / middle['bare', 'api_ms']:.2f} times less processor time)"
    )
    if "profile" in found:
        samples, of_all = found["profile"]["samples"], sum(found["profile"]["samples"].values())
        for layer, count in sorted(samples.items(), key=lambda each: -each[1]):
            print(f"  {layer:22}{100 * count / of_all:6.1f} %")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=64)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=8, help="of each run")
    parser.add_argument("--runs", type=int, default=4, help="of each side, in turn")
    parser.add_argument("--profile", action="store_true", help="one more run, under a sampling profiler")
    parser.add_argument("--json", type=Path, help="write all figures here")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wm-bench-") as scratch, ExitStack() as stack:
        Path(scratch).chmod(0o755)
        found = compare(asked, Path(scratch), stack)
    show(found)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
