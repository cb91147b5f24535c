"""The floor of bench/metrics.py: duckdb computes what metric_floor.sql says from the same files. Prints JSON."""

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

STATEMENTS = Path(__file__).with_suffix(".sql").read_text()
METRIC = "-- metric "


def run(folder: str) -> dict[str, Any]:
    """Of each named statement its figure; the others make tables."""
    os.chdir(folder)
    connection, (tables, *metrics) = duckdb.connect(), STATEMENTS.split(METRIC)
    connection.execute(tables)
    named = (each.split("\n", 1) for each in metrics)
    return {name: connection.execute(query).fetchall()[0][0] for name, query in named}


if __name__ == "__main__":
    begun, before = time.perf_counter(), time.process_time()
    found = run(sys.argv[1])
    seconds, cpu = time.perf_counter() - begun, time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": peak, "figures": found}))
