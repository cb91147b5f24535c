"""The workforce alone of 100,000 and of a million people, over HTTP to `wm-api dev`: what grows with people.

Each file has an installation of its own; peaks (VmHWM) of API, worker and child are those of check, metrics and score.
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

from make_extracts import PEOPLE, make_workforce
from process_use import Watch
from pushing import KINDS, live, push_workforce

PROCESSES = ("API", "worker", "child of API", "child of worker")
screen = Console(width=120)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, nargs="+", default=[PEOPLE, 10 * PEOPLE])
    options.add_argument("--folder", type=Path, help="Where scratch files go.")
    options.add_argument("--json", type=Path, help="File for all figures.")
    given = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="wm-bench-", dir=given.folder))
    folder.chmod(0o755)  # the embedded database runs as nobody
    try:
        figures = [measured(folder, people) for people in given.people]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show(figures)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1))


def measured(folder: Path, people: int) -> dict[str, Any]:
    workforce = make_workforce(folder / "extracts", people)
    with live(folder) as (http, pid):
        watch = Watch(pid, KINDS)
        seconds = push_workforce(http, workforce)
        uses = watch.stop()
        metrics = http.get("/v1/metrics", params={"limit": 200}).json()["data"]
    shutil.rmtree(folder / "data")
    use = {name: asdict(each) for name, each in sorted(uses.items())}
    return {
        "people": people,
        "bytes": workforce.stat().st_size,
        "seconds": seconds,
        "use": use,
        "metrics": sum(each["status"] == "ok" for each in metrics),
    }


def show(figures: list[dict[str, Any]]) -> None:
    table = Table("", *(f"{each['people']:,} people" for each in figures), title="Workforce alone")
    table.add_row("MB of the file", *(f"{each['bytes'] / 1e6:,.0f}" for each in figures))
    table.add_row("seconds to the score", *(f"{each['seconds']['total']:.1f}" for each in figures))
    table.add_row("metrics that are ok", *(f"{each['metrics']}" for each in figures))
    for process in PROCESSES:
        peaks = (each["use"].get(process) for each in figures)
        table.add_row(f"peak MB: {process}", *("" if each is None else f"{each['peak_mb']:,.0f}" for each in peaks))
    screen.print(table)


if __name__ == "__main__":
    main()
