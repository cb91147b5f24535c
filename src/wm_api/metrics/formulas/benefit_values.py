"""PURE: what benefits are worth: contributions to retirement, days of paid leave."""

from datetime import date

import polars as pl

from wm_api.metrics.benefit_access import LEAVE_DAYS, current_plans, enrolled_rows, offered_rows, terms_of
from wm_api.metrics.estimates import around, by_gender, ratio_of_sums
from wm_api.metrics.figures import Figure, Part, Status, not_reported
from wm_api.metrics.payroll_rows import RETIREMENT
from wm_api.metrics.population import MetricInputs
from wm_api.metrics.profiles import Question, answer
from wm_api.records.checks import optional

EMPLOYER = "employer_contribution_annual"
RETIREMENT_TYPES = ("retirement_dc", "retirement_db")
PAID_LEAVE = ("vacation", "sick_leave", "holidays")


def retirement_contribution_rate(inputs: MetricInputs, _: str) -> Figure:
    """What the employer pays into retirement in percent of base pay, of all employees in the currency of most rows.

    From payroll over the window (`payroll`); where it has no contributions, a year of them by the enrolments over a
    year of base pay (`enrolments`).
    """
    if inputs.payroll is not None and RETIREMENT in inputs.payroll.columns:
        return _contributions(inputs, _from_payroll(inputs, inputs.payroll), "payroll")
    if inputs.plans is None:
        return not_reported("kind:benefit_plans" if inputs.payroll is None else "employer_retirement_contribution")
    if inputs.enrolments is None:
        return not_reported("kind:benefit_enrolments")
    people = _from_enrolments(inputs, inputs.plans, inputs.enrolments)
    return _contributions(inputs, people, "enrolments") if people is not None else not_reported(EMPLOYER)


def _contributions(inputs: MetricInputs, everybody: pl.DataFrame, basis: str) -> Figure:
    """Of people with columns `paid`, `base` and why they are left `out`."""
    reasons = everybody.get_column("out").drop_nulls().value_counts().sort("out")
    excluded = tuple(Part(reason, n) for reason, n in reasons.iter_rows())
    people = everybody.filter(pl.col("out").is_null())
    n, groups = people.height, by_gender(people)
    if not inputs.enough("retirement_contribution_rate", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=groups, excluded=excluded)
    ratio, error = ratio_of_sums(people.get_column("paid"), people.get_column("base"))
    if ratio is None:
        return Figure.missing(Status.UNDEFINED, n=n, groups=groups, excluded=excluded)
    value, se = 100 * ratio, 100 * error
    return Figure(Status.OK, value, n, groups, se, around(value, se, 0.0), basis, excluded=excluded)


def _from_payroll(inputs: MetricInputs, payroll: pl.DataFrame) -> pl.DataFrame:
    elsewhere = pl.when(pl.col("currency") != pl.lit(inputs.currency)).then(pl.lit("other_currency")).alias("out")
    sums = payroll.select("employee_key", pl.col(RETIREMENT).alias("paid"), pl.col("base_pay").alias("base"), elsewhere)
    return sums.join(inputs.persons, on="employee_key")


def _from_enrolments(inputs: MetricInputs, plans: pl.DataFrame, enrolments: pl.DataFrame) -> pl.DataFrame | None:
    """None where there is a plan and no amount at all. Who is in no plan has no contributions."""
    current = current_plans(plans, inputs.day).filter(pl.col("benefit_type").is_in(RETIREMENT_TYPES))
    rows = enrolled_rows(enrolments, inputs.day).join(current.select("plan_code").unique(), on="plan_code")
    ours = (optional(rows, "currency").cast(pl.String) == pl.lit(inputs.currency)).fill_null(value=True)
    amount = pl.when(ours).then(optional(rows, EMPLOYER).cast(pl.Float64))
    rows = rows.select("employee_key", amount.alias("amount"))
    if current.height and not rows.get_column("amount").count():
        return None
    known = pl.when(pl.col("amount").is_not_null().all()).then(pl.col("amount").sort().sum())
    sums = rows.group_by("employee_key").agg(known.alias("paid"), pl.lit(value=True).alias("enrolled"))
    people = inputs.people().join(sums, on="employee_key", how="left", maintain_order="left")
    return people.select(
        "gender",
        pl.when(pl.col("enrolled").is_null()).then(0.0).otherwise(pl.col("paid")).alias("paid"),
        pl.col("annual").alias("base"),
        _why_out(inputs.currency).alias("out"),
    )


