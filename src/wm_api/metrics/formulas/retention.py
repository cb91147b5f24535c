"""PURE: turnover and early attrition. ESRS S1-6; GRI 401-1; ISO 30414; Kaplan and Meier 1958."""

from dataclasses import replace
from datetime import timedelta
from math import sqrt

import polars as pl

from wm_api.metrics.distributions import poisson
from wm_api.metrics.employment import Window, days_in, years_in
from wm_api.metrics.estimates import BOTH, around, by_gender
from wm_api.metrics.figures import Figure, Interval, Part, Status, not_reported
from wm_api.metrics.population import MetricInputs, Snapshot
from wm_api.metrics.profiles import Question, answer

DAYS = 90
REASON = "termination_reason"
TRANSFER, QUIT, UNKNOWN = "transfer_out", "voluntary_quit", "unknown"
NAMED = (QUIT, "involuntary_cause", "layoff", "retirement", "death")
"""Quits, dismissals (for cause or not), retirements, deaths: what ESRS S1-6 counts."""
MOST_UNKNOWN = 0.25
"""Share of separations without a reason up to which those with one can be counted: as `disclosure_low` has it."""
BASES = ("person_days", "month_ends", "two_points", "end")


def annual_rate(events: int, years: float, groups: tuple[Part, ...], basis: str) -> Figure:
    """Percent a year of events over person-years, with the exact Poisson interval."""
    if years <= 0:
        return Figure.missing(Status.UNDEFINED, n=0, groups=groups)
    low, high = poisson(events)
    factor = 100 / years
    se = factor * sqrt(events + 1)
    interval = Interval(low * factor, high * factor)
    return Figure(Status.OK, events * factor, round(years), groups, se, interval, basis)


def person_years(days: pl.DataFrame, window: Window) -> dict[str, float]:
    """Of women and of men, from rows with gender and employed days."""
    sums = dict(days.group_by("gender").agg(pl.col("days").sum()).iter_rows())
    return {code: sums.get(code, 0) * years_in(window) / days_in(window) for code in BOTH}


def years_by_gender(days: pl.DataFrame, window: Window) -> tuple[Part, ...]:
    return tuple(Part(code, round(years)) for code, years in person_years(days, window).items())


def unknown_reasons(inputs: MetricInputs) -> tuple[Part, ...] | Figure:
    """How many separations of the window have no reason; where that is too many, what is missing: never a silent 0."""
    for column in ("termination_date", REASON):
        if not inputs.has(column):
            return not_reported(column)
    left = inputs.employment.separations(inputs.facts.window())
    unknown = left.filter(pl.col("why") == UNKNOWN).height
    excluded = (*((Part("reason_unknown", unknown),) if unknown else ()), *inputs.undated)
    if unknown > MOST_UNKNOWN * left.height:
        return replace(not_reported(REASON), excluded=excluded)
    return excluded


def _rate(inputs: MetricInputs, metric: str, which: pl.Expr, basis: str) -> Figure:
    """The rate on its base; on the others in the groups."""
    window, employment = inputs.facts.window(), inputs.employment
    years = employment.average(window, basis) * years_in(window)
    groups = years_by_gender(employment.person_days(window), window)
    if inputs.least and not inputs.enough(metric, years):
        return Figure.missing(Status.INSUFFICIENT_N, n=round(years), groups=groups)
    events = employment.separations(window).filter(which).height
    for other in (each for each in BASES if each != basis):
        exposure = employment.average(window, other) * years_in(window)
        groups += (Part(other, round(exposure), 100 * events / exposure if exposure else None, "basis"),)
    return annual_rate(events, years, groups, basis)


def turnover_rate(inputs: MetricInputs, profile: str, basis: str | None = None) -> Figure:
    """Separations in the window over the average headcount, in percent a year; the profile says which count.

    Of a snapshot, which does not say who left: those who were there on the previous one and are not on this.
    """
    if not inputs.has("termination_date"):
        return _between(inputs, inputs.previous) if inputs.previous else not_reported("termination_date")
    counts = answer(Question.TURNOVER_COUNTS, profile).code
    unknown = unknown_reasons(inputs) if counts == "named" else inputs.undated
    if isinstance(unknown, Figure):
        return unknown
    which = {
        "without_transfers": pl.col("why") != TRANSFER,
        "with_transfers": pl.col("why").is_not_null(),
        "named": pl.col("why").is_in(NAMED),
    }
    figure = _rate(inputs, "turnover_rate", which[counts], basis or answer(Question.TURNOVER_BASE, profile).code)
    return replace(figure, excluded=unknown)


