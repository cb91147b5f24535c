"""PURE: rows that were checked before, in parts as they are stored, checked once more as one file that had come so."""

from dataclasses import replace

import polars as pl

from wm_api.records.columns import Findings
from wm_api.records.facts import Facts
from wm_api.records.intake import MOST_FINDINGS, Report, totals_of, unexpected
from wm_api.records.kinds import KINDS
from wm_api.records.whole_file import WholeFile

OF_ALL_ROWS = frozenset({"currency_mixed"})
"""Warnings of rows together: they may be true no more where some of the rows are gone."""


class Recheck:
    """Takes all rows part by part; then tells what they hold, and what is wrong with them together."""

    def __init__(self, facts: Facts) -> None:
        self._facts, self.rows, self.found = facts, 0, Findings()
        self._whole = WholeFile(KINDS[facts.kind], facts, compared=True)
        self._keys: pl.Series | None = None

    def add(self, frame: pl.DataFrame) -> None:
        first_row = self.rows + 1
        self.rows += frame.height
        self.found.add(self._whole.add(frame, first_row)[1])
        if "employee_key" in frame.columns:
            keys = frame.get_column("employee_key")
            self._keys = (keys if self._keys is None else pl.concat([self._keys, keys])).unique()

    def report(self, of: Report) -> Report:
        """That of the rows; what is not told by them alone is as it was."""
        self.found.add(self._whole.findings(self.rows))
        people = None if self._keys is None else len(self._keys)
        return replace(
            of,
            outcome="refused" if self.found.refused else "accepted",
            employees=people or 0,
            totals=tuple(totals_of(self._whole, people)),
            findings=self.found.first(MOST_FINDINGS),
        )

    def left_of(self, of: Report, set_aside: int) -> Report:
        """That of a file of which so many rows more were set aside; what its sender expects is asked once more."""
        left = self.report(of)
        differ = unexpected(self._facts.expectations, of.rows, left.totals)
        kept = (each for each in of.findings if each.code not in OF_ALL_ROWS)
        return replace(
            left,
            outcome="refused" if differ else left.outcome,
            quarantined=of.quarantined + set_aside,
            findings=(*kept, *left.findings, *differ),
            shape=self._whole.shape(of.key_ids),
        )
