"""PURE: pay against the living wage of the place. ESRS S1-10; Foster, Greer, Thorbecke 1984."""

from collections.abc import Mapping

import polars as pl

from wm_api.metrics.distributions import wilson
from wm_api.metrics.estimates import around, by_gender, ratio_of_sums, share_error
from wm_api.metrics.figures import Figure, Interval, Part, Status, not_reported
from wm_api.metrics.formulas.pay_level import NO_REFERENCE, STATE_DIGITS, codes_known
from wm_api.metrics.payroll_rows import ALLOWANCE
from wm_api.metrics.population import MetricInputs
from wm_api.records.checks import optional
from wm_api.records.contract_pay import WEEKS


def living_wage_share(inputs: MetricInputs, profile: str) -> Figure:
    """Percent of people whose pay with fixed allowances reaches the living wage of their place (ESRS S1-10)."""
    found = _placed(inputs, profile)
    if isinstance(found, Figure):
        return found
    placed, excluded = found
    n, count = placed.height, placed.filter(pl.col("pay") >= pl.col("wage")).height
    if not inputs.enough("living_wage_share", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(placed), excluded=excluded)
    interval, error = Interval(*wilson(count, n)), share_error(count, n)
    groups = (*_of_one_adult(placed, inputs.references.living_wage_one_adult), *by_gender(placed))
    return Figure(Status.OK, 100 * count / n, n, groups, error, interval, "two_adults_two_children", excluded=excluded)


def living_wage_gap_depth(inputs: MetricInputs, profile: str) -> Figure:
    """What pay lacks to the living wage in percent of the living wages, each person by weekly hours (FGT(1))."""
    found = _placed(inputs, profile)
    if isinstance(found, Figure):
        return found
    placed, excluded = found
    people = placed.filter(pl.col("hours") > 0)
    n = people.height
    excluded += (Part("no_hours", placed.height - n),) if placed.height > n else ()
    if not inputs.enough("living_wage_gap_depth", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(people), excluded=excluded)
    lacking = ((pl.col("wage") - pl.col("pay")).clip(lower_bound=0) * pl.col("hours")).alias("lacking")
    sums = people.select(lacking, (pl.col("wage") * pl.col("hours")).alias("wages"))
    ratio, error = ratio_of_sums(sums.get_column("lacking"), sums.get_column("wages"))
    if ratio is None:
        return Figure.missing(Status.UNDEFINED, n=n, groups=by_gender(people), excluded=excluded)
    value, se = 100 * ratio, 100 * error
    return Figure(
        Status.OK, value, n, by_gender(people), se, around(value, se, 0.0, 100.0), "weekly_hours", excluded=excluded
    )


def _placed(inputs: MetricInputs, profile: str) -> tuple[pl.DataFrame, tuple[Part, ...]] | Figure:
    """People with a known living wage, `wage`, and hourly pay with fixed allowances, `pay`; or why there are none."""
    table = inputs.references.living_wage
    if table is None:
        return NO_REFERENCE
    if not inputs.has("work_county"):
        return not_reported("work_county")
    people, excluded = inputs.paid(profile, "r0")
    pay = pl.col("r0") + _more_allowance(people)
    priced = people.with_columns(_living_wage(people, table).alias("wage"), pay.alias("pay"))
    placed = priced.filter(pl.col("wage").is_not_null())
    left = people.height - placed.height
    return placed, (*excluded, Part("no_place", left)) if left else excluded


def _more_allowance(people: pl.DataFrame) -> pl.Expr:
    """What fixed allowances add to an hour of pay beyond those that payroll has in it: none counts twice."""
    fixed = optional(people, "guaranteed_allowance_annual", 0.0).cast(pl.Float64) / (WEEKS * pl.col("hours"))
    hours = optional(people, "paid_hours").cast(pl.Float64)
    paid = pl.when(hours > 0).then(optional(people, ALLOWANCE, 0.0).cast(pl.Float64) / hours).fill_null(0.0)
    return (fixed - paid).clip(lower_bound=0).fill_null(0.0)


def _living_wage(people: pl.DataFrame, table: Mapping[str, float]) -> pl.Expr:
    """Of the county of work, else the median of its state's counties."""
    county = pl.col("work_county")
    places = (county, county.str.slice(0, STATE_DIGITS))
    return pl.coalesce(codes_known(people, each, table) for each in places)


def _of_one_adult(placed: pl.DataFrame, table: Mapping[str, float] | None) -> tuple[Part, ...]:
    """The share at the living wage of one adult, beside that of the household that the methodology fixes."""
    if table is None:
        return ()
    known = placed.with_columns(_living_wage(placed, table).alias("wage")).filter(pl.col("wage").is_not_null())
    n, reached = known.height, known.filter(pl.col("pay") >= pl.col("wage")).height
    return (Part("one_adult", n, 100 * reached / n, "household"),) if n else ()


FORMULAS = {
    "living_wage_share": living_wage_share,
    "living_wage_gap_depth": living_wage_gap_depth,
}
