"""PURE: a number for each employee key, in the order of arrival; the table stays from batch to batch."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

Integers = NDArray[np.int64]
SEED = 1
ROOM = 4
"""Places for each key: most are then found at the first look."""
LEAST = 1 << 10


class KeyNumbers:
    """A table of open places, found by the hash of a key and told by the key itself. A join would number the same, and
    would build its table of all keys anew for every batch.
    """

    def __init__(self) -> None:
        self._keys: pl.Series | None = None
        self._places = np.full(LEAST, -1, np.int32)

    @property
    def keys(self) -> pl.DataFrame | None:
        """`employee_key` and its number, `code`; None before the first."""
        if self._keys is None:
            return None
        numbers = pl.int_range(len(self._keys), dtype=pl.Int64, eager=True).alias("code")
        return pl.DataFrame([self._keys, numbers])

    def __len__(self) -> int:
        return 0 if self._keys is None else len(self._keys)

    def of(self, keys: pl.Series) -> Integers:
        """The number of each; keys that were not there get the next ones."""
        numbers = self._found(keys)
        missing = numbers < 0
        if not missing.any():
            return numbers
        fresh = keys.filter(pl.Series(missing)).unique(maintain_order=True)  # files mostly keep it: near in memory
        first = len(self)
        self._keys = fresh if self._keys is None else pl.concat([self._keys, fresh], rechunk=True)
        if ROOM * len(self) > len(self._places):
            self._places = np.full(ROOM * _power(len(self)), -1, np.int32)
            first = 0
        self._place(first)
        numbers[missing] = self._found(keys.filter(pl.Series(missing)))
        return numbers

    def _found(self, keys: pl.Series) -> Integers:
        """-1 where there is none."""
        if self._keys is None:
            return np.full(len(keys), -1, np.int64)
        at = self._first_look(keys)
        held = self._places[at]
        same = self._same(held, keys)
        numbers = np.where(same, held, -1).astype(np.int64)
        rows = np.flatnonzero(~same & (held >= 0))
        at = at[rows]
        while len(rows):
            at = self._next(at)
            held = self._places[at]
            same = self._same(held, keys.gather(rows))
            numbers[rows[same]] = held[same]
            on = ~same & (held >= 0)
            at, rows = at[on], rows[on]
        return numbers

    def _same(self, held: NDArray[np.int32], keys: pl.Series) -> NDArray[np.bool_]:
        """Whether these are the keys of the numbers; a place that is free has none."""
        if self._keys is None:
            return np.zeros(len(held), np.bool_)
        return (self._keys.gather(np.maximum(held, 0)) == keys).to_numpy() & (held >= 0)

    def _place(self, first: int) -> None:
        """Those from this number on, each at the first free place after its own."""
        if self._keys is None:
            return
        numbers = np.arange(first, len(self._keys))
        at = self._first_look(self._keys.slice(first))
        while len(numbers):
            free = self._places[at] < 0
            self._places[at[free]] = numbers[free]
            left = self._places[at] != numbers
            at, numbers = self._next(at[left]), numbers[left]

    def _first_look(self, keys: pl.Series) -> Integers:
        return (keys.hash(SEED).to_numpy() & np.uint64(len(self._places) - 1)).view(np.int64)

    def _next(self, at: Integers) -> Integers:
        return (at + 1) & (len(self._places) - 1)


def _power(least: int) -> int:
    return 1 << (least - 1).bit_length()
