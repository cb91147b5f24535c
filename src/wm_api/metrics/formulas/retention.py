"""PURE: turnover, early attrition, promotions. ESRS S1-6; GRI 401-1; ISO 30414; Kaplan and Meier 1958."""

from datetime import date, timedelta
from math import sqrt

import polars as pl

from wm_api.metrics.distributions import poisson
from wm_api.metrics.figures import Figure, Interval, Status, not_reported
from wm_api.metrics.population import MetricInputs, counted_spells, person_days
from wm_api.records.checks import optional

YEAR = 365.25
WHOLE_YEARS = (365, 366)
DAYS = 90


def average_headcount(inputs: MetricInputs, basis: str = "person_days") -> float:
    """Hbar: person-days over days; or by month ends, two points, or the end, named in `basis`."""
    start, end = inputs.facts.window()
    spells = counted_spells(inputs)
    if basis == "person_days":
        return person_days(spells, (start, end)) / ((end - start).days + 1)

    def on(day: date) -> int:
        covering = (pl.col("hire_date") <= day) & (pl.col("end").is_null() | (pl.col("end") >= day))
        return spells.filter(covering).get_column("employee_key").n_unique()

    if basis == "end":
        return float(on(end))
    if basis == "two_points":
        return (on(start - timedelta(days=1)) + on(end)) / 2
    ends = _month_ends(start, end)
    counts = [on(day) for day in ends]
    return (sum(counts) - (counts[0] + counts[-1]) / 2) / (len(counts) - 1)


def _month_ends(start: date, end: date) -> list[date]:
    days, day = [start - timedelta(days=1)], start
    while day <= end:
        following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        days.append(min(following - timedelta(days=1), end))
        day = following
    return days


def annual_rate(events: int, average: float, window: tuple[date, date]) -> Figure:
    """Percent a year of events over an average headcount, with the exact Poisson interval."""
    days = (window[1] - window[0]).days + 1
    scale = 1.0 if days in WHOLE_YEARS else YEAR / days
    if average <= 0:
        return Figure.missing(Status.UNDEFINED)
    low, high = poisson(events)
    factor = 100 / average * scale
    se = 100 * sqrt(events + 1) / average * scale
    n = round(average)
    return Figure(Status.OK, events * factor, n, (), se, Interval(low * factor, high * factor))


def _separations(inputs: MetricInputs) -> pl.DataFrame:
    start, end = inputs.facts.window()
    reason = optional(inputs.workforce, "termination_reason").cast(pl.String).fill_null("unknown")
    inside = counted_spells(inputs).filter((pl.col("end") >= start) & (pl.col("end") <= end))
    return inside.with_columns(
        reason.alias("why") if inputs.has("termination_reason") else pl.lit("unknown").alias("why")
    )


def _rate(inputs: MetricInputs, which: pl.Expr, basis: str) -> Figure:
    average = average_headcount(inputs, basis)
    if inputs.least and average < 20:  # noqa: PLR2004 - domain.md 3.3, person-years
        return Figure.missing(Status.INSUFFICIENT_N, n=round(average))
    figure = annual_rate(_separations(inputs).filter(which).height, average, inputs.facts.window())
    return Figure(figure.status, figure.value, figure.n, (), figure.standard_error, figure.interval, basis)


def turnover_rate(inputs: MetricInputs, _: str, basis: str = "person_days") -> Figure:
    """Separations in the window without transfers, over the average headcount, in percent a year."""
    if not inputs.has("termination_date"):
        return not_reported("termination_date")
    return _rate(inputs, pl.col("why") != "transfer_out", basis)


def voluntary_turnover_rate(inputs: MetricInputs, _: str, basis: str = "person_days") -> Figure:
    """Voluntary quits over the average headcount, in percent a year."""
    for column in ("termination_date", "termination_reason"):
        if not inputs.has(column):
            return not_reported(column)
    return _rate(inputs, pl.col("why") == "voluntary_quit", basis)


def early_attrition_90d(inputs: MetricInputs, _: str) -> Figure:
    """100 x (1 - S(90)) of hires in the window, Kaplan-Meier; transfers and as_of censor. Greenwood's error."""
    if not inputs.has("termination_date"):
        return not_reported("termination_date")
    start, end = inputs.facts.window()
    hires = counted_spells(inputs).filter((pl.col("hire_date") >= start) & (pl.col("hire_date") <= end))
    n = hires.height
    if n < (20 if inputs.least else 1):
        return Figure.missing(Status.INSUFFICIENT_N, n=n)
    reason = optional(hires, "termination_reason").cast(pl.String).fill_null("unknown")
    left = pl.col("end").is_not_null() & (pl.col("end") <= inputs.day)
    last = pl.when(left).then(pl.col("end")).otherwise(pl.lit(inputs.day))
    times = hires.select(
        (last - pl.col("hire_date")).dt.total_days().alias("time"), (left & (reason != "transfer_out")).alias("event")
    )
    table = times.group_by("time").agg(pl.len().alias("leaving"), pl.col("event").sum().alias("events")).sort("time")
    survival, greenwood, at_risk = 1.0, 0.0, n
    for time, leaving, events in table.iter_rows():
        if time > DAYS:
            break
        if events:
            survival *= 1 - events / at_risk
            greenwood += events / (at_risk * max(at_risk - events, 1))
        at_risk -= leaving
    se = 100 * survival * sqrt(greenwood)
    value = 100 * (1 - survival)
    interval = Interval(max(0.0, value - 1.96 * se), min(100.0, value + 1.96 * se))
    return Figure(Status.OK, value, n, (), se, interval, "kaplan_meier")


def promotion_rate(inputs: MetricInputs, _: str) -> Figure:
    """Promotions over the average headcount in percent a year: level up and hourly pay up 3 % where both are given."""
    if not inputs.has("promotions_in_window"):
        return not_reported("promotions_in_window")
    people = inputs.people()
    counted = pl.col("promotions_in_window").fill_null(0)
    if inputs.has("job_level", "job_level_start"):
        counted = (
            pl.when((pl.col("job_level") <= pl.col("job_level_start")).fill_null(value=False))
            .then(0)
            .otherwise(counted)
        )
    if inputs.has("base_rate_start"):
        risen = pl.col("base_rate") >= 1.03 * pl.col("base_rate_start") - 1e-9
        counted = pl.when(risen.fill_null(value=True)).then(counted).otherwise(0)
    if inputs.has("last_level_change_reason"):
        reclass = pl.col("last_level_change_reason").cast(pl.String) == "reclass"
        counted = pl.when(reclass.fill_null(value=False)).then(0).otherwise(counted)
    events = int(people.select(counted.sum()).item() or 0)
    average = average_headcount(inputs) if inputs.has("hire_date") else float(people.height)
    if inputs.least and average < 20:  # noqa: PLR2004
        return Figure.missing(Status.INSUFFICIENT_N, n=round(average))
    return annual_rate(events, average, inputs.facts.window())
