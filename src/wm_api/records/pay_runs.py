"""PURE: who was paid in which run, a bit each, so that memory hardly grows with the rows of a payroll file."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from wm_api.records.checks import optional

LEAST_BYTES, BYTES_A_ROW = 1 << 26, 8
RUNS_A_BYTE = 8
END_BITS, RUN_BITS = 24, 10
FIRST_END = 1 << (END_BITS - 2)
"""Added to the day on which a period ends, so that no year from 0 to 9999 is below zero."""


class PayRuns:
    """Rows of people by runs: employees are numbered from 0 without gaps, and a file has few runs."""

    def __init__(self) -> None:
        self._runs, self._places = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        self._paid, self._rows = np.zeros((1, 1 << 12), dtype=np.uint8), 0

    def add(self, frame: pl.DataFrame) -> bool:
        """Whether each row is of a person and run not met before; after False nothing more may be added.

        False too where people and runs are so scattered that hashes of the rows take less.
        """
        self._rows += frame.height
        employees = frame.get_column("employee_key").to_numpy().astype(np.int64)
        places = self._placed(frame.select(_run(optional(frame, "run_no", 1))).to_series().to_numpy())
        if not self._room_for(len(self._runs), int(employees.max(initial=0)) + 1):
            return False
        width, paid = self._paid.shape[1], self._paid.reshape(-1)
        held, bits = places // RUNS_A_BYTE * width + employees, (1 << places % RUNS_A_BYTE).astype(np.uint8)
        if (paid[held] & bits).any() or not _distinct(places * width + employees):
            return False
        np.add.at(paid, held, bits)  # each bit was clear, and comes once
        return True

    def _placed(self, runs: NDArray[np.int64]) -> NDArray[np.int64]:
        """The place of each run, new ones after those before."""
        strange = runs if not len(self._runs) else runs[self._runs[self._nearest(runs)] != runs]
        if len(strange):
            new = pl.Series(strange).unique().to_numpy()
            known = np.concatenate([self._runs, new])
            places = np.concatenate([self._places, np.arange(len(self._runs), len(known))])
            order = np.argsort(known)
            self._runs, self._places = known[order], places[order]
        return self._places[self._nearest(runs)]

    def _nearest(self, runs: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.minimum(np.searchsorted(self._runs, runs), len(self._runs) - 1)

    def _room_for(self, runs: int, employees: int) -> bool:
        """Doubled where it is too small, for nearly nothing where it is not used."""
        height, width = self._paid.shape
        wanted = (_power(-(-runs // RUNS_A_BYTE), height), _power(employees, width))
        if wanted[0] * wanted[1] > max(LEAST_BYTES, BYTES_A_ROW * self._rows):
            return False
        if wanted != (height, width):
            paid = np.zeros(wanted, dtype=np.uint8)
            paid[:height, :width] = self._paid
            self._paid = paid
        return True


def _power(count: int, least: int) -> int:
    return max(least, 1 << (count - 1).bit_length())


def _run(number: pl.Expr) -> pl.Expr:
    """Period and number of a run as one number."""
    start, end = (pl.col(name).to_physical().cast(pl.Int64) for name in ("period_start", "period_end"))
    return start * (1 << (END_BITS + RUN_BITS)) + (end + FIRST_END) * (1 << RUN_BITS) + number.cast(pl.Int64)


def _distinct(cells: NDArray[np.int64]) -> bool:
    return bool((np.diff(cells) > 0).all()) or pl.Series(cells).n_unique() == len(cells)
