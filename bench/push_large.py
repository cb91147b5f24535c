"""One payroll file of nearly 5 GiB over HTTP to `wm-api dev`, beside one of 2.6 million rows: peaks of each process.

Each file has an installation of its own, since a peak (VmHWM) is that of a process's whole life. The workforce of the
same people is pushed before; both files are followed to the metrics.
"""

import argparse
import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from make_extracts import PEOPLE, PERIODS, make
from process_use import Watch
from pushing import KINDS, live, push_payroll, push_workforce

LARGE_PEOPLE, LARGE_PERIODS = 200_000, 212
PROCESSES = ("API", "worker", "child of worker")
screen = Console(width=120)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=LARGE_PEOPLE, help="Of the large file.")
    options.add_argument("--periods", type=int, default=LARGE_PERIODS, help="Fortnights of the large file.")
    options.add_argument("--folder", type=Path, help="Where scratch files go; about 15 GB are needed.")
    options.add_argument("--extracts", type=Path, help="Folder in which the extracts are kept for the next run.")
    options.add_argument("--json", type=Path, help="File for all figures.")
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="wm-bench-", dir=given.folder))
    folder.chmod(0o755)  # the embedded database runs as nobody
    extracts = given.extracts or folder / "extracts"
    try:
        sizes = ((PEOPLE, PERIODS), (given.people, given.periods))
        figures = [measured(extracts, people, periods, folder) for people, periods in sizes]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show(figures)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1))


def measured(extracts: Path, people: int, periods: int, folder: Path) -> dict[str, Any]:
    """Whatever is not accepted ends the run."""
    payroll, workforce = make(extracts, people, periods)
    with live(folder) as (http, pid):
        watch = Watch(pid, KINDS)
        push_workforce(http, workforce)
        seconds = push_payroll(http, payroll, periods)
        uses = watch.stop()
        accepted = http.get("/v1/datasets", params={"kind": "payroll"}).json()["data"][0]
        metrics = http.get("/v1/metrics", params={"limit": 200}).json()["data"]
    shutil.rmtree(folder / "data")
    return {
        "people": people,
        "bytes": accepted["bytes"],
        "rows": accepted["rows"],
        "state": accepted["state"],
        "seconds": seconds,
        "use": {name: asdict(use) for name, use in sorted(uses.items())},
        "metrics": sum(each["status"] == "ok" for each in metrics),
    }


def show(figures: list[dict[str, Any]]) -> None:
    table = Table("", *(f"{each['rows'] / 1e6:,.1f} million rows" for each in figures), "ratio", title="One file")
    small, large = figures
    for name in ("bytes", "people"):
        table.add_row(name, *(f"{each[name]:,}" for each in figures), f"{large[name] / small[name]:.2f}")
    table.add_row("state, metrics that are ok", *(f"{each['state']}, {each['metrics']}" for each in figures), "")
    for stage in large["seconds"]:
        table.add_row(f"seconds: {stage}", *(f"{each['seconds'].get(stage, 0):.1f}" for each in figures), "")
    for process in PROCESSES:
        peaks = [each["use"][process]["peak_mb"] for each in figures]
        table.add_row(f"peak MB: {process}", *(f"{peak:,.0f}" for peak in peaks), f"{peaks[1] / peaks[0]:.2f}")
    screen.print(table)


if __name__ == "__main__":
    main()
