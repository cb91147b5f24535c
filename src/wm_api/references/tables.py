"""PURE: market pay, living wages, legal minima and consumer prices, as metrics read them from editions."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from wm_api.records.legal_minimum import LegalMinimum
from wm_api.references.packaged import packaged
from wm_api.references.sources import SOURCES

NATION, STATE_DIGITS = "US", 2
YEAR, HALVES = "year", {"H1": ("01", "06"), "H2": ("07", "12")}
INDEX_PLACES = 3
Household = tuple[int, int, int]
"""Adults, working adults, children."""
FAMILY: Household = (2, 2, 2)
ONE_ADULT: Household = (1, 1, 0)
"""The household of the living wage is fixed by the methodology; one adult is shown beside it."""


def packaged_table(source: str) -> pl.DataFrame:
    return SOURCES[source].opened(packaged(source).table)


def market_pay(table: pl.DataFrame) -> Mapping[str, float]:
    """Median hourly pay of the nation in USD by SOC code; a major group ends in 0000."""
    return dict(table.filter(pl.col("area") == NATION).select("soc_code", "p50_hourly_usd").iter_rows())


def market_pay_of_states(table: pl.DataFrame) -> Mapping[str, float]:
    """Median hourly pay in USD by the two digits of a state and the SOC code: `48 33-3051`."""
    states = table.filter(pl.col("area").str.len_chars() == STATE_DIGITS, pl.col("area") != NATION)
    return dict(states.select(pl.concat_str("area", "soc_code", separator=" "), "p50_hourly_usd").iter_rows())


def annual_prices(table: pl.DataFrame) -> Mapping[int, float]:
    """Published annual means by year."""
    return dict(table.filter(pl.col("period") == YEAR).select("year", "index").iter_rows())


def legal_minima(table: pl.DataFrame) -> tuple[LegalMinimum, ...]:
    return tuple(
        LegalMinimum(*row) for row in table.select("place", "currency", "hourly", "since", "until").iter_rows()
    )


def living_wages(
    wages: pl.DataFrame, prices: pl.DataFrame, edition: str, day: date, household: Household
) -> Mapping[str, float] | None:
    """Hourly, by county, moved from the prices of the edition to those of the day; by two digits the median of a state.

    None where the prices of either are not known.
    """
    then, now = prices_of(prices, edition.partition(".")[0]), prices_on(prices, day)
    if then is None or now is None:
        return None
    adults, working, children = household
    of_it = (pl.col("adults") == adults) & (pl.col("working") == working) & (pl.col("children") == children)
    counties = wages.filter(of_it).select("county", wage=pl.col("hourly_usd") * now / then)
    states = counties.group_by(pl.col("county").str.slice(0, 2)).agg(pl.col("wage").median())
    return dict(pl.concat([counties, states]).iter_rows())


def prices_of(prices: pl.DataFrame, period: str) -> float | None:
    """The published index of a year or month, 2022 or 2022-04; the mean of the months of a half year, 2022-H1."""
    year, _, part = period.partition("-")
    first, last = HALVES.get(part, (part or YEAR,) * 2)
    inside = (pl.col("year") == int(year)) & pl.col("period").is_between(pl.lit(first), pl.lit(last))
    found = prices.filter(inside).get_column("index")
    mean = found.mean() if len(found) == (6 if part in HALVES else 1) else None
    return round(float(mean), INDEX_PLACES) if isinstance(mean, float) else None


def prices_on(prices: pl.DataFrame, day: date) -> float | None:
    """Of the month of a day, or the last published one before; None before the first."""
    months = prices.filter(pl.col("period") != YEAR).sort("year", "period")
    before = (pl.col("year") < day.year) | ((pl.col("year") == day.year) & (pl.col("period") <= f"{day.month:02d}"))
    found = months.filter(before).get_column("index")
    return float(found[-1]) if len(found) else None
