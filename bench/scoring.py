"""Scoring many companies that are made up, and one release over them: how processor time and memory grow.

`python bench/scoring.py [--companies 10000] [--processes 2]`: a tenth of the companies first, then all of them, each
in processes of its own. Scored is in full, with draws, stars, contributions and counterfactuals. The release is made by
the job of `wm-api release-benchmarks` on embedded servers, over the same scores written as the service keeps them.
"""

import argparse
import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing import Pool, get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import asyncpg
from tools.robustness.engine import Choices, scored
from tools.robustness.made_up import companies
from tools.robustness.population import Population

from processes import server_seconds
from wm_api.benchmarks.contributed.plan import AREAS, SCORE_V1
from wm_api.benchmarks.public_sources import cells_of_editions, packaged_statistics
from wm_api.core.ids import new_id
from wm_api.dev import Installation
from wm_api.releases.command import release_benchmarks
from wm_api.scores.methodology import load_methodology
from wm_api.scores.results import ScoreInput
from wm_api.scores.scoring import score

SEED, CHUNK = 2026, 50
NOW = datetime.now(UTC)
INDUSTRIES = {"C": "10.11", "F": "41.20", "G": "47.11", "H": "49.41", "I": "56.10", "J": "62.01", "K": "64.19",
              "M": "69.10", "N": "78.20", "P": "85.31", "Q": "86.10", "S": "96.02"}  # fmt: skip
COUNTRIES = ("GB", "DE", "FR", "US")
TABLES = {
    "accounts": "id name country region industry_scheme industry_code size_band state created_at",
    "scores": "account_id id as_of headline record result benchmark_release_id computed_at state status digest"
    " methodology dataset_ids",
    "contribution_consents": "account_id id taking_part changed_at changed_by",
    "contributor_groups": "account_id id name employees admitted_at",
}
COSTS, LINEAR = ("processor seconds", "seconds of PostgreSQL", "MB", "MB of one process"), 1.1
"""What must not grow more than the companies do, a tenth of it for the noise of the machine. Headlines alone take
milliseconds, which the caches of the processor decide on, and are what the robustness report makes, not the service.
"""
Scored = tuple[float | None, dict[str, float]]


def in_full(inputs: ScoreInput) -> Scored:
    result = score(inputs, load_methodology())
    return result.headline, {f"area_{area.area}": area.score for area in result.areas if area.score is not None}


def measured(count: int, processes: int) -> dict[str, float]:
    """All figures of one size; called in a process that nothing else has run in."""
    methodology, cells = load_methodology(), cells_of_editions(packaged_statistics())
    inputs, places = companies(count, SEED, cells, methodology)
    begun = time.perf_counter()
    with Pool(processes) as pool:
        results = list(pool.imap(in_full, inputs, CHUNK))
    seconds, used = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    population, begun_cpu = Population.of(inputs, places, cells, methodology), time.process_time()
    scored(population, Choices())
    arrays = time.process_time() - begun_cpu
    with _installation() as running:
        release = asyncio.run(released(running, [place.section for place in places], results))
    return {
        "companies": count,
        "with a score": sum(headline is not None for headline, _ in results),
        "scoring: seconds": seconds,
        "scoring: processor seconds": used.ru_utime + used.ru_stime,
        "scoring: peak MB of one process": max(used.ru_maxrss, peak) / 1024,
        "headlines alone, as arrays: processor ms": 1000 * arrays,
        **release,
    }


async def released(
    running: Installation, sections: Sequence[str | None], results: Sequence[Scored]
) -> dict[str, float]:
    """Of one release of score_v1 over all of them."""
    admin = await asyncpg.connect(running.admin_url.rpartition("/")[0] + "/wm")
    for table, rows in _rows(sections, results).items():
        await admin.copy_records_to_table(table, records=rows, columns=TABLES[table].split())
    postmaster = int(running.servers[0].info["pid"])
    begun, own, server = time.perf_counter(), time.process_time(), server_seconds(postmaster)
    await release_benchmarks(running.settings, "contributed-bench", SCORE_V1, NOW.date(), _quiet)
    seconds, spent = time.perf_counter() - begun, time.process_time() - own
    figures = {
        "release: seconds": seconds,
        "release: processor seconds": spent,
        "release: processor seconds of PostgreSQL": server_seconds(postmaster) - server,
        "release: peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "release: cells published": await admin.fetchval("SELECT count(DISTINCT cell) FROM contributed_cells"),
    }
    await admin.close()
    return figures


@contextmanager
def _installation() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="wm-scoring-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)  # the embedded database runs as nobody
        running = Installation(Path(name) / "data", durable=False)
        try:
            running.migrate()
            yield running
        finally:
            running.stop()


def _quiet(_: str) -> None: ...


def _rows(sections: Sequence[str | None], results: Sequence[Scored]) -> dict[str, list[tuple[Any, ...]]]:
    """As the service would have written them 200 days ago; a company whose section is not known counts in the root."""
    found: dict[str, list[tuple[Any, ...]]] = {table: [] for table in TABLES}
    since, as_of = NOW - timedelta(days=200), (NOW - timedelta(days=120)).date()
    for at, (section, (headline, areas)) in enumerate(zip(sections, results, strict=True)):
        account, country = new_id(), COUNTRIES[at % len(COUNTRIES)]
        region, code = "US-TX" if country == "US" else None, INDUSTRIES.get(section or "")
        place = {"country": country, "industry_scheme": "nace_2", "industry_code": code}
        listed = [{"area": name, "score": areas.get(f"area_{name}")} for name in AREAS]
        found["accounts"].append(
            (account, f"Company {at}", country, region, "nace_2", code, "250-499", "active", since)
        )
        found["contribution_consents"].append((account, new_id(), True, NOW, account))
        found["contributor_groups"].append((account, new_id(), f"Group {at}", 120, NOW))
        if headline is not None:
            record, result = json.dumps({"account": place, "metrics": {}}), json.dumps({"areas": listed})
            own = (account, new_id(), as_of, headline, record, result, account, NOW)
            found["scores"].append((*own, "draft", "ok", "", "sis-2026.1", "[]"))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path, help="File for all figures.")
    chosen = parser.parse_args()
    found = []
    for count in (chosen.companies // 10, chosen.companies):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
            found.append(fresh.submit(measured, count, chosen.processes).result())
    few, many = found
    for name, value in many.items():
        ratio = f"{value / few[name]:8.2f} times" if few[name] else ""
        print(f"{name:45}{few[name]:12,.1f}{value:12,.1f}{ratio:>18}", flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1) + "\n")
    steep = [
        name
        for name in many
        if name.endswith(COSTS) and many[name] > LINEAR * few[name] * many["companies"] / few["companies"]
    ]
    print(f"More than linear: {', '.join(steep)}" if steep else "No cost grows more than linearly.")
    sys.exit(1 if steep else 0)


if __name__ == "__main__":
    main()
