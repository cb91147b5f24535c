"""PURE: benefits. BLS National Compensation Survey."""

from fractions import Fraction
from math import sqrt

import polars as pl

from wm_api.metrics.benefit_access import HEADLINE, Held, access_of, current_plans, enrolled_rows
from wm_api.metrics.distributions import wilson
from wm_api.metrics.estimates import around, by_gender, ratio_of_sums, share_error
from wm_api.metrics.figures import Figure, Interval, Part, Status, not_reported
from wm_api.metrics.formulas.pay_quarters import by_quarter, quarter_sizes
from wm_api.metrics.persons import with_repeats_merged
from wm_api.metrics.population import MetricInputs
from wm_api.metrics.profiles import Question, answer
from wm_api.records.checks import optional

EMPLOYER, EMPLOYEE = "employer_contribution_annual", "employee_contribution_annual"
UNKNOWN = "eligibility_unknown"


def benefit_access_rate(inputs: MetricInputs, profile: str) -> Figure:
    """The plain mean over the headline's benefits of the percent of people with access; by benefit in the groups.

    The error is that of one share: benefits of one person are read as going together, which is the most they can.
    """
    if inputs.plans is None:
        return not_reported("kind:benefit_plans")
    return headline_rate("benefit_access_rate", inputs, access(inputs, inputs.plans, profile))


def headline_rate(metric: str, inputs: MetricInputs, held: Held) -> Figure:
    known, excluded = _known(held)
    n = known.height
    if not inputs.enough(metric, n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(known), excluded=excluded)
    mean = int(known.get_column("held").sum()) / len(HEADLINE)
    groups = (*_rates(held), *by_gender(known))
    interval = Interval(*wilson(mean, n))
    value = 100 * int(known.get_column("held").sum()) / (len(HEADLINE) * n)
    return Figure(Status.OK, value, n, groups, share_error(mean, n), interval, held.basis, excluded=excluded)


def access(inputs: MetricInputs, plans: pl.DataFrame, profile: str) -> Held:
    """To all plans of the account, found once a profile."""
    found = inputs.held.get(("access", profile)) or access_to(inputs, plans, profile)
    inputs.held["access", profile] = found
    return found


def access_to(inputs: MetricInputs, plans: pl.DataFrame, profile: str) -> Held:
    return access_of(
        inputs.people(profile),
        plans,
        inputs.enrolments,
        inputs.day,
        past_the_wait=answer(Question.BENEFIT_ACCESS, profile).code == "past_the_wait",
    )


def _known(held: Held) -> tuple[pl.DataFrame, tuple[Part, ...]]:
    """People of whom every benefit of the headline is known, with how many they have, `held`."""
    count = pl.sum_horizontal(pl.col(name).cast(pl.Int64) for name in HEADLINE).alias("held")
    known = held.people.drop_nulls(list(HEADLINE)).with_columns(count)
    left = held.people.height - known.height
    return known, ((Part(UNKNOWN, left),) if left else ())


def _rates(held: Held) -> tuple[Part, ...]:
    """Percent who have each benefit, of the people of whom it is known."""
    columns = (held.people.get_column(name).drop_nulls() for name in held.benefits)
    return tuple(
        Part(each.name, len(each), 100 * int(each.sum()) / len(each) if len(each) else None) for each in columns
    )


def low_wage_benefit_parity(inputs: MetricInputs, profile: str) -> Figure:
    """Headline access in the lowest quarter of hourly pay over that in the highest, at most 1; ties as in quarters."""
    if inputs.plans is None:
        return not_reported("kind:benefit_plans")
    paid, excluded = inputs.paid(profile, "r")
    known, _ = _known(access(inputs, inputs.plans, profile))
    people = paid.join(known.select("employee_key", "held"), on="employee_key", maintain_order="left")
    n, left = people.height, paid.height - people.height
    excluded += (Part(UNKNOWN, left),) if left else ()
    if n < len(quarter_sizes(n)) or not inputs.enough("low_wage_benefit_parity", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(people), excluded=excluded)
    held = by_quarter(people.get_column("r"), people.get_column("held"))
    (low, first), (high, last) = ((held[at] / len(HEADLINE), quarter_sizes(n)[at]) for at in (0, -1))
    groups = (_quarter("Q1", low, first), _quarter("Q4", high, last), *by_gender(people))
    if not high:
        return Figure.missing(Status.UNDEFINED, n=n, groups=groups, excluded=excluded)
    a, b = float(100 * low / first), float(100 * high / last)
    value = min(1.0, float(low / first / (high / last)))
    se = sqrt((share_error(float(low), first) / b) ** 2 + (a * share_error(float(high), last) / b**2) ** 2)
    return Figure(Status.OK, value, n, groups, se, around(value, se, 0.0, 1.0), "proportional", excluded=excluded)


