"""The score of `wm_api.scores` over whole populations at once, with each choice of the methodology turned by hand.

With the choices of the methodology itself it gives the same headlines; a test compares them.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from tools.robustness.population import Flags, Floats, Peers, Population

from wm_api.scores.steps import QUARTILE_SPAN


@dataclass(frozen=True, slots=True)
class Choices:
    """What the methodology decides. `areas` and `weights` (in the area) by position; None: nominal."""

    alpha: float = 0.5
    power: float = 0.0
    spread: float = 1.0
    higher: bool = False
    missing: float | None = None
    areas: Floats | None = None
    weights: Floats | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """`headline` is NaN for who has too little data."""

    metrics: Floats
    areas: Floats
    headline: Floats


def scored(population: Population, choices: Choices, value: Floats | None = None) -> Scored:
    """`value`: other values of the metrics, such as one draw of them."""
    metrics = metric_scores(population, choices, population.value if value is None else value)
    if choices.missing is not None:
        metrics = np.where(population.missing, choices.missing, metrics)
    areas = area_scores(population, choices, metrics)
    return Scored(metrics, areas, headlines(population, choices, areas))


def metric_scores(population: Population, choices: Choices, value: Floats) -> Floats:
    """Steps 1 to 4 of domain.md 6."""
    rules = population.methodology.metrics
    direction = np.array([rule.direction for rule in rules])
    folded = np.where(direction == "0", np.sqrt(np.maximum(0.0, value**2 - population.error**2)), value)
    peers = population.higher if choices.higher else population.peers
    peer = _peer(population, _spread(peers, choices.spread), folded, direction == "+")
    worst, best = (np.array([np.nan if each is None else each for each in ends], float) for ends in zip(
        *((rule.worst, rule.best) for rule in rules), strict=True
    ))  # fmt: skip
    standard = 100.0 * np.clip((folded - worst) / (best - worst), 0.0, 1.0)
    both = choices.alpha * peer + (1 - choices.alpha) * standard
    return np.where(np.isnan(peer), standard, np.where(np.isnan(standard), peer, both))


def _spread(peers: Peers, scale: float) -> Peers:
    """Declared spreads times `scale`."""

    def moved(quartile: Floats) -> Floats:
        return np.where(peers.declared, peers.q50 + scale * (quartile - peers.q50), quartile)

    return Peers(moved(peers.q25), peers.q50, moved(peers.q75), peers.declared)


def _peer(population: Population, peers: Peers, folded: Floats, rising: Flags) -> Floats:
    rules = population.methodology.metrics
    lower, upper, half = (np.array(each) for each in zip(*((r.lower, r.upper, r.grid / 2) for r in rules), strict=True))
    q25, q75 = np.minimum(peers.q25, peers.q50 - half), np.maximum(peers.q75, peers.q50 + half)
    ends = [np.minimum(lower, q25 - half), q25, peers.q50, q75, np.maximum(upper, q75 + half)]
    pieces = [25.0 * np.clip((folded - a) / (b - a), 0.0, 1.0) for a, b in pairwise(ends)]
    position = np.sum(pieces, axis=0)
    position = np.where(rising, position, 100.0 - position)
    tau = ((q75 - q25) / QUARTILE_SPAN) ** 2
    k = tau / (tau + population.error**2)
    return np.asarray(50.0 + k * (position - 50.0))


def area_scores(population: Population, choices: Choices, metrics: Floats) -> Floats:
    """Step 5: an area needs half of the weight that applies to it."""
    methodology = population.methodology
    weights = np.array([r.weight for r in methodology.metrics]) if choices.weights is None else choices.weights
    found = np.full((population.size, len(methodology.areas)), np.nan)
    for at, area in enumerate(methodology.areas):
        inside = np.array([rule.area == area for rule in methodology.metrics])
        held = ~np.isnan(metrics[:, inside])
        weight, whole = held @ weights[inside], population.applies[:, inside] @ weights[inside]
        enough = (weight > 0) & (weight >= methodology.area_share * whole - 1e-12)
        total = np.where(held, metrics[:, inside], 0.0) @ weights[inside]
        found[enough, at] = total[enough] / weight[enough]
    return found


def headlines(population: Population, choices: Choices, areas: Floats) -> Floats:
    """Step 6 with a power mean: 0 is the geometric one. Whoever has a score keeps one under every choice."""
    methodology = population.methodology
    nominal = np.array(list(methodology.areas.values())) if choices.areas is None else choices.areas
    chosen = areas[population.enough]
    there = ~np.isnan(chosen)
    weights = there * nominal
    weights = weights / weights.sum(axis=1, keepdims=True)
    floored = np.where(there, np.maximum(chosen, methodology.area_floor), 1.0)
    found = np.full(population.size, np.nan)
    if choices.power == 0:
        found[population.enough] = np.exp((weights * np.log(floored)).sum(axis=1))
    else:
        found[population.enough] = (weights * floored**choices.power).sum(axis=1) ** (1 / choices.power)
    return found


def bands(population: Population, headline: Floats) -> Floats:
    """Stars 1 to 5 without floors, which no choice here moves; NaN without a headline."""
    found = np.searchsorted(np.array(population.methodology.star_cuts), headline, side="right") + 1.0
    return np.where(np.isnan(headline), np.nan, found)
