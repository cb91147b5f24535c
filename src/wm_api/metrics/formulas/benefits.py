"""PURE: access to benefits (BLS National Compensation Survey). In the service until their record kinds arrive:
not_reported.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan's rule of access."""

    benefit_type: str
    waiting_days: int = 0
    min_weekly_hours: float = 0.0


def access(people: pl.DataFrame, plan: Plan, day: date, *, past_the_wait: bool = True) -> pl.Series:
    """For each person whether the plan's rules on hours and waiting days give access on a day.

    `past_the_wait` False ignores the wait, as the tables of the NCS do (profile us).
    """
    long_enough = (pl.lit(day) - pl.col("hire_date")).dt.total_days() >= plan.waiting_days
    eligible = pl.col("weekly_hours") >= plan.min_weekly_hours
    return people.select(eligible & (long_enough | (not past_the_wait))).to_series()


def benefit_access_rate(granted: int, n: int) -> float | None:
    """Percent of people with access; None without people."""
    return 100 * granted / n if n else None


def benefit_participation_rate(enrolled: int, n: int) -> float | None:
    """Percent of people enrolled; None without people."""
    return 100 * enrolled / n if n else None


def benefit_take_up_rate(enrolled: int, granted: int) -> float | None:
    """Enrolled in percent of those with access, from counts; None where nobody has access."""
    return 100 * enrolled / granted if granted else None


def employer_premium_share(employer: float, employee: float) -> float | None:
    """Employer premium over all premium in percent; None where there is none."""
    return 100 * employer / (employer + employee) if employer + employee else None


def low_wage_benefit_parity(lowest: float, highest: float) -> float | None:
    """Access in the lowest pay quarter over that in the highest, at most 1; None where the highest has none."""
    return min(1.0, lowest / highest) if highest else None
