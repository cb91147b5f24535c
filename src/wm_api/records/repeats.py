"""Rows that repeat and runs that are reversed, found by hashes: sixteen bytes a row are kept, never a row.

Of payroll a bit a row tells whether there is any such row at all; only then are the hashes needed.

The hashes have 64 bits: among three million different rows two are taken for equal once in four million files.
"""

from collections.abc import Iterator

import polars as pl

from wm_api.records.checks import negative_pay, optional
from wm_api.records.columns import FIRST_ROWS, Finding, Severity, finding, where
from wm_api.records.kinds import RecordKind
from wm_api.records.pay_runs import PayRuns

ROW, KEY = 1, 2
REVERSES = "reverses_run_no"
LONGEST_RUN = 1 << 22
SLICE = 1 << 23


class RowsRepeat(Exception):  # noqa: N818 - named for what is found
    """Rows have to be compared with each other: those of one person and run, or of a run that is reversed."""


class SeenHashes:
    """Hashes met so far, in sorted runs that double in length up to some four million: adding and asking stay cheap,
    and no copy is larger than a run.
    """

    def __init__(self) -> None:
        self._runs: list[pl.Series] = []

    def first(self, hashes: pl.Series) -> pl.Series:
        """For each whether it was not met before, and then they are."""
        fresh = hashes.sort()
        again = pl.concat([fresh.filter(_within(fresh, run)) for run in self._runs] or [fresh.clear()])
        first = hashes.is_first_distinct()
        if len(again):
            first &= ~hashes.is_in(again.unique().implode())
        if len(fresh):
            self._runs.append(fresh)
        while len(self._runs) > 1 and len(self._runs[-2]) < min(2 * len(self._runs[-1]), LONGEST_RUN):
            last = self._runs.pop()
            self._runs[-1] = pl.concat([self._runs[-1], last]).sort()
        return first


def _within(hashes: pl.Series, run: pl.Series) -> pl.Series:
    """Which of the hashes are in the sorted run."""
    if run.is_empty():
        return pl.Series([False]).new_from_index(0, len(hashes))
    places = run.search_sorted(hashes).clip(upper_bound=len(run) - 1)
    return run.gather(places) == hashes


class Repeats:
    """Of rows that are equal in every column the first is kept; rows of one natural key that differ are a conflict.

    A row of negative pay has to name, by `reverses_run_no`, another run of the same person and period. That run may
    be in another file: one that is not in this file is a warning only, until the file is compared with the others.
    """

    def __init__(self, kind: RecordKind, *, compared: bool) -> None:
        """Unless `compared`, payroll in which rows have to be compared is left with RowsRepeat."""
        self._kind, self._seen = kind, SeenHashes()
        self._runs = PayRuns() if kind.name == "payroll" and not compared else None
        self._keys: list[pl.Series] = []
        self._reversals: list[pl.DataFrame] = []

    def first(self, frame: pl.DataFrame, first_row: int) -> pl.Series:
        """For each row of the next part of the file whether it is the first of its like. Raises RowsRepeat."""
        if self._runs is not None:
            if frame.select(_reversing(frame).any()).item() or not self._runs.add(frame):
                raise RowsRepeat
            return pl.Series([True]).new_from_index(0, frame.height)
        first = self._seen.first(frame.hash_rows(ROW))
        if self._kind.name == "payroll":
            keys = _run_keys(frame, optional(frame, "run_no", 1))
            self._keys.append(keys.set(~first, None))
            self._reversals.append(_reversals(frame, keys, first_row))
        elif self._kind.name != "workforce":
            keys = frame.select(name for name in self._kind.natural_key if name in frame.columns).hash_rows(KEY)
            self._keys.append(keys.set(~first, None))
        elif "spell_no" in frame.columns:
            keys = frame.select("employee_key", "spell_no").hash_rows(KEY)
            self._keys.append(keys.set(~first | frame.get_column("spell_no").is_null(), None))
        return first

    def findings(self) -> list[Finding]:
        """Of the whole file, in slices of the hashes, so that only a slice is copied."""
        self._seen = SeenHashes()  # its memory is needed now
        slices = 1 + sum(len(keys) for keys in self._keys) // SLICE
        repeated, unmatched = [], []
        for number in range(slices if self._keys else 0):
            ordered = pl.concat([keys.filter(keys % slices == number) for keys in self._keys]).sort()
            repeated.append(ordered.filter(ordered == ordered.shift()).unique())
            reversals = [rows.filter(pl.col("target") % slices == number) for rows in self._reversals]
            unmatched += [rows.filter(~_within(rows.get_column("target"), ordered)) for rows in reversals]
        return [*self._conflicts(repeated), *self._unmatched(unmatched)]

    def _conflicts(self, repeated: list[pl.Series]) -> Iterator[Finding]:
        hashes, first_row = pl.concat(repeated) if repeated else pl.Series(dtype=pl.UInt64), 1
        named = self._kind.natural_key[0]
        for keys in self._keys if len(hashes) else ():
            yield from where("duplicate_row_conflict", named, keys.is_in(hashes.implode()), first_row)
            first_row += len(keys)

    def _unmatched(self, reversals: list[pl.DataFrame]) -> Iterator[Finding]:
        """A run that names itself is no match in any file."""
        itself = [rows.filter(pl.col("target") == pl.col("own")) for rows in self._reversals]
        if any(rows.height for rows in itself):
            yield finding("negative_pay_unmatched", "pay_base", pl.concat(itself).get_column("row").sort())
        if any(rows.height for rows in reversals):
            rows = pl.concat(reversals).get_column("row").sort()
            first = tuple(rows.head(FIRST_ROWS))
            yield Finding("negative_pay_unmatched", Severity.WARN, REVERSES, rows=first, row_count=len(rows))


def _run_keys(frame: pl.DataFrame, run: pl.Expr) -> pl.Series:
    run = run.cast(pl.Int32).alias("run")
    return frame.select("employee_key", "period_start", "period_end", run).hash_rows(KEY)


def _reversals(frame: pl.DataFrame, keys: pl.Series, first_row: int) -> pl.DataFrame:
    """Rows of negative pay that name a run: their number, the key of that run, and their own."""
    marked = frame.with_row_index("row", offset=first_row).with_columns(keys.alias("own"))
    reversing = marked.filter(_reversing(frame))
    targets = _run_keys(reversing, optional(reversing, REVERSES)).alias("target")
    return reversing.select("row", "own").with_columns(targets)


def _reversing(frame: pl.DataFrame) -> pl.Expr:
    return negative_pay(frame) & optional(frame, REVERSES).is_not_null()
