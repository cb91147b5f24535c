"""PURE: input and methodology to score, areas, interval, stars, grade (domain.md 6). The same input, the same bytes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from wm_api.scores.areas import area_scores
from wm_api.scores.case import Case, places, quantile, significant
from wm_api.scores.explanations import contributions, counterfactuals, lifts, metric_shares, printed
from wm_api.scores.judgements import data_grade, floors_of, star_of, star_shares
from wm_api.scores.methodology import Methodology
from wm_api.scores.results import AreaResult, MetricResult, ScoreInput, ScoreResult
from wm_api.scores.steps import Array, Steps


@dataclass(frozen=True, slots=True)
class _Point:
    """The score at the values themselves, without draws."""

    steps: Mapping[str, Steps]
    areas: Mapping[str, Array]

    @property
    def scores(self) -> dict[str, Array]:
        return {name: each.score for name, each in self.steps.items()}

    @property
    def area_scores(self) -> dict[str, float]:
        return {name: float(each[0]) for name, each in self.areas.items()}


def score(inputs: ScoreInput, methodology: Methodology) -> ScoreResult:
    """The whole score. `insufficient_data` names what would lift coverage, best first."""
    case = Case(inputs, methodology)
    steps = case.steps()
    point = _Point(steps, area_scores({n: s.score for n, s in steps.items()}, methodology, case.applies))
    if not _enough(case, point):
        return _result(case, point)
    headline = float(case.total(point.scores)[0])
    parts = contributions(point.area_scores, methodology.areas, methodology.area_floor)
    return _with_draws(case, point, headline, parts)


def headline_of(inputs: ScoreInput, methodology: Methodology) -> float | None:
    """The score at the values themselves, however little there is of them; None where no area can be computed."""
    case = Case(inputs, methodology)
    scores = {name: each.score for name, each in case.steps().items()}
    return places(float(case.total(scores)[0])) if area_scores(scores, methodology, case.applies) else None


def _enough(case: Case, point: _Point) -> bool:
    methodology = case.methodology
    return (
        case.coverage >= methodology.least_coverage - 1e-12
        and len(point.areas) >= methodology.least_areas
        and set(methodology.required_areas) <= set(point.areas)
    )


def _with_draws(case: Case, point: _Point, headline: float, parts: Mapping[str, float]) -> ScoreResult:
    drawn = {name: case.drawn(name, reading).score for name, reading in case.ok.items()}
    low, high = case.runs(drawn)
    both = np.concatenate([low, high])
    floors = floors_of(case.inputs, case.ok, case.methodology)
    return _result(
        case,
        point,
        metric_shares(parts, point.area_scores, point.scores, case),
        status="ok",
        headline=places(headline),
        star=star_of(headline, both, floors, case.inputs.guards.previous_star, case.methodology),
        star_probability=tuple(places(share) for share in star_shares(both, case.methodology)),
        interval95=(places(quantile(low, 0.025)), places(quantile(high, 0.975))),
        interval80=(places(quantile(low, 0.1)), places(quantile(high, 0.9))),
        floors=floors,
        area_contributions={area: places(part) for area, part in parts.items()},
        printed_contributions=printed(parts, places(headline)),
        counterfactuals=counterfactuals(case, point.scores, drawn, headline),
    )


def _result(case: Case, point: _Point, shares: Mapping[str, float] | None = None, **found: object) -> ScoreResult:
    """With what is known of every score, complete or not."""
    methodology = case.methodology
    weights = {name: methodology.weight(name) for name in case.readings}
    always = {
        "coverage": places(case.coverage),
        "data_grade": data_grade(case.inputs.guards, places(case.coverage), methodology),
        "areas": tuple(_area(name, weight, point.areas.get(name)) for name, weight in methodology.areas.items()),
        "metrics": tuple(_metric(case, name, point.steps.get(name), (shares or {}).get(name)) for name in weights),
        "lifts": lifts(case.readings, weights),
    }
    return ScoreResult(**{**always, **found})  # type: ignore[arg-type]


def _area(name: str, weight: float, found: Array | None) -> AreaResult:
    if found is None:
        return AreaResult(name, weight, "insufficient_data", None)
    return AreaResult(name, weight, "ok", places(float(found[0])))


def _metric(case: Case, name: str, step: Steps | None, share: float | None) -> MetricResult:
    reading, area = case.readings[name], case.methodology.rule(name).area
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
