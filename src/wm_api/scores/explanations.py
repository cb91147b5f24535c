"""PURE: what made a score and what would move it (domain.md 6, steps 7, 12 and 13)."""

from collections.abc import Mapping
from decimal import Decimal
from math import copysign, exp, fsum, log

import numpy as np

from wm_api.metrics.figures import published
from wm_api.scores.case import Case, error_of, places, quantile, significant, value_of
from wm_api.scores.methodology import MetricRule
from wm_api.scores.results import Counterfactual, Reading
from wm_api.scores.shapley import apportioned, shapley
from wm_api.scores.steps import Array

NEUTRAL = 50.0
LEAST_DISTANCE = 1e-6


def contributions(areas: Mapping[str, float], weights: Mapping[str, float], floor: float = 5.0) -> dict[str, float]:
    """Exact Shapley values; areas outside a coalition stand at 50. 50 + sum = score."""
    total = fsum(weights[name] for name in areas)

    def value(inside: frozenset[str]) -> float:
        return exp(fsum(weights[n] * log(max(areas[n] if n in inside else NEUTRAL, floor)) for n in areas) / total)

    return shapley(list(areas), value)


def printed(parts: Mapping[str, float], total: float, decimals: int = 1) -> dict[str, float]:
    """Parts at one place, so that with 50 they add to the printed score."""
    return apportioned(parts, published(total, decimals) - Decimal(50), decimals)


def metric_shares(
    parts: Mapping[str, float], areas: Mapping[str, float], scores: Mapping[str, Array], case: Case
) -> dict[str, float]:
    """A metric's share of its area's contribution. In an area at 50 what one metric gives another takes: its
    contribution is that of an area a hair above.
    """
    shares = {}
    for area, part in parts.items():
        rules = [rule for rule in case.methodology.metrics if rule.area == area and rule.metric in scores]
        total = fsum(rule.weight for rule in rules)
        distance = areas[area] - NEUTRAL
        if abs(distance) < LEAST_DISTANCE:
            distance = LEAST_DISTANCE
            above = {**areas, area: NEUTRAL + distance}
            part = contributions(above, case.methodology.areas, case.methodology.area_floor)[area]  # noqa: PLW2901
        for rule in rules:
            apart = float(scores[rule.metric][0]) - NEUTRAL
            shares[rule.metric] = part * rule.weight * apart / total / distance
    return shares


def stepped(value: float, rule: MetricRule) -> float:
    """One reachable step on, up to the better bound; a gap moves towards 0 and never beyond. What lies beyond the
    better bound stays.
    """
    if rule.direction == "+":
        return max(value, min(value + rule.step, rule.upper))
    if rule.direction == "-":
        return min(value, max(value + rule.step, rule.lower))
    return copysign(max(0.0, abs(value) - abs(rule.step)), value)


def counterfactuals(
    case: Case, scores: Mapping[str, Array], drawn: Mapping[str, Array], headline: float
) -> tuple[Counterfactual, ...]:
    """One reachable step a metric, on the same draws: the difference with its 80 % interval, best first."""
    base, found = case.total(drawn), []
    for name, reading in case.ok.items():
        start = value_of(reading)
        end = significant(stepped(start, case.methodology.rule(name))) or 0.0
        moved = Reading("ok", end, error_of(reading))
        point = case.total({**scores, name: case.steps_of(name, moved, np.array([end])).score})
        difference = case.total({**drawn, name: case.drawn(name, moved).score}) - base
        low, high = places(quantile(difference, 0.1)), places(quantile(difference, 0.9))
        found.append(Counterfactual(name, start, end, places(float(point[0]) - headline), low, high))
    return tuple(sorted(found, key=lambda each: (-each.points, each.metric)))


def lifts(readings: Mapping[str, Reading], weight: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Columns or kinds that would lift coverage, by the weight that waits for each, best first."""
    waiting: dict[str, list[float]] = {}
    for name, reading in readings.items():
        if reading.status == "not_reported" and reading.reason:
            waiting.setdefault(reading.reason, []).append(weight[name])
    found = [(reason, places(fsum(weights))) for reason, weights in waiting.items()]
    return tuple(sorted(found, key=lambda item: (-item[1], item[0])))
