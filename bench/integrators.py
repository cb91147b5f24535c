"""Load: 50 integrators push 20 files each at once to `wm-api dev`; no acknowledgement is lost, memory stays flat."""

import argparse
import asyncio
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from make_extracts import SECRET
from process_use import command, tree
from processes import wait_for
from wm_api.demo.installation import free_port
from wm_api.records import employee_keys

INTEGRATORS, FILES, PEOPLE = 50, 20, 400
PASSWORD = "gravel teapot 42 lantern"  # noqa: S105 - of a scratch installation
SCOPES = ["datasets:write", "datasets:read", "operations:read"]
KINDS = {"serve": "API", "worker": "worker"}
LAST = date(2025, 12, 31)
HEADING = "employee_key,hire_date,base_rate,base_rate_unit,currency,schedule_type,gender\n"
ATTEMPTS = 200
screen = Console(width=100)


@dataclass
class Pushed:
    """What the server acknowledged, and how long each acknowledgement took, waits for a retry included."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    retries: int = 0


@dataclass
class Memory:
    """Resident megabytes of API and worker, once a second."""

    root: int
    seen: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in KINDS.values()})

    async def watch(self) -> None:
        while True:
            for pid in await asyncio.to_thread(tree, self.root):
                words = command(pid)
                name = next((name for word, name in KINDS.items() if word in words), None)
                if name:
                    self.seen[name].append(resident(pid))
            await asyncio.sleep(1)


def resident(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def extract(account: str, day: date, people: int) -> bytes:
    """A workforce file of its own for each company and day."""
    chance, rows = random.Random(f"{account} {day}"), []
    for person in range(people):
        key, rate = employee_keys.make(SECRET, account, "1", str(person)), 20 + chance.random() * 40
        rows.append(f"{key},2020-01-{1 + person % 28:02},{rate:.2f},hour,USD,full_time,{'FM'[person % 2]}")
    return (HEADING + "\n".join(rows) + "\n").encode()


async def sign_up(http: httpx.AsyncClient, number: int) -> tuple[str, dict[str, str]]:
    """The account, and the headers of its API key."""
    owner = {"name": "Load Owner", "email": f"owner{number}@load.example", "password": PASSWORD}
    facts = {"name": f"Load {number}", "country": "US", "industry_scheme": "naics_2022", "industry_code": "311812"}
    body = {**facts, "owner": owner, "us_hosting_acknowledged": True}
    account = good(await http.post("/v1/accounts", json=body)).json()["account"]["id"]
    session = {"email": owner["email"], "password": PASSWORD}
    token = good(await http.post("/v1/sessions", json=session)).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    made = good(await http.post("/v1/api-keys", json={"name": "load", "scopes": SCOPES}, headers=bearer)).json()
    return account, {"Authorization": f"Bearer {made['secret']}"}


def good(response: httpx.Response) -> httpx.Response:
    if response.is_error:
        raise SystemExit(f"{response.request.url.path}: {response.status_code} {response.text[:300]}")
    return response


async def integrate(http: httpx.AsyncClient, headers: dict[str, str], files: dict[str, bytes], pushed: Pushed) -> None:
    """One file after the other; a busy server is asked again when it says."""
    for day, content in files.items():
        begun = time.perf_counter()
        for _ in range(ATTEMPTS):
            asked = time.perf_counter()
            answer = await http.post(
                "/v1/datasets",
                params={"kind": "workforce", "as_of": day},
                content=content,
                headers={**headers, "Content-Type": "text/csv", "Idempotency-Key": day},
            )
            if answer.status_code not in {429, 503}:
                break
            pushed.retries += 1
            await asyncio.sleep(float(answer.headers.get("retry-after", 1)))
        dataset = good(answer).json()
        pushed.seconds.append(time.perf_counter() - begun)
        pushed.answers.append(time.perf_counter() - asked)
        pushed.acknowledged[dataset["id"]] = sha256(content).hexdigest()


async def lost(http: httpx.AsyncClient, headers: dict[str, str], acknowledged: dict[str, str]) -> int:
    """Acknowledged datasets that are not there, do not count, or have other bytes."""
    listed = good(await http.get("/v1/datasets", params={"limit": 200, "state": "accepted"}, headers=headers)).json()
    there = {row["id"]: row["sha256"] for row in listed["data"]}
    return sum(there.get(name) != digest for name, digest in acknowledged.items())


async def settled(http: httpx.AsyncClient, headers: dict[str, str]) -> int:
    """Waits for all operations; how many did not succeed."""
    while True:
        rows = good(await http.get("/v1/operations", params={"limit": 200}, headers=headers)).json()["data"]
        if not any(row["state"] in {"queued", "running"} for row in rows):
            return sum(row["state"] != "succeeded" for row in rows)
        await asyncio.sleep(1)


async def load(url: str, root: int, integrators: int, files: int, people: int) -> dict[str, Any]:
    limits = httpx.Limits(max_connections=integrators * 2)
    async with httpx.AsyncClient(base_url=url, timeout=300, trust_env=False, limits=limits) as http:
        accounts = [await sign_up(http, number) for number in range(integrators)]
        days = [f"{LAST - timedelta(days=31 * number)}" for number in range(files)]
        extracts = [{day: extract(account, date.fromisoformat(day), people) for day in days} for account, _ in accounts]
        memory, results = Memory(root), [Pushed() for _ in accounts]
        watching, begun = asyncio.create_task(memory.watch()), time.perf_counter()
        pushes = zip(accounts, extracts, results, strict=True)
        await asyncio.gather(*(integrate(http, headers, each, result) for (_, headers), each, result in pushes))
        taken = time.perf_counter() - begun
        failed = sum([await settled(http, headers) for _, headers in accounts])
        done = time.perf_counter() - begun
        watching.cancel()
        pairs = zip(accounts, results, strict=True)
        missing = sum([await lost(http, headers, result.acknowledged) for (_, headers), result in pairs])
    seconds = sorted(each for result in results for each in result.seconds)
    answers = sorted(each for result in results for each in result.answers)
    return {
        "acknowledged": len(seconds),
        "lost": missing,
        "operations_not_succeeded": failed,
        "retries": sum(result.retries for result in results),
        "seconds": taken,
        "seconds_to_the_last_score": done,
        "per_second": len(seconds) / taken,
        "p50": seconds[len(seconds) // 2],
        "p99": seconds[int(len(seconds) * 0.99)],
        "p99_of_one_answer": answers[int(len(answers) * 0.99)],
        "memory": {name: quarters(values) for name, values in memory.seen.items()},
    }


def quarters(values: list[float]) -> list[float]:
    """The largest resident size of each quarter of the time."""
    cuts = [round(len(values) * part / 4) for part in range(5)]
    return [max(values[start:end], default=0.0) for start, end in pairwise(cuts)]


def show(figures: dict[str, Any]) -> None:
    table = Table("", "", title="integrators at once", show_header=False)
    for name, value in figures.items():
        if name != "memory":
            table.add_row(name.replace("_", " "), f"{value:,.2f}" if isinstance(value, float) else f"{value:,}")
    screen.print(table)
    table = Table("process", "1st quarter", "2nd", "3rd", "4th", title="resident MB, largest of each quarter")
    for name, values in figures["memory"].items():
        table.add_row(name, *(f"{value:.0f}" for value in values))
    screen.print(table)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--integrators", type=int, default=INTEGRATORS)
    options.add_argument("--files", type=int, default=FILES)
    options.add_argument("--people", type=int, default=PEOPLE)
    options.add_argument("--json", type=Path, help="File for all figures.")
    given = options.parse_args()
    folder, port = Path(tempfile.mkdtemp(prefix="wm-load-")), free_port()
    folder.chmod(0o755)  # the embedded database runs as nobody
    arguments = ["dev", "--port", str(port), "--data-dir", str(folder / "data")]
    dev = subprocess.Popen([sys.executable, "-m", "wm_api", *arguments], stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        url = f"http://127.0.0.1:{port}"
        figures = asyncio.run(load(url, dev.pid, given.integrators, given.files, given.people))
    finally:
        dev.terminate()
        dev.wait(30)
        shutil.rmtree(folder, ignore_errors=True)
    show(figures)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1))
    if figures["lost"] or figures["operations_not_succeeded"]:
        raise SystemExit("an acknowledgement was lost")


if __name__ == "__main__":
    main()
