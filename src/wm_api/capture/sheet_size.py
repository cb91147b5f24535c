"""PURE: what a part of a workbook would take once it is read, from its bytes alone, before anything reads it.

A sheet is held as a full rectangle up to its last row and column, and a text that many cells point to is held as
often as they do: a small file can say both in a few bytes.
"""

import re
from collections import Counter
from collections.abc import Sequence

PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]*)(\d+)["']""")
ROW, CELL = re.compile(rb"<(?:\w+:)?row[\s>/]"), re.compile(rb"<(?:\w+:)?c[\s>/]")
POINTS = re.compile(rb"""\bt\s*=\s*["']s["']""")
POINTED = re.compile(rb"""\bt\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v>\s*(\d+)""")
ITEM = re.compile(rb"<(?:\w+:)?si[\s>/]")
DIGITS, LETTERS, ALPHABET = 10, 6, 26
"""Of a row and of a column that are still counted; no sheet has so many."""


class SheetSize:
    """Cells, the rectangle that holds them, and how often each shared text is pointed to. Pieces end between tags."""

    def __init__(self) -> None:
        self.cells = self._rows = self._last_row = self._last_column = self._widest = self._row = 0
        self._points, self._pointed = 0, Counter[bytes]()

    def add(self, piece: bytes) -> None:
        places = PLACE.findall(piece)
        rows, cells = ROW.findall(piece), CELL.findall(piece)
        self._last_row = max([self._last_row, *(int(row[:DIGITS]) for row in {row for _, row in places})])
        self._last_column = max([self._last_column, *(column(each) for each in {letters for letters, _ in places})])
        self.cells += len(cells)
        self._rows += len(rows)
        if len(places) < len(rows) + len(cells):
            self._count_across(piece)
        self._points += len(POINTS.findall(piece))
        self._pointed.update(POINTED.findall(piece))

    def _count_across(self, piece: bytes) -> None:
        """Cells may leave out their place: then they stand side by side."""
        first, *others = (len(CELL.findall(part)) for part in ROW.split(piece))
        self._row += first
        self._widest = max([self._widest, self._row, *others])
        self._row = others[-1] if others else self._row

    @property
    def area(self) -> int:
        return max(self._last_row, self._rows) * max(self._last_column, self._widest)

    def text(self, lengths: Sequence[int]) -> int:
        """Bytes of shared texts in all cells together; what cannot be told counts as the longest."""
        told = sum(self._pointed.values())
        known = sum(_length(lengths, place) * count for place, count in self._pointed.items())
        return known + (self._points - told) * max(lengths, default=0)


class SharedTexts:
    """The length of each shared text, at most."""

    def __init__(self) -> None:
        self.lengths: list[int] = []

    def add(self, piece: bytes) -> None:
        before, *items = (len(part) for part in ITEM.split(piece))
        if self.lengths:
            self.lengths[-1] += before
        self.lengths += items


def column(letters: bytes) -> int:
    """A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters.upper()[:LETTERS]:
        number = number * ALPHABET + letter - ord("A") + 1
    return number


def _length(lengths: Sequence[int], place: bytes) -> int:
    at = int(place[:DIGITS])
    return lengths[at] if at < len(lengths) else 0
