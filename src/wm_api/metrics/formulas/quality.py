"""PURE: permanence and overtime. ESRS S1-6 50(b)(i)."""

from math import sqrt

import polars as pl

from wm_api.metrics.distributions import wilson
from wm_api.metrics.figures import Figure, Interval, Status, not_reported
from wm_api.metrics.formulas.pay_equity import share_error
from wm_api.metrics.population import MetricInputs


def permanent_share(inputs: MetricInputs, profile: str) -> Figure:
    """Percent of people with a permanent contract, of those whose contract is known."""
    if not inputs.has("contract_type"):
        return not_reported("contract_type")
    known = inputs.people(profile).get_column("contract_type").drop_nulls().cast(pl.String)
    n, count = len(known), int((known == "permanent").sum())
    if n < (20 if inputs.least else 1):
        return Figure.missing(Status.INSUFFICIENT_N, n=n)
    return Figure(Status.OK, 100 * count / n, n, (), share_error(count, n), Interval(*wilson(count, n)))


def overtime_hours_share(inputs: MetricInputs, _: str) -> Figure:
    """Overtime hours over regular and overtime hours in percent; actual hours only."""
    if inputs.payroll is None:
        return not_reported("kind:payroll")
    people = inputs.payroll.select(
        y=pl.col("overtime_hours"), x=pl.col("regular_hours") + pl.col("overtime_hours")
    ).filter(pl.col("x") > 0)
    n = people.height
    if n == 0:
        return not_reported("hours_regular")
    if n < (20 if inputs.least else 1):
        return Figure.missing(Status.INSUFFICIENT_N, n=n)
    y, x = float(people["y"].sort().sum()), float(people["x"].sort().sum())
    ratio = y / x
    squares = float(people.select(((pl.col("y") - ratio * pl.col("x")) ** 2).sort().sum()).item())
    se = 100 * sqrt(n / (n - 1) * squares) / x if n > 1 else 0.0
    value = 100 * ratio
    return Figure(Status.OK, value, n, (), se, Interval(max(0.0, value - 1.96 * se), value + 1.96 * se))
