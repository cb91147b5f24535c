"""PURE: the adjusted gap, ordinary least squares with HC3 (Jann 2008; Fortin, Lemieux, Firpo 2011)."""

from dataclasses import dataclass
from math import exp, sqrt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wm_api.metrics.distributions import t_quantile
from wm_api.metrics.figures import Figure, Interval, Part, Status, not_reported
from wm_api.metrics.population import MetricInputs

YEAR = 365.25
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    beta: float
    hc3: float
    degrees: int


def fit_first(design: Matrix, y: Matrix) -> Fit:
    """Coefficient of the first column, its HC3 standard error and the degrees of freedom."""
    q, r = np.linalg.qr(design)
    inverse = np.linalg.inv(r)
    coefficients = inverse @ (q.T @ y)
    leverage = np.minimum(np.sum(q * q, axis=1), 1 - 1e-12)
    residuals = (y - design @ coefficients) / (1 - leverage)
    weights = q @ inverse[0]
    return Fit(float(coefficients[0]), sqrt(float(np.sum((weights * residuals) ** 2))), len(y) - design.shape[1])


def independent(design: Matrix) -> Matrix:
    """Columns that add something, from the left; the same are dropped whatever the order of rows."""
    gram = design.T @ design
    kept: list[int] = []
    for index in range(design.shape[1]):
        trial = [*kept, index]
        scale = np.sqrt(np.diag(gram)[trial])
        if scale.min() > 0 and np.linalg.matrix_rank(
            gram[np.ix_(trial, trial)] / np.outer(scale, scale), tol=1e-9
        ) == len(trial):
            kept = trial
    return design[:, kept]


def adjusted_gender_gap(inputs: MetricInputs, profile: str) -> Figure:
    """100 x (1 - exp(beta_F)): log pay on woman + level + family + region + tenure + tenure squared."""
    if not inputs.has("job_level"):
        return not_reported("job_level")
    people = inputs.full(profile).filter(
        (pl.col("r0") > 0) & pl.col("gender").is_in(["F", "M"]) & pl.col("job_level").is_not_null()
    )
    n, n_f = people.height, people.filter(pl.col("gender") == "F").height
    groups = (Part("F", n_f), Part("M", n - n_f))
    if min(n_f, n - n_f) < (20 if inputs.least else 1) or (inputs.least and n < 60):  # noqa: PLR2004 - domain.md 3.3
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=groups)
    people = people.sort("r0", "gender", "job_level", "employee_key")
    design = independent(_design(people, inputs))
    if inputs.least and n < 10 * design.shape[1]:
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=groups)
    fit = fit_first(design, np.log(people.get_column("r0").to_numpy()))
    if fit.degrees < 1:
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=groups)
    half = t_quantile(0.975, fit.degrees) * fit.hc3
    interval = Interval(100 * (1 - exp(fit.beta + half)), 100 * (1 - exp(fit.beta - half)))
    value, se = 100 * (1 - exp(fit.beta)), 100 * exp(fit.beta) * fit.hc3
    return Figure(Status.OK, value, n, groups, se, interval, basis="ols_hc3")


def _design(people: pl.DataFrame, inputs: MetricInputs) -> Matrix:
    columns = [(people.get_column("gender") == "F").cast(pl.Float64).to_numpy(), np.ones(people.height)]
    for name in ("job_level", "job_family", "work_region"):
        if name in people.columns:
            values = people.get_column(name).cast(pl.String).fill_null("")
            levels = values.unique().sort().to_list()[1:]
            columns += [(values == level).cast(pl.Float64).to_numpy() for level in levels]
    if "hire_date" in people.columns and people.get_column("hire_date").n_unique() > 1:
        days = (pl.lit(inputs.day) - pl.col("hire_date")).dt.total_days()
        tenure = people.select(days / YEAR).to_series().fill_null(0.0).to_numpy()
        columns += [tenure, tenure**2]
    return np.column_stack(columns)
