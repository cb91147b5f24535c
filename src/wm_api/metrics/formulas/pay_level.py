"""PURE: median pay, market pay, legal minimum, real wage growth."""

from collections.abc import Mapping
from datetime import date
from math import exp, fsum, sqrt

import polars as pl

from wm_api.metrics.employment import Window, covers
from wm_api.metrics.estimates import (
    around,
    by_gender,
    median_of,
    quantile_of,
    standard_error_of_median,
)
from wm_api.metrics.figures import Figure, Part, Status, not_reported
from wm_api.metrics.hourly_pay import hourly_growth
from wm_api.metrics.population import MetricInputs
from wm_api.records.checks import optional
from wm_api.records.legal_minimum import minimum_of_place
from wm_api.references.states import STATES

MARKET_COUNTRY, MARKET_CURRENCY = "US", "USD"
LEAST_CODED = 0.7
MARKET_LEVELS = ("occupation_state", "occupation_nation", "major_group_nation")
STATE_DIGITS = 2
ENTRY_LEVEL, ENTRY_QUANTILE = 1, 0.05
NO_REFERENCE = Figure.missing(Status.NOT_APPLICABLE, "no_reference")


def market_pay_ratio(inputs: MetricInputs, profile: str) -> Figure:
    """Exp of the mean log of hourly pay over the occupation's median (BLS OEWS); 70 % must be coded.

    How many are compared with a median of their state, of the nation or of a major group is in the groups.
    """
    table = inputs.references.market_pay_p50
    if table is None or inputs.account.country != MARKET_COUNTRY or inputs.currency not in {None, MARKET_CURRENCY}:
        return NO_REFERENCE
    if not inputs.has("soc_code"):
        return not_reported("soc_code")
    everybody, excluded = inputs.paid(profile, "r0")
    people = everybody
    if inputs.has("work_country"):
        people = everybody.filter(pl.col("work_country").fill_null(MARKET_COUNTRY) == MARKET_COUNTRY)
    coded = _compared(people, table, inputs.references.market_pay_of_states)
    counts = (("works_abroad", everybody.height - people.height), ("no_occupation", people.height - coded.height))
    excluded += tuple(Part(reason, count) for reason, count in counts if count)
    n = coded.height
    if not inputs.enough("market_pay_ratio", n) or (inputs.least and n < LEAST_CODED * people.height):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(coded), excluded=excluded)
    logs = coded.get_column("log")
    mean = fsum(logs.to_list()) / n
    deviation = sqrt(fsum(((logs - mean) ** 2).to_list()) / (n - 1)) if n > 1 else 0.0
    value = exp(mean)
    se = value * deviation / sqrt(n)
    levels = tuple(Part(level, count, dimension="reference") for level, count in _levels(coded))
    groups, basis = (*levels, *by_gender(coded)), levels[0].group if levels else None
    return Figure(Status.OK, value, n, groups, se, around(value, se, 0.0), basis, excluded=excluded)


def _compared(people: pl.DataFrame, nation: Mapping[str, float], states: Mapping[str, float]) -> pl.DataFrame:
    """With `log` of pay over the first median that is known, and its `level`; people without one are left out."""
    code, region = pl.col("soc_code"), optional(people, "work_region").cast(pl.String)
    county = optional(people, "work_county").cast(pl.String)
    state = pl.coalesce(county.str.slice(0, STATE_DIGITS), codes_known(people, region, STATES, pl.String))
    medians = (
        codes_known(people, pl.concat_str(state, code, separator=" "), states),
        codes_known(people, code, nation),
        codes_known(people, code.str.slice(0, 2) + "-0000", nation),
    )
    each = people.with_columns(median.alias(name) for name, median in zip(MARKET_LEVELS, medians, strict=True))
    level = pl.coalesce(pl.when(pl.col(name).is_not_null()).then(pl.lit(name)) for name in MARKET_LEVELS)
    log = (pl.col("r0") / pl.coalesce(MARKET_LEVELS)).log()
    return each.with_columns(log.alias("log"), level.alias("level")).filter(pl.col("log").is_not_null())


def _levels(coded: pl.DataFrame) -> list[tuple[str, int]]:
    """How many people are compared on each level; that of most people first."""
    return list(coded.get_column("level").value_counts().sort(["count", "level"], descending=[True, False]).iter_rows())


def codes_known(
    people: pl.DataFrame, code: pl.Expr, table: Mapping[str, object], kind: type[pl.DataType] = pl.Float64
) -> pl.Expr:
    """What a table says of each code; of a large one only the codes of these people are looked at."""
    codes = people.select(code.unique()).to_series() if table else ()
    found = {each: table[each] for each in codes if each in table}
    return code.replace_strict(found, default=None, return_dtype=kind) if found else pl.lit(None, kind)