def _between(inputs: MetricInputs, previous: Snapshot) -> Figure:
    """Leavers over the mean of both ends (`two_points`), by year. Why somebody left is not known: transfers count."""
    people = inputs.people().select("employee_key", pl.col("gender").cast(pl.String))
    window, before = (previous.day + timedelta(days=1), inputs.day), previous.people
    left = before.join(people, on="employee_key", how="anti")
    years = years_in(window)
    exposure = (before.height + people.height) / 2 * years
    points = [pl.concat([before, people]).filter(pl.col("gender") == code).height / 2 for code in BOTH]
    groups = tuple(Part(code, round(each * years)) for code, each in zip(BOTH, points, strict=True))
    if inputs.least and not inputs.enough("turnover_rate", exposure):
        return Figure.missing(Status.INSUFFICIENT_N, n=round(exposure), groups=groups)
    counts = (("opening", before), ("closing", people), ("left", left))
    by_sex = ((f"left_{code}", left.filter(pl.col("gender") == code)) for code in BOTH)
    groups += tuple(Part(name, frame.height) for name, frame in (*counts, *by_sex))
    return replace(annual_rate(left.height, exposure, groups, "two_points"), period_start=window[0])


def voluntary_turnover_rate(inputs: MetricInputs, profile: str, basis: str | None = None) -> Figure:
    """Voluntary quits over the average headcount, in percent a year; beside it the rate if every unknown one is one."""
    unknown = unknown_reasons(inputs)
    if isinstance(unknown, Figure):
        return unknown
    basis = basis or answer(Question.TURNOVER_BASE, profile).code
    figure = replace(_rate(inputs, "voluntary_turnover_rate", pl.col("why") == QUIT, basis), excluded=unknown)
    if figure.status is not Status.OK:
        return figure
    window, employment = inputs.facts.window(), inputs.employment
    most = employment.separations(window).filter(pl.col("why").is_in([QUIT, UNKNOWN])).height
    bound = 100 * most / (employment.average(window, basis) * years_in(window))
    return replace(figure, groups=(*figure.groups, Part("upper_bound", figure.n, bound)))


def early_attrition_90d(inputs: MetricInputs, _: str) -> Figure:
    """100 x (1 - S(90)) of hires in the window, Kaplan-Meier; transfers and as_of censor. Greenwood's error.

    Somebody must have been seen for 90 days, or nobody be left: there is no curve at 90 days otherwise.
    """
    if not inputs.has("termination_date"):
        return not_reported("termination_date")
    hires = inputs.employment.hires(inputs.facts.window())
    n, groups, excluded = hires.height, by_gender(hires), inputs.undated
    if not inputs.enough("early_attrition_90d", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=groups, excluded=excluded)
    seen = (pl.coalesce(pl.col("end"), pl.lit(inputs.day)) - pl.col("hire_date")).dt.total_days().alias("time")
    left = (pl.col("end").is_not_null() & (pl.col("why") != TRANSFER)).alias("event")
    survival, greenwood, reached = kaplan_meier(hires.select(seen, left))
    if not reached:
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=groups, excluded=excluded)
    value, se = 100 * (1 - survival), 100 * survival * sqrt(greenwood)
    interval = around(value, se, 0.0, 100.0)
    return Figure(Status.OK, value, n, groups, se, interval, "kaplan_meier", excluded=excluded)


def kaplan_meier(times: pl.DataFrame) -> tuple[float, float, bool]:
    """Survival at 90 days, Greenwood's sum, and whether the curve reaches that far."""
    table = times.group_by("time").agg(pl.len().alias("leaving"), pl.col("event").sum().alias("events")).sort("time")
    survival, greenwood, at_risk, last = 1.0, 0.0, times.height, 0
    for time, leaving, events in table.iter_rows():
        last = time
        if time > DAYS:
            break
        if events:
            survival *= 1 - events / at_risk
            greenwood += events / (at_risk * max(at_risk - events, 1))
        at_risk -= leaving
    return survival, greenwood, last >= DAYS or survival == 0


FORMULAS = {
    "turnover_rate": turnover_rate,
    "voluntary_turnover_rate": voluntary_turnover_rate,
    "early_attrition_90d": early_attrition_90d,
}
