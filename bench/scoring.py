"""Seconds to score many companies that are made up, one after the other in each process, and how they grow.

`python bench/scoring.py [--companies 10000] [--processes 2]`: a tenth of the companies first, then all of them.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from multiprocessing import Pool
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.robustness.engine import Choices, scored
from tools.robustness.made_up import companies
from tools.robustness.population import Population

from wm_api.benchmarks.public_sources import cells_of_editions, packaged_statistics
from wm_api.scores.methodology import load_methodology
from wm_api.scores.results import ScoreInput
from wm_api.scores.scoring import score

SEED, CHUNK = 2026, 50


def headline(inputs: ScoreInput) -> float | None:
    return score(inputs, load_methodology()).headline


def in_full(inputs: Sequence[ScoreInput], processes: int) -> tuple[float, int]:
    """With draws, stars, contributions and counterfactuals: seconds, and how many have a score."""
    begin = time.perf_counter()
    with Pool(processes) as pool:
        found = list(pool.imap_unordered(headline, inputs, CHUNK))
    return time.perf_counter() - begin, sum(each is not None for each in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    methodology, cells = load_methodology(), cells_of_editions(packaged_statistics())
    inputs, places = companies(chosen.companies, SEED, cells, methodology)
    taken = []
    for count in (chosen.companies // 10, chosen.companies):
        seconds, with_score = in_full(inputs[:count], chosen.processes)
        taken.append(seconds)
        population = Population.of(inputs[:count], places[:count], cells, methodology)
        begin = time.perf_counter()
        scored(population, Choices())
        arrays = time.perf_counter() - begin
        print(
            f"{count} companies, {with_score} with a score: {seconds:.1f} s in full "
            f"({1000 * seconds / count:.1f} ms each, {chosen.processes} processes), "
            f"{1000 * arrays:.0f} ms for the headlines alone, as arrays"
        )
    print(f"Ten times the companies take {taken[1] / taken[0]:.1f} times as long.")


if __name__ == "__main__":
    main()
