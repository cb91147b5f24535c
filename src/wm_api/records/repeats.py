"""Rows that repeat and runs that are reversed, found by hashes: sixteen bytes a row are kept, never a row.

The hashes have 64 bits: among three million different rows two are taken for equal once in four million files.
"""

import polars as pl

from wm_api.records.checks import negative_pay, optional
from wm_api.records.columns import Finding, finding
from wm_api.records.kinds import RecordKind

ROW, KEY = 1, 2


class SeenHashes:
    """Hashes met so far, in sorted runs that double in length: adding and asking stay cheap, in plain arrays."""

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
        while len(self._runs) > 1 and len(self._runs[-2]) < 2 * len(self._runs[-1]):
            last = self._runs.pop()
            self._runs[-1] = pl.concat([self._runs[-1], last]).sort()
        return first


def _within(hashes: pl.Series, run: pl.Series) -> pl.Series:
    """Which of the hashes are in the sorted run, which is not empty."""
    places = run.search_sorted(hashes).clip(upper_bound=len(run) - 1)
    return run.gather(places) == hashes


class Repeats:
    """Of rows that are equal in every column the first is kept; rows of one natural key that differ are a conflict.

    A row of negative pay has to name, by `reverses_run_no`, another run of the same person and period.
    """

    def __init__(self, kind: RecordKind) -> None:
        self._kind, self._seen = kind, SeenHashes()
        self._keys: list[pl.Series] = []
        self._reversals: list[pl.DataFrame] = []

    def first(self, frame: pl.DataFrame, first_row: int) -> pl.Series:
        """For each row of the next part of the file whether it is the first of its like."""
        first = self._seen.first(frame.hash_rows(ROW))
        if self._kind.name == "payroll":
            keys = _run_keys(frame, optional(frame, "run_no", 1))
            self._keys.append(keys.set(~first, None))
            self._reversals.append(_reversals(frame, keys, first_row))
        elif "spell_no" in frame.columns:
            keys = frame.select("employee_key", "spell_no").hash_rows(KEY)
            self._keys.append(keys.set(~first | frame.get_column("spell_no").is_null(), None))
        return first

    def findings(self) -> list[Finding]:
        """Of the whole file. Rows that were not first are out of the question."""
        self._seen = SeenHashes()  # its memory is needed now
        if not self._keys:
            return []
        keys = pl.concat(self._keys)
        self._keys.clear()
        ordered, found = keys.drop_nulls().sort(), []
        repeated = ordered.filter(ordered == ordered.shift()).unique()
        if len(repeated):
            rows = keys.is_in(repeated.implode()).arg_true().cast(pl.Int64) + 1
            found.append(finding("duplicate_row_conflict", "employee_key", rows))
        reversals = pl.concat(self._reversals) if self._reversals else pl.DataFrame()
        if reversals.height:
            targets = reversals.get_column("target")
            unmatched = (targets == reversals.get_column("own")) | ~_within(targets, ordered)
            if unmatched.any():
                found.append(finding("negative_pay_unmatched", "pay_base", reversals.filter(unmatched)["row"]))
        return found


def _run_keys(frame: pl.DataFrame, run: pl.Expr) -> pl.Series:
    run = run.cast(pl.Int32).alias("run")
    return frame.select("employee_key", "period_start", "period_end", run).hash_rows(KEY)


def _reversals(frame: pl.DataFrame, keys: pl.Series, first_row: int) -> pl.DataFrame:
    """Rows of negative pay that name a run: their number, the key of that run, and their own."""
    marked = frame.with_row_index("row", offset=first_row).with_columns(keys.alias("own"))
    reversing = marked.filter(negative_pay(frame) & optional(frame, "reverses_run_no").is_not_null())
    targets = _run_keys(reversing, optional(reversing, "reverses_run_no")).alias("target")
    return reversing.select("row", "own").with_columns(targets)
