"""PURE: what a draw costs, what a path may cost at most, and what that means as epsilon and delta."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

RHO_OF = {"count": 1 / 2, "median": 1 / 8, "aq3": 1 / 16}
"""rho of a mechanism is this times eps squared. The median is an exponential mechanism (bounded range, eps^2/8);
AQ-3 is one at eps/2 and two at eps/2 of disjoint halves.
"""
MOST_EPS_OF_STATISTIC, MOST_EPS, MOST_RHO, MOST_RHO_OF_YEAR = 1.5, 9.5, 0.83, 0.85
RELEASES_A_YEAR = 2
DELTA = 1e-6
SLACK = 1e-9  # sums of floats


class OverBudget(Exception):  # noqa: N818 - named for what is wrong
    """A plan or a draw would pass a cap."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of the ledger, without its release."""

    cell: str
    statistic: str
    mechanism: str
    eps: float

    @property
    def rho(self) -> float:
        return RHO_OF[self.mechanism] * self.eps**2


@dataclass(frozen=True, slots=True)
class Spent:
    rho: float
    eps: float


def paths_of(charges: Iterable[Charge], cells: Iterable[str] | None = None) -> Mapping[str, Spent]:
    """What each path from the root to a cell has spent: the cell and all that it lies in. Of the charged ones, or of
    `cells`.
    """
    of_cell: dict[str, list[Charge]] = defaultdict(list)
    for line in charges:
        of_cell[line.cell].append(line)
    paths = list(of_cell) if cells is None else cells
    return {cell: _spent([line for at in _along(cell) for line in of_cell.get(at, ())]) for cell in paths}


def path_rho(charges: Iterable[Charge], cells: Iterable[str]) -> dict[str, float]:
    """What was spent (rho) on the path from the root to each of these cells."""
    return {cell: spent.rho for cell, spent in paths_of(charges, cells).items()}


def _along(cell: str) -> Iterator[str]:
    """Keys from the root to a cell."""
    return accumulate(cell.split("/"), "{}/{}".format)


def _spent(lines: list[Charge]) -> Spent:
    return Spent(math.fsum(line.rho for line in lines), math.fsum(line.eps for line in lines))


def check(charges: Iterable[Charge], spent_before: Mapping[str, float] | None = None) -> None:
    """`spent_before`: rho of the calendar year by cell. Raises OverBudget."""
    lines = list(charges)
    if any(line.eps > MOST_EPS_OF_STATISTIC + SLACK for line in lines):
        raise OverBudget("a statistic of a cell costs too much")
    for cell, spent in paths_of(lines).items():
        if spent.rho > MOST_RHO + SLACK or spent.eps > MOST_EPS + SLACK:
            raise OverBudget("a path costs too much in one release")
        if spent.rho + (spent_before or {}).get(cell, 0.0) > MOST_RHO_OF_YEAR + SLACK:
            raise OverBudget("a path costs too much in one calendar year")


def epsilon_of(rho: float, delta: float = DELTA) -> float:
    """The smallest epsilon at delta of rho-zCDP (Canonne, Kamath, Steinke 2020, proposition 12)."""
    if rho <= 0:
        return 0.0
    low, high = 1 + 1e-6, 2 + 2 * math.sqrt(math.log(1 / delta) / rho)
    for _ in range(200):  # the bound has one minimum in the order
        one, two = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, two) if _bound(rho, delta, one) < _bound(rho, delta, two) else (one, high)
    return max(0.0, _bound(rho, delta, (low + high) / 2))


def _bound(rho: float, delta: float, order: float) -> float:
    return order * rho + math.log1p(-1 / order) - math.log(delta * order) / (order - 1)
