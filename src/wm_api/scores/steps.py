"""PURE: from a metric's value to its score, for one value or an array of draws (domain.md 6, steps 1 to 4)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wm_api.scores.methodology import MetricRule
from wm_api.scores.quartiles import Quartiles

Array = NDArray[np.float64]
QUARTILE_SPAN = 1.3489795003921634  # of a standard normal


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


def knots(quartiles: Quartiles, lower: float, upper: float, grid: float, shift: Array) -> Array:
    """Bounds and quartiles, a row each and a column for each shift of the quartiles; knots closer than half a grid step
    move outwards from the median.
    """
    half, (low, high) = grid / 2, apart(quartiles, grid)
    q25, q75 = low + shift, high + shift
    return np.stack([np.minimum(lower, q25 - half), q25, quartiles.q50 + shift, q75, np.maximum(upper, q75 + half)])


def apart(quartiles: Quartiles, grid: float) -> tuple[float, float]:
    """The lower and the upper quartile, at least half a grid step from the median."""
    return min(quartiles.q25, quartiles.q50 - grid / 2), max(quartiles.q75, quartiles.q50 + grid / 2)


def position(
    y: Array, quartiles: Quartiles, lower: float, upper: float, grid: float, shift: Array | float = 0.0
) -> Array:
    """The only position there is: linear between published quartiles, 0 to 100. Never a rank among companies."""
    marks = knots(quartiles, lower, upper, grid, np.broadcast_to(shift, y.shape))
    quarter, each = np.sum(y >= marks[1:-1], axis=0), np.arange(y.size)
    low, high = marks[quarter, each], marks[quarter + 1, each]
    return np.asarray(np.clip(25.0 / (high - low) * (y - low) + 25.0 * quarter, 0.0, 100.0))


def shrinkage(quartiles: Quartiles, se: float, grid: float) -> float:
    """Share of the spread between companies in all spread: noise pulls to the middle, never to an extreme. Quartiles
    that a grid made equal have the spread of their knots, else the least noise would make every company the median.
    """
    low, high = apart(quartiles, grid)
    tau = (high - low) / QUARTILE_SPAN
    return tau * tau / (tau * tau + se * se)


def metric_steps(
    x: Array, se: float, rule: MetricRule, quartiles: Quartiles | None, shift: Array | float = 0.0
) -> Steps:
    """Peer = 50 + k (pos - 50); standard between the goalposts; alpha one half where both exist. `shift`: by how much
    the quartiles move in each draw.
    """
    y = fold(x, se, rule.direction)
    pos = k = peer = standard = None
    if quartiles is not None:
        placed = position(y, quartiles, rule.lower, rule.upper, rule.grid, shift)
        pos = placed if rule.direction == "+" else 100.0 - placed
        k = shrinkage(quartiles, se, rule.grid)
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
