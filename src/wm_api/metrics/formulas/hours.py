"""PURE: hours. Directive 2003/88/EC."""

import polars as pl

from wm_api.metrics.estimates import around, by_gender, ratio_of_sums
from wm_api.metrics.figures import Figure, Part, Status, not_reported
from wm_api.metrics.population import MetricInputs


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
    """One row a counted person with hours. Constant hours of exempt staff are a proxy, not actual hours."""
    hours = payroll.select("employee_key", "overtime_hours", "regular_hours", "constant_hours")
    if hours.get_column("employee_key").is_duplicated().any():  # several currencies
        both = pl.col("overtime_hours", "regular_hours").sort().sum()
        hours = hours.group_by("employee_key").agg(both, pl.col("constant_hours").all())
    all_hours = (pl.col("regular_hours") + pl.col("overtime_hours")).alias("all_hours")
    people = hours.join(inputs.persons, on="employee_key").with_columns(all_hours).filter(pl.col("all_hours") > 0)
    proxy = pl.col("exempt") & pl.col("constant_hours") & (pl.col("overtime_hours") == 0)
    actual = people.filter(~proxy)
    left = people.height - actual.height
    return actual, ((Part("constant_exempt_hours", left),) if left else ())


FORMULAS = {"overtime_hours_share": overtime_hours_share}
