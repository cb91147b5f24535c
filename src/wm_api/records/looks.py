"""A file is looked at once; again where only its end says how its beginning has to be taken."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from wm_api.records.columns import Finding

MOST_LOOKS = 6


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier looks at a file found out.

    The columns of a file without a heading line; whether rows repeat or are reversed, and have to be compared; the rows
    that are set aside, as four bytes each (their numbers from 1, ascending, little endian), and the findings that set
    them aside.
    """

    columns: tuple[str, ...] = ()
    looks: int = 0
    rows_repeat: bool = False
    left_out: bytes = b""
    findings: tuple[Finding, ...] = ()

    @property
    def last(self) -> bool:
        """Whether the next look has to settle it."""
        return self.looks >= MOST_LOOKS - 1


class SetAside:
    """Rows that are left out, as if the file did not have them; all others keep their numbers in reports."""

    def __init__(self, left_out: bytes = b"") -> None:
        self._rows = np.frombuffer(left_out, dtype="<u4").astype(np.int64)
        self._before = self._rows - 1 - np.arange(len(self._rows))  # rows kept before each

    def __len__(self) -> int:
        return len(self._rows)

    def kept(self, frame: pl.DataFrame, first_row: int) -> pl.DataFrame:
        """The rows of the file from `first_row` on without those."""
        begin, end = np.searchsorted(self._rows, [first_row, first_row + frame.height])
        if begin == end:
            return frame
        mask = np.ones(frame.height, dtype=bool)
        mask[self._rows[begin:end] - first_row] = False
        return frame.filter(pl.Series(mask))

    def in_file(self, rows: Sequence[int]) -> tuple[int, ...]:
        """Numbers in the file of rows that are numbered as if those were not there."""
        if not len(self):
            return tuple(rows)
        found = np.asarray(rows, dtype=np.int64)
        return tuple((found + np.searchsorted(self._before, found, side="left")).tolist())

    def with_more(self, rows: pl.Series) -> bytes:
        """All of them and these, which are numbered as in_file takes them."""
        more = np.asarray(self.in_file(rows.to_list()), dtype=np.int64)
        return np.union1d(self._rows, more).astype("<u4").tobytes()
