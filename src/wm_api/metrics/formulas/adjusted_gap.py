"""PURE: the adjusted gap, ordinary least squares with HC3 (Jann 2008; Fortin, Lemieux, Firpo 2011)."""

from math import exp

import numpy as np
import polars as pl

from wm_api.metrics.distributions import t_quantile
from wm_api.metrics.employment import YEAR
from wm_api.metrics.estimates import BOTH, by_gender
from wm_api.metrics.figures import Figure, Interval, Part, Status, not_reported
from wm_api.metrics.population import MetricInputs
from wm_api.metrics.regression import Design, fit_first
from wm_api.records.checks import optional

ROWS_A_PARAMETER = 10
WIDEST = 100.0  # log points: so few rows a parameter say nothing
CONTROLS = ("job_level", "job_family", "work_region")


def adjusted_gender_gap(inputs: MetricInputs, profile: str) -> Figure:
    """100 x (1 - exp(beta_F)): log pay on woman + level + family + region + tenure + tenure squared."""
    if not inputs.has("job_level"):
        return not_reported("job_level")
    paid, excluded = inputs.paid(profile, "r0")
    people = _comparable(paid, inputs)
    excluded += (Part("gender_or_control_unknown", paid.height - people.height),) if paid.height > people.height else ()
    n, groups = people.height, by_gender(people)
    too_few = Figure.missing(Status.INSUFFICIENT_N, n=n, groups=groups, excluded=excluded)
    if not inputs.enough("adjusted_gender_gap", n, *(part.n or 0 for part in groups)):
        return too_few
    design = design_of(people)
    if inputs.least and n < ROWS_A_PARAMETER * design.width:
        return too_few
    fit = fit_first(design, np.log(people.get_column("r0").to_numpy()))
    if fit is None:  # no level, family or region has both
        return Figure.missing(Status.UNDEFINED, n=n, groups=groups, excluded=excluded)
    half = t_quantile(0.975, fit.degrees) * fit.hc3 if fit.degrees > 0 else WIDEST
    if half >= WIDEST:
        return too_few
    interval = Interval(100 * (1 - exp(fit.beta + half)), 100 * (1 - exp(fit.beta - half)))
    value, se = 100 * (1 - exp(fit.beta)), 100 * exp(fit.beta) * fit.hc3
    return Figure(Status.OK, value, n, groups, se, interval, "ols_hc3", excluded=excluded)


def _comparable(people: pl.DataFrame, inputs: MetricInputs) -> pl.DataFrame:
    """Women and men whose level and tenure are known, in an order that no file decides."""
    people = people.filter(pl.col("gender").is_in(BOTH) & pl.col("job_level").is_not_null())
    if inputs.has("hire_date"):
        since = pl.coalesce(optional(people, "original_hire_date").cast(pl.Date), pl.col("hire_date"))
        tenure = ((pl.lit(inputs.day) - since).dt.total_days() / YEAR).alias("tenure")
        people = people.with_columns(tenure).filter(pl.col("tenure").is_not_null())
    return people.sort("employee_key")


def design_of(people: pl.DataFrame) -> Design:
    """Woman, constant, a column a level, family and region beyond the first of each, tenure and its square."""
    n = people.height
    columns = [np.zeros(n, np.int64), np.ones(n, np.int64)]
    values = [(people.get_column("gender") == "F").cast(pl.Float64).to_numpy(), np.ones(n)]
    width = 2
    for name in CONTROLS:
        if name in people.columns:
            codes = people.get_column(name).cast(pl.String).fill_null("").rank("dense").cast(pl.Int64).to_numpy() - 1
            columns.append(np.where(codes > 0, width + codes - 1, 0))
            values.append((codes > 0).astype(np.float64))
            width += int(codes.max())
    if "tenure" in people.columns and people.get_column("tenure").n_unique() > 1:
        tenure = people.get_column("tenure").to_numpy()
        for power in (tenure, tenure**2):
            columns.append(np.full(n, width))
            values.append(power)
            width += 1
    return Design(np.column_stack(columns), np.column_stack(values), width)


FORMULAS = {
    "adjusted_gender_gap": adjusted_gender_gap,
}
