"""PURE: the last pay period of each person, as profile uk reads it (domain.md 3.4); arrays with a place a person."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wm_api.metrics.payroll_rows import CURRENCY_UNITS, DAY_UNITS

Integers = NDArray[np.int64]
Scalar = TypeVar("Scalar", bound=np.generic)
SUMS = ("ordinary_pay", "salary_sacrifice", "commission")
IDLE = ("start", *SUMS, "bonus", "bonus_months")
SPAN_UNKNOWN = 12  # months; a bonus that does not say its span is prorated as a year's
YEAR, YEAR_DAYS, MONTH_DAYS = 12, 365.25, 30.44


def grown(array: NDArray[Scalar], people: int) -> NDArray[Scalar]:
    """The same with places for more people."""
    more = np.zeros((*array.shape[:-1], people), array.dtype)
    more[..., : array.shape[-1]] = array
    return more


def add_bonus(kept: dict[int, Integers], codes: Integers, bonus: Integers, months: Integers, people: int) -> None:
    """Bonuses by the span that they reward, 0 where it is not known."""
    for span in np.unique(months[bonus != 0]).tolist():
        rows = (months == span) & (bonus != 0)
        np.add.at(kept.setdefault(span, np.zeros(people, np.int64)), codes[rows], bonus[rows])


def _empty() -> Integers:
    return np.zeros(0, np.int64)


@dataclass
class LatestPeriods:
    """A period is one with ordinary pay or paid hours; a bonus run alone makes none, and joins the period it is in."""

    start: Integers = field(default_factory=_empty)
    end: Integers = field(default_factory=_empty)
    days: Integers = field(default_factory=_empty)
    sums: Integers = field(default_factory=lambda: np.zeros((len(SUMS), 0), np.int64))
    bonus: dict[int, Integers] = field(default_factory=dict)
    idle: list[tuple[Integers, dict[str, Integers]]] = field(default_factory=list)

    def grow(self, people: int) -> None:
        self.start, self.end, self.days = (grown(each, people) for each in (self.start, self.end, self.days))
        self.sums = grown(self.sums, people)
        self.bonus = {months: grown(each, people) for months, each in self.bonus.items()}

    def add(self, codes: Integers, column: Callable[[str], Integers]) -> None:
        """A later period replaces what is there; rows of the same period are added to it."""
        worked, start, before = column("worked") != 0, column("start"), self.start.copy()
        np.maximum.at(self.start, codes[worked], start[worked])
        moved = self.start > before
        for array in (self.end, self.days, self.sums, *self.bonus.values()):
            array[..., moved] = 0
        rows = worked & (start == self.start[codes])
        np.maximum.at(self.end, codes[rows], column("end")[rows])
        np.maximum.at(self.days, codes[rows], column("pay_days")[rows])
        self._sum(codes[rows], {name: column(name)[rows] for name in IDLE})
        waits = ~worked & (start >= self.start[codes])
        if waits.any():  # its period may still come
            self.idle.append((codes[waits], {name: column(name)[waits] for name in IDLE}))

    def _sum(self, codes: Integers, columns: dict[str, Integers]) -> None:
        for index, name in enumerate(SUMS):
            np.add.at(self.sums[index], codes, columns[name])
        add_bonus(self.bonus, codes, columns["bonus"], columns["bonus_months"], len(self.start))

    def columns(self, n: int, window_end: int) -> list[pl.Series]:
        """The last period of the first n people, unless a whole one lies between it and the window's end."""
        for codes, waiting in self.idle:
            rows = waiting["start"] == self.start[codes]
            self._sum(codes[rows], {name: values[rows] for name, values in waiting.items()})
        self.idle = []
        days = self.days[:n] / DAY_UNITS
        held = (days > 0) & (window_end - self.end[:n] < days)
        ordinary, sacrifice, variable = (row[:n] / CURRENCY_UNITS for row in self.sums)
        for span, each in sorted(self.bonus.items()):
            variable = variable + each[:n] / CURRENCY_UNITS * days / _span_in_days(span or SPAN_UNKNOWN)
        return [
            pl.Series("latest_start", self.start[:n].astype(np.int32)).cast(pl.Date),
            pl.Series("latest_days", np.where(held, days, np.nan)).fill_nan(None),
            pl.Series("latest_pay", ordinary - sacrifice),
            pl.Series("latest_variable", variable),
        ]


def _span_in_days(months: int) -> float:
    return YEAR_DAYS if months == YEAR else months * MONTH_DAYS
