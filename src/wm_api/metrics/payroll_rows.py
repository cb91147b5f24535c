"""PURE: rows of payroll in whole units; runs that reverse others are netted, row by row a person and period."""

from datetime import date

import polars as pl

from wm_api.records.checks import optional

CURRENCY_UNITS, HOUR_UNITS, DAY_UNITS = 10_000, 100, 100
YEAR_UNITS = 312  # a year in which every pay period is a whole number
PERIODS = {"week": 6, "fortnight": 12, "four_week": 24, "semimonth": 13, "month": 26, "year": 312}
PAY_DAYS = {6: 7.0, 12: 14.0, 24: 28.0, 13: 15.22, 26: 30.44, 312: 365.25}
YEAR_DAYS = 365.25
ORDINARY = ("pay_base", "pay_allowance", "pay_shift_premium", "pay_piece", "pay_paid_leave")
PERIOD = ("employee_key", "currency", "period_start", "period_end")
HOURS = ("paid_hours", "all_hours", "regular_hours", "overtime_hours", "leave_hours")
RETIREMENT = "retirement_contribution"
ALLOWANCE = "allowance"
EXTRA = ("bonus", "commission", "overtime_pay", "other_variable")
AMOUNTS = ("ordinary_pay", "base_pay", ALLOWANCE, "salary_sacrifice", RETIREMENT, *EXTRA, *HOURS)


def touched_periods(frame: pl.DataFrame) -> pl.DataFrame:
    """Persons and periods in which a run reverses another."""
    if "reverses_run_no" not in frame.columns:
        return frame.select(PERIOD).clear()
    return frame.filter(pl.col("reverses_run_no").is_not_null()).select(PERIOD).unique()


def same_periods(rows: pl.DataFrame, touched: pl.DataFrame, *, keep: bool) -> pl.DataFrame:
    return rows.join(touched, on=PERIOD, how="semi" if keep else "anti")


def window_rows(frame: pl.DataFrame, window: tuple[date, date]) -> pl.DataFrame:
    """Rows whose period ends in the window, as whole numbers: money in 1/10000, hours in 1/100, a year in 1/312.

    Hours and contributions are never negative in a file: those of a reversing row with negative pay are taken off.
    """
    inside = frame.filter((pl.col("period_end") >= window[0]) & (pl.col("period_end") <= window[1]))
    actual = optional(inside, "hours_source", "actual").cast(pl.String) == "actual"
    reverses = optional(inside, "reverses_run_no").cast(pl.Int32)
    regular, overtime = _units(inside, HOUR_UNITS, "hours_regular"), _units(inside, HOUR_UNITS, "hours_overtime")
    rows = inside.select(
        *PERIOD,
        optional(inside, "run_no", 1).cast(pl.Int32).alias("run_no"),
        reverses.alias("reverses"),
        _units(inside, CURRENCY_UNITS, *ORDINARY).alias("ordinary_pay"),
        _units(inside, CURRENCY_UNITS, "pay_base").alias("base_pay"),
        _units(inside, CURRENCY_UNITS, "pay_allowance").alias(ALLOWANCE),
        _units(inside, CURRENCY_UNITS, "salary_sacrifice").alias("salary_sacrifice"),
        _units(inside, CURRENCY_UNITS, "employer_retirement_contribution").alias(RETIREMENT),
        _units(inside, CURRENCY_UNITS, "pay_bonus").alias("bonus"),
        _units(inside, CURRENCY_UNITS, "pay_commission").alias("commission"),
        _units(inside, CURRENCY_UNITS, "pay_overtime").alias("overtime_pay"),
        _units(inside, CURRENCY_UNITS, "pay_tips", "pay_equity").alias("other_variable"),
        _units(inside, HOUR_UNITS, "hours_regular", "hours_paid_leave").alias("paid_hours"),
        _units(inside, HOUR_UNITS, "hours_regular", "hours_paid_leave", "hours_overtime").alias("all_hours"),
        pl.when(actual).then(regular).otherwise(0).alias("regular_hours"),
        pl.when(actual).then(overtime).otherwise(0).alias("overtime_hours"),
        _units(inside, HOUR_UNITS, "hours_paid_leave", "hours_unpaid_leave").alias("leave_hours"),
        (actual & _measured(inside)).cast(pl.Int64).alias("measured"),
        optional(inside, "bonus_months", 0).cast(pl.Int64).alias("bonus_months"),
        year_units(inside).alias("year_units"),
    )
    taken_off = pl.col("reverses").is_not_null() & (pl.col("ordinary_pay") < 0)
    signed = pl.when(taken_off).then(-pl.col(*HOURS, RETIREMENT)).otherwise(pl.col(*HOURS, RETIREMENT))
    return _dated(rows.with_columns(signed))


def _measured(frame: pl.DataFrame) -> pl.Expr:
    """Whether a row says how many hours were worked, 0 too."""
    return pl.any_horizontal(optional(frame, name).is_not_null() for name in ("hours_regular", "hours_overtime"))


