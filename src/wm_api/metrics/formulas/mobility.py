"""PURE: promotions. ISO 30414."""

from dataclasses import replace
from math import sqrt

import polars as pl

from wm_api.metrics.employment import Window, days_in, years_in
from wm_api.metrics.estimates import BOTH, around
from wm_api.metrics.figures import Figure, Part, Status, not_reported
from wm_api.metrics.formulas.retention import annual_rate, person_years, years_by_gender
from wm_api.metrics.hourly_pay import hourly_growth
from wm_api.metrics.population import MetricInputs
from wm_api.records.checks import BULK_PEOPLE, BULK_SHARE, LEAST_RAISE


def promotion_rate(inputs: MetricInputs, _: str) -> Figure:
    """Promotions over the average headcount in percent a year: level up and hourly pay up 3 % where both are given.

    A snapshot without leavers has no average: its headcount stands for it (`end`).
    """
    if not inputs.has("promotions_in_window"):
        return not_reported("promotions_in_window")
    known, excluded = _promoted(inputs)
    people, basis = exposure(inputs, known)
    window = inputs.facts.window()
    years, groups = _years(people, window), years_by_gender(people, window)
    if inputs.least and not inputs.enough("promotion_rate", years):
        return Figure.missing(Status.INSUFFICIENT_N, n=round(years), groups=groups, excluded=excluded)
    events = int(people.get_column("counted").sum())
    return replace(annual_rate(events, years, groups, basis), excluded=excluded)


def promotion_rate_gap(inputs: MetricInputs, _: str) -> Figure:
    """The promotion rate of men less that of women, each on their own person-years; their ratio is in the groups."""
    if not inputs.has("promotions_in_window"):
        return not_reported("promotions_in_window")
    known, excluded = _promoted(inputs)
    people, basis = exposure(inputs, known)
    window = inputs.facts.window()
    years = person_years(people, window)
    n, groups = round(sum(years.values())), years_by_gender(people, window)
    if not inputs.enough("promotion_rate_gap", n, *years.values()):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=groups, excluded=excluded)
    events = dict(people.group_by("gender").agg(pl.col("counted").sum()).iter_rows())
    rates = {code: annual_rate(int(events.get(code, 0)), years[code], (), basis) for code in BOTH}
    women, men = (rates[code].value or 0.0 for code in BOTH)
    se = sqrt(sum((rate.standard_error or 0.0) ** 2 for rate in rates.values()))
    groups = tuple(Part(code, round(years[code]), rate.value, interval=rate.interval) for code, rate in rates.items())
    groups += (Part("ratio_F_to_M", n, women / men if men else None),)
    return Figure(Status.OK, men - women, n, groups, se, around(men - women, se), basis, excluded=excluded)


def _promoted(inputs: MetricInputs) -> tuple[pl.DataFrame, tuple[Part, ...]]:
    """Everybody employed in the window whose promotions are known, with those that are `counted`."""
    everyone = inputs.everyone()
    people = everyone.with_columns(_counted(inputs, everyone).alias("counted"))  # a regrading is seen of all together
    known = people.filter(pl.col("promotions_in_window").is_not_null())
    left = people.height - known.height
    return known, (*((Part("promotions_unknown", left),) if left else ()), *inputs.undated)


def exposure(inputs: MetricInputs, people: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """Some of everyone, with their employed `days` in the window, and what these rest on."""
    if not inputs.has("hire_date", "termination_date"):
        return people.with_columns(pl.lit(days_in(inputs.facts.window())).alias("days")), "end"
    return people.filter(pl.col("days").is_not_null()), "person_days"


def _years(people: pl.DataFrame, window: Window) -> float:
    return int(people.get_column("days").sum()) * years_in(window) / days_in(window)


def _counted(inputs: MetricInputs, people: pl.DataFrame) -> pl.Expr:
    """Promotions that are more than a title or a regrading."""
    nothing = [pl.lit(value=False)]
    if inputs.has("job_level", "job_level_start"):
        nothing.append(pl.col("job_level") <= pl.col("job_level_start"))
    if inputs.has("base_rate_start"):
        nothing.append(hourly_growth(people) < LEAST_RAISE)
    if inputs.has("last_level_change_reason"):
        nothing.append(pl.col("last_level_change_reason").cast(pl.String) == "reclass")
    if inputs.has("job_code", "last_level_change_date"):
        nothing.append(_regraded())
    return (
        pl.when(pl.any_horizontal(each.fill_null(value=False) for each in nothing))
        .then(0)
        .otherwise(pl.col("promotions_in_window"))
    )


def _regraded() -> pl.Expr:
    """Most of a job code changed level on one day."""
    known = pl.col("job_code").is_not_null() & pl.col("last_level_change_date").is_not_null()
    holders, together = pl.len().over("job_code"), pl.len().over("job_code", "last_level_change_date")
    return known & (holders >= BULK_PEOPLE) & (together >= BULK_SHARE * holders)


FORMULAS = {
    "promotion_rate": promotion_rate,
    "promotion_rate_gap": promotion_rate_gap,
}
