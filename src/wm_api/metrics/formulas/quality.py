"""PURE: the quality of employment. ESRS S1-6 to S1-8 and S1-13; GRI 404-1."""

import polars as pl

from wm_api.metrics.employment import days_in
from wm_api.metrics.estimates import around, by_gender, ratio_of_sums, share_of
from wm_api.metrics.figures import Figure, Part, Status, not_reported
from wm_api.metrics.formulas.mobility import exposure
from wm_api.metrics.hourly_pay import reading_of, spell_pay
from wm_api.metrics.persons import agreed_gender, with_repeats_merged
from wm_api.metrics.population import MetricInputs
from wm_api.records.checks import employed_on, optional

CONTINGENT = ("agency", "contractor")


def _share(metric: str, inputs: MetricInputs, profile: str, column: str, holds: pl.Expr) -> Figure:
    if not inputs.has(column):
        return not_reported(column)
    unknown = f"{column.removesuffix('_type')}_unknown"
    return share_of(inputs.people(profile), holds, unknown, lambda n: inputs.enough(metric, n))


def permanent_share(inputs: MetricInputs, profile: str) -> Figure:
    """Percent of people with a permanent contract, of those whose contract is known."""
    permanent = pl.col("contract_type").cast(pl.String) == "permanent"
    return _share("permanent_share", inputs, profile, "contract_type", permanent)


def guaranteed_hours_share(inputs: MetricInputs, profile: str) -> Figure:
    """Percent of people whose hours are guaranteed, of those of whom it is known."""
    return _share("guaranteed_hours_share", inputs, profile, "guaranteed_hours", pl.col("guaranteed_hours"))


def collective_bargaining_coverage(inputs: MetricInputs, profile: str) -> Figure:
    """Percent of people under a collective agreement, of those of whom it is known."""
    said = pl.col("union_covered").cast(pl.String)
    covered = pl.when(said != "undisclosed").then(said == "yes")
    return _share("collective_bargaining_coverage", inputs, profile, "union_covered", covered)


def contingent_share(inputs: MetricInputs, _: str) -> Figure:
    """Full-time equivalents of agency workers and contractors in percent of those of everybody who works here.

    A column that is filled and names no such worker is 0.0; an empty cell is an employee.
    """
    if not inputs.has("worker_type") or not inputs.workforce.get_column("worker_type").count():
        return not_reported("worker_type")
    everybody = _workers(inputs)
    people = everybody.filter(pl.col("fte").is_not_null())
    n, contingent = people.height, people.filter(pl.col("contingent") > 0).height
    groups = (*by_gender(people), Part("contingent", contingent))
    excluded = (Part("hours_unknown", everybody.height - n),) if everybody.height > n else ()
    if not inputs.enough("contingent_share", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=groups, excluded=excluded)
    ratio, error = ratio_of_sums(people.get_column("contingent"), people.get_column("fte"))
    if ratio is None:
        return Figure.missing(Status.UNDEFINED, n=n, groups=groups, excluded=excluded)
    value, se = 100 * ratio, 100 * error
    return Figure(Status.OK, value, n, groups, se, around(value, se, 0.0, 100.0), "fte", excluded=excluded)


def _workers(inputs: MetricInputs) -> pl.DataFrame:
    """One row a person who works on the day, of any kind: full-time equivalents, and those of contingent work."""
    rows = inputs.workforce.with_columns(optional(inputs.workforce, "termination_date").cast(pl.Date).alias("end"))
    rows = rows.filter(employed_on(rows, inputs.day))
    kind = optional(rows, "worker_type", "employee").cast(pl.String)
    rows = rows.with_columns(
        fte=spell_pay(rows, inputs.facts, reading_of("default"))["fte"], there=kind.is_in(CONTINGENT)
    )
    contingent = pl.when("there").then("fte").otherwise(0.0).alias("contingent")
    rows = rows.select("employee_key", pl.col("gender").cast(pl.String), "fte", contingent)
    sums = (pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).sort().sum()) for name in ("fte", "contingent"))
    return with_repeats_merged(rows, lambda doubles: doubles.group_by("employee_key").agg(agreed_gender(), *sums))


def training_hours_per_employee(inputs: MetricInputs, _: str) -> Figure:
    """Hours of training over the average headcount, of the people employed in the window whose hours are known."""
    if not inputs.has("training_hours_12m"):
        return not_reported("training_hours_12m")
    everyone = inputs.everyone()
    known = everyone.filter(pl.col("training_hours_12m").is_not_null())
    left = everyone.height - known.height
    excluded = (*((Part("training_unknown", left),) if left else ()), *inputs.undated)
    present, basis = exposure(inputs, known)
    people = present.with_columns((pl.col("days") / days_in(inputs.facts.window())).alias("present"))
    headcount = int(people.get_column("days").sum()) / days_in(inputs.facts.window())
    n, groups = round(headcount), by_gender(people)
    if not inputs.enough("training_hours_per_employee", headcount):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=groups, excluded=excluded)
    value, se = ratio_of_sums(people.get_column("training_hours_12m"), people.get_column("present"))
    if value is None:
        return Figure.missing(Status.UNDEFINED, n=n, groups=groups, excluded=excluded)
    return Figure(Status.OK, value, n, groups, se, around(value, se, 0.0), basis, excluded=excluded)


FORMULAS = {
    "permanent_share": permanent_share,
    "guaranteed_hours_share": guaranteed_hours_share,
    "contingent_share": contingent_share,
    "collective_bargaining_coverage": collective_bargaining_coverage,
    "training_hours_per_employee": training_hours_per_employee,
}
