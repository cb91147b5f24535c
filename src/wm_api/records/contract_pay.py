"""PURE: what a rate of pay is in a year and in an hour, from its unit and the contracted hours (domain.md 3.1)."""

from collections.abc import Mapping

import polars as pl

from wm_api.records.checks import optional

PER_YEAR: Mapping[str, float] = {
    "week": 52,
    "fortnight": 26,
    "four_week": 13,
    "semimonth": 24,
    "month": 12,
    "year": 1,
    "day": 260,
}
WEEKS = 52


def contract_pay(
    spells: pl.DataFrame,
    full_time_hours: float | pl.Expr,
    per_year: Mapping[str, float] = PER_YEAR,
    weeks: float = WEEKS,
) -> dict[str, pl.Expr]:
    """`hours` a week and their `fte`; `annual` pay for `paid_weekly` hours a week; `rate`, the hourly rate where given.

    A rate of full time is that of the person's share; a rate of 0 is none.
    """
    full = full_time_hours if isinstance(full_time_hours, pl.Expr) else pl.lit(full_time_hours)
    scheduled = pl.when(optional(spells, "schedule_type").cast(pl.String) == "full_time").then(full)
    hours = pl.coalesce(optional(spells, "weekly_hours").cast(pl.Float64), scheduled)
    unit = pl.col("base_rate_unit").cast(pl.String)
    factor = unit.replace_strict(per_year, default=None, return_dtype=pl.Float64)
    hourly, paid = unit == "hour", pl.col("base_rate") > 0
    whole = optional(spells, "base_rate_basis", "actual").cast(pl.String) == "full_time_equivalent"
    fte = pl.coalesce(optional(spells, "fte").cast(pl.Float64), hours / full)
    share = pl.when(whole & ~hourly).then(fte).otherwise(1.0)
    annual = pl.when(hourly).then(pl.col("base_rate") * weeks * hours).otherwise(pl.col("base_rate") * factor * share)
    annual = pl.when(paid).then(annual)
    return {
        "hours": hours,
        "fte": fte,
        "annual": annual,
        "paid_weekly": pl.when(annual.is_not_null()).then(hours),
        "rate": pl.when(paid & hourly).then(pl.col("base_rate")),
    }
