"""PURE: a crosswalk, the pairs of old and new employee keys of a rotation; made at the customer, read here."""

from collections.abc import Callable, Collection
from typing import BinaryIO

import polars as pl

from wm_api.records.columns import Finding, Findings, finding, where
from wm_api.records.employee_keys import make, malformed
from wm_api.records.readers import CSV, Limits, Unreadable, tables
from wm_api.records.repeats import SeenHashes

COLUMNS = ("old_key", "new_key")
OF_THE_ACCOUNT = {"key_id_not_current", "key_id_not_new"}
"""Rules that a crosswalk breaks which was taken before; all others say that it is none."""
MOST_FINDINGS = 20
KEY_ID = pl.all().str.slice(4, 8)
Emit = Callable[[pl.DataFrame], None]


def crosswalk(account: str, old: tuple[bytes, str], new: tuple[bytes, str], ids: Collection[str]) -> pl.DataFrame:
    """Each id under the old and under the new secret and epoch; in the order of the old keys, which says nothing."""
    pairs = [[make(secret, account, epoch, each) for each in ids] for secret, epoch in (old, new)]
    return pl.DataFrame(dict(zip(COLUMNS, pairs, strict=True)), schema=dict.fromkeys(COLUMNS, pl.String)).sort(
        "old_key"
    )


def read_crosswalk(
    source: BinaryIO, content_encoding: str | None, key_id: str | None, limits: Limits, emit: Emit
) -> tuple[Finding, ...]:
    """What is wrong with the pairs of a rotation away from `key_id`, never a value.

    Pairs are emitted as they come. They are all of the crosswalk's unless a rule is broken that is not OF_THE_ACCOUNT.
    """
    reading, found = _Reading(key_id), Findings()
    try:
        for headings, text in tables(source, CSV, content_encoding, limits):
            if tuple(headings) != COLUMNS:
                return (finding("crosswalk_heading"),)
            pairs = text.rename(dict(zip(text.columns, COLUMNS, strict=True)))
            found.add(reading.findings(pairs))
            if not found.knows("key_malformed"):
                emit(pairs)
    except Unreadable as unreadable:
        rows = () if unreadable.row is None else (reading.rows + unreadable.row + 1,)
        found.add([finding(unreadable.code, rows=rows)])
    if not reading.rows and not found.refused:
        found.add([finding("file_empty")])
    return found.first(MOST_FINDINGS)


class _Reading:
    """The state of one crosswalk on its way: sixteen bytes a row are kept, never a key."""

    def __init__(self, key_id: str | None) -> None:
        self._old_id, self._new_id = key_id or "", ""
        self._seen = {name: SeenHashes() for name in COLUMNS}
        self.rows = 0

    def findings(self, pairs: pl.DataFrame) -> list[Finding]:
        """Of the next pairs. Forms first: what is not a key has no key id."""
        first_row, self.rows = self.rows + 1, self.rows + pairs.height
        found: list[Finding] = []
        for name in COLUMNS:
            found += where("key_malformed", name, malformed(pairs.get_column(name)), first_row)
        if found or pairs.is_empty():
            return found
        old, new = pairs.select(KEY_ID).get_columns()
        self._new_id = self._new_id or str(new[0])
        found += where("key_id_not_current", "old_key", old != self._old_id, first_row)
        found += where("key_id_not_new", "new_key", (new != self._new_id) | (new == self._old_id), first_row)
        for name in COLUMNS:
            first = self._seen[name].first(pairs.get_column(name).hash(0))
            found += where("key_repeated", name, ~first, first_row)
        return found
