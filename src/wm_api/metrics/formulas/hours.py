"""PURE: hours. Directive 2003/88/EC; Shift Project."""

import polars as pl

from wm_api.metrics.estimates import BOTH, around, by_gender, median_of, ratio_of_sums, standard_error_of_median
from wm_api.metrics.figures import Figure, Part, Status, not_reported
from wm_api.metrics.persons import with_repeats_merged
from wm_api.metrics.population import MetricInputs
from wm_api.metrics.weekly_hours import by_person
from wm_api.records.checks import optional

WEEKLY = "frequency:week"


def overtime_hours_share(inputs: MetricInputs, _: str) -> Figure:
    """Overtime hours over regular and overtime hours in percent; actual hours of employees and apprentices only."""
    if inputs.payroll is None:
        return not_reported("kind:payroll")
    for column in ("regular_hours", "overtime_hours"):
        if column not in inputs.payroll.columns:
            return not_reported(f"hours_{column.removesuffix('_hours')}")
    people, excluded = _with_hours(inputs, inputs.payroll)
    n = people.height
    if not inputs.enough("overtime_hours_share", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(people), excluded=excluded)
    ratio, error = ratio_of_sums(people.get_column("overtime_hours"), people.get_column("all_hours"))
    if ratio is None:
        return Figure.missing(Status.UNDEFINED, n=n, groups=by_gender(people), excluded=excluded)
    value, se = 100 * ratio, 100 * error
    interval = around(value, se, 0.0, 100.0)
    return Figure(Status.OK, value, n, by_gender(people), se, interval, "actual_hours", excluded=excluded)


def _with_hours(inputs: MetricInputs, payroll: pl.DataFrame) -> tuple[pl.DataFrame, tuple[Part, ...]]:
    """One row a counted person with hours, but for those whose hours are a proxy."""
    sums = pl.col("overtime_hours", "regular_hours").sort().sum()  # of several currencies
    hours = with_repeats_merged(
        payroll.select("employee_key", "overtime_hours", "regular_hours"),
        lambda doubles: doubles.group_by("employee_key").agg(sums),
    )
    all_hours = (pl.col("regular_hours") + pl.col("overtime_hours")).alias("all_hours")
    people = hours.join(inputs.persons, on="employee_key").with_columns(all_hours).filter(pl.col("all_hours") > 0)
    return _without_proxies(inputs, payroll, people)


def _without_proxies(
    inputs: MetricInputs, payroll: pl.DataFrame, people: pl.DataFrame
) -> tuple[pl.DataFrame, tuple[Part, ...]]:
    """One value of hours in every period and no overtime, of exempt staff, is a proxy and not actual hours."""
    overtime = optional(payroll, "overtime_hours", 0.0)
    constant = payroll.select("employee_key", (pl.col("constant_hours") & (overtime == 0)).alias("constant"))
    every = with_repeats_merged(
        constant, lambda doubles: doubles.group_by("employee_key").agg(pl.col("constant").all())
    )
    proxies = every.join(inputs.persons.filter("exempt"), on="employee_key").filter("constant")
    actual = people.join(proxies, on="employee_key", how="anti", maintain_order="left")
    left = people.height - actual.height
    return actual, ((Part("constant_exempt_hours", left),) if left else ())


def hours_volatility_4wk(inputs: MetricInputs, _: str) -> Figure:
    """Of hourly staff the median of the mean, over whole blocks of four weeks, of 100 x (most - least) / most hours.

    Hours of a week are worked hours, overtime and leave, paid or not; the coefficient of variation is in the groups.
    """
    weekly = _weekly(inputs)
    if isinstance(weekly, Figure):
        return weekly
    everybody, excluded = weekly
    hourly = everybody.filter("hourly")
    people = hourly.filter(pl.col("blocks") > 0)
    n, left = people.height, hourly.height - people.height
    excluded += (Part("no_whole_block", left),) if left else ()
    if not inputs.enough("hours_volatility_4wk", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(people), excluded=excluded)
    swing, cv = (people.get_column(name) / people.get_column("blocks") for name in ("swing", "cv"))
    medians = dict(
        people.group_by("gender").agg((pl.col("swing") / pl.col("blocks")).quantile(0.5, "linear")).iter_rows()
    )
    groups = (
        Part("cv", n, median_of(cv)),
        *by_gender(people, {code: medians[code] for code in BOTH if code in medians}),
    )
    value, se = median_of(swing), standard_error_of_median(swing)
    return Figure(Status.OK, value, n, groups, se, around(value, se, 0.0, 100.0), "weekly_hours", excluded=excluded)


def long_hours_share(inputs: MetricInputs, _: str) -> Figure:
    """Weeks of more than 48 worked hours in percent of all weeks of all people, those of one person together."""
    weekly = _weekly(inputs)
    if isinstance(weekly, Figure):
        return weekly
    everybody, excluded = weekly
    people = everybody.filter(pl.col("weeks") > 0)
    n, groups = people.height, by_gender(people)
    if not inputs.enough("long_hours_share", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=groups, excluded=excluded)
    ratio, error = ratio_of_sums(people.get_column("long_weeks"), people.get_column("weeks"))
    if ratio is None:
        return Figure.missing(Status.UNDEFINED, n=n, groups=groups, excluded=excluded)
    value, se = 100 * ratio, 100 * error
    return Figure(Status.OK, value, n, groups, se, around(value, se, 0.0, 100.0), "weekly_hours", excluded=excluded)


def _weekly(inputs: MetricInputs) -> tuple[pl.DataFrame, tuple[Part, ...]] | Figure:
    """Counted people with their weeks, or what is missing: only weekly pay periods tell the hours of a week."""
    if inputs.payroll is None:
        return not_reported("kind:payroll")
    if not inputs.weeks:
        return not_reported(WEEKLY if "regular_hours" in inputs.payroll.columns else "hours_regular")
    dated = inputs.has("hire_date")
    stays = inputs.employment.stays if dated else inputs.persons.select("employee_key").clear()
    weeks = by_person([hours.people(keys, stays) for keys, hours in inputs.weeks])
    return _without_proxies(inputs, inputs.payroll, weeks.join(inputs.persons, on="employee_key"))


def schedule_notice_14d_share(_: MetricInputs, __: str) -> Figure:
    """Shifts published 14 days ahead and unchanged, of all shifts: no record kind of this version carries shifts."""
    return Figure.missing(Status.NOT_APPLICABLE, "no_input_kind")


FORMULAS = {
    "hours_volatility_4wk": hours_volatility_4wk,
    "schedule_notice_14d_share": schedule_notice_14d_share,
    "overtime_hours_share": overtime_hours_share,
    "long_hours_share": long_hours_share,
}
