"""PURE: what a company is compared with, and what floors and data grade rest on."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from wm_api.benchmarks.fallback import Found, Place, by_place, find
from wm_api.benchmarks.public_sources import Cell
from wm_api.metrics.figures import Figure
from wm_api.metrics.population import MetricInputs
from wm_api.metrics.sources import Sources
from wm_api.scores.methodology import Methodology, MetricRule
from wm_api.scores.results import Guards
from wm_api.scores.steps import Quartiles, with_declared_spread

MONTH = 30.4375


def peers_of(cells: tuple[Cell, ...], place: Place, methodology: Methodology) -> dict[str, Quartiles]:
    """Reference quartiles of each metric on its fixed path; of a centre the methodology declares the spread."""
    known = by_place(cells)
    found = ((rule, find(known, rule.metric, place)) for rule in methodology.metrics)
    peers = ((rule.metric, _quartiles(rule, each)) for rule, each in found if each is not None)
    return {metric: quartiles for metric, quartiles in peers if quartiles is not None}


def _quartiles(rule: MetricRule, found: Found) -> Quartiles | None:
    cell, spread = found.cell, rule.declared_spread
    if cell.p50 is None:
        return None
    if cell.p25 is not None and cell.p75 is not None:
        return Quartiles(cell.p25, cell.p50, cell.p75, declared=False, label=found.label)
    if spread is None:
        return None
    return with_declared_spread(cell.p50, spread, found.label)


def guards_of(
    inputs: MetricInputs, sources: Sources, figures: Mapping[str, Figure], day: date, previous_star: int | None
) -> Guards:
    """What floors and grade rest on, as it is recorded."""
    declared = sources.declared_headcount
    people, interval = inputs.people(), figures["adjusted_gender_gap"].interval
    known = people.filter(pl.col("gender") != "U").height / people.height if people.height else 0.0
    return Guards(
        below_legal_minimum=sources.below_legal_minimum,
        adjusted_gap_interval=(round(interval.low, 6), round(interval.high, 6)) if interval else None,
        headcount_ratio=round(people.height / declared, 6) if declared else None,
        quarantined_share=round(sources.quarantined_share, 6),
        gender_known_share=round(known, 6),
        months_since_window_end=round(max(0, (day - inputs.facts.window()[1]).days) / MONTH, 2),
        previous_star=previous_star,
    )
