"""Types of columns, and what is found wrong with a file: column, rule and rows, never a value."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import polars as pl

from wm_api.records.rules import RULES

FIRST_ROWS = 100
MONEY = "money"
"""The unit of amounts in the currency of their row."""


class Severity(StrEnum):
    REFUSE = "refuse"
    QUARANTINE = "quarantine"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule. `rows` are data rows from 1, the first 100; an unknown column has a position, no name."""

    code: str
    severity: Severity
    column: str | None = None
    column_index: int | None = None
    rows: tuple[int, ...] = ()
    row_count: int = 0
    about: tuple[str, ...] = ()
    """Words of the contract that the finding is about: other columns, codes of closed lists, factors."""
    every_row: pl.Series | None = field(default=None, compare=False, repr=False)

    def public(self) -> dict[str, object]:
        return {
            "code": self.code,
            "severity": self.severity.value,
            "column": self.column,
            "column_index": self.column_index,
            "rows": list(self.rows),
            "row_count": self.row_count,
            "about": list(self.about),
            "detail": RULES[self.code].detail,
            "remedy": RULES[self.code].remedy,
        }


def finding(
    code: str, column: str | None = None, rows: Sequence[int] | pl.Series = (), *, index: int | None = None
) -> Finding:
    """A finding with the severity of its rule; however many rows, only the first are listed."""
    severity = Severity(RULES[code].severity)
    every = pl.Series(rows, dtype=pl.Int64) if severity is Severity.QUARANTINE else None
    return Finding(code, severity, column, index, tuple(rows[:FIRST_ROWS]), len(rows), every_row=every)


def where(code: str, column: str, wrong: pl.Series, first_row: int) -> list[Finding]:
    """The finding of a mask over rows of which the first is number `first_row`; none where nothing is marked."""
    return [finding(code, column, wrong.arg_true().cast(pl.Int64) + first_row)] if wrong.any() else []


class Findings:
    """Findings of a file as they come; those of one rule and column become one, its rows counted in full."""

    def __init__(self, *, tolerant: bool = False) -> None:
        self._tolerant = tolerant
        self._merged: dict[tuple[str, str | None, int | None], Finding] = {}
        self.refused = False
        self._bad_rows: list[pl.Series] = []
        self._fatal = False

    @property
    def bad_rows(self) -> pl.Series | None:
        """Rows that would be set aside, where nothing else is wrong with the file."""
        return None if self._fatal or not self._bad_rows else pl.concat(self._bad_rows).unique().sort()

    def add(self, found: Iterable[Finding]) -> None:
        """A row that would be quarantined refuses this look at the file; where some may be, all of them are kept."""
        for each in found:
            self.refused |= each.severity is not Severity.WARN
            self._fatal |= each.severity is Severity.REFUSE
            if self._tolerant and each.every_row is not None:
                self._bad_rows.append(each.every_row)
            place = (each.code, each.column, each.column_index)
            before = self._merged.get(place)
            if before is not None:
                rows = (before.rows + each.rows)[:FIRST_ROWS]
                each = replace(before, rows=rows, row_count=before.row_count + each.row_count)  # noqa: PLW2901
            self._merged[place] = each

    def knows(self, code: str) -> bool:
        return any(place[0] == code for place in self._merged)

    def first(self, number: int) -> tuple[Finding, ...]:
        return tuple(self._merged.values())[:number]


@dataclass(frozen=True, slots=True)
class Key:
    """An employee key, `wm1_...`."""

    dtype: pl.DataType = pl.String()  # noqa: RUF009 - types of polars do not change


@dataclass(frozen=True, slots=True)
class Day:
    """A date, YYYY-MM-DD."""

    dtype: pl.DataType = pl.Date()  # noqa: RUF009 - types of polars do not change


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal number with unit, range and places. It never becomes 0 by accident."""

    unit: str
    minimum: float
    maximum: float
    places: int
    dtype: pl.DataType = pl.Float64()  # noqa: RUF009 - types of polars do not change

    @property
    def is_money(self) -> bool:
        """Then the range is that of most currencies, and wider in those of small units (currencies.py)."""
        return self.unit == MONEY


@dataclass(frozen=True, slots=True)
class Integer:
    minimum: int
    maximum: int
    dtype: pl.DataType = pl.Int32()  # noqa: RUF009 - types of polars do not change


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    dtype: pl.DataType = pl.Boolean()  # noqa: RUF009 - types of polars do not change


@dataclass(frozen=True, slots=True)
class Code:
    """A code from a closed list, or of a pattern. There is no text type."""

    codes: tuple[str, ...] = ()
    pattern: str | None = None

    @property
    def dtype(self) -> pl.DataType:
        return pl.Enum(self.codes) if self.codes else pl.String()


ColumnType = Key | Day | Number | Integer | Flag | Code


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: ColumnType
    required: bool
    description: str
    sensitive: bool = False
    default: str | None = None
