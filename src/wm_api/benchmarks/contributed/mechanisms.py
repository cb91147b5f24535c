"""Noise: the one door to the library that makes it. Never noise of our own; it takes no seed."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import opendp.prelude as dp

from wm_api.benchmarks.contributed.budget import SLACK, Charge
from wm_api.benchmarks.contributed.plan import Scale
from wm_api.benchmarks.contributed.printing import Quartiles

dp.enable_features("contrib")
NEAR_PARENT = 0.15
"""Of the range: how far from a published parent a quartile is looked for."""


def noisy_count(n: int, eps: float) -> int:
    """Two-sided geometric noise: n + k with P(k) = (1 - a) / (1 + a) x a^|k|, a = exp(-eps)."""
    return int(_count_at(eps)(n))


@lru_cache(maxsize=16)
def _count_at(eps: float) -> Any:
    space = dp.atom_domain(T=int), dp.absolute_distance(T=int)
    measurement: Any = dp.m.make_geometric(*space, scale=1 / eps)
    _must_cost(measurement.map(d_in=1), eps)
    return measurement


def private_median(values: Sequence[float], candidates: Sequence[float], eps: float) -> float:
    """The exponential mechanism over the candidates, zero-concentrated (Gumbel noise)."""
    if len(candidates) == 1:
        return candidates[0]
    return float(_median_among(tuple(candidates), eps)(list(values)))


@lru_cache(maxsize=4096)
def _median_among(candidates: tuple[float, ...], eps: float) -> Any:
    space = dp.vector_domain(dp.atom_domain(T=float, nan=False)), dp.symmetric_distance()
    measure = dp.zero_concentrated_divergence()
    measurement: Any = dp.m.make_private_quantile(*space, measure, list(candidates), alpha=0.5, scale=1 / eps)
    _must_cost(measurement.map(d_in=1), Charge("", "", "median", eps).rho)
    return measurement


def _must_cost(stated: float, declared: float) -> None:
    """What the library says of its own mechanism is what the ledger is told."""
    if stated > declared + SLACK:
        raise ValueError("the mechanism costs more than was declared")


def median(values: Sequence[float], scale: Scale, eps: float, parent: float | None = None) -> float:
    return private_median(values, _near(scale.candidates, scale, parent), eps)


def aq3(values: Sequence[float], scale: Scale, eps: float, parent: Quartiles | None = None) -> Quartiles:
    """Quartiles for eps: the median at eps/2, then the median of each half at eps/2; the halves are disjoint."""
    low, middle, high = parent or (None, None, None)
    half = eps / 2
    m = private_median(values, _near(scale.candidates, scale, middle), half)
    below, above = [value for value in values if value < m], [value for value in values if value >= m]
    under, over = [each for each in scale.candidates if each <= m], [each for each in scale.candidates if each >= m]
    q25 = private_median(below, _near(under, scale, low), half)
    q75 = private_median(above, _near(over, scale, high), half)
    first, second, third = sorted((q25, m, q75))
    return first, second, third


def _near(candidates: Sequence[float], scale: Scale, parent: float | None) -> Sequence[float]:
    """Those near the parent's published value, which costs nothing; all, where none is."""
    if parent is None:
        return candidates
    return [each for each in candidates if abs(each - parent) <= NEAR_PARENT * scale.range + SLACK] or candidates
