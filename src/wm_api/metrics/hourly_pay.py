"""PURE: hourly pay without (`r0`) and with variable pay (`r`), from rates and from payroll (domain.md 3.1, 3.4)."""

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from wm_api.metrics.profiles import Question, answer
from wm_api.records.checks import optional
from wm_api.records.contract_pay import PER_YEAR, WEEKS, contract_pay
from wm_api.records.facts import Facts

UK_DAYS = {"week": 7, "fortnight": 14, "four_week": 28, "semimonth": 15.22, "month": 30.44, "year": 365.25, "day": 1.4}
FULL_TIME_HOURS = "full_time_weekly_hours"
"""Of each row, where it is a column: files of one day may declare other hours."""
WEEK = 7
UK_WEEKS = 365.25 / WEEK
WITH_ANNUAL = "_and_annual"
"""Beside hourly pay the gap of gross annual pay is shown; hourly pay is read as without."""


class Way(StrEnum):
    PAID_HOURS = "paid_hours"
    PAY_PERIOD = "pay_period"
    GROSS = "gross"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a profile reads hourly pay; profiles that read it in one way share one frame of people."""

    way: Way
    overtime: bool

    @property
    def weeks(self) -> float:
        """Of a year."""
        return UK_WEEKS if self.way is Way.PAY_PERIOD else WEEKS


def reading_of(profile: str) -> Reading:
    way = answer(Question.HOURLY_PAY, profile).code.removesuffix(WITH_ANNUAL)
    return Reading(Way(way), answer(Question.OVERTIME, profile).code == "in")


def spell_pay(spells: pl.DataFrame, facts: Facts, reading: Reading) -> dict[str, pl.Expr]:
    """The contracted pay of each spell; files of one day may declare other hours of full time."""
    full = optional(spells, FULL_TIME_HOURS, facts.full_time_weekly_hours)
    of_period = {name: 365.25 / days for name, days in UK_DAYS.items()}
    return contract_pay(spells, full, of_period if reading.way is Way.PAY_PERIOD else PER_YEAR, reading.weeks)


def with_hourly_pay(people: pl.DataFrame, payroll: pl.DataFrame | None, reading: Reading) -> pl.DataFrame:
    """From the rate, and from payroll for everybody who has some in the window; `gross_annual` is the pay of a year."""
    hourly = pl.when(pl.col("paid_weekly") > 0).then(pl.col("annual") / (reading.weeks * pl.col("paid_weekly")))
    r0 = pl.coalesce(pl.col("rate"), hourly)
    variable = optional(people, "variable_pay_12m", 0.0)
    extra = (variable / (reading.weeks * pl.col("hours"))).fill_null(0.0)
    gross = pl.col("annual") + variable.fill_null(0.0)
    people = people.with_columns(r0.alias("r0"), gross.alias("gross_annual"))
    people = people.with_columns((pl.col("r0") + extra).alias("r"))
    if payroll is None:
        return people
    joined = people.join(payroll, on=["employee_key", "currency"], how="left", maintain_order="left")
    ways = {Way.PAID_HOURS: _of_paid_hours, Way.PAY_PERIOD: _of_last_period}
    return _of_all_pay(joined, overtime=reading.overtime) if reading.way is Way.GROSS else ways[reading.way](joined)


def _of_all_pay(people: pl.DataFrame, *, overtime: bool) -> pl.DataFrame:
    """All pay for work in the window over all paid hours. Overtime pay without overtime hours is left out of both."""
    counted = (pl.col("all_hours") > pl.col("paid_hours")) & pl.lit(overtime)
    hours = pl.when(counted).then(pl.col("all_hours")).otherwise(pl.col("paid_hours"))
    basic = pl.col("ordinary_pay") + pl.when(counted).then(pl.col("overtime_pay")).otherwise(0.0)
    total = basic + _variable(people) + pl.col("other_variable")
    annual = pl.when((hours > 0) & (pl.col("years") > 0)).then(total / pl.col("years"))
    found = people.with_columns(pl.coalesce(annual, pl.col("gross_annual")).alias("gross_annual"))
    return _where(found, hours > 0, basic / hours, total / hours)


def _variable(people: pl.DataFrame) -> pl.Expr:
    """Of the time that payroll covers: bonuses by the share of a year that it is, commission as it was paid."""
    if "bonus" in people.columns:
        return pl.col("variable_annual") * pl.col("years") + pl.col("commission")
    return optional(people, "variable_pay_12m", 0.0).cast(pl.Float64).fill_null(0.0) * pl.col("years")


def _of_paid_hours(people: pl.DataFrame) -> pl.DataFrame:
    """Ordinary pay of the window over its paid hours; bonuses by the share of a year that the window's periods hold."""
    r0 = pl.col("ordinary_pay") / pl.col("paid_hours")
    if "bonus" in people.columns:
        r = r0 + _variable(people) / pl.col("paid_hours")
    else:
        r = r0 + (pl.col("r") - pl.col("r0"))
    return _where(people, pl.col("paid_hours") > 0, r0, r)


def _of_last_period(people: pl.DataFrame) -> pl.DataFrame:
    """(Ordinary pay + prorated bonus) x 7 / D / weekly hours of the last pay period (UK SI 2017/172 reg 6).

    Who was hired inside it was paid for a part of it (`partial_period`): their rate stands.
    """
    weekly = WEEK / pl.col("latest_days") / pl.col("hours")
    r0 = pl.col("latest_pay") * weekly
    if "latest_variable" in people.columns:
        r = (pl.col("latest_pay") + pl.col("latest_variable")) * weekly
    else:
        r = r0 + (pl.col("r") - pl.col("r0"))
    hired = optional(people, "hire_date").cast(pl.Date)
    whole = (hired <= pl.col("latest_start")).fill_null(value=True)
    return _where(people, pl.col("latest_days").is_not_null() & (pl.col("hours") > 0) & whole, r0, r)


def _where(people: pl.DataFrame, measured: pl.Expr, r0: pl.Expr, r: pl.Expr) -> pl.DataFrame:
    return people.with_columns(
        pl.when(measured).then(r0).otherwise(pl.col("r0")).alias("r0"),
        pl.when(measured).then(r).otherwise(pl.col("r")).alias("r"),
    )


def hourly_growth(people: pl.DataFrame) -> pl.Expr:
    """Hourly pay now over that on the window's first day; empty where one of the rates is not known or 0.

    A rate by the hour, or one that is given for full time, does not change with the hours.
    """
    hours, before = (optional(people, name).cast(pl.Float64) for name in ("weekly_hours", "weekly_hours_start"))
    whole = optional(people, "base_rate_basis", "actual").cast(pl.String) == "full_time_equivalent"
    fixed = (pl.col("base_rate_unit").cast(pl.String) == "hour") | whole
    change = pl.when(fixed).then(1.0).otherwise((before / hours).fill_null(1.0))
    known = (pl.col("base_rate") > 0) & (pl.col("base_rate_start") > 0)
    return pl.when(known).then(pl.col("base_rate") / pl.col("base_rate_start") * change)
