"""All metrics of a company of 200,000 people and 26 pay runs, beside the same statistics hand-written for duckdb."""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from make_extracts import AS_OF
from metric_files import make
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import Status
from wm_api.metrics.formulas import compute
from wm_api.metrics.payroll import PayrollSums
from wm_api.metrics.persons import numbered
from wm_api.metrics.population import AccountFacts, MetricInputs, References
from wm_api.records.facts import Facts

PEOPLE, RUNS, PART = 200_000, 26, 32_768
MARKET = dict.fromkeys(("11-1021", "41-2031", "43-4051", "53-7065"), 25.0)
PRICES = dict.fromkeys(range(2023, 2028), 100.0)
WAGES = {"48113": 22.0, "06037": 27.0}
MINIMA = {"US USD": 7.25}
FACTS = Facts(kind="workforce", as_of=AS_OF)
AIM = 2.0
screen = Console(width=120)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=PEOPLE)
    options.add_argument("--runs", type=int, default=RUNS)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--side", choices=["ours"], help="One side alone, on files that are there; prints JSON.")
    options.add_argument("--folder", type=Path)
    given = options.parse_args()
    if given.side:
        sys.stdout.write(json.dumps(measured(lambda: ours(given.folder))))
        return
    with tempfile.TemporaryDirectory(prefix="wm-bench-") as made:
        folder = Path(made)
        make(folder, given.people, given.runs)
        show(
            [
                (_run("metrics.py", "--side", "ours", "--folder", made), _run("metric_floor.py", made))
                for _ in range(given.rounds)
            ]
        )


def _run(script: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, str(Path(__file__).parent / script), *arguments]
    return dict(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))


def measured(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Seconds, processor seconds and peak memory of the work, and its figures."""
    begun, before = time.perf_counter(), time.process_time()
    figures = work()
    seconds, cpu = time.perf_counter() - begun, time.process_time() - before
    return {
        "seconds": seconds,
        "cpu": cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "figures": figures,
    }


def ours(folder: Path) -> dict[str, Any]:
    """As the service does it: payroll part by part, everything else whole, every metric of profile default."""
    sums = PayrollSums(FACTS.window())
    for file in sorted(folder.glob("payroll-*.parquet")):
        for part in pl.read_parquet(file).iter_slices(PART):
            sums.add(numbered(part))
    workforce, plans, enrolments = (
        numbered(pl.read_parquet(folder / f"{name}.parquet")) for name in ("workforce", "plans", "enrolments")
    )
    references = References(MARKET, PRICES, WAGES, legal_minima=MINIMA)
    inputs = MetricInputs(
        workforce,
        FACTS,
        sums.summary(),
        references,
        AccountFacts("US"),
        plans=plans,
        enrolments=enrolments,
        weeks=sums.weeks(),
    )
    return {name: each.value for name, each in compute(inputs).items() if each.status is Status.OK}


def show(rounds: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    table = Table("", "wm-api", "duckdb", "ratio", "aim", title=f"all metrics, {len(rounds)} rounds, medians")
    for name in ("seconds", "cpu", "peak_mb"):
        here, there = (sorted(each[side][name] for each in rounds)[len(rounds) // 2] for side in (0, 1))
        table.add_row(
            name, f"{here:.2f}", f"{there:.2f}", f"{here / there:.2f}", "" if name == "peak_mb" else f"{AIM} or better"
        )
    screen.print(table)
    here, there = rounds[0][0]["figures"], rounds[0][1]["figures"]
    missing = sorted(CATALOGUE.keys() - here.keys())
    screen.print(f"{len(here)} of {len(CATALOGUE)} metrics have a value here, {len(there)} in duckdb")
    screen.print(f"without a value here: {', '.join(missing)}")
    for name in sorted(here.keys() & there.keys()):
        same = (
            here[name] is None
            or there[name] is None
            or abs(here[name] - there[name]) <= 1e-6 * max(1.0, abs(there[name]))
        )
        if not same:
            screen.print(f"{name}: {here[name]} here, {there[name]} in duckdb")


if __name__ == "__main__":
    main()