def entry_wage_to_minimum_ratio(inputs: MetricInputs, profile: str) -> Figure:
    """5th percentile, of people at level 1, of the hourly rate over the legal minimum of their place (GRI 202-1)."""
    minima = inputs.references.legal_minima
    if not minima:
        return NO_REFERENCE
    if not inputs.has("job_level"):
        return not_reported("job_level")
    paid, excluded = inputs.paid(profile, "r0")
    entry = paid.filter(pl.col("job_level") == ENTRY_LEVEL)
    minimum = minimum_of_place(entry, minima, inputs.account.country)
    placed = entry.with_columns((pl.col("r0") / minimum).alias("ratio")).filter(pl.col("ratio").is_not_null())
    if entry.height and not placed.height:
        return NO_REFERENCE
    n = placed.height
    excluded += (Part("no_place", entry.height - n),) if entry.height > n else ()
    if not inputs.enough("entry_wage_to_minimum_ratio", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(placed), excluded=excluded)
    value = quantile_of(placed.get_column("ratio"), ENTRY_QUANTILE)
    return Figure(Status.OK, value, n, by_gender(placed), excluded=excluded)


def median_hourly_pay(inputs: MetricInputs, profile: str) -> Figure:
    """Median of hourly pay with variable pay."""
    people, excluded = inputs.paid(profile, "r")
    n = people.height
    if not inputs.enough("median_hourly_pay", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(people), excluded=excluded)
    pay = people.get_column("r")
    value, se = median_of(pay), standard_error_of_median(pay)
    interval, currency = around(value, se, 0.0), inputs.currency
    return Figure(Status.OK, value, n, by_gender(people), se, interval, currency=currency, excluded=excluded)


def price_index(table: Mapping[int, float], day: date) -> float | None:
    """On the line through the middles of the years whose means are known, to the ends of the first and last of them;
    None outside.
    """
    if day.year not in table:
        return None
    middle = day.year + (day.timetuple().tm_yday - 0.5) / 365.25
    before = int(middle - 0.5)
    for begin in (before, before - 1, before + 1):
        if begin in table and begin + 1 in table:
            return table[begin] + (middle - 0.5 - begin) * (table[begin + 1] - table[begin])
    return table[day.year]


def real_wage_growth_stayers(inputs: MetricInputs, _: str) -> Figure:
    """Median growth of hourly pay of people employed all of the window, less consumer prices, in percent."""
    prices = inputs.references.consumer_prices
    if prices is None or inputs.account.country != MARKET_COUNTRY or inputs.currency not in {None, MARKET_CURRENCY}:
        return NO_REFERENCE
    for column in ("base_rate_start", "hire_date"):
        if not inputs.has(column):
            return not_reported(column)
    start, end = inputs.facts.window()
    begun, ended = price_index(prices, start), price_index(prices, end)
    if begun is None or ended is None:
        return NO_REFERENCE
    everybody = _stayers(inputs, (start, end))
    stayers = everybody.filter(pl.col("currency") == pl.lit(inputs.currency))
    known = stayers.with_columns(hourly_growth(stayers).alias("growth")).filter(pl.col("growth").is_not_null())
    n = known.height
    counts = (("other_currency", everybody.height - stayers.height), ("rate_unknown", stayers.height - n))
    excluded = tuple(Part(reason, count) for reason, count in counts if count)
    if not inputs.enough("real_wage_growth_stayers", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(known), excluded=excluded)
    growth, factor = known.get_column("growth"), begun / ended
    value = 100 * (median_of(growth) * factor - 1)
    se = 100 * factor * standard_error_of_median(growth)
    return Figure(Status.OK, value, n, by_gender(known), se, around(value, se), "base_rate", excluded=excluded)


def _stayers(inputs: MetricInputs, window: Window) -> pl.DataFrame:
    """People of the day who were employed all of the window without a day between, in whichever job."""
    throughout = inputs.employment.stays.filter(covers(window[0]) & covers(window[1]))
    return inputs.people().join(throughout, on="employee_key", how="semi", maintain_order="left")


FORMULAS = {
    "entry_wage_to_minimum_ratio": entry_wage_to_minimum_ratio,
    "median_hourly_pay": median_hourly_pay,
    "real_wage_growth_stayers": real_wage_growth_stayers,
    "market_pay_ratio": market_pay_ratio,
}
