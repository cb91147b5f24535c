"""PURE: who has access to which benefit: an enrolment row says so, else the plan's own rules (domain.md 1.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from wm_api.records.checks import optional

HEADLINE: Mapping[str, tuple[str, ...]] = {
    "medical": ("medical",),
    "retirement": ("retirement_dc", "retirement_db"),
    "sick_leave": ("sick_leave",),
    "vacation": ("vacation",),
    "parental_or_family_leave": ("parental_leave", "family_leave"),
}
"""The types of the headline; one plan of a group is enough."""
LEAVE_DAYS = "leave_days_per_year"
LEAVE = ("vacation", "sick_leave", "holidays", "parental_leave", "family_leave")
"""Types that nobody enrols in: where no row of enrolments is of such a type, whoever has access takes part."""
ENROLMENT = (
    "employee_key",
    "plan_code",
    "status",
    "eligible_from",
    "coverage_from",
    "coverage_to",
    "tier",
    "employee_contribution_annual",
    "employer_contribution_annual",
    "currency",
)
"""Columns of an enrolment that figures read."""


@dataclass(frozen=True, slots=True)
class Held:
    """One row a person with a column a benefit: whether they have access, or take part; empty where not known.

    `benefits` are those of the headline, then the listed types; `basis` says what decided: of access offer (rows of
    enrolments), rule, or offer_and_rule.
    """

    people: pl.DataFrame
    benefits: tuple[str, ...]
    basis: str


def current_plans(plans: pl.DataFrame, day: date) -> pl.DataFrame:
    """Of a plan code that repeats, its latest plan year that is not after the day's; the earliest where all are."""
    year = optional(plans, "plan_year").cast(pl.Int32).fill_null(0)
    later = pl.when(year > day.year).then(year).otherwise(-year).alias("later")
    codes = (pl.col("plan_code").cast(pl.String), pl.col("benefit_type").cast(pl.String))
    ranked = plans.with_columns(*codes, later)
    return ranked.filter(pl.col("later") == pl.col("later").min().over("plan_code")).drop("later")


def access_of(
    people: pl.DataFrame, plans: pl.DataFrame, enrolments: pl.DataFrame | None, day: date, *, past_the_wait: bool
) -> Held:
    """The list of plans is whole: a type that is not in it is not offered.

    `past_the_wait` False ignores waiting periods, as the tables of the NCS do (profile us).
    """
    plans = current_plans(plans, day)
    types = tuple(sorted(plans.get_column("benefit_type").unique()))
    rules = {each: _by_rule(people, plans, each, day, past_the_wait=past_the_wait) for each in types}
    if enrolments is None:
        return whole(people.with_columns(**rules), types, "rule")
    offers = _offers(plans, enrolments, types, day, past_the_wait=past_the_wait)
    marked = people.join(offers, on="employee_key", how="left", maintain_order="left")
    offered = [pl.col(f"{each}_offered").fill_null(value=False) for each in types]
    granted = [
        pl.when(row).then(statement=True).otherwise(rule).alias(each)
        for row, (each, rule) in zip(offered, rules.items(), strict=True)
    ]
    marked = marked.with_columns(offered).with_columns(granted)
    by_row, everything = (sum(marked.get_column(f"{each}{end}").sum() for each in types) for end in ("_offered", ""))
    return whole(marked, types, "rule" if not by_row else "offer" if by_row == everything else "offer_and_rule")


def whole(people: pl.DataFrame, types: tuple[str, ...], basis: str) -> Held:
    """With the benefits of the headline: of a group one type is enough, and one without a plan is offered to nobody."""
    nobody = pl.lit(value=False)
    groups = {
        name: pl.any_horizontal(nobody, *(pl.col(each) for each in members if each in types))
        for name, members in HEADLINE.items()
    }
    return Held(people.with_columns(**groups), (*HEADLINE, *(each for each in types if each not in HEADLINE)), basis)


