"""What an attacker knows of the mechanisms: the chances of every outcome in closed form, and what follows from one.

P(c) is proportional to exp(-eps x |values under c - values over c| / 2), for AQ-3 at eps / 2 thrice.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

Numbers = npt.NDArray[np.float64]
Outcome = tuple[float, float, float]
SURE = 1e-8
"""Chance at most that a bound is wrong; a file of tests has some twenty of them."""


def log_chances(
    values: Sequence[float], candidates: Sequence[float], eps: float, extra: Sequence[float] | None = None
) -> Numbers:
    """Of a private median, a column for each candidate; a row for each value that may stand beside the others."""
    at, known = np.asarray(candidates, dtype=float), np.sort(np.asarray(values, dtype=float))
    under = np.searchsorted(known, at, side="left")
    surplus = (under - (known.size - np.searchsorted(known, at, side="right")))[None, :].astype(float)
    if extra is not None:
        surplus = surplus + np.sign(at[None, :] - np.asarray(extra, dtype=float)[:, None])
    weights = -eps * np.abs(surplus) / 2
    top = weights.max(axis=1, keepdims=True)
    chances: Numbers = weights - top - np.log(np.exp(weights - top).sum(axis=1, keepdims=True))
    return chances


def log_chance_of_median(
    value: float, values: Sequence[float], candidates: Sequence[float], eps: float, extra: Sequence[float] | None
) -> Numbers:
    return log_chances(values, candidates, eps, extra)[:, _index(candidates, value)]


def log_chance_of_quartiles(
    outcome: Outcome, values: Sequence[float], candidates: Sequence[float], eps: float, extra: Sequence[float] | None
) -> Numbers:
    """Of AQ-3, for each value that the one unknown group may have; without `extra` there is none."""
    low, middle, high = outcome
    unknown = np.asarray([np.nan] if extra is None else extra, dtype=float)
    total = log_chance_of_median(middle, values, candidates, eps / 2, extra)
    parts = (
        (low, [v for v in values if v < middle], [c for c in candidates if c <= middle], unknown < middle),
        (high, [v for v in values if v >= middle], [c for c in candidates if c >= middle], unknown >= middle),
    )
    for drawn, half, among, inside in parts:
        without = log_chances(half, among, eps / 2)[0, _index(among, drawn)]
        beside = log_chance_of_median(drawn, half, among, eps / 2, extra)
        total = total + np.where(inside, beside, without)
    return total


def quartile_chances(values: Sequence[float], candidates: Sequence[float], eps: float) -> dict[Outcome, float]:
    """Every outcome of AQ-3 on a coarse grid."""
    found = {}
    for middle, log_p in zip(candidates, log_chances(values, candidates, eps / 2)[0], strict=True):
        under, over = [c for c in candidates if c <= middle], [c for c in candidates if c >= middle]
        lows = log_chances([v for v in values if v < middle], under, eps / 2)[0]
        highs = log_chances([v for v in values if v >= middle], over, eps / 2)[0]
        for low, log_low in zip(under, lows, strict=True):
            for high, log_high in zip(over, highs, strict=True):
                found[low, middle, high] = float(np.exp(log_p + log_low + log_high))
    return found


def loss(one: Mapping[Outcome, float], other: Mapping[Outcome, float]) -> float:
    """The true epsilon between two neighbours: the largest logarithm of a ratio, either way."""
    return max(abs(float(np.log(one[each] / other[each]))) for each in one)


def posterior(log_likelihood: Numbers, prior: Numbers) -> Numbers:
    weights = np.exp(log_likelihood - log_likelihood.max()) * prior
    belief: Numbers = weights / weights.sum()
    return belief


def median_guess(belief: Numbers, values: Sequence[float]) -> float:
    """The guess of the least expected error."""
    return float(values[int(np.searchsorted(np.cumsum(belief), 0.5))])


def at_least(hits: int, trials: int) -> float:
    """A share is not below this (Clopper and Pearson), but for a chance of SURE."""
    return 0.0 if hits == 0 else float(stats.beta.ppf(SURE, hits, trials - hits + 1))


def at_most(hits: int, trials: int) -> float:
    return 1.0 if hits == trials else float(stats.beta.ppf(1 - SURE, hits + 1, trials - hits))


def median_at_least(sample: Sequence[float]) -> float:
    """A median is not below this, whatever the distribution, but for a chance of SURE."""
    rank = int(stats.binom.ppf(SURE, len(sample), 0.5))
    return sorted(sample)[rank - 1] if rank else -math.inf


def most_often(guess: float, rho: float) -> float:
    """How often anybody can be right after mechanisms of this cost who was right with `guess` before.

    rho-zCDP bounds the divergence (Kullback, Leibler) of what is seen with a group from what is seen without it by
    rho. Any event is an outcome, so that of being right has at most this divergence between the two, too.
    """

    def over(right: float) -> float:
        return right * math.log(right / guess) + (1 - right) * math.log((1 - right) / (1 - guess)) - rho

    return float(optimize.brentq(over, guess, 1 - 1e-12)) if over(1 - 1e-12) > 0 else 1.0


@cache
def _widths(trials: int) -> float:
    return float(stats.t.ppf(1 - SURE, trials - 1)) / math.sqrt(trials)


def mean_at_most(sample: Sequence[float]) -> float:
    """A mean is not above this, by Student's t."""
    return float(np.mean(sample) + _widths(len(sample)) * np.std(sample, ddof=1))


def _index(candidates: Sequence[float], value: float) -> int:
    return int(np.argmin(np.abs(np.asarray(candidates) - value)))
