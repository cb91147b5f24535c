"""PURE: how far pay is spread. ESRS S1-16 97(b); 17 CFR 229.402(u)."""

import polars as pl

from wm_api.metrics.estimates import by_gender, gini_of, median_of, quantile_of
from wm_api.metrics.figures import Figure, Part, Status, not_reported
from wm_api.metrics.hourly_pay import FULL_TIME_HOURS, reading_of
from wm_api.metrics.population import MetricInputs
from wm_api.metrics.profiles import Question, answer
from wm_api.records.checks import optional

HIGH, LOW = 0.9, 0.1
YEAR = 365


def pay_ratio_top_median(inputs: MetricInputs, profile: str) -> Figure:
    """The highest total pay over the median of the others' full-time pay of a year.

    Total pay is that of `total_pay_12m`, else hourly pay over a year. In profile us the highest of top management
    stands for the chief executive.
    """
    chief = answer(Question.TOP_PAY, profile).code == "chief_executive"
    if chief and not inputs.has("top_management"):
        return not_reported("top_management")
    paid, excluded = inputs.paid(profile, "r")
    people, basis = _with_total_pay(inputs, paid, profile)
    n, left = people.height, paid.height - people.height
    excluded += (Part("total_pay_unknown", left),) if left else ()
    if not inputs.enough("pay_ratio_top_median", n) or n < 2:  # noqa: PLR2004 - somebody and another
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(people), excluded=excluded)
    eligible = pl.col("top_management").fill_null(value=False) if chief else pl.lit(value=True)
    ranked = people.with_columns(eligible.alias("eligible"))
    ranked = ranked.sort("eligible", "total", "full_time", descending=[True, True, False])
    if not ranked.item(0, "eligible"):
        return Figure.missing(Status.UNDEFINED, n=n, groups=by_gender(people), excluded=excluded)
    top, middle = float(ranked.item(0, "total")), median_of(ranked.slice(1).get_column("full_time"))
    groups = (Part("median_of_others", n - 1, middle), *by_gender(people))
    return Figure(Status.OK, top / middle, n, groups, basis=basis, currency=inputs.currency, excluded=excluded)


def _with_total_pay(inputs: MetricInputs, people: pl.DataFrame, profile: str) -> tuple[pl.DataFrame, str]:
    """`total` pay of a year, and the same at full time and over a whole year, `full_time`; and what it rests on."""
    hours = pl.col("hours")
    full = optional(people, FULL_TIME_HOURS, inputs.facts.full_time_weekly_hours)
    if "total_pay_12m" in people.columns:
        hired = optional(people, "hire_date").cast(pl.Date)
        days = (pl.lit(inputs.day) - hired).dt.total_days() + 1
        total, basis = pl.col("total_pay_12m"), "total_pay_12m"
        whole = (YEAR / days.clip(1, YEAR)).fill_null(1.0)
    else:
        total, basis, whole = pl.col("r") * reading_of(profile).weeks * hours, "hourly_pay", pl.lit(1.0)
    full_time = total * whole * full / hours
    read = [name for name in ("gender", "top_management") if name in people.columns]  # sorting copies all that is there
    found = people.select(*read, total.alias("total"), full_time.alias("full_time"))
    return found.filter((pl.col("total") > 0) & pl.col("full_time").is_finite()), basis


def pay_p90_p10_ratio(inputs: MetricInputs, profile: str) -> Figure:
    """90th percentile of hourly pay over the 10th."""
    people, excluded = inputs.paid(profile, "r")
    n = people.height
    if not inputs.enough("pay_p90_p10_ratio", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(people), excluded=excluded)
    high, low = (quantile_of(people.get_column("r"), share) for share in (HIGH, LOW))
    groups = (Part("P90", n, high), Part("P10", n, low), *by_gender(people))
    return Figure(Status.OK, high / low, n, groups, currency=inputs.currency, excluded=excluded)


def gini_pay(inputs: MetricInputs, profile: str) -> Figure:
    """Gini coefficient of hourly pay; in the groups as `corrected`, x n / (n - 1), what a larger group would show."""
    people, excluded = inputs.paid(profile, "r")
    n = people.height
    if not inputs.enough("gini_pay", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(people), excluded=excluded)
    value = gini_of(people.get_column("r"))
    if value is None:
        return Figure.missing(Status.UNDEFINED, n=n, groups=by_gender(people), excluded=excluded)
    corrected = (Part("corrected", n, value * n / (n - 1)),) if n > 1 else ()
    return Figure(Status.OK, value, n, (*corrected, *by_gender(people)), excluded=excluded)


FORMULAS = {
    "pay_ratio_top_median": pay_ratio_top_median,
    "pay_p90_p10_ratio": pay_p90_p10_ratio,
    "gini_pay": gini_pay,
}
