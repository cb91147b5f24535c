"""PURE: permanence and overtime. ESRS S1-6 50(b)(i)."""

import polars as pl

from wm_api.metrics.distributions import wilson
from wm_api.metrics.estimates import BOTH, around, by_gender, ratio_of_sums, share_error
from wm_api.metrics.figures import Figure, Interval, Part, Status, not_reported
from wm_api.metrics.population import MetricInputs
from wm_api.records.checks import optional


def permanent_share(inputs: MetricInputs, profile: str) -> Figure:
    """Percent of people with a permanent contract, of those whose contract is known."""
    if not inputs.has("contract_type"):
        return not_reported("contract_type")
    people = inputs.people(profile)
    known = people.filter(pl.col("contract_type").is_not_null())
    known = known.with_columns((pl.col("contract_type").cast(pl.String) == "permanent").alias("permanent"))
    n, count = known.height, int(known.get_column("permanent").sum())
    excluded = (Part("contract_unknown", people.height - n),) if people.height > n else ()
    if not inputs.enough("permanent_share", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(known), excluded=excluded)
    shares = dict(known.group_by("gender").agg(100 * pl.col("permanent").mean()).iter_rows())
    groups = by_gender(known, {code: shares[code] for code in BOTH if code in shares})
    interval = Interval(*wilson(count, n))
    return Figure(Status.OK, 100 * count / n, n, groups, share_error(count, n), interval, excluded=excluded)


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
    exempt = optional(inputs.spells, "overtime_exempt").cast(pl.String) == "exempt"
    marked = inputs.spells.select("employee_key", pl.col("gender").cast(pl.String), exempt.alias("exempt"))
    hours = payroll.select("employee_key", "overtime_hours", "regular_hours", "constant_hours")
    if hours.get_column("employee_key").is_duplicated().any():  # several currencies
        both = pl.col("overtime_hours", "regular_hours").sort().sum()
        hours = hours.group_by("employee_key").agg(both, pl.col("constant_hours").all())
    persons = _one_row(marked)
    all_hours = (pl.col("regular_hours") + pl.col("overtime_hours")).alias("all_hours")
    people = hours.join(persons, on="employee_key").with_columns(all_hours).filter(pl.col("all_hours") > 0)
    proxy = pl.col("exempt").fill_null(value=False) & pl.col("constant_hours") & (pl.col("overtime_hours") == 0)
    actual = people.filter(~proxy)
    left = people.height - actual.height
    return actual, ((Part("constant_exempt_hours", left),) if left else ())


def _one_row(marked: pl.DataFrame) -> pl.DataFrame:
    repeated = pl.col("employee_key").is_duplicated()
    doubles = marked.filter(repeated)
    if doubles.is_empty():
        return marked
    gender = pl.when(pl.col("gender").n_unique() == 1).then(pl.col("gender").first()).otherwise(pl.lit("U"))
    merged = doubles.group_by("employee_key").agg(gender.alias("gender"), pl.col("exempt").any())
    return pl.concat([marked.filter(~repeated), merged.select(marked.columns)])
