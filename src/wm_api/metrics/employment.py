"""PURE: employment over time: person-days, average headcounts, hires and separations (domain.md 3.1)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from wm_api.metrics.persons import agreed_gender, with_repeats_merged
from wm_api.records.checks import optional

YEAR = 365.25
WHOLE_YEARS = (365, 366)
MID_MONTH = 12
Window = tuple[date, date]


def days_in(window: Window) -> int:
    return (window[1] - window[0]).days + 1


def years_in(window: Window) -> float:
    """1 for any calendar year."""
    days = days_in(window)
    return 1.0 if days in WHOLE_YEARS else days / YEAR


@dataclass(frozen=True, slots=True)
class Employment:
    """One row an unbroken employment of a person: employee_key, gender, hire_date, end (empty: employed), why."""

    stays: pl.DataFrame
    averages: dict[tuple[Window, str], float] = field(default_factory=dict, compare=False)
    """Those that were asked for: rates and profiles share them."""

    def person_days(self, window: Window) -> pl.DataFrame:
        """Employed days of each stay in the window, first and last day included."""
        start, end = window
        begun = pl.max_horizontal(pl.col("hire_date"), pl.lit(start))
        left = pl.min_horizontal(pl.col("end").fill_null(end), pl.lit(end))
        days = ((left - begun).dt.total_days() + 1).clip(lower_bound=0)
        return self.stays.select("employee_key", "gender", days.alias("days"))

    def average(self, window: Window, basis: str = "person_days") -> float:
        """Hbar: person-days over days; or as `basis` says: month ends, the 12th of months, two points, the end."""
        if (window, basis) not in self.averages:
            self.averages[window, basis] = self._average(window, basis)
        return self.averages[window, basis]

    def _average(self, window: Window, basis: str) -> float:
        start, end = window
        if basis == "person_days":
            return int(self.person_days(window).get_column("days").sum()) / days_in(window)
        if basis == "end":
            return float(self.on(end))
        if basis == "two_points":
            return sum(self.on_each([start - timedelta(days=1), end])) / 2
        if basis == "monthly":
            counts = self.on_each(mid_months(window))
            return sum(counts) / len(counts) if counts else 0.0
        counts = self.on_each(_month_ends(start, end))
        return (sum(counts) - (counts[0] + counts[-1]) / 2) / (len(counts) - 1)

    def on(self, day: date) -> int:
        """People employed on a day."""
        return self.on_each([day])[0]

    def on_each(self, days: Sequence[date]) -> list[int]:
        """Of several days at once."""
        counts = (covers(day).sum().alias(f"{number}") for number, day in enumerate(days))
        return list(self.stays.select(counts).row(0)) if days else []

    def separations(self, window: Window) -> pl.DataFrame:
        return self.stays.filter((pl.col("end") >= window[0]) & (pl.col("end") <= window[1]))

    def hires(self, window: Window) -> pl.DataFrame:
        return self.stays.filter((pl.col("hire_date") >= window[0]) & (pl.col("hire_date") <= window[1]))


def covers(day: date) -> pl.Expr:
    """Whether a stay covers a day, its first and last day included."""
    return (pl.col("hire_date") <= day) & (pl.col("end").is_null() | (pl.col("end") >= day))


def mid_months(window: Window) -> list[date]:
    """The 12th of each month that lies in the window: the day on which JOLTS counts who is employed."""
    start, end = window
    months = range(12 * start.year + start.month - 1, 12 * end.year + end.month)
    days = [date(month // 12, month % 12 + 1, MID_MONTH) for month in months]
    return [day for day in days if start <= day <= end]


def _month_ends(start: date, end: date) -> list[date]:
    days, day = [start - timedelta(days=1)], start
    while day <= end:
        following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        days.append(min(following - timedelta(days=1), end))
        day = following
    return days


def employment_of(spells: pl.DataFrame, day: date) -> Employment:
    """Spells that overlap or follow each other without a day between are one stay; it ends as its last spell does."""
    why = optional(spells, "termination_reason").cast(pl.String).fill_null("unknown").alias("why")
    end = pl.when(pl.col("end") <= day).then(pl.col("end")).alias("end")
    gender = pl.col("gender").cast(pl.String)
    columns = [pl.col("employee_key"), gender, pl.col("hire_date"), end, why]
    known = spells.filter(pl.col("hire_date").is_not_null()).select(columns)
    return Employment(with_repeats_merged(known, _stays))


def _stays(spells: pl.DataFrame) -> pl.DataFrame:
    last = pl.col("end").fill_null(date.max).alias("last")
    spells = spells.with_columns(last).sort("employee_key", "hire_date", "last", "why", "gender")
    reached = pl.col("last").cum_max().shift(1).over("employee_key")
    fresh = reached.is_null() | ((pl.col("hire_date") - reached).dt.total_days() > 1)
    numbered = spells.with_columns(
        fresh.cum_sum().over("employee_key").alias("stay"), agreed_gender().over("employee_key")
    )
    at_end = pl.col("why").sort_by("last", "why").last()
    stays = numbered.group_by("employee_key", "stay").agg(
        pl.col("gender").first(), pl.col("hire_date").min(), pl.col("last").max(), at_end
    )
    ended = pl.when(pl.col("last") < date.max).then(pl.col("last")).alias("end")
    return stays.select("employee_key", "gender", "hire_date", ended, "why")
