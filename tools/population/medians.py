"""`python -m tools.population.medians`: what a released median is off by where values lie far apart, at its gate.

Made-up cells of many shapes; of each the chance of every outcome is known in closed form (P(c) is proportional to
exp(-eps x |values under c - values over c| / 2); tests hold the library to it), so nothing is drawn and the figures
are the same each time.
"""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from tools.robustness.report import table

from wm_api.benchmarks.contributed.plan import POINTS, SCORE_V1, Share
from wm_api.benchmarks.contributed.printing import error_of

Numbers = npt.NDArray[np.float64]
CANDIDATES = np.asarray(POINTS.candidates)
SPREADS = (12, 18, 20, 22)
CELLS, SEED = 2_000, 18
BAND_OF = {75: "50-99", 120: "100-199", 150: "100-199", 240: "200-499", 300: "200-499", 400: "200-499", 500: "500+"}


def _peaks(apart: float) -> Callable[[np.random.Generator, tuple[int, int]], Numbers]:
    """Two equal peaks, each `apart` deviations from the middle; their width makes the deviation 1."""

    def of(rolls: np.random.Generator, shape: tuple[int, int]) -> Numbers:
        width = np.sqrt(1 - apart**2)
        found: Numbers = np.where(rolls.random(shape) < 0.5, -apart, apart) + width * rolls.standard_normal(shape)
        return found

    return of


SHAPES: Mapping[str, Callable[[np.random.Generator, tuple[int, int]], Numbers]] = {
    "normal": lambda rolls, shape: rolls.standard_normal(shape),
    "skewed": lambda rolls, shape: 1 - rolls.exponential(1.0, shape),
    "even": lambda rolls, shape: np.sqrt(12) * (rolls.random(shape) - 0.5),
    "two peaks": _peaks(0.7),
    "two peaks, nobody between": _peaks(0.85),
}


class Off(NamedTuple):
    """Errors at 95 % in points: of all cells together, and the share of cells whose own is over 5."""

    together: float
    over_5: float


def off_by(shape: str, spread: float, groups: int, eps: float, cells: int = CELLS) -> Off:
    """Of the median of `groups` values about 60, on the grid of whole points, without a published parent."""
    rolls = np.random.default_rng(SEED)
    values = np.clip(60 + spread * SHAPES[shape](rolls, (cells, groups)), POINTS.lower, POINTS.upper)
    errors = np.abs(CANDIDATES[None, :] - np.median(values, axis=1)[:, None])
    chances = chances_of(values, eps)
    own = np.asarray([_p95(*cell) for cell in zip(errors, chances, strict=True)])
    return Off(_p95(errors.ravel(), chances.ravel() / cells), float(np.mean(own > 5)))


def chances_of(values: Numbers, eps: float) -> Numbers:
    """A row for each cell, a column for each candidate."""
    found = np.empty((len(values), CANDIDATES.size))
    for row, known in enumerate(np.sort(values, axis=1)):
        under, upto = (np.searchsorted(known, CANDIDATES, side=side) for side in ("left", "right"))
        weights = -eps * np.abs(under - (known.size - upto)) / 2
        found[row] = np.exp(weights - weights.max())
    shares: Numbers = found / found.sum(axis=1, keepdims=True)
    return shares


def _p95(errors: Numbers, chances: Numbers) -> float:
    order = np.argsort(errors)
    at = np.searchsorted(np.cumsum(chances[order]), 0.95)
    return float(errors[order][min(int(at), errors.size - 1)])


def page() -> str:
    shares = {share: level for level, share in SCORE_V1.statistics[1].shares.items()}
    lines = [
        "# What a released area median is off by",
        "",
        f"By `python -m tools.population.medians`: {CELLS} made-up cells of each kind, exact chances of every outcome,",
        "no draw. Figures: the error at 95 % in points, all cells together, in brackets the share of cells whose own",
        "is over 5. The first column of groups is the gate; the last line of each table is what a release states.",
    ]
    for share in sorted(shares, key=lambda each: each.gate):
        of = [level for level, each in SCORE_V1.statistics[1].shares.items() if each == share]
        lines += ["", f"## eps {share.eps:g}, gate {share.gate} ({', '.join(of)})", *_rows(share)]
    return "\n".join([*lines, ""])


def _rows(share: Share) -> list[str]:
    counts = [share.gate, *(count for count in BAND_OF if count > share.gate)]
    rows = []
    for shape in SHAPES:
        for spread in SPREADS:
            found = [off_by(shape, spread, count, share.eps) for count in counts]
            rows.append([shape, str(spread), *(f"{each.together:.1f} ({each.over_5:.1%})" for each in found)])
    stated = [f"{error_of(POINTS, share, BAND_OF[count]):.1f}" for count in counts]
    return table(["values", "deviation", *map(str, counts)], [*rows, ["stated", "", *stated]])


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--out", type=Path, default=Path("docs/methodology/population/medians.md"))
    asked.parse_args().out.write_text(page())
