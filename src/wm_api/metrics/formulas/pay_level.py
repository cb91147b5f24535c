"""PURE: market pay, living wage, real wage growth."""

from collections.abc import Mapping
from datetime import date
from math import exp, fsum, sqrt

import polars as pl

from wm_api.metrics.distributions import wilson
from wm_api.metrics.estimates import around, by_gender, median_of, share_error, standard_error_of_median
from wm_api.metrics.figures import Figure, Interval, Part, Status, not_reported
from wm_api.metrics.hourly_pay import hourly_growth
from wm_api.metrics.population import MetricInputs
from wm_api.records.checks import optional
from wm_api.records.contract_pay import WEEKS

MARKET_COUNTRY, MARKET_CURRENCY = "US", "USD"
LEAST_CODED = 0.7
NO_REFERENCE = Figure.missing(Status.NOT_APPLICABLE, "no_reference")


def market_pay_ratio(inputs: MetricInputs, profile: str) -> Figure:
    """Exp of the mean log of hourly pay over the occupation's median (BLS OEWS); 70 % must be coded."""
    table = inputs.references.market_pay_p50
    if table is None or inputs.account.country != MARKET_COUNTRY or inputs.currency not in {None, MARKET_CURRENCY}:
        return NO_REFERENCE
    if not inputs.has("soc_code"):
        return not_reported("soc_code")
    everybody, excluded = inputs.paid(profile, "r0")
    people = everybody
    if inputs.has("work_country"):
        people = everybody.filter(pl.col("work_country").fill_null(MARKET_COUNTRY) == MARKET_COUNTRY)
    coded = people.with_columns(_log_ratio(table).alias("log")).filter(pl.col("log").is_not_null())
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
    interval, basis = around(value, se, 0.0), "occupation_nation"
    return Figure(Status.OK, value, n, by_gender(coded), se, interval, basis, excluded=excluded)


def _log_ratio(table: Mapping[str, float]) -> pl.Expr:
    """Against the occupation's median of the nation, else that of its major group."""
    code = pl.col("soc_code")
    p50 = code.replace_strict(dict(table), default=None, return_dtype=pl.Float64)
    major = (code.str.slice(0, 2) + "-0000").replace_strict(dict(table), default=None, return_dtype=pl.Float64)
    return (pl.col("r0") / pl.coalesce(p50, major)).log()


def living_wage_share(inputs: MetricInputs, profile: str) -> Figure:
    """Percent of people whose pay with fixed allowances reaches the living wage of their place (ESRS S1-10)."""
    table = inputs.references.living_wage
    if table is None:
        return NO_REFERENCE
    if not inputs.has("work_county"):
        return not_reported("work_county")
    people, excluded = inputs.paid(profile, "r0")
    wage = pl.col("work_county").replace_strict(dict(table), default=None, return_dtype=pl.Float64)
    allowance = optional(people, "guaranteed_allowance_annual", 0.0) / (WEEKS * pl.col("hours"))
    reached = ((pl.col("r0") + allowance.fill_null(0.0)) >= wage).alias("reached")
    placed = people.with_columns(reached).filter(pl.col("reached").is_not_null())
    n, count = placed.height, int(placed.get_column("reached").sum())
    excluded += (Part("no_place", people.height - n),) if people.height > n else ()
    if not inputs.enough("living_wage_share", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(placed), excluded=excluded)
    interval = Interval(*wilson(count, n))
    return Figure(Status.OK, 100 * count / n, n, by_gender(placed), share_error(count, n), interval, excluded=excluded)


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
    stayers = inputs.people().filter((pl.col("hire_date") <= start) & (pl.col("currency") == inputs.currency))
    known = stayers.with_columns(hourly_growth(stayers).alias("growth")).filter(pl.col("growth").is_not_null())
    n = known.height
    excluded = (Part("rate_unknown", stayers.height - n),) if stayers.height > n else ()
    if not inputs.enough("real_wage_growth_stayers", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(known), excluded=excluded)
    growth, factor = known.get_column("growth"), begun / ended
    value = 100 * (median_of(growth) * factor - 1)
    se = 100 * factor * standard_error_of_median(growth)
    return Figure(Status.OK, value, n, by_gender(known), se, around(value, se), "base_rate", excluded=excluded)


FORMULAS = {
    "living_wage_share": living_wage_share,
    "real_wage_growth_stayers": real_wage_growth_stayers,
    "market_pay_ratio": market_pay_ratio,
}
