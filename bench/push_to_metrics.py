"""Push to metrics: a payroll file of 2.6 million rows over HTTP to `wm-api dev`, beside a floor made with duckdb."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from make_extracts import PEOPLE, PERIODS, make
from process_use import Use, Watch
from pushing import KINDS, live, push_payroll, push_workforce

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
        figures = measure(payroll, workforce, given.periods, folder)
        figures["floor"] = [before, floor(payroll, workforce, folder)]
        show(figures)
        if given.json:
            given.json.write_text(json.dumps(figures, indent=1))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def floor(payroll: Path, workforce: Path, folder: Path) -> dict[str, Any]:
    command = [sys.executable, str(Path(__file__).parent / "floor.py"), str(payroll), str(workforce), str(folder)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))


def measure(payroll: Path, workforce: Path, periods: int, folder: Path) -> dict[str, Any]:
    """Start everything, push both files, wait for the score, stop everything."""
    with live(folder) as (http, pid):
        watch = Watch(pid, KINDS)
        small = push_workforce(http, workforce)
        uses_small = watch.stop()
        watch = Watch(pid, KINDS)
        large = push_payroll(http, payroll, periods)
        uses = watch.stop()
        metrics = http.get("/v1/metrics", params={"limit": 100}).json()["data"]
    values = {f"{each['metric']} ({each['profile']})": each["value"] for each in metrics if each["status"] == "ok"}
    return {
        "bytes": payroll.stat().st_size,
        "workforce": {"seconds": small, "use": shown(uses_small)},
        "payroll": {"seconds": large, "use": shown(since(uses_small, uses))},
        "metrics": values,
    }


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