def _units(frame: pl.DataFrame, units: int, *names: str) -> pl.Expr:
    found = [(pl.col(name) * units).round().cast(pl.Int64).fill_null(0) for name in names if name in frame.columns]
    return pl.sum_horizontal(found) if found else pl.lit(0, dtype=pl.Int64)


def year_units(frame: pl.DataFrame) -> pl.Series:
    """The share of a year that each period is, in 1/312: from `frequency`, else from the calendar or the length."""
    stated = pl.Series(dtype=pl.String)
    if "frequency" in frame.columns:
        stated = frame.get_column("frequency")
        kinds = stated.unique().drop_nulls().cast(pl.String)
        known = {kind: PERIODS.get(kind) for kind in kinds}
        if not stated.has_nulls() and None not in known.values():
            return stated.replace_strict(known, return_dtype=pl.Int64)
    periods = frame.select("period_start", "period_end")
    distinct = periods.unique().with_columns(_by_calendar().cast(pl.Int64).alias("units"))
    found = periods.join(distinct, on=periods.columns, how="left", maintain_order="left")
    dated = found.get_column("units")
    if "frequency" not in frame.columns:
        return dated
    coded = stated.cast(pl.String).replace_strict({**PERIODS, "other": None}, default=None, return_dtype=pl.Int64)
    return coded.zip_with(coded.is_not_null(), dated)


def _by_calendar() -> pl.Expr:
    start, end = pl.col("period_start"), pl.col("period_end")
    days = (end - start).dt.total_days() + 1
    ends_month = end == end.dt.month_end()
    first_half = (start.dt.day() == 1) & (end.dt.day() == 15) & (days == 15)  # noqa: PLR2004 - half a month
    second_half = (start.dt.day() == 16) & ends_month & (days <= 16)  # noqa: PLR2004
    return (
        pl.when((start.dt.day() == 1) & ends_month & (days <= 31))  # noqa: PLR2004
        .then(PERIODS["month"])
        .when(first_half | second_half)
        .then(PERIODS["semimonth"])
        .when(days == 14)  # noqa: PLR2004
        .then(PERIODS["fortnight"])
        .when(days == 28)  # noqa: PLR2004
        .then(PERIODS["four_week"])
        .when(days.is_between(29, 31))
        .then(PERIODS["month"])
        .when(days.is_between(365, 366))
        .then(PERIODS["year"])
        .otherwise((days * (YEAR_UNITS / YEAR_DAYS)).round())
    )


def _dated(rows: pl.DataFrame) -> pl.DataFrame:
    """With what the sums need of each period: its days as numbers, its pay days, whether it was worked."""
    length = (pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1
    pay_days = pl.col("year_units").replace_strict(PAY_DAYS, default=None, return_dtype=pl.Float64)
    return rows.with_columns(
        pl.col("period_start").to_physical().cast(pl.Int64).alias("start"),
        pl.col("period_end").to_physical().cast(pl.Int64).alias("end"),
        (pl.coalesce(pay_days, length) * DAY_UNITS).round().cast(pl.Int64).alias("pay_days"),
        ((pl.col("ordinary_pay") != 0) | (pl.col("paid_hours") != 0)).cast(pl.Int64).alias("worked"),
    )


def netted(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a person, period and bonus span; a period that nets to nothing leaves.

    A reversing row without hours that takes back all ordinary pay of its run takes back its hours too, one without
    contributions those, and a bonus without a span has that of its run.
    """
    runs = rows.group_by(*PERIOD, pl.col("run_no").alias("reverses")).agg(
        pl.col("ordinary_pay", *HOURS, RETIREMENT).sum(), pl.col("bonus_months").max()
    )
    first = rows.filter(pl.col("reverses").is_null())
    again = rows.filter(pl.col("reverses").is_not_null())
    again = again.join(runs, on=[*PERIOD, "reverses"], how="left", suffix="_was")
    whole = (pl.col("ordinary_pay") == -pl.col("ordinary_pay_was")).fill_null(value=False)
    taken_back = [
        pl.when(whole & pl.all_horizontal(pl.col(each) == 0 for each in together))
        .then(-pl.col(f"{name}_was"))
        .otherwise(pl.col(name))
        .alias(name)
        for together in (HOURS, (RETIREMENT,))
        for name in together
    ]
    own = pl.col("bonus_months") != 0
    span = pl.when(own).then(pl.col("bonus_months")).otherwise(pl.col("bonus_months_was").fill_null(0))
    again = again.with_columns(*taken_back, span.alias("bonus_months")).select(rows.columns)
    by = [*PERIOD, "year_units", "bonus_months"]
    sums = pl.concat([first, again]).group_by(by).agg(pl.col(*AMOUNTS).sum(), pl.col("measured").max())
    return _dated(sums.filter(pl.any_horizontal(pl.col(name) != 0 for name in AMOUNTS)))
