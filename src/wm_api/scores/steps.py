"""PURE: from a metric's value to its score, for one value or an array of draws (domain.md 6, steps 1 to 4)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wm_api.scores.methodology import Methodology, MetricRule

Array = NDArray[np.float64]
QUARTILE_SPAN = 1.3489795003921634  # of a standard normal


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Reference quartiles; `declared` where the methodology states the spread."""

    q25: float
    q50: float
    q75: float
    declared: bool = False
    label: str = ""


def with_declared_spread(centre: float, spread: float, label: str) -> Quartiles:
    """Quartiles of which a release has the centre alone."""
    return Quartiles(
        round(centre * (1 - spread), 9), centre, round(centre * (1 + spread), 9), declared=True, label=label
    )


def respread(peers: Mapping[str, Quartiles], methodology: Methodology) -> dict[str, Quartiles]:
    """Recorded peers as another methodology reads them: of a centre alone it declares a spread of its own, or none."""
    spreads = {rule.metric: rule.declared_spread for rule in methodology.metrics}
    found = {name: each for name, each in peers.items() if not each.declared or spreads.get(name) is not None}
    return {
        name: with_declared_spread(each.q50, spreads[name] or 0.0, each.label) if each.declared else each
        for name, each in found.items()
    }


@dataclass(frozen=True, slots=True)
class Steps:
    """Every step of one metric; parts that do not exist are None."""

    folded: Array
    position: Array | None
    shrinkage: float | None
    peer: Array | None
    standard: Array | None
    alpha: float
    score: Array


def fold(x: Array, se: float, direction: str) -> Array:
    """A gap against men costs the same as one against women; noise does not make a gap."""
    return np.sqrt(np.maximum(0.0, x * x - se * se)) if direction == "0" else x


def knots(quartiles: Quartiles, lower: float, upper: float, grid: float) -> list[float]:
    """Bounds and quartiles; knots closer than half a grid step move outwards from the median."""
    half = grid / 2
    q25 = min(quartiles.q25, quartiles.q50 - half)
    q75 = max(quartiles.q75, quartiles.q50 + half)
    return [min(lower, q25 - half), q25, quartiles.q50, q75, max(upper, q75 + half)]


def position(y: Array, quartiles: Quartiles, lower: float, upper: float, grid: float) -> Array:
    """The only position there is: linear between published quartiles, 0 to 100. Never a rank among companies."""
    return np.asarray(np.interp(y, knots(quartiles, lower, upper, grid), [0.0, 25.0, 50.0, 75.0, 100.0]))


def shrinkage(quartiles: Quartiles, se: float) -> float:
    """Share of the spread between companies in all spread: noise pulls to the middle, never to an extreme."""
    tau = (quartiles.q75 - quartiles.q25) / QUARTILE_SPAN
    return tau * tau / (tau * tau + se * se) if tau or se else 1.0


def metric_steps(x: Array, se: float, rule: MetricRule, quartiles: Quartiles | None) -> Steps:
    """Peer = 50 + k (pos - 50); standard between the goalposts; alpha one half where both exist."""
    y = fold(x, se, rule.direction)
    pos = k = peer = standard = None
    if quartiles is not None:
        placed = position(y, quartiles, rule.lower, rule.upper, rule.grid)
        pos = placed if rule.direction == "+" else 100.0 - placed
        k = shrinkage(quartiles, se)
        peer = 50.0 + k * (pos - 50.0)
    if rule.worst is not None and rule.best is not None:
        standard = 100.0 * np.clip((y - rule.worst) / (rule.best - rule.worst), 0.0, 1.0)
    if peer is not None and standard is not None:
        return Steps(y, pos, k, peer, standard, 0.5, 0.5 * peer + 0.5 * standard)
    if peer is not None:
        return Steps(y, pos, k, peer, None, 1.0, peer)
    if standard is None:
        raise ValueError("a metric needs peers or goalposts")
    return Steps(y, None, None, None, standard, 0.0, standard)
