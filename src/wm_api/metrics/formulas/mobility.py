"""PURE: promotions. ISO 30414."""

import polars as pl

from wm_api.metrics.employment import days_in, years_in
from wm_api.metrics.estimates import by_gender
from wm_api.metrics.figures import Figure, Part, Status, not_reported
from wm_api.metrics.formulas.retention import annual_rate, years_by_gender
from wm_api.metrics.hourly_pay import hourly_growth
from wm_api.metrics.population import MetricInputs

LEAST_RISE = 1.03 - 1e-9
BULK_PEOPLE, BULK_SHARE = 5, 0.8


def promotion_rate(inputs: MetricInputs, _: str) -> Figure:
    """Promotions over the average headcount in percent a year: level up and hourly pay up 3 % where both are given.

    A snapshot without leavers has no average: its headcount stands for it (`end`).
    """
    if not inputs.has("promotions_in_window"):
        return not_reported("promotions_in_window")
    everyone = inputs.everyone()
    people = everyone.with_columns(_counted(inputs, everyone).alias("counted"))  # a regrading is seen of all together
    known = people.filter(pl.col("promotions_in_window").is_not_null())
    excluded = (Part("promotions_unknown", people.height - known.height),) if people.height > known.height else ()
    person_years, groups, basis = _exposure(inputs, known)
    if inputs.least and not inputs.enough("promotion_rate", person_years):
        return Figure.missing(Status.INSUFFICIENT_N, n=round(person_years), groups=groups, excluded=excluded)
    events = int(known.get_column("counted").sum())
    figure = annual_rate(events, person_years, groups, basis)
    return Figure(
        figure.status, figure.value, figure.n, groups, figure.standard_error, figure.interval, basis, excluded=excluded
    )


def _exposure(inputs: MetricInputs, people: pl.DataFrame) -> tuple[float, tuple[Part, ...], str]:
    """Person-years of the people, those of women and men, and what they rest on."""
    window = inputs.facts.window()
    if not inputs.has("hire_date", "termination_date"):
        return people.height * years_in(window), by_gender(people), "end"
    days = inputs.employment.person_days(window).join(people.select("employee_key"), on="employee_key", how="semi")
    years = years_in(window) / days_in(window)
    return int(days.get_column("days").sum()) * years, years_by_gender(days, window), "person_days"


def _counted(inputs: MetricInputs, people: pl.DataFrame) -> pl.Expr:
    """Promotions that are more than a title or a regrading."""
    nothing = [pl.lit(value=False)]
    if inputs.has("job_level", "job_level_start"):
        nothing.append(pl.col("job_level") <= pl.col("job_level_start"))
    if inputs.has("base_rate_start"):
        nothing.append(hourly_growth(people) < LEAST_RISE)
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
}