def _why_out(currency: str | None) -> pl.Expr:
    unknown = pl.when(pl.col("enrolled").is_not_null() & pl.col("paid").is_null()).then(pl.lit("contribution_unknown"))
    unpaid = pl.when(pl.col("annual").is_null()).then(pl.lit("no_base_pay")).otherwise(unknown)
    return pl.when(pl.col("currency") != pl.lit(currency)).then(pl.lit("other_currency")).otherwise(unpaid)


def paid_leave_days_per_fte(inputs: MetricInputs, profile: str) -> Figure:
    """Days of vacation, sick leave and holidays that people have access to, each person by their full-time share.

    Of several plans of one type the one with most days counts; by type in the groups.
    """
    if inputs.plans is None:
        return not_reported("kind:benefit_plans")
    plans = current_plans(inputs.plans, inputs.day).filter(pl.col("benefit_type").is_in(PAID_LEAVE))
    if plans.height and (LEAVE_DAYS not in plans.columns or not plans.get_column(LEAVE_DAYS).count()):
        return not_reported(LEAVE_DAYS)
    everybody = _with_days(inputs, plans, profile)
    people = everybody.drop_nulls(["fte", *PAID_LEAVE])
    n, left, groups = people.height, everybody.height - people.height, by_gender(people)
    excluded = (Part("leave_unknown", left),) if left else ()
    if not inputs.enough("paid_leave_days_per_fte", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=groups, excluded=excluded)
    value, se = _per_fte(people, pl.sum_horizontal(PAID_LEAVE))
    if value is None:
        return Figure.missing(Status.UNDEFINED, n=n, groups=groups, excluded=excluded)
    by_type = tuple(Part(each, n, _per_fte(people, pl.col(each))[0]) for each in PAID_LEAVE)
    return Figure(Status.OK, value, n, (*by_type, *groups), se, around(value, se, 0.0), excluded=excluded)


def _per_fte(people: pl.DataFrame, days: pl.Expr) -> tuple[float | None, float]:
    weighed = people.select((pl.col("fte") * days).alias("days"), "fte")
    return ratio_of_sums(weighed.get_column("days"), weighed.get_column("fte"))


def _with_days(inputs: MetricInputs, plans: pl.DataFrame, profile: str) -> pl.DataFrame:
    """People with the days of each type: by their rows of enrolments, else by the plans' rules."""
    past_the_wait = answer(Question.BENEFIT_ACCESS, profile).code == "past_the_wait"
    people, day = inputs.people(profile), inputs.day
    rules = {each: _by_rule(people, plans, each, day, past_the_wait=past_the_wait) for each in PAID_LEAVE}
    if inputs.enrolments is None or plans.is_empty():
        return people.with_columns(**rules)
    listed = plans.select("plan_code", "benefit_type", LEAVE_DAYS)
    rows = offered_rows(listed, inputs.enrolments, day, past_the_wait=past_the_wait)
    most = (
        pl.col(LEAVE_DAYS).filter(pl.col("benefit_type") == each).max().alias(f"{each}_given") for each in PAID_LEAVE
    )
    given = rows.group_by("employee_key").agg(most)
    people = people.join(given, on="employee_key", how="left", maintain_order="left")
    return people.with_columns(pl.coalesce(f"{each}_given", rule).alias(each) for each, rule in rules.items())


def _by_rule(people: pl.DataFrame, plans: pl.DataFrame, kind: str, day: date, *, past_the_wait: bool) -> pl.Expr:
    """The most days that a plan gives; empty where it is not known whether one takes the person, or what it gives."""
    terms = terms_of(people, plans.filter(pl.col("benefit_type") == kind), day, past_the_wait=past_the_wait)
    days = [pl.when(~needs).then(0.0).when(needs).then(pl.lit(given, dtype=pl.Float64)) for needs, given in terms]
    return (
        pl.when(pl.all_horizontal(each.is_not_null() for each in days)).then(pl.max_horizontal(days))
        if days
        else pl.lit(0.0)
    )


FORMULAS = {
    "retirement_contribution_rate": retirement_contribution_rate,
    "paid_leave_days_per_fte": paid_leave_days_per_fte,
}