def _quarter(name: str, held: Fraction, size: int) -> Part:
    return Part(name, size, float(100 * held / size))


def employer_premium_share(inputs: MetricInputs, _: str) -> Figure:
    """What employers pay of medical premiums, in percent of all premiums of people enrolled.

    From the amounts of enrolments (`amounts`); where none is given, the plans' shares by tier, an enrolment like any
    other (`plan_shares`).
    """
    if inputs.enrolments is None:
        return not_reported("kind:benefit_enrolments")
    if inputs.plans is None:
        return not_reported("kind:benefit_plans")
    rows = _medical(inputs, inputs.plans, inputs.enrolments)
    measured = rows.filter(pl.col("amounts"))
    basis = "amounts" if measured.height else "plan_shares"
    employer, premium = (EMPLOYER, pl.col(EMPLOYER) + pl.col(EMPLOYEE)) if measured.height else ("share", pl.lit(1.0))
    counted = measured if measured.height else rows.filter(pl.col("share").is_not_null())
    if rows.height and not counted.height:
        return not_reported(EMPLOYER)
    each = counted.select("employee_key", "gender", pl.col(employer).alias("paid"), premium.alias("premium"))
    summed = (pl.col("gender").first(), _sum("paid"), _sum("premium"))
    people = with_repeats_merged(each, lambda doubles: doubles.group_by("employee_key").agg(summed))
    n, left = people.height, rows.get_column("employee_key").n_unique() - people.height
    excluded = (Part("premium_unknown", left),) if left else ()
    if not inputs.enough("employer_premium_share", n):
        return Figure.missing(Status.INSUFFICIENT_N, n=n, groups=by_gender(people), excluded=excluded)
    ratio, error = ratio_of_sums(people.get_column("paid"), people.get_column("premium"))
    if ratio is None:
        return Figure.missing(Status.UNDEFINED, n=n, groups=by_gender(people), excluded=excluded)
    value, se = 100 * ratio, 100 * error
    return Figure(Status.OK, value, n, by_gender(people), se, around(value, se, 0.0, 100.0), basis, excluded=excluded)


def _sum(name: str) -> pl.Expr:
    return pl.col(name).sort().sum()  # the order of rows changes no digit


def _medical(inputs: MetricInputs, plans: pl.DataFrame, enrolments: pl.DataFrame) -> pl.DataFrame:
    """Enrolments in force of people of the day, each with its amounts, or the share that its plan says."""
    day, single, family = inputs.day, "employer_premium_share_single", "employer_premium_share_family"
    current = current_plans(plans, day).filter(pl.col("benefit_type") == "medical")
    shares = [optional(current, name).cast(pl.Float64).alias(name) for name in (single, family)]
    medical = current.select("plan_code", *shares).sort("plan_code", single, family).unique("plan_code", keep="first")
    rows = (
        enrolled_rows(enrolments, day)
        .join(medical, on="plan_code")
        .join(inputs.people().select("employee_key", pl.col("gender").cast(pl.String)), on="employee_key")
    )
    tier, given = (
        optional(rows, "tier").cast(pl.String),
        [optional(rows, n).cast(pl.Float64) for n in (EMPLOYER, EMPLOYEE)],
    )
    share = pl.when(tier == "single").then(pl.col(single)).when(tier.is_not_null()).then(pl.col(family))
    ours = (optional(rows, "currency").cast(pl.String) == pl.lit(inputs.currency)).fill_null(value=True)
    known = given[0].is_not_null() & given[1].is_not_null() & ours
    amounts = [each.alias(name) for each, name in zip(given, (EMPLOYER, EMPLOYEE), strict=True)]
    return rows.with_columns(*amounts, share.alias("share"), known.alias("amounts"))


FORMULAS = {
    "benefit_access_rate": benefit_access_rate,
    "employer_premium_share": employer_premium_share,
    "low_wage_benefit_parity": low_wage_benefit_parity,
}
