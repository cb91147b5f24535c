"""From a kept score to the report that its owner reads, with all that the record holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import published
from wm_api.scores import beside, changes
from wm_api.scores.case import Case, quantile
from wm_api.scores.inputs import compared_with, input_of
from wm_api.scores.methodology import Methodology
from wm_api.scores.models import Score
from wm_api.scores.report.facts import (
    Area,
    Beside,
    Change,
    Lift,
    Metric,
    Moment,
    Origin,
    Peers,
    Place,
    Report,
    Span,
    Step,
)
from wm_api.scores.shapley import apportioned


@dataclass(frozen=True, slots=True)
class Past:
    """Published scores of earlier days, the oldest first, and the one published before this was computed."""

    earlier: Sequence[Score] = ()
    previous: Score | None = None


def report_of(
    row: Score,
    company: str,
    methodology: Methodology,
    past: Past,
    quarters: Sequence[float],
    said: beside.Beside,
) -> Report:
    """`quarters`: women in each pay quarter, from the same datasets."""
    result = row.result
    return Report(
        company=company,
        day=row.as_of,
        state=row.state,
        headline=_one(row.headline),
        interval=_span(result["interval95"]),
        likely=_span(result["interval80"]),
        star=row.star,
        band=None if row.headline is None else 1 + sum(row.headline >= cut for cut in methodology.star_cuts),
        cap=methodology.capped_star if result["floors"] else None,
        cuts=tuple(int(cut) for cut in methodology.star_cuts),
        floors=tuple(result["floors"]),
        beside=_beside(said),
        data_grade=result["data_grade"],
        coverage=_percent(result["coverage"]),
        areas=tuple(_area(each, result["printed_contributions"]) for each in result["areas"]),
        metrics=tuple(_metrics(row, methodology)),
        trend=_trend([*past.earlier, row]),
        change=_change(past.previous, row),
        quarters=tuple(published(each, 1) for each in quarters),
        steps=tuple(_step(each) for each in result["counterfactuals"]),
        lifts=tuple(_lift(name, weight) for name, weight in result["lifts"]),
        origin=Origin(row.methodology, compared_with(row.record), str(row.id), row.digest),
    )


def _beside(said: beside.Beside) -> Beside:
    return Beside(
        verification=said.verification,
        perimeter=said.perimeter,
        declared=None if said.declared_share is None else _percent(said.declared_share),
        contingent=_one(said.contingent_share),
        findings=said.findings,
    )


def _one(value: float | None) -> Decimal | None:
    return None if value is None else published(value, 1)


def _percent(share: float) -> Decimal:
    return published(100 * share, 1)


def _span(ends: Sequence[float] | None) -> Span | None:
    return None if ends is None else Span(published(ends[0], 1), published(ends[1], 1))


def _area(area: Mapping[str, Any], points: Mapping[str, float]) -> Area:
    """The points are printed by largest remainder, so that they add to the printed score."""
    part = points.get(area["area"])
    weight = int(published(100 * area["weight"], 0))
    return Area(area["area"], weight, _one(area["score"]), None if part is None else published(part, 1))


def _metrics(row: Score, methodology: Methodology) -> Iterable[Metric]:
    case = Case(input_of(row.record), methodology)
    for each in row.result["metrics"]:
        name, definition = each["metric"], CATALOGUE[each["metric"]]
        value = each["value"] if each["status"] == "ok" else None
        compared = name in case.inputs.peers and value is not None
        yield Metric(
            key=name,
            name=definition.name,
            area=each["area"],
            unit=definition.unit,
            status=each["status"],
            reason=each["reason"],
            value=None if value is None else published(value, definition.decimals),
            points=_one(each["contribution"]),
            against_others=_one(each["peer"]),
            against_goal=_one(each["standard"]),
            peers=_peers(case, name, definition.decimals) if compared else None,
            place=_place(case, each, definition.decimals) if compared else None,
        )


def _peers(case: Case, name: str, decimals: int) -> Peers:
    known = case.inputs.peers[name]
    quartiles = (published(each, decimals) for each in (known.q25, known.q50, known.q75))
    error = published(known.error, max(decimals, 1))
    q25, q50, q75 = quartiles
    return Peers(known.label, known.declared, q25, q50, q75, _percent(known.weight), error, known.of_peers)


def _place(case: Case, step: Mapping[str, Any], decimals: int) -> Place:
    """The position, and that of 95 of 100 draws of the value and of what it is compared with."""
    name, reading = step["metric"], case.readings[step["metric"]]
    drawn = case.drawn(name, reading).position
    at = step["position"]
    low, high = (quantile(np.asarray(drawn), share) for share in (0.025, 0.975))
    whole = (int(published(each, 0)) for each in (at, min(low, at), max(high, at)))
    return Place(published(step["folded"], decimals), *whole)


def _trend(rows: Sequence[Score]) -> tuple[Moment, ...]:
    """Of days with a score, the oldest first."""
    moments = [
        Moment(row.as_of, published(row.headline, 1), Span(*(published(end, 1) for end in row.result["interval80"])))
        for row in rows
        if row.headline is not None
    ]
    return tuple(moments) if len(moments) > 1 else ()


def _change(old: Score | None, new: Score) -> Change | None:
    """None where the two cannot be told apart by cause."""
    found = changes.since(old, new)
    if old is None or old.headline is None or new.headline is None or isinstance(found, changes.Unexplained):
        return None
    before, now = published(old.headline, 1), published(new.headline, 1)
    parts = apportioned(asdict(found), now - before, 1)
    points = {name: published(part, 1) for name, part in parts.items()}
    return Change(old.as_of, before, **points, references=changes.other_references(old, new))


def _step(step: Mapping[str, Any]) -> Step:
    definition = CATALOGUE[step["metric"]]
    start, end = (published(step[name], definition.decimals) for name in ("start", "end"))
    likely = Span(published(step["low"], 1), published(step["high"], 1))
    return Step(definition.name, definition.unit, start, end, published(step["points"], 1), likely)


def _lift(name: str, weight: float) -> Lift:
    kind, _, what = name.partition(":")
    return Lift(kind, what, _percent(weight))
