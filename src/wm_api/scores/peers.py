"""PURE: what a company is compared with, and what floors and data grade rest on."""

from collections.abc import Iterable, Mapping
from datetime import date

import polars as pl

from wm_api.benchmarks.contributed import cells as contributed_cells
from wm_api.benchmarks.contributed.cells import Key, Published, by_node, for_everybody
from wm_api.benchmarks.fallback import Found, Place, by_place, find
from wm_api.benchmarks.public_sources import Cell
from wm_api.metrics.figures import Figure
from wm_api.metrics.population import MetricInputs
from wm_api.metrics.sources import Sources
from wm_api.scores.methodology import Methodology, MetricRule
from wm_api.scores.quartiles import Contributed, Quartiles, blended, with_declared_spread
from wm_api.scores.results import Guards

MONTH = 30.4375
NEARLY = 0.02


def peers_of(
    cells: Iterable[Cell], place: Place, methodology: Methodology, contributed: Iterable[Published] = ()
) -> dict[str, Quartiles]:
    """Of each metric the reference on its fixed path (of a centre the methodology declares the spread), blended with
    what is contributed. A metric without a reference is compared where every company finds a contributed cell, so that
    it depends on the releases alone which metrics are.
    """
    known, given, peers = by_place(cells), by_node(contributed), {}
    for rule in methodology.metrics:
        reference, part = _reference(rule, find(known, rule.metric, place)), _contributed(given, rule.metric, place)
        if part is not None and (reference is not None or for_everybody(given, rule.metric)):
            peers[rule.metric] = blended(part, reference, rule.prior_strength)
        elif reference is not None:
            peers[rule.metric] = reference
    return peers


def _contributed(given: Mapping[Key, Published], metric: str, place: Place) -> Contributed | None:
    found = contributed_cells.find(given, metric, place)
    if found is None:
        return None
    cell, where = found
    return Contributed(cell.p25, cell.p50, cell.p75, cell.groups, cell.error, cell.label, where)


def _reference(rule: MetricRule, found: Found | None) -> Quartiles | None:
    if found is None:
        return None
    cell, spread = found.cell, rule.declared_spread
    if cell.p50 is None:
        return None
    if cell.p25 is not None and cell.p75 is not None:
        return Quartiles(cell.p25, cell.p50, cell.p75, declared=False, label=found.label)
    if spread is None:
        return None
    return with_declared_spread(cell.p50, spread, found.label)


def guards_of(
    inputs: MetricInputs,
    sources: Sources,
    figures: Mapping[str, Figure],
    day: date,
    previous_star: int | None,
    size_band: str | None,
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
        size_band_fits=size_fits(size_band, people.height, whole=sources.perimeter != "partial") if size_band else None,
    )


def size_fits(band: str, people: int, *, whole: bool) -> bool:
    """Within the tolerance that a declared headcount has; a file of a part may hold fewer."""
    least, _, most = band.removesuffix("+").partition("-")
    enough = not whole or people >= int(least) * (1 - NEARLY)
    return enough and (not most or people <= int(most) * (1 + NEARLY))
