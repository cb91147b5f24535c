"""PURE: market pay, living wage, real wage growth."""

from datetime import date
from math import exp, fsum, sqrt

import polars as pl

from wm_api.metrics.distributions import wilson
from wm_api.metrics.figures import Figure, Interval, Status, not_reported
from wm_api.metrics.formulas.pay_equity import median_of, share_error, standard_error_of_median
from wm_api.metrics.population import MetricInputs
from wm_api.records.checks import optional

MARKET_COUNTRY = "US"
NO_REFERENCE = Figure.missing(Status.NOT_APPLICABLE, "no_reference")
WEEKS = 52


def market_pay_ratio(inputs: MetricInputs, profile: str) -> Figure:
    """Exp of the mean log of hourly pay over the occupation's median (BLS OEWS); 70 % must be coded."""
    table = inputs.references.market_pay_p50
    if table is None or inputs.account.country != MARKET_COUNTRY:
        return NO_REFERENCE
    if not inputs.has("soc_code"):
        return not_reported("soc_code")
    people = inputs.full(profile).filter((pl.col("r0") > 0) & (pl.col("currency") == "USD"))
    code = pl.col("soc_code")
    p50 = code.replace_strict(dict(table), default=None, return_dtype=pl.Float64)
    major = (code.str.slice(0, 2) + "-0000").replace_strict(dict(table), default=None, return_dtype=pl.Float64)
    logs = people.select((pl.col("r0") / pl.coalesce(p50, major)).log()).to_series().drop_nulls().to_list()
    n = len(logs)
    if inputs.least and (n < 20 or n < 0.7 * people.height):  # noqa: PLR2004 - domain.md 3.3
        return Figure.missing(Status.INSUFFICIENT_N, n=n)
    mean = fsum(logs) / n
    deviation = sqrt(fsum((x - mean) ** 2 for x in logs) / (n - 1)) if n > 1 else 0.0
    value = exp(mean)
    se = value * deviation / sqrt(n)
    return Figure(
        Status.OK, value, n, (), se, Interval(value - 1.96 * se, value + 1.96 * se), basis="occupation_nation"
    )


def living_wage_share(inputs: MetricInputs, profile: str) -> Figure:
    """Percent of people whose pay with fixed allowances reaches the living wage of their place (ESRS S1-10)."""
    table = inputs.references.living_wage
    if table is None:
        return NO_REFERENCE
    if not inputs.has("work_county"):
        return not_reported("work_county")
    people = inputs.full(profile)
    wage = pl.col("work_county").replace_strict(dict(table), default=None, return_dtype=pl.Float64)
    allowance = optional(people, "guaranteed_allowance_annual", 0.0) / (WEEKS * pl.col("hours"))
    reached = people.select(((pl.col("r0") + allowance.fill_null(0.0)) >= wage).alias("ok")).to_series().drop_nulls()
    n, count = len(reached), int(reached.sum())
    if n < (20 if inputs.least else 1):
        return Figure.missing(Status.INSUFFICIENT_N, n=n)
    return Figure(Status.OK, 100 * count / n, n, (), share_error(count, n), Interval(*wilson(count, n)))


def price_index(table: dict[int, float], day: date) -> float | None:
    """Linear between the middles of the years whose annual means are known; None outside them."""
    middle = day.year + (day.timetuple().tm_yday - 0.5) / 365.25
    before = int(middle - 0.5)
    if before not in table or before + 1 not in table:
        return table.get(day.year)
    share = middle - 0.5 - before
    return table[before] * (1 - share) + table[before + 1] * share


def real_wage_growth_stayers(inputs: MetricInputs, profile: str) -> Figure:
    """Median growth of hourly pay of people employed all of the window, less consumer prices, in percent."""
    prices = inputs.references.consumer_prices
    if prices is None or inputs.account.country != MARKET_COUNTRY:
        return NO_REFERENCE
    for column in ("base_rate_start", "hire_date"):
        if not inputs.has(column):
            return not_reported(column)
    start, end = inputs.facts.window()
    begun, ended = price_index(dict(prices), start), price_index(dict(prices), end)
    if begun is None or ended is None:
        return NO_REFERENCE
    people = inputs.full(profile).filter(
        (pl.col("hire_date") <= start) & (pl.col("base_rate_start") > 0) & (pl.col("base_rate") > 0)
    )
    hours = optional(people, "weekly_hours").cast(pl.Float64)
    before = optional(people, "weekly_hours_start").cast(pl.Float64)
    hourly = pl.col("base_rate_unit").cast(pl.String) == "hour"
    changed = pl.when(hourly).then(1.0).otherwise((before / hours).fill_null(1.0))
    growth = people.select(pl.col("base_rate") / pl.col("base_rate_start") * changed).to_series().drop_nulls()
    n = len(growth)
    if n < (30 if inputs.least else 1):
        return Figure.missing(Status.INSUFFICIENT_N, n=n)
    factor = begun / ended
    value = 100 * (median_of(growth) * factor - 1)
    se = 100 * factor * standard_error_of_median(growth)
    return Figure(Status.OK, value, n, (), se, Interval(value - 1.96 * se, value + 1.96 * se))
