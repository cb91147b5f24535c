"""PURE: payroll of a window, summed a person in whole units: no digit depends on the order of rows or on batches."""

from collections.abc import Iterable
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wm_api.metrics.key_numbers import KeyNumbers
from wm_api.metrics.payroll_latest import Integers, LatestPeriods, add_bonus, grown
from wm_api.metrics.payroll_rows import (
    ALLOWANCE,
    CURRENCY_UNITS,
    HOUR_UNITS,
    RETIREMENT,
    YEAR_UNITS,
    netted,
    same_periods,
    touched_periods,
    window_rows,
)
from wm_api.metrics.weekly_hours import WeeklyHours

WINDOW = (
    *("ordinary_pay", "base_pay", ALLOWANCE, RETIREMENT, "commission", "overtime_pay", "other_variable"),
    *("paid_hours", "all_hours", "regular_hours", "overtime_hours"),
)
IF_GIVEN = {
    "hours_overtime": "overtime_hours",
    "hours_regular": "regular_hours",
    "employer_retirement_contribution": RETIREMENT,
    "pay_allowance": ALLOWANCE,
}
"""Sums that are left out where no row of any file has the column."""
Weeks = tuple[pl.DataFrame, WeeklyHours]
"""The number (`code`) of each key, and the hours by those numbers."""
GATHERED = 1 << 18
"""Rows that are summed at once."""
VARIABLE = ("bonus", "commission", "variable_annual", "latest_variable")


class _CurrencySums:
    """Sums of one currency, an array a figure with a place for each person."""

    def __init__(self, window: tuple[date, date]) -> None:
        self._numbers = KeyNumbers()
        self.weekly = WeeklyHours(window)
        self.window = np.zeros((len(WINDOW), 0), np.int64)
        self.bonus: dict[int, Integers] = {}
        self.periods: dict[int, Integers] = {}
        self.least, self.most = np.zeros(0, np.int64), np.zeros(0, np.int64)
        self.latest = LatestPeriods()

    def add(self, rows: pl.DataFrame) -> None:
        codes = self._codes(rows.get_column("employee_key"))
        people = self.window.shape[1]

        def column(name: str) -> Integers:
            return rows.get_column(name).to_numpy()

        for index, name in enumerate(WINDOW):
            if (values := column(name)).any():
                np.add.at(self.window[index], codes, values)
        add_bonus(self.bonus, codes, column("bonus"), column("bonus_months"), people)
        self._add_periods(codes, column("start"), np.where(column("worked") != 0, column("year_units"), 0), people)
        worked = column("worked") != 0
        self._add_hours(codes[worked], column("regular_hours")[worked] + 1)  # 0 says that no row has come yet
        self.latest.add(codes, column)
        self.weekly.add(codes, column, people)

    @property
    def keys(self) -> pl.DataFrame | None:
        return self._numbers.keys

    def _codes(self, keys: pl.Series) -> Integers:
        """A number for each key; neither their order nor that of rows decides a figure."""
        codes = self._numbers.of(keys)
        if len(self._numbers) > self.window.shape[1]:
            self._grow(max(len(self._numbers), 2 * self.window.shape[1]))
        return codes

    def _grow(self, people: int) -> None:
        self.window = grown(self.window, people)
        self.least, self.most = grown(self.least, people), grown(self.most, people)
        for kept in (self.bonus, self.periods):
            kept.update({name: grown(each, people) for name, each in kept.items()})
        self.latest.grow(people)

    def _add_periods(self, codes: Integers, start: Integers, units: Integers, people: int) -> None:
        """A period counts once a person, however many runs and batches it comes in."""
        for day in np.unique(start).tolist():
            kept = self.periods.setdefault(day, np.zeros(people, np.int16))
            rows = start == day
            for unit in np.unique(units[rows]).tolist():
                at = codes[rows & (units == unit)]
                kept[at] = np.maximum(kept[at], unit)

    def _add_hours(self, codes: Integers, hours: Integers) -> None:
        """The least and the most hours of a row."""
        self.least[codes] = np.where(self.least[codes] == 0, hours, self.least[codes])
        np.minimum.at(self.least, codes, hours)
        np.maximum.at(self.most, codes, hours)

    def summary(self, window_end: int) -> pl.DataFrame:
        keys = self.keys
        if keys is None:
            raise ValueError("no row has come")
        n = keys.height
        units = sum((each[:n].astype(np.int64) for each in self.periods.values()), np.zeros(n, np.int64))
        several = sum((each[:n] > 0 for each in self.periods.values()), np.zeros(n, np.int64)) > 1
        years = units / YEAR_UNITS
        sums = {
            name: self.window[index, :n] / (HOUR_UNITS if "hours" in name else CURRENCY_UNITS)
            for index, name in enumerate(WINDOW)
        }
        bonus = {span: each[:n] / CURRENCY_UNITS for span, each in sorted(self.bonus.items())}
        return keys.with_columns(
            *(pl.Series(name, values) for name, values in sums.items()),
            pl.Series("years", years),
            pl.Series("bonus", sum(bonus.values(), np.zeros(n))),
            pl.Series("variable_annual", _variable_annual(bonus, years)),
            pl.Series("constant_hours", several & (self.least[:n] == self.most[:n])),
            *self.latest.columns(n, window_end),
        ).drop("code")


