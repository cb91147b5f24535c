"""PURE: hourly pay without (`r0`) and with variable pay (`r`), from rates and from payroll (domain.md 3.1, 3.4)."""

import polars as pl

from wm_api.records.checks import optional
from wm_api.records.contract_pay import PER_YEAR, WEEKS, contract_pay
from wm_api.records.facts import Facts

UK_DAYS = {"week": 7, "fortnight": 14, "four_week": 28, "semimonth": 15.22, "month": 30.44, "year": 365.25, "day": 1.4}
FULL_TIME_HOURS = "full_time_weekly_hours"
"""Of each row, where it is a column: files of one day may declare other hours."""
WEEK = 7
UK_WEEKS = 365.25 / WEEK


def spell_pay(spells: pl.DataFrame, facts: Facts, profile: str) -> dict[str, pl.Expr]:
    """The contracted pay of each spell; files of one day may declare other hours of full time."""
    full = optional(spells, FULL_TIME_HOURS, facts.full_time_weekly_hours)
    years = {name: 365.25 / days for name, days in UK_DAYS.items()} if profile == "uk" else PER_YEAR
    return contract_pay(spells, full, years, weeks_of(profile))


def weeks_of(profile: str) -> float:
    return UK_WEEKS if profile == "uk" else WEEKS


def with_hourly_pay(people: pl.DataFrame, payroll: pl.DataFrame | None, profile: str) -> pl.DataFrame:
    """From the rate, and from payroll for everybody who has some in the window."""
    weeks = weeks_of(profile) * pl.col("paid_weekly")
    r0 = pl.coalesce(pl.col("rate"), pl.when(pl.col("paid_weekly") > 0).then(pl.col("annual") / weeks))
    extra = optional(people, "variable_pay_12m", 0.0) / (weeks_of(profile) * pl.col("hours"))
    people = people.with_columns(r0.alias("r0")).with_columns((pl.col("r0") + extra.fill_null(0.0)).alias("r"))
    if payroll is None:
        return people
    joined = people.join(payroll, on=["employee_key", "currency"], how="left", maintain_order="left")
    return _of_last_period(joined) if profile == "uk" else _of_paid_hours(joined)


def _of_paid_hours(people: pl.DataFrame) -> pl.DataFrame:
    """Ordinary pay of the window over its paid hours; bonuses by the share of a year that the window's periods hold."""
    r0 = pl.col("ordinary_pay") / pl.col("paid_hours")
    if "bonus" in people.columns:
        variable = pl.col("variable_annual") * pl.col("years") + pl.col("commission")
        r = r0 + variable / pl.col("paid_hours")
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
