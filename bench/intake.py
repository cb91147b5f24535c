"""Intake: rows a second of check, normalise, key, seal and store, on 2.6 and 26 million rows, beside duckdb.

What runs is `files.check_and_store` as API and worker call it, sandbox child included, into a local durable store. The
floor is duckdb, reading the same CSV and writing it as Parquet (zstd), before and after.
"""

import argparse
import asyncio
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from make_extracts import AS_OF, FIRST_DAY, PEOPLE, PERIODS, make_payroll
from process_use import Watch
from wm_api.core.ids import new_id
from wm_api.core.resources import opened
from wm_api.core.sandbox_start import TEMPLATES
from wm_api.core.settings import Settings
from wm_api.datasets.service.files import StoredFile, check_and_store
from wm_api.dev import Installation
from wm_api.records.facts import Facts

BLOCK = 1 << 20
GROWTH, SLOWER = 1.3, 2.0
"""The aims: ratio of the peaks of the two files, and seconds against those of the floor."""
screen = Console(width=120)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=PEOPLE, help="Of the smaller file; the larger has ten times.")
    options.add_argument("--extracts", type=Path, help="Folder in which the extracts are kept for the next run.")
    options.add_argument("--json", type=Path, help="File for all figures.")
    options.add_argument("--side", choices=sorted(SIDES), help=argparse.SUPPRESS)
    options.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.side:
        print(json.dumps(SIDES[given.side](given.file, given.folder)))
        return
    folder = Path(tempfile.mkdtemp(prefix="wm-bench-"))
    folder.chmod(0o755)  # the embedded database runs as nobody
    installation = Installation(folder / "data")
    try:
        installation.migrate()
        os.environ.update(installation.environment)
        figures = [measured(given.extracts or folder, people, folder) for people in (given.people, 10 * given.people)]
    finally:
        installation.stop()
        shutil.rmtree(folder, ignore_errors=True)
    show(figures)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1))


def measured(extracts: Path, people: int, folder: Path) -> dict[str, Any]:
    """The floor before, ours, the floor after."""
    file = make_payroll(extracts, people)
    sides = {
        name: run(side, file, folder) for name, side in (("before", "floor"), ("ours", "ours"), ("after", "floor"))
    }
    floor = {name: (sides["before"][name] + sides["after"][name]) / 2 for name in ("seconds", "cpu", "worker_mb")}
    return {"rows": people * PERIODS, "bytes": file.stat().st_size, **sides, "floor": floor}


def run(side: str, file: Path, folder: Path) -> dict[str, Any]:
    """One side in a process of its own, so that its memory is its own."""
    command = [sys.executable, __file__, "--side", side, "--file", str(file), "--folder", str(folder)]
    watch = Watch(os.getpid(), {"--side": "worker"})
    try:
        answered = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    finally:
        uses = {name: asdict(use) for name, use in watch.stop().items()}
    child = max((use["peak_mb"] for name, use in uses.items() if "child" in name), default=0.0)
    return {**answered, "worker_mb": uses["worker"]["peak_mb"], "child_mb": child}


def floor(file: Path, folder: Path) -> dict[str, Any]:
    """As many threads and as much memory as duckdb takes by itself."""
    import duckdb  # noqa: PLC0415 - of our side it would take memory

    connection, begun, used = duckdb.connect(), time.perf_counter(), processor_seconds()
    target = folder / "floor.parquet"
    connection.execute(f"COPY (FROM read_csv('{file}')) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    seconds, cpu = time.perf_counter() - begun, processor_seconds() - used
    target.unlink()
    settings = connection.execute("SELECT current_setting('threads'), current_setting('memory_limit')").fetchone()
    return {"seconds": seconds, "cpu": cpu, "threads": settings[0], "memory_limit": settings[1]}


def ours(file: Path, folder: Path) -> dict[str, Any]:
    settings = Settings()
    stored = asyncio.run(taken_in(file, settings))
    objects = folder / "data" / "objects"
    stored["stored_bytes"] = sum(each.stat().st_size for each in objects.rglob("*") if each.is_file())
    shutil.rmtree(objects)
    return stored


async def taken_in(file: Path, settings: Settings) -> dict[str, Any]:
    facts = Facts(kind="payroll", period_start=FIRST_DAY, period_end=AS_OF)
    async with opened(settings) as resources:
        begun, used = time.perf_counter(), processor_seconds()
        stored = await check_and_store(resources, new_id(), new_id(), partial(blocks_of, file), "text/csv", None, facts)
        seconds = time.perf_counter() - begun
        TEMPLATES.end()  # what its child used is counted when it has ended
        cpu = processor_seconds() - used
    if not isinstance(stored, StoredFile):
        raise SystemExit(f"refused: {[(each.code, each.column) for each in stored.findings]}")
    own = processor_seconds(resource.RUSAGE_SELF)
    return {"seconds": seconds, "cpu": cpu, "worker_cpu": own, "hash": stored.snapshot_sha256}


async def blocks_of(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as reading:
        while block := reading.read(BLOCK):
            yield block


def processor_seconds(*whose: int) -> float:
    """Of this process and its children that have ended."""
    used = [resource.getrusage(each) for each in whose or (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


SIDES = {"ours": ours, "floor": floor}


def show(figures: list[dict[str, Any]]) -> None:
    table = Table("", *(f"{each['rows'] / 1e6:,.1f} million rows" for each in figures), title="Intake of payroll")
    rows = {
        "MB of the file": lambda each: f"{each['bytes'] / 1e6:,.0f}",
        "rows a second": lambda each: f"{each['rows'] / each['ours']['seconds']:,.0f}",
        "seconds": lambda each: f"{each['ours']['seconds']:.2f}",
        "processor seconds": lambda each: f"{each['ours']['cpu']:.2f}",
        "peak MB of worker": lambda each: f"{each['ours']['worker_mb']:,.0f}",
        "peak MB of child": lambda each: f"{each['ours']['child_mb']:,.0f}",
        "floor: seconds": lambda each: f"{each['before']['seconds']:.2f}, {each['after']['seconds']:.2f}",
        "floor: processor seconds": lambda each: f"{each['before']['cpu']:.2f}, {each['after']['cpu']:.2f}",
        "floor: peak MB": lambda each: f"{each['floor']['worker_mb']:,.0f}",
        f"ratio of seconds (at most {SLOWER})": lambda each: ratio(each, "seconds"),
        "ratio of processor seconds": lambda each: ratio(each, "cpu"),
    }
    for name, value in rows.items():
        table.add_row(name, *(value(each) for each in figures))
    screen.print(table)
    small, large = (each["ours"] for each in figures)
    peaks = {"worker": ("worker_mb",), "child": ("child_mb",), "both": ("worker_mb", "child_mb")}
    grown = {
        name: sum(large[part] for part in parts) / sum(small[part] for part in parts) for name, parts in peaks.items()
    }
    told = ", ".join(f"{name} {times:.2f}" for name, times in grown.items())
    screen.print(f"ratio of the peaks (at most {GROWTH}): {told}")
    first = figures[0]["before"]
    screen.print(f"floor: duckdb with {first['threads']} threads, memory limit {first['memory_limit']}")


def ratio(each: dict[str, Any], name: str) -> str:
    return f"{each['ours'][name] / each['floor'][name]:.2f}"


if __name__ == "__main__":
    main()
