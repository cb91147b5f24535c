"""PURE: hours of people who are paid by the week: arrays with a row a week and a place a person (domain.md 3.3 H)."""

from collections.abc import Callable
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wm_api.metrics.payroll_latest import Integers, grown
from wm_api.metrics.payroll_rows import HOUR_UNITS, PERIODS

WEEK, BLOCK, LONG = 7, 4, 48
Booleans = NDArray[np.bool_]


class WeeklyHours:
    """A week belongs to the seventh of the window, from its first day on, in which it ends; blocks are of four of them.

    Memory is nine bytes a person and week, taken when the first weekly row comes.
    """

    def __init__(self, window: tuple[date, date]) -> None:
        self.first = window[0]
        self._weeks = (window[1] - window[0]).days // WEEK + 1
        self._worked: NDArray[np.int32] = np.zeros((self._weeks, 0), np.int32)
        self._all: NDArray[np.int32] = np.zeros((self._weeks, 0), np.int32)
        self._there: Booleans = np.zeros((self._weeks, 0), np.bool_)
        self._last_day = np.zeros(0, np.int64)

    @property
    def any(self) -> bool:
        return bool(self._there.size)

    def add(self, codes: Integers, column: Callable[[str], Integers], people: int) -> None:
        """Rows of weekly periods with actual hours; several runs of one week are one week."""
        rows = (column("year_units") == PERIODS["week"]) & (column("measured") != 0)
        if not rows.any():
            return
        if people > self._there.shape[1]:
            self._grow(people)
        codes, end = codes[rows], column("end")[rows] - (self.first - date(1970, 1, 1)).days
        weeks = end // WEEK
        worked = (column("regular_hours") + column("overtime_hours"))[rows]
        np.add.at(self._worked, (weeks, codes), worked.astype(np.int32))
        np.add.at(self._all, (weeks, codes), (worked + column("leave_hours")[rows]).astype(np.int32))
        self._there[weeks, codes] = True
        np.maximum.at(self._last_day, codes, end % WEEK)

    def _grow(self, people: int) -> None:
        self._worked, self._all = grown(self._worked, people), grown(self._all, people)
        self._there, self._last_day = grown(self._there, people), grown(self._last_day, people)

    def people(self, keys: pl.DataFrame, stays: pl.DataFrame) -> pl.DataFrame:
        """One row a person: whole four-week `blocks` with sums of `swing` and `cv` in percent, `weeks`, `long_weeks`.

        A week in which somebody is hired or leaves is partial and counts nowhere (`partial_period`).
        """
        n = min(keys.height, self._there.shape[1])
        there = self._there[:, :n] & ~self._partial(keys, stays, n)
        blocks, swing, cv = (np.zeros(n) for _ in range(3))
        for first in range(0, self._weeks - BLOCK + 1, BLOCK):
            hours = self._all[first : first + BLOCK, :n] / HOUR_UNITS
            most = hours.max(axis=0)
            whole = there[first : first + BLOCK].all(axis=0) & (most > 0)
            most = np.where(whole, most, 1.0)
            mean = np.where(whole, hours.mean(axis=0), 1.0)
            blocks += whole
            swing += np.where(whole, 100 * (most - hours.min(axis=0)) / most, 0.0)
            cv += np.where(whole, 100 * hours.std(axis=0) / mean, 0.0)
        long = (there & (self._worked[:, :n] > LONG * HOUR_UNITS)).sum(axis=0)
        found = {"blocks": blocks, "swing": swing, "cv": cv, "weeks": there.sum(axis=0), "long_weeks": long}
        return keys.sort("code").head(n).select("employee_key", *(pl.Series(*each) for each in found.items()))

    def _partial(self, keys: pl.DataFrame, stays: pl.DataFrame, n: int) -> Booleans:
        partial = np.zeros((self._weeks, n), np.bool_)
        dated = stays.join(keys, on="employee_key").filter(pl.col("code") < n)
        for name, on_edge in (("hire_date", WEEK - 1), ("end", 0)) if dated.height else ():
            days = dated.filter(pl.col(name).is_not_null())
            codes = days.get_column("code").to_numpy()
            day = (days.get_column(name) - self.first).dt.total_days().to_numpy()
            week = -((self._last_day[codes] - day) // WEEK)
            inside = (week >= 0) & (week < self._weeks) & (WEEK * week + self._last_day[codes] - on_edge != day)
            partial[week[inside], codes[inside]] = True
        return partial


def by_person(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Of several currencies all weeks of a person together; the sums of blocks are sorted, so that none comes first."""
    rows = pl.concat(parts)
    if not rows.get_column("employee_key").is_duplicated().any():
        return rows
    return rows.group_by("employee_key").agg(pl.exclude("employee_key").sort().sum())
