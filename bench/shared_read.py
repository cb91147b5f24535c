"""Shared-score reads of one API process beside a bare endpoint that does the same durable work on the same server.

Starts its own installation (durable settings) in a scratch folder, and stops what it started. See bench/README.md.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from bare_endpoint import TABLES
from granting_companies import Reads, granting, reads_of
from processes import HERE, Process, processor_seconds, server_seconds, started, wait_for
from wm_api.core.settings import Settings
from wm_api.demo.installation import free_port
from wm_api.dev import Installation, child, stop_child

Figures = dict[str, float]


@dataclass
class Endpoint:
    """What is measured: a process, where it listens, what is asked of it."""

    process: Process
    port: int
    reads: Reads


@dataclass
class Bench:
    """A running installation, with everything to stop at the end on `stack`."""

    asked: argparse.Namespace
    folder: Path
    stack: ExitStack
    installation: Installation

    @property
    def postmaster(self) -> int:
        return int(self.installation.servers[0].info["pid"])

    def measured(self, endpoint: Endpoint, seconds: float) -> Figures:
        """One run of the load generator; processor time of API and database per request."""
        request = {"port": endpoint.port, "seconds": seconds, "reads": endpoint.reads}
        request["connections"] = self.asked.connections
        before = processor_seconds(endpoint.process.pid), server_seconds(self.postmaster)
        command = [sys.executable, str(HERE / "load.py")]
        done = subprocess.run(command, input=json.dumps(request).encode(), stdout=subprocess.PIPE, check=True)
        figures: Figures = json.loads(done.stdout)
        if figures["refused"]:
            raise SystemExit(f"{figures['refused']:.0f} reads were not answered with 200")
        spent = processor_seconds(endpoint.process.pid) - before[0], server_seconds(self.postmaster) - before[1]
        figures["api_ms"], figures["database_ms"] = (each * 1000 / figures["requests"] for each in spent)
        return figures

    def running(self, process: Process, port: int, reads: Reads) -> Endpoint:
        self.stack.callback(stop_child, process)
        wait_for(port)
        return Endpoint(process, port, reads)


def our_endpoint(bench: Bench) -> Endpoint:
    """One API process, and a token for each of the granting companies."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    os.environ.update({**bench.installation.environment, "WM_PUBLIC_URL": url})
    worker = child(["worker"], {}, bench.folder / "worker.log")
    bench.stack.callback(stop_child, worker)
    ours = bench.running(child(["serve", "--port", str(port)], {}, bench.folder / "api.log"), port, [])
    reader, granted = asyncio.run(granting(url, Settings(), bench.asked.companies))
    stop_child(worker)
    ours.reads = reads_of(url, reader, granted)
    return ours


def bare_endpoint(bench: Bench, ours: Endpoint) -> Endpoint:
    port, pool = free_port(), str(Settings().database_pool)
    url = asyncio.run(bare_database(bench.installation.admin_url, ours))
    process = started("bare_endpoint.py", {"BARE_URL": url, "BARE_PORT": str(port), "BARE_POOL": pool})
    return bench.running(process, port, [[path.replace("/v1/shared", ""), ""] for path, _ in ours.reads])


async def bare_database(admin_url: str, ours: Endpoint) -> str:
    """A database on the same server with the documents that our endpoint answers."""
    admin = await asyncpg.connect(admin_url)
    await admin.execute("CREATE DATABASE bare")
    await admin.close()
    bare_url = admin_url.rpartition("/")[0] + "/bare"
    bare = await asyncpg.connect(bare_url)
    await bare.execute(TABLES)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ours.port}", trust_env=False) as http:
        for path, token in ours.reads:
            body = (await http.get(path, headers={"Authorization": f"Bearer {token}"})).text
            row = json.loads(body)
            insert = "INSERT INTO bare_publications VALUES ($1, $2, $3)"
            await bare.execute(insert, row["score_id"], row["company"]["id"], body)
    await bare.close()
    return bare_url


def profile(bench: Bench, ours: Endpoint) -> dict[str, Any]:
    """The same load on an API process that is sampled."""
    port, samples = free_port(), bench.folder / "samples.json"
    process = started("sampled_api.py", {"SAMPLED_PORT": str(port), "SAMPLED_TO": str(samples)})
    sampled = bench.running(process, port, ours.reads)
    process.send_signal(signal.SIGUSR1)
    figures = bench.measured(sampled, bench.asked.seconds)
    stop_child(process)
    return {**json.loads(samples.read_text()), "api_ms": figures["api_ms"]}


def compare(bench: Bench) -> dict[str, Any]:
    """Runs of both in turn, so that both meet the same machine."""
    ours = our_endpoint(bench)
    bare = bare_endpoint(bench, ours)
    found: dict[str, Any] = {"ours": [], "bare": []}
    for number in range(bench.asked.runs + 1):
        seconds = bench.asked.seconds if number else 2.0  # first, a short one to warm up
        pair = bench.measured(ours, seconds), bench.measured(bare, seconds)
        if number:
            found["ours"].append(pair[0])
            found["bare"].append(pair[1])
    if bench.asked.profile:
        found["profile"] = profile(bench, ours)
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
    print(
        f"median: ours {middle['ours', 'per_second']:.0f}/s, p99 {middle['ours', 'p99']:.1f} ms; "
        f"bare {middle['bare', 'per_second']:.0f}/s, p99 {middle['bare', 'p99']:.1f} ms; "
        f"ratio {middle['bare', 'per_second'] / middle['ours', 'per_second']:.2f}, "
        f"in processor time of the API process {middle['ours', 'api_ms'] / middle['bare', 'api_ms']:.2f}"
    )
    if "profile" in found:
        samples = found["profile"]["samples"]
        for layer, count in sorted(samples.items(), key=lambda each: -each[1]):
            print(f"  {layer:22}{100 * count / sum(samples.values()):6.1f} %")


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
        installation = Installation(Path(scratch) / "data")
        stack.callback(installation.stop)
        installation.migrate()
        found = compare(Bench(asked, Path(scratch), stack, installation))
    show(found)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