def _variable_annual(bonus: dict[int, NDArray[np.float64]], years: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bonuses of a year: each a year as often as its span fits, but not more often than the window holds."""
    often = np.divide(1.0, years, out=np.zeros_like(years), where=years > 0)
    total = np.zeros_like(years)
    for span, amount in bonus.items():
        total += amount * (np.minimum(often, 12 / span) if span else often)
    return total


class PayrollSums:
    """Batches go in, one row a person comes out; memory depends on people, not on rows.

    Where a file has `reverses_run_no`, all its batches go through `note` before any goes through `add`.
    """

    def __init__(self, window: tuple[date, date]) -> None:
        self._window = window
        self._currencies: dict[str, _CurrencySums] = {}
        self._touched: pl.DataFrame | None = None
        self._aside: list[pl.DataFrame] = []
        self._waiting: list[pl.DataFrame] = []
        self._variable = False
        self._given: set[str] = set()

    def note(self, frame: pl.DataFrame) -> None:
        """Remember the periods in which a run reverses another: they are netted before any statistic."""
        touched = touched_periods(frame)
        self._touched = touched if self._touched is None else pl.concat([self._touched, touched]).unique()

    def add(self, frame: pl.DataFrame) -> None:
        """Several batches are summed together: numbering keys costs as much for few rows as for many."""
        if self._waiting and self._waiting[0].schema != frame.schema:
            self._add_waiting()
        self._waiting.append(frame)
        if sum(each.height for each in self._waiting) >= GATHERED:
            self._add_waiting()

    def _add_waiting(self) -> None:
        frame, self._waiting = pl.concat(self._waiting, rechunk=True), []
        self._variable |= bool({"pay_bonus", "pay_commission"} & set(frame.columns))
        self._given |= {name for column, name in IF_GIVEN.items() if _given(frame, column)}
        rows = window_rows(frame, self._window)
        if self._touched is not None and self._touched.height:
            self._aside.append(same_periods(rows, self._touched, keep=True))
            rows = same_periods(rows, self._touched, keep=False)
        self._sum(rows)

    def _sum(self, rows: pl.DataFrame) -> None:
        currencies = rows.get_column("currency").unique().to_list()
        parts = [rows] if len(currencies) == 1 else [rows.filter(pl.col("currency") == each) for each in currencies]
        for currency, part in zip(currencies, parts, strict=True):
            if currency not in self._currencies:
                self._currencies[currency] = _CurrencySums(self._window)
            self._currencies[currency].add(part)

    def summary(self) -> pl.DataFrame | None:
        """One row a person and currency, None without any row in the window: ordinary_pay, base_pay, paid_hours; years
        covered; the last period's latest_pay and latest_days; where given allowance, retirement_contribution, and of
        actual hours regular_hours and overtime_hours; and where files say who has variable pay bonus, commission,
        variable_annual (a year's) and latest_variable.
        """
        if self._waiting:
            self._add_waiting()
        if self._aside:
            self._sum(netted(pl.concat(self._aside)))
            self._aside = []
        if not self._currencies:
            return None
        end = (self._window[1] - date(1970, 1, 1)).days
        found = pl.concat(
            sums.summary(end).with_columns(pl.lit(currency).alias("currency"))
            for currency, sums in sorted(self._currencies.items())
        )
        absent = () if self._variable else VARIABLE
        return found.drop(*absent, *(name for name in IF_GIVEN.values() if name not in self._given))

    def weeks(self) -> tuple[Weeks, ...]:
        """Hours by the week of each currency that has some, after `summary`."""
        found = ((sums.keys, sums.weekly) for _, sums in sorted(self._currencies.items()))
        return tuple((keys, weekly) for keys, weekly in found if keys is not None and weekly.any)


def _given(frame: pl.DataFrame, name: str) -> bool:
    return name in frame.columns and frame.get_column(name).count() > 0


def summarise_payroll(frames: Iterable[pl.DataFrame], window: tuple[date, date]) -> pl.DataFrame | None:
    sums, batches = PayrollSums(window), list(frames)
    for frame in batches:
        sums.note(frame)
    for frame in batches:
        sums.add(frame)
    return sums.summary()