def _by_rule(people: pl.DataFrame, plans: pl.DataFrame, benefit: str, day: date, *, past_the_wait: bool) -> pl.Expr:
    """Whether any plan of the type takes the person, by hours, contract and waiting days."""
    listed = plans.filter(pl.col("benefit_type") == benefit)
    return pl.any_horizontal(needs for needs, _ in terms_of(people, listed, day, past_the_wait=past_the_wait))


def terms_of(
    people: pl.DataFrame, plans: pl.DataFrame, day: date, *, past_the_wait: bool
) -> list[tuple[pl.Expr, float | None]]:
    """Of plans whether each takes a person, empty where not known, and its days of leave a year; equal ones once."""
    if plans.is_empty():  # else defaults make a row of their own
        return []
    terms = plans.select(
        optional(plans, "waiting_days", 0).alias("wait"),
        optional(plans, "min_weekly_hours", 0.0).alias("hours"),
        (optional(plans, "eligible_contract", "all").cast(pl.String) == "permanent_only").alias("permanent"),
        optional(plans, LEAVE_DAYS).cast(pl.Float64).alias("days"),
    )
    contract = optional(people, "contract_type").cast(pl.String)
    since = pl.coalesce(optional(people, name).cast(pl.Date) for name in ("original_hire_date", "hire_date"))
    served = (pl.lit(day) - since).dt.total_days()
    taken = []
    for wait, hours, permanent, days in terms.unique(maintain_order=True).iter_rows():
        needs = [pl.col("employee_key").is_not_null()]
        needs += [pl.col("hours") >= hours] if hours else []
        needs += [contract == "permanent"] if permanent else []
        needs += [served >= wait] if wait and past_the_wait else []
        taken.append((pl.all_horizontal(needs), days))
    return taken


def _offers(
    plans: pl.DataFrame, enrolments: pl.DataFrame, types: tuple[str, ...], day: date, *, past_the_wait: bool
) -> pl.DataFrame:
    """One row a person: whether a row of enrolments, of any status, gives each type on the day."""
    rows = offered_rows(
        plans.select("plan_code", "benefit_type").unique(), enrolments, day, past_the_wait=past_the_wait
    )
    return by_type(rows, types, "_offered")


def offered_rows(plans: pl.DataFrame, enrolments: pl.DataFrame, day: date, *, past_the_wait: bool) -> pl.DataFrame:
    """Rows of enrolments that give access on the day, each with its plan."""
    begins = pl.coalesce(optional(enrolments, name).cast(pl.Date) for name in ("eligible_from", "coverage_from"))
    rows = in_force(enrolments, day, begins if past_the_wait else pl.lit(None, dtype=pl.Date))
    return rows.join(plans, on="plan_code")


def by_type(rows: pl.DataFrame, types: tuple[str, ...], end: str) -> pl.DataFrame:
    """One row a person: whether any row is of each type."""
    return rows.group_by("employee_key").agg((pl.col("benefit_type") == each).any().alias(each + end) for each in types)


def in_force(enrolments: pl.DataFrame, day: date, begins: pl.Expr) -> pl.DataFrame:
    """Rows that have begun, and whose cover has not ended; an empty date is no bound."""
    ends = optional(enrolments, "coverage_to").cast(pl.Date)
    holds = (begins <= day).fill_null(value=True) & (ends >= day).fill_null(value=True)
    return enrolments.with_columns(holds.alias("holds")).filter("holds").drop("holds")


def enrolled_rows(enrolments: pl.DataFrame, day: date) -> pl.DataFrame:
    """Rows of people who are enrolled on the day."""
    enrolled = optional(enrolments, "status", "enrolled").cast(pl.String) == "enrolled"
    held = in_force(enrolments, day, optional(enrolments, "coverage_from").cast(pl.Date))
    return held.with_columns(enrolled.alias("enrolled")).filter("enrolled").drop("enrolled")
