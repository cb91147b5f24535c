"""PURE: input and methodology to score, areas, interval, stars, grade (domain.md 6). The same input, the same bytes."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from itertools import combinations
from math import exp, factorial, fsum, log
from statistics import NormalDist

import numpy as np

from wm_api.scores.methodology import Methodology
from wm_api.scores.results import (
    AreaResult,
    Counterfactual,
    Guards,
    MetricResult,
    Reading,
    ScoreInput,
    ScoreResult,
)
from wm_api.scores.steps import Array, metric_steps

PLACES, DIGITS = 6, 9
LEAST_DISTANCE = 1e-6


def significant(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{DIGITS}g}")


def places(value: float) -> float:
    return round(value, PLACES) + 0.0


@lru_cache(maxsize=256)
def draws(seed: str, name: str, count: int) -> Array:
    """Standard normal draws that anybody can repeat: SHA-256 of "seed|name|d", d from 1."""
    inverse = NormalDist().inv_cdf
    found = []
    for d in range(1, count + 1):
        head = int.from_bytes(sha256(f"{seed}|{name}|{d}".encode("ascii")).digest()[:8], "big") >> 12
        found.append(inverse((head + 0.5) / 2**52))
    return np.array(found)


def area_scores(
    scores: Mapping[str, Array], methodology: Methodology, applies: Iterable[str], bound: float | None = None
) -> dict[str, Array]:
    """Weighted means of the metrics with a value; an area needs half of its weight. `bound` stands for missing ones."""
    applying = set(applies)
    areas = {}
    for area in methodology.areas:
        rules = [rule for rule in methodology.metrics if rule.area == area and rule.metric in applying]
        filled = {rule.metric: scores.get(rule.metric, None if bound is None else np.array([bound])) for rule in rules}
        held = [(rule.weight, filled[rule.metric]) for rule in rules if filled[rule.metric] is not None]
        total, weight = fsum(rule.weight for rule in rules), fsum(w for w, _ in held)
        if held and weight >= methodology.area_share * total - 1e-12:
            areas[area] = np.asarray(sum(w * s for w, s in held if s is not None) / weight)
    return areas


def aggregate(areas: Mapping[str, Array], methodology: Methodology) -> Array:
    """Geometric: strength in one area does not buy weakness in another."""
    weights = [methodology.areas[area] for area in areas]
    logs = [
        methodology.areas[area] * np.log(np.maximum(score, methodology.area_floor)) for area, score in areas.items()
    ]
    return np.asarray(np.exp(sum(logs) / fsum(weights)))


def contributions(areas: Mapping[str, float], weights: Mapping[str, float], floor: float = 5.0) -> dict[str, float]:
    """Exact Shapley values; areas outside a coalition stand at 50. 50 + sum = score."""
    names = list(areas)
    total = fsum(weights[name] for name in names)

    def value(inside: frozenset[str]) -> float:
        return exp(fsum(weights[n] * log(max(areas[n] if n in inside else 50.0, floor)) for n in names) / total)

    parts = {}
    for name in names:
        others = [other for other in names if other != name]
        terms = []
        for size in range(len(others) + 1):
            share = factorial(size) * factorial(len(names) - size - 1) / factorial(len(names))
            for coalition in combinations(others, size):
                inside = frozenset(coalition)
                terms.append(share * (value(inside | {name}) - value(inside)))
        parts[name] = fsum(terms)
    return parts


def score(inputs: ScoreInput, methodology: Methodology) -> ScoreResult:
    """The whole score. `insufficient_data` names what would lift coverage, best first."""
    readings = {
        rule.metric: inputs.metrics.get(rule.metric, Reading("not_reported", reason=None))
        for rule in methodology.metrics
    }
    ok = {name: reading for name, reading in readings.items() if reading.status == "ok" and reading.value is not None}
    applies = [name for name, reading in readings.items() if reading.status != "not_applicable"]
    bounded = [name for name in applies if name in ok or readings[name].status == "not_reported"]
    steps = {
        name: metric_steps(np.array([_value(reading)]), _error(reading), methodology.rule(name), inputs.peers.get(name))
        for name, reading in ok.items()
    }
    point = {name: step.score for name, step in steps.items()}
    areas = area_scores(
        point, methodology, [n for n in applies if readings[n].status in {"ok", "not_reported"}] or applies
    )
    coverage = (
        fsum(methodology.weight(name) for name in ok) / fsum(methodology.weight(name) for name in applies)
        if applies
        else 0.0
    )
    enough = (
        coverage >= methodology.least_coverage - 1e-12
        and len(areas) >= methodology.least_areas
        and set(methodology.required_areas) <= set(areas)
    )
    grade = data_grade(inputs.guards, coverage, methodology)
    lifts = _lifts(readings, methodology)
    area_results = tuple(
        AreaResult(
            a, w, "ok" if a in areas else "insufficient_data", places(float(areas[a][0])) if a in areas else None
        )
        for a, w in methodology.areas.items()
    )
    if not enough:
        rows = tuple(_metric_result(name, readings, steps, methodology, None) for name in readings)
        return ScoreResult(
            "insufficient_data",
            None,
            None,
            (),
            None,
            None,
            places(coverage),
            grade,
            (),
            area_results,
            {},
            rows,
            (),
            lifts,
        )
    headline = float(aggregate(areas, methodology)[0])
    low, high = runs(inputs, ok, bounded, methodology)
    both = np.concatenate([low, high])
    bands = np.searchsorted(np.array(methodology.star_cuts), both, side="right") + 1
    probability = tuple(places(float((bands == star).mean())) for star in range(1, len(methodology.star_cuts) + 2))
    floors = floors_of(inputs, ok, methodology)
    star = star_of(headline, both, floors, inputs.guards.previous_star, methodology)
    parts = contributions({a: float(s[0]) for a, s in areas.items()}, methodology.areas, methodology.area_floor)
    shares = metric_shares(parts, areas, point, methodology)
    return ScoreResult(
        "ok",
        places(headline),
        star,
        probability,
        (places(quantile(low, 0.025)), places(quantile(high, 0.975))),
        (places(quantile(low, 0.1)), places(quantile(high, 0.9))),
        places(coverage),
        grade,
        floors,
        area_results,
        {area: places(part) for area, part in parts.items()},
        tuple(_metric_result(name, readings, steps, methodology, shares.get(name)) for name in readings),
        counterfactuals(inputs, ok, applies, headline, methodology),
        lifts,
    )


def quantile(values: Array, at: float) -> float:
    return float(np.quantile(values, at, method="linear"))


def runs(
    inputs: ScoreInput, ok: Mapping[str, Reading], applies: Iterable[str], methodology: Methodology
) -> tuple[Array, Array]:
    """All draws twice: missing metrics at the low bound, then at the high one."""
    drawn = drawn_scores(inputs, ok, methodology)
    low, high = methodology.missing_bounds
    applying = list(applies)
    return tuple(  # type: ignore[return-value]
        aggregate(area_scores(drawn, methodology, applying, bound), methodology) for bound in (low, high)
    )


def drawn_scores(inputs: ScoreInput, ok: Mapping[str, Reading], methodology: Methodology) -> dict[str, Array]:
    return {
        name: metric_steps(
            _value(reading) + _error(reading) * draws(inputs.seed, name, methodology.draws),
            _error(reading),
            methodology.rule(name),
            inputs.peers.get(name),
        ).score
        for name, reading in ok.items()
    }


def _value(reading: Reading) -> float:
    return significant(reading.value) or 0.0


def _error(reading: Reading) -> float:
    return significant(reading.standard_error) or 0.0


def star_of(
    headline: float, both: Array, floors: tuple[str, ...], previous: int | None, methodology: Methodology
) -> int:
    """The band of the score; later it moves only when enough draws lie beyond the cut. A floor caps it."""
    cuts = methodology.star_cuts
    star = int(np.searchsorted(np.array(cuts), headline, side="right")) + 1
    if previous is not None and star != previous:
        beyond = (both >= cuts[previous - 1]).mean() if star > previous else (both < cuts[previous - 2]).mean()
        star = star if beyond >= methodology.hysteresis else previous
    return min(star, methodology.capped_star) if floors else star


def floors_of(inputs: ScoreInput, ok: Mapping[str, Reading], methodology: Methodology) -> tuple[str, ...]:
    floors = []
    if inputs.guards.below_legal_minimum:
        floors.append("floor_minimum_wage")
    living, peers = ok.get("living_wage_share"), inputs.peers.get("living_wage_share")
    if (
        living is not None
        and _value(living) < methodology.living_wage_line
        and (peers is None or _value(living) < peers.q25)
    ):
        floors.append("floor_living_wage")
    interval = inputs.guards.adjusted_gap_interval
    if (
        interval is not None
        and interval[0] * interval[1] > 0
        and min(map(abs, interval)) > methodology.adjusted_gap_line
    ):
        floors.append("floor_adjusted_gap")
    return tuple(floors)


def data_grade(guards: Guards, coverage: float, methodology: Methodology) -> str:
    """Beside the score, never in it; the worst column decides. Without a declared headcount at best C."""
    distance = (
        abs(1 - guards.headcount_ratio) if guards.headcount_ratio is not None else methodology.grades[-1].headcount
    )
    for rule in methodology.grades:
        fits = (
            distance <= rule.headcount,
            guards.quarantined_share <= rule.quarantined,
            guards.gender_known_share >= rule.gender_known,
            guards.months_since_window_end <= rule.months,
            coverage >= rule.coverage,
        )
        if all(fits):
            return rule.grade
    return "D"


def metric_shares(
    parts: Mapping[str, float], areas: Mapping[str, Array], point: Mapping[str, Array], methodology: Methodology
) -> dict[str, float]:
    """A metric's share of its area's contribution."""
    shares = {}
    for area, part in parts.items():
        rules = [rule for rule in methodology.metrics if rule.area == area and rule.metric in point]
        total = fsum(rule.weight for rule in rules)
        distance = float(areas[area][0]) - 50
        distance = distance if abs(distance) >= LEAST_DISTANCE else LEAST_DISTANCE
        for rule in rules:
            shares[rule.metric] = part * rule.weight * (float(point[rule.metric][0]) - 50) / total / distance
    return shares


def counterfactuals(
    inputs: ScoreInput, ok: Mapping[str, Reading], applies: Iterable[str], headline: float, methodology: Methodology
) -> tuple[Counterfactual, ...]:
    """One reachable step a metric, on the same draws: the difference with its 80 % interval, best first."""
    drawn, found = drawn_scores(inputs, ok, methodology), []
    applying = list(applies)
    base = aggregate(area_scores(drawn, methodology, applying), methodology)
    for name, reading in ok.items():
        rule, value = methodology.rule(name), _value(reading)
        step = -np.sign(value) * abs(rule.step) if rule.direction == "0" else rule.step
        end = float(np.clip(value + step, -rule.upper if rule.direction == "0" else rule.lower, rule.upper))
        if rule.direction == "0" and value * end < 0:
            end = 0.0
        moved = inputs.metrics | {name: Reading("ok", end, reading.standard_error)}  # type: ignore[operator]
        changed = ScoreInput(moved, inputs.peers, inputs.seed)
        one = {name: Reading("ok", end, reading.standard_error)}
        again = aggregate(
            area_scores(drawn | drawn_scores(changed, one, methodology), methodology, applying), methodology
        )
        points = _point(inputs, {**ok, **one}, applying, methodology) - headline
        found.append(
            Counterfactual(
                name,
                value,
                significant(end) or 0.0,
                places(points),
                places(quantile(again - base, 0.1)),
                places(quantile(again - base, 0.9)),
            )
        )
    return tuple(sorted(found, key=lambda each: (-each.points, each.metric)))


def _point(inputs: ScoreInput, ok: Mapping[str, Reading], applies: Iterable[str], methodology: Methodology) -> float:
    scores = {
        n: metric_steps(np.array([_value(r)]), _error(r), methodology.rule(n), inputs.peers.get(n)).score
        for n, r in ok.items()
    }
    return float(aggregate(area_scores(scores, methodology, applies), methodology)[0])


def _lifts(readings: Mapping[str, Reading], methodology: Methodology) -> tuple[tuple[str, float], ...]:
    """Columns or kinds that would lift coverage, by the weight that waits for each."""
    weights: dict[str, float] = {}
    for name, reading in readings.items():
        if reading.status == "not_reported" and reading.reason:
            weights[reading.reason] = weights.get(reading.reason, 0.0) + methodology.weight(name)
    return tuple(
        (name, places(weight)) for name, weight in sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    )


def _metric_result(name, readings, steps, methodology, share) -> MetricResult:  # type: ignore[no-untyped-def]  # noqa: ANN001
    reading, step = readings[name], steps.get(name)
    area = methodology.rule(name).area
    value, se = significant(reading.value), significant(reading.standard_error)
    if step is None:
        return MetricResult(name, area, reading.status, reading.reason, value, se)

    def first(array: Array | None) -> float | None:
        return None if array is None else places(float(array[0]))

    return MetricResult(
        name,
        area,
        reading.status,
        reading.reason,
        value,
        se,
        first(step.folded),
        first(step.position),
        None if step.shrinkage is None else places(step.shrinkage),
        first(step.peer),
        first(step.standard),
        step.alpha,
        first(step.score),
        None if share is None else places(share),
    )
