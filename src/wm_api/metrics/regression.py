"""PURE: least squares on sparse columns, with HC3 errors (MacKinnon and White 1985)."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]
DEPENDENT = 1e-9  # share of a column's square that others do not explain
NO_LEVERAGE_LEFT = 1e-9  # the row alone decides a coefficient: it says nothing about the error


@dataclass(frozen=True, slots=True)
class Design:
    """Each row has a few columns that are not 0: `column[row, slot]` and `value[row, slot]`."""

    column: Indices
    value: Matrix
    width: int

    def marking(self, first: Matrix) -> "Design":
        """The same with another first column."""
        return Design(self.column, np.column_stack([first, self.value[:, 1:]]), self.width)

    def of(self, rows: Flags) -> "Design":
        return Design(self.column[rows], self.value[rows], self.width)

    def gram(self) -> Matrix:
        """X'X."""
        half = np.zeros(self.width * self.width)
        for one, other, twice in self._pairs():
            place = self.column[:, one] * self.width + self.column[:, other]
            half += np.bincount(place, self.value[:, one] * self.value[:, other] * twice / 2, half.size)
        square = half.reshape(self.width, self.width)
        return square + square.T

    def _pairs(self) -> list[tuple[int, int, float]]:
        """Each pair of slots once; those of two different slots stand for two."""
        slots = range(self.column.shape[1])
        return [(one, other, 1.0 + (one < other)) for one in slots for other in slots if one <= other]

    def times(self, coefficients: Matrix) -> Matrix:
        return np.asarray((coefficients[self.column] * self.value).sum(axis=1))

    def transposed_times(self, values: Matrix) -> Matrix:
        weights = (self.value * values[:, None]).ravel()
        return np.bincount(self.column.ravel(), weights, self.width).astype(np.float64)

    def leverage(self, inverse: Matrix) -> Matrix:
        """Of each row x, x' (X'X)^-1 x."""
        total = np.zeros(len(self.column))
        for one, other, twice in self._pairs():
            pair = inverse[self.column[:, one], self.column[:, other]]
            total += pair * self.value[:, one] * self.value[:, other] * twice
        return total


@dataclass(frozen=True, slots=True)
class Fit:
    beta: float
    hc3: float
    degrees: int


def independent(gram: Matrix) -> list[int]:
    """Columns that add something, from the left, by Cholesky's steps; the same whatever the order of rows."""
    scale = np.sqrt(np.diag(gram))
    present = np.flatnonzero(scale > 0)
    left = gram[np.ix_(present, present)] / np.outer(scale[present], scale[present])
    if _all_independent(left):
        return [int(column) for column in present]
    kept = []
    for place, column in enumerate(present.tolist()):
        if left[place, place] > DEPENDENT:
            kept.append(column)
            row = left[place, place + 1 :] / np.sqrt(left[place, place])
            left[place + 1 :, place + 1 :] -= np.outer(row, row)
    return kept


def _all_independent(scaled: Matrix) -> bool:
    try:
        factor = np.linalg.cholesky(scaled)
    except np.linalg.LinAlgError:
        return False
    return bool((np.diag(factor) ** 2 > DEPENDENT).all())


@dataclass(frozen=True, slots=True)
class Solution:
    """Coefficients, 0 of the columns that add nothing to others; `inverse` is that of X'X over the `kept` ones."""

    coefficients: Matrix
    inverse: Matrix
    kept: tuple[int, ...]


def solved(design: Design, y: Matrix) -> Solution:
    """Least squares; of columns that depend on each other the leftmost stay, the first column only as the last."""
    gram = design.gram()
    turned = np.roll(np.arange(len(gram)), -1)  # the first comes last: it must add something to all others
    kept = sorted(int(turned[place]) for place in independent(gram[np.ix_(turned, turned)]))
    scale = np.sqrt(np.diag(gram)[kept])
    inverse = np.zeros_like(gram)
    small = np.linalg.inv(gram[np.ix_(kept, kept)] / np.outer(scale, scale)) / np.outer(scale, scale)
    inverse[np.ix_(kept, kept)] = small
    coefficients = inverse @ design.transposed_times(y)
    coefficients += inverse @ design.transposed_times(y - design.times(coefficients))  # sheds rounding
    return Solution(coefficients, inverse, tuple(kept))


def fit_first(design: Design, y: Matrix) -> Fit | None:
    """Coefficient of the first column, its HC3 standard error and the degrees of freedom.

    None where the other columns already say all that the first does: there is nothing to compare.
    """
    found = solved(design, y)
    if 0 not in found.kept:
        return None
    room = 1.0 - design.leverage(found.inverse)
    residuals = y - design.times(found.coefficients)
    pressed = np.divide(residuals, room, out=np.zeros_like(residuals), where=room > NO_LEVERAGE_LEFT)
    errors = design.times(found.inverse[0]) * pressed
    return Fit(float(found.coefficients[0]), sqrt(float(np.sum(errors * errors))), len(y) - len(found.kept))
