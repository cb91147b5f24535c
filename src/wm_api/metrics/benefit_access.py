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
class Access:
    """One row a person with a column a benefit: whether they have access; empty where that is not known.

    `benefits` are those of the headline, then the listed types; `offers` says how far rows of enrolments decided:
    offer, rule, or offer_and_rule.
    """

    people: pl.DataFrame
    benefits: tuple[str, ...]
    offers: str


def current_plans(plans: pl.DataFrame, day: date) -> pl.DataFrame:
    """Of a plan code that repeats, its latest plan year that is not after the day's; the earliest where all are."""
    year = optional(plans, "plan_year").cast(pl.Int32).fill_null(0)
    later = pl.when(year > day.year).then(year).otherwise(-year).alias("later")
    codes = (pl.col("plan_code").cast(pl.String), pl.col("benefit_type").cast(pl.String))
    ranked = plans.with_columns(*codes, later)
    return ranked.filter(pl.col("later") == pl.col("later").min().over("plan_code")).drop("later")


def access_of(
    people: pl.DataFrame, plans: pl.DataFrame, enrolments: pl.DataFrame | None, day: date, *, past_the_wait: bool
) -> Access:
    """The list of plans is whole: a type that is not in it is not offered.

    `past_the_wait` False ignores waiting periods, as the tables of the NCS do (profile us).
    """
    plans = current_plans(plans, day)
    types = tuple(sorted(plans.get_column("benefit_type").unique()))
    rules = {each: _by_rule(people, plans, each, day, past_the_wait=past_the_wait) for each in types}
    if enrolments is None:
        return _whole(people.with_columns(**rules), types, "rule")
    offers = _offers(plans, enrolments, types, day, past_the_wait=past_the_wait)
    marked = people.join(offers, on="employee_key", how="left", maintain_order="left")
    offered = [pl.col(f"{each}_offered").fill_null(value=False) for each in types]
    granted = [
        pl.when(row).then(statement=True).otherwise(rule).alias(each)
        for row, (each, rule) in zip(offered, rules.items(), strict=True)
    ]
    marked = marked.with_columns(offered).with_columns(granted)
    by_row, whole = (sum(marked.get_column(f"{each}{end}").sum() for each in types) for end in ("_offered", ""))
    return _whole(marked, types, "rule" if not by_row else "offer" if by_row == whole else "offer_and_rule")


def _whole(people: pl.DataFrame, types: tuple[str, ...], offers: str) -> Access:
    """With the benefits of the headline: of a group one type is enough, and one without a plan is offered to nobody."""
    nobody = pl.lit(value=False)
    groups = {
        name: pl.any_horizontal(nobody, *(pl.col(each) for each in members if each in types))
        for name, members in HEADLINE.items()
    }
    return Access(people.with_columns(**groups), (*HEADLINE, *(each for each in types if each not in HEADLINE)), offers)


def _by_rule(people: pl.DataFrame, plans: pl.DataFrame, benefit: str, day: date, *, past_the_wait: bool) -> pl.Expr:
    """Whether any plan of the type takes the person, by hours, contract and waiting days."""
    terms = plans.filter(pl.col("benefit_type") == benefit).select(
        optional(plans, "waiting_days", 0).alias("wait"),
        optional(plans, "min_weekly_hours", 0.0).alias("hours"),
        (optional(plans, "eligible_contract", "all").cast(pl.String) == "permanent_only").alias("permanent"),
    )
    contract = optional(people, "contract_type").cast(pl.String)
    since = pl.coalesce(optional(people, name).cast(pl.Date) for name in ("original_hire_date", "hire_date"))
    served = (pl.lit(day) - since).dt.total_days()
    taken = []
    for wait, hours, permanent in terms.unique().iter_rows():
        needs = [pl.col("employee_key").is_not_null()]
        needs += [pl.col("hours") >= hours] if hours else []
        needs += [contract == "permanent"] if permanent else []
        needs += [served >= wait] if wait and past_the_wait else []
        taken.append(pl.all_horizontal(needs))
    return pl.any_horizontal(taken)


def _offers(
    plans: pl.DataFrame, enrolments: pl.DataFrame, types: tuple[str, ...], day: date, *, past_the_wait: bool
) -> pl.DataFrame:
    """One row a person: whether a row of enrolments, of any status, gives each type on the day."""
    kinds = plans.select("plan_code", "benefit_type").unique()
    begins = pl.coalesce(optional(enrolments, name).cast(pl.Date) for name in ("eligible_from", "coverage_from"))
    rows = in_force(enrolments, day, begins if past_the_wait else pl.lit(None, dtype=pl.Date))
    found = rows.join(kinds, on="plan_code").group_by("employee_key")
    return found.agg((pl.col("benefit_type") == each).any().alias(f"{each}_offered") for each in types)


def in_force(enrolments: pl.DataFrame, day: date, begins: pl.Expr) -> pl.DataFrame:
    """Rows that have begun, and whose cover has not ended; an empty date is no bound."""
    ends = optional(enrolments, "coverage_to").cast(pl.Date)
    holds = (begins <= day).fill_null(value=True) & (ends >= day).fill_null(value=True)
    return enrolments.with_columns(holds.alias("holds")).filter("holds").drop("holds")
