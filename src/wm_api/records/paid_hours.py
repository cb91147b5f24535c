"""PURE: what the hours of payroll are worth beside the workforce and beside the weeks before (domain.md 2).

Rows come in parts, with the `key` of a person. A few numbers a person are kept, so memory grows with people alone.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from wm_api.records.checks import optional

TWELVE_WEEKS = timedelta(weeks=12)
MOST_APART = 0.2
LEAST_MERGED = 1 << 20
HOUR_COLUMNS = (
    *("employee_key", "period_start", "period_end", "pay_base"),
    *("hours_regular", "hours_paid_leave", "hours_overtime", "hours_source"),
)
STAFF_COLUMNS = ("employee_key", "hire_date", "termination_date", "overtime_exempt")
PERIOD = ("key", "period_start", "period_end")


def paid_hours(frame: pl.DataFrame, keys: pl.Series) -> pl.DataFrame:
    """Of the rows with hours: person, period, `regular` and `overtime` of actual hours, and `paid` hours.

    Hours are never negative in a file: those of a row of negative pay are taken off.
    """
    actual = optional(frame, "hours_source", "actual").cast(pl.String) == "actual"
    sign = pl.when(pl.col("pay_base") < 0).then(-1.0).otherwise(1.0)
    regular, leave, overtime = (
        sign * optional(frame, name, 0.0).cast(pl.Float64)
        for name in ("hours_regular", "hours_paid_leave", "hours_overtime")
    )
    rows = frame.with_columns(keys.alias("key")).select(
        *PERIOD,
        pl.when(actual).then(regular).alias("regular"),
        pl.when(actual).then(overtime).alias("overtime"),
        (regular + leave).alias("paid"),
    )
    return rows.filter(pl.col("paid") != 0)


class ByPerson:
    """Sums, least and most a `key`. Parts are merged when they have doubled, so that adding stays cheap."""

    def __init__(self, *, least: Sequence[str] = (), most: Sequence[str] = (), sums: Sequence[str] = ()) -> None:
        self._figures = [pl.col(least).min(), pl.col(most).max(), pl.col(sums).sum()]
        self._merged: pl.DataFrame | None = None
        self._waiting, self._held = list[pl.DataFrame](), 0

    def add(self, rows: pl.DataFrame) -> None:
        self._waiting.append(self._grouped(rows))
        self._held += self._waiting[-1].height
        if self._held > max(LEAST_MERGED, 0 if self._merged is None else self._merged.height):
            self.all()

    def all(self) -> pl.DataFrame | None:
        """One row a person; None where no row has come."""
        if self._waiting:
            merged = [] if self._merged is None else [self._merged]
            self._merged = self._grouped(pl.concat([*merged, *self._waiting]))
            self._waiting, self._held = [], 0
        return self._merged

    def _grouped(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows.group_by("key").agg(self._figures)


class ConstantHours:
    """Who has the same regular hours in each of several periods, and never overtime: hours of a contract."""

    def __init__(self) -> None:
        self._people = ByPerson(least=("least", "first"), most=("most", "last", "overtime"))

    def add(self, rows: pl.DataFrame) -> None:
        hours, start = pl.col("regular"), pl.col("period_start")
        named = (hours.alias("least"), hours.alias("most"), start.alias("first"), start.alias("last"), "overtime")
        self._people.add(rows.filter(hours > 0).select("key", *named))

    def people(self) -> pl.Series:
        found = self._people.all()
        if found is None:
            return pl.Series(dtype=pl.UInt64)
        same = (pl.col("least") == pl.col("most")) & (pl.col("first") < pl.col("last")) & (pl.col("overtime") == 0)
        return found.filter(same).get_column("key")


class ReferenceHours:
    """Whose paid hours a week of the last period differ by over 20 % from those of the 12 weeks that end with it.

    All rows go through `note`, then all of them and those of the weeks before through `add`. Periods that begin before
    the 12 weeks count whole; who has none that reaches back so far is not compared.
    """

    def __init__(self) -> None:
        self._last = ByPerson(most=("period_end",))
        self._sums = ByPerson(least=("since", "last_since"), sums=("paid", "last_paid"))

    def note(self, rows: pl.DataFrame) -> None:
        self._last.add(rows.select("key", "period_end"))

    def add(self, rows: pl.DataFrame) -> None:
        last = self._last.all()
        if last is None:
            return
        joined = rows.join(last.rename({"period_end": "end"}), on="key")
        inside = (pl.col("period_end") <= pl.col("end")) & (pl.col("period_end") > pl.col("end") - TWELVE_WEEKS)
        is_last = pl.col("period_end") == pl.col("end")
        self._sums.add(
            joined.filter(inside).select(
                "key",
                "paid",
                pl.col("period_start").alias("since"),
                pl.when(is_last).then("period_start").alias("last_since"),
                pl.when(is_last).then("paid").otherwise(0.0).alias("last_paid"),
            )
        )

    def people(self) -> pl.DataFrame:
        """Person (`key`) and `period_end` of the last period."""
        last, sums = self._last.all(), self._sums.all()
        if last is None or sums is None:
            return pl.DataFrame(schema={"key": pl.UInt64, "period_end": pl.Date})
        both = last.join(sums, on="key")
        weekly, usual = (
            pl.col(paid) / ((pl.col("period_end") - pl.col(since)).dt.total_days() + 1)
            for paid, since in (("last_paid", "last_since"), ("paid", "since"))
        )
        reaches = pl.col("period_end") - pl.col("since") >= TWELVE_WEEKS - timedelta(days=1)
        apart = (weekly - usual).abs() > MOST_APART * usual + 1e-9
        return both.filter(reaches & apart & (usual > 0)).select("key", "period_end")


def spells_at(frame: pl.DataFrame, keys: pl.Series, start: date, end: date) -> pl.DataFrame:
    """The spells of a workforce that share days with a period; no hire date: employed ever since."""
    hired, left = (optional(frame, name).cast(pl.Date) for name in ("hire_date", "termination_date"))
    spells = frame.select(keys.alias("key"), hired.alias("hire_date"), left.alias("termination_date"))
    begun = pl.col("hire_date").is_null() | (pl.col("hire_date") <= end)
    return spells.filter(begun & (pl.col("termination_date").is_null() | (pl.col("termination_date") >= start)))


def edges(spells: pl.DataFrame, start: date, end: date) -> pl.DataFrame:
    """Of `spells_at` those of people who were hired or left within a period."""
    inside = (pl.col("hire_date") > start) | (pl.col("termination_date") < end)
    return spells.join(spells.filter(inside), on="key", how="semi")


def partial_periods(rows: pl.DataFrame, spells: pl.DataFrame) -> pl.DataFrame:
    """Persons and periods in which they were hired or left (`partial_period`): a spell meets the period, and none
    covers its first day, or none its last. Who leaves and is back within the period was there on both days.
    """
    periods = rows.select(PERIOD).unique().join(spells, on="key")
    start, end = pl.col("period_start"), pl.col("period_end")
    hired = pl.col("hire_date").fill_null(date.min)
    left = pl.col("termination_date").fill_null(date.max)
    marked = periods.filter((hired <= end) & (left >= start)).with_columns(
        (hired <= start).alias("from_first"), (left >= end).alias("to_last")
    )
    covered = marked.group_by(PERIOD).agg(pl.col("from_first", "to_last").any())
    return covered.filter(~(pl.col("from_first") & pl.col("to_last"))).select(PERIOD)


def exempt(frame: pl.DataFrame, keys: pl.Series) -> pl.Series:
    """The people of whom overtime rules say nothing."""
    marked = frame.select((optional(frame, "overtime_exempt").cast(pl.String) == "exempt").fill_null(value=False))
    return keys.filter(marked.to_series()).unique()
