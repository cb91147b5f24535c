"""PURE: rows of a dataset replaced or added by natural key; the whole is checked as one file that had come so."""

from dataclasses import replace

import polars as pl

from wm_api.records import checks
from wm_api.records.columns import Finding, Integer, finding
from wm_api.records.facts import Facts
from wm_api.records.hashes import Hashes, hashed
from wm_api.records.intake import Amended, Report
from wm_api.records.kinds import KINDS, RecordKind
from wm_api.records.rechecks import Recheck


def natural_keys(frame: pl.DataFrame, kind: RecordKind) -> pl.Series:
    """A hash a row over its natural key; a run or a spell without a number is number 1."""
    parts = []
    for name in kind.natural_key:
        if isinstance(kind.column(name).type, Integer):
            parts.append(checks.optional(frame, name, 1).cast(pl.Int64).alias(name))
        elif name in frame.columns:
            parts.append(pl.col(name))
    return hashed(frame.select(parts))


def differing(old: Report, new: Report) -> list[Finding]:
    """Columns that only one of the two has: a row of the one would say nothing, or too much, beside the other's."""
    names = list({**dict.fromkeys(old.columns), **dict.fromkeys(new.columns)})
    return [
        finding("amendment_columns_differ", name) for name in names if (name in old.columns) != (name in new.columns)
    ]


class Amendment:
    """Takes the rows that amend, then those that are amended, in parts; `kept` gives of these the ones that stay."""

    def __init__(self, facts: Facts, old: Report) -> None:
        self._kind, self._facts, self._shape = KINDS[facts.kind], facts, old.shape
        self._amending, self._met = Hashes(), Hashes()
        self._given: list[pl.Series] = []
        self._whole, self._set_aside = Recheck(facts), old.quarantined
        self._replaced = self._kept = 0

    def note(self, frame: pl.DataFrame) -> None:
        """Rows that amend, by their keys alone."""
        keys = natural_keys(frame, self._kind)
        self._amending.add(keys)
        self._given.append(keys)

    def kept(self, frame: pl.DataFrame) -> pl.DataFrame:
        keys = natural_keys(frame, self._kind)
        replaced = self._amending.holds(keys)
        self._met.add(keys.filter(replaced).unique())
        self._replaced += int(replaced.sum())
        self._kept += frame.height - int(replaced.sum())
        return frame.filter(~replaced)

    def check(self, frame: pl.DataFrame) -> None:
        """The next part of the whole, as it is stored."""
        self._whole.found.add(checks.row_findings(frame, self._kind, self._facts, self._whole.rows + 1))
        self._whole.add(frame)

    def report(self, new: Report) -> Report:
        """Of the whole, whose rows are numbered as stored, kept ones first; `new` is that of the file that amends.

        Rows of the old one that were set aside stay counted: nobody can tell whether they are among those that amend.
        """
        added = sum(int((~self._met.holds(keys)).sum()) for keys in self._given)
        set_aside = self._set_aside + new.quarantined
        return replace(
            self._whole.report(new),
            rows=self._whole.rows + set_aside,
            quarantined=set_aside,
            # rows that amend are no sample of the whole, but they come with the key that is in use now
            shape=self._shape and replace(self._shape, key_id=next(iter(new.key_ids), None)),
            amended=Amended(replaced=self._replaced, added=added, kept=self._kept),
        )
