"""Loaded editions as the reference tables of one day."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from wm_api.editions.service import Loaded, opened
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import Edition
from wm_api.metrics.population import References
from wm_api.records.legal_minimum import in_force
from wm_api.references.tables import (
    FAMILY,
    ONE_ADULT,
    Household,
    annual_prices,
    legal_minima,
    living_wages,
    market_pay,
    market_pay_of_states,
)

WAGES, LIVING_WAGE, PRICES, MINIMA = "bls_oews", "living_wage", "us_cpi_u", "legal_minimum"
REFERENCES = (WAGES, LIVING_WAGE, PRICES, MINIMA)
"""The sources that metrics read."""
NEEDED: Mapping[str, tuple[str, ...]] = {
    "market_pay": (WAGES,),
    "living_wage": (LIVING_WAGE, PRICES),
    "consumer_prices": (PRICES,),
    "legal_minimum": (MINIMA,),
    "labour_market": (),
}
"""The sources of each table that definitions name."""
BEFORE_PINS: Mapping[str, str] = {WAGES: "2025-05", PRICES: "2026-08", MINIMA: "2026-11"}
"""What figures were computed with before scores pinned editions; of market pay the nation alone."""


def references_on(day: date, loaded: Mapping[str, Loaded], *, of_states: bool = True) -> References:
    """`of_states` False: market pay of the nation alone."""
    tables = {source: each.table for source, each in loaded.items()}
    nation, states = _market_pay(loaded[WAGES].row.table) if WAGES in loaded else (None, {})
    return References(
        nation,
        annual_prices(tables[PRICES]) if PRICES in tables else None,
        _living_wage(loaded, day, FAMILY),
        _living_wage(loaded, day, ONE_ADULT),
        in_force(legal_minima(tables[MINIMA]), day) if MINIMA in tables else None,
        states if of_states else {},
        {source: {"edition": each.row.edition, "sha256": each.row.sha256} for source, each in sorted(loaded.items())},
    )


def editions_of(metric: str, references: References) -> tuple[Edition, ...]:
    """Those of the tables that a metric reads, where they are loaded."""
    sources = {source: None for table in CATALOGUE[metric].references for source in NEEDED[table]}
    pins = references.pins
    return tuple(Edition(each, pins[each]["edition"], pins[each]["sha256"]) for each in sources if each in pins)


@lru_cache(maxsize=4)
def _market_pay(text: str) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Of the nation and of its states: tens of thousands of lines, which every computation reads alike."""
    table = opened(WAGES, text)
    return market_pay(table), market_pay_of_states(table)


def _living_wage(loaded: Mapping[str, Loaded], day: date, household: Household) -> Mapping[str, float] | None:
    if LIVING_WAGE not in loaded or PRICES not in loaded:
        return None
    wages = loaded[LIVING_WAGE]
    return living_wages(wages.table, loaded[PRICES].table, wages.row.edition, day, household)
