"""PURE: who of those employed at a start is still there. Aspen Institute 2018."""

from dataclasses import replace
from datetime import timedelta

import polars as pl

from wm_api.metrics.distributions import wilson
from wm_api.metrics.employment import YEAR, Employment, Window, covers
from wm_api.metrics.estimates import BOTH, by_gender, share_error
from wm_api.metrics.figures import Figure, Interval, Part, Status, not_reported
from wm_api.metrics.formulas.retention import TRANSFER
from wm_api.metrics.population import MetricInputs, Snapshot
from wm_api.records.facts import years_before

NEARLY = 15
"""Days by which a year between snapshots may be off."""
SHORT = "window:12_months"


def retention_rate_12m(inputs: MetricInputs, _: str) -> Figure:
    """Of the people employed on the first day of a year and not transferred in it, percent employed on its last day.

    `continuous` leaves out who left and came back. The year is the last one of the window; of snapshots that since the
    one before, where a year lies between them: why somebody left is not known then.
    """
    if not inputs.has("termination_date"):
        since_last = inputs.previous is not None and abs((inputs.day - inputs.previous.day).days - YEAR) <= NEARLY
        return _since(inputs, inputs.previous) if inputs.previous and since_last else not_reported("termination_date")
    start, end = inputs.facts.window()
    first = years_before(end + timedelta(days=1), 1)
    if start > first:
        return not_reported(SHORT)
    cohort, moved = _cohort(inputs.employment, (first, end))
    excluded = (*((Part("transferred", moved),) if moved else ()), *inputs.undated)
    figure = replace(_retained(inputs, cohort, "stays"), excluded=excluded)
    return figure if start == first else replace(figure, period_start=first)


def _cohort(employment: Employment, year: Window) -> tuple[pl.DataFrame, int]:
    """One row a person employed on the first day: whether there on the last, and whether without a break; beside them
    how many were transferred.
    """
    first, last = year
    opening = employment.stays.filter(covers(first))
    moved = (pl.col("why") == TRANSFER) & (pl.col("end") < last)
    cohort = opening.with_columns(moved.fill_null(value=False).alias("moved"), covers(last).alias("continuous"))
    there = employment.stays.filter(covers(last)).select("employee_key", pl.lit(value=True).alias("there"))
    stayed = cohort.filter(~pl.col("moved"))
    found = stayed.join(there, on="employee_key", how="left", maintain_order="left")
    return found, cohort.height - stayed.height


def _since(inputs: MetricInputs, previous: Snapshot) -> Figure:
    now = inputs.people().select("employee_key", pl.lit(value=True).alias("there"))
    cohort = previous.people.join(now, on="employee_key", how="left", maintain_order="left")
    return replace(_retained(inputs, cohort, "two_points"), period_start=previous.day + timedelta(days=1))


def _retained(inputs: MetricInputs, cohort: pl.DataFrame, basis: str) -> Figure:
    n, groups = cohort.height, by_gender(cohort)
    if not n:
        return Figure.missing(Status.UNDEFINED, n=0, groups=groups)
    if not inputs.enough("retention_rate_12m", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=groups)
    there = cohort.with_columns(pl.col("there").fill_null(value=False))
    stayed = int(there.get_column("there").sum())
    shares = dict(there.group_by("gender").agg(100 * pl.col("there").mean()).iter_rows())
    groups = by_gender(cohort, {code: shares[code] for code in BOTH if code in shares})
    if "continuous" in cohort.columns:
        groups += (Part("continuous", n, 100 * int(cohort.get_column("continuous").sum()) / n),)
    return Figure(Status.OK, 100 * stayed / n, n, groups, share_error(stayed, n), Interval(*wilson(stayed, n)), basis)


FORMULAS = {"retention_rate_12m": retention_rate_12m}
