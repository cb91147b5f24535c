"""A linear program for what each score can be, from whatever is published of cells whose members are known.

x is a score; z(t), between 0 and 1, says that it is at most t. What is published is a sum over members: a mean of
their x, a quartile of their z at and just below it. The same program reads every release, so that one which narrows
nothing can be told from one that cannot.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from attacks import exact

TOP, PARTS = 100, (0.25, 0.5, 0.75)
DETERMINED, NARROW = 0.5, 20
"""Points: scores are whole numbers, so the first is one score; less than the second is too near."""


@dataclass(frozen=True)
class Mean:
    inside: tuple[int, ...]
    value: float


@dataclass(frozen=True)
class Quartile:
    """At least `least` members are at most this, and at most `most` are below it, each give or take `slack`."""

    inside: tuple[int, ...]
    value: int
    least: float
    most: float
    slack: float


Fact = Mean | Quartile


def exact_quartiles(inside: Sequence[int], scores: Sequence[float]) -> list[Fact]:
    """By nearest rank, without noise."""
    ordered = sorted(scores[each] for each in inside)
    ranks = [math.ceil(part * len(ordered)) for part in PARTS]
    return [Quartile(tuple(inside), int(ordered[rank - 1]), rank, rank - 1, 0.0) for rank in ranks]


def noisy_quartiles(inside: Sequence[int], drawn: exact.Outcome, eps: float) -> list[Fact]:
    """Of AQ-3, with the error in ranks that holds in 99 of 100 draws and more."""
    slack = 2 * math.log(100) / (eps / 2)
    ranks = [part * len(inside) for part in PARTS]
    return [Quartile(tuple(inside), int(value), rank, rank, slack) for value, rank in zip(drawn, ranks, strict=True)]


class Program:
    """Columns: scores, then each member's z at what is published of him, then each quartile's slack."""

    def __init__(self, count: int, facts: Sequence[Fact]) -> None:
        self.count, self.width, self.facts = count, count, list(facts)
        self.entries: list[tuple[int, int, float]] = []
        self.limits: list[float] = []
        self.most = [float(TOP)] * count
        self.z: list[dict[int, int]] = [self._z_of(each) for each in self._published_of_each()]
        self.slacks: list[int] = []
        for member in range(count):
            self._ties(member)
        for fact in self.facts:
            self._mean(fact) if isinstance(fact, Mean) else self._quartile(fact)

    def _column(self, most: float) -> int:
        self.width, self.most = self.width + 1, [*self.most, most]
        return self.width - 1

    def _published_of_each(self) -> list[set[int]]:
        found: list[set[int]] = [set() for _ in range(self.count)]
        for fact in self.facts:
            if isinstance(fact, Quartile):
                for member in fact.inside:
                    found[member] |= {fact.value - 1, fact.value} & set(range(TOP))
        return found

    def _z_of(self, points: set[int]) -> dict[int, int]:
        first, self.width = self.width, self.width + len(points)
        self.most += [1.0] * len(points)
        return dict(zip(sorted(points), range(first, self.width), strict=True))

    def _ties(self, member: int) -> None:
        """Who is at most 40 is at most 50; x lies where his z say."""
        points = list(self.z[member])
        if not points:
            return
        for one, other in pairwise(points):
            self._row({self.z[member][one]: 1.0, self.z[member][other]: -1.0}, 0.0)
        above = {self.z[member][t]: float(t - before) for before, t in zip([-1, *points], points, strict=False)}
        self._row({member: -1.0, **{at: -step for at, step in above.items()}}, -sum(above.values()))
        below = {self.z[member][t]: float(after - t) for t, after in zip(points, [*points[1:], TOP], strict=True)}
        self._row({member: 1.0, **below}, TOP)

    def _mean(self, fact: Mean) -> None:
        row, total = dict.fromkeys(fact.inside, 1.0), fact.value * len(fact.inside)
        self._row(row, total + 1e-6)
        self._row(dict.fromkeys(row, -1.0), 1e-6 - total)

    def _quartile(self, fact: Quartile) -> None:
        slack = self._column(fact.slack)
        self.slacks.append(slack)
        if fact.value < TOP:
            self._row({slack: -1.0, **{self.z[each][fact.value]: -1.0 for each in fact.inside}}, -fact.least)
        if fact.value > 0:
            self._row({slack: -1.0, **{self.z[each][fact.value - 1]: 1.0 for each in fact.inside}}, fact.most)

    def _row(self, row: Mapping[int, float], limit: float) -> None:
        self.entries += [(len(self.limits), column, value) for column, value in row.items()]
        self.limits.append(limit)

    def trust(self) -> None:
        """Take what was drawn for as exact as it can be: the least slack, of all together, that explains it."""
        goal = np.zeros(self.width)
        goal[self.slacks] = 1.0
        least = self._solved(goal)
        self._row(dict.fromkeys(self.slacks, 1.0), least + 1e-6)
        self.__dict__.pop("matrix")

    @cached_property
    def matrix(self) -> csr_array:
        rows, columns, values = zip(*self.entries, strict=True)
        return csr_array((values, (rows, columns)), shape=(len(self.limits), self.width))

    def _solved(self, goal: exact.Numbers) -> float:
        bounds = [(0.0, most) for most in self.most]
        solved = linprog(goal, A_ub=self.matrix, b_ub=self.limits, bounds=bounds, method="highs")
        assert solved.status == 0, solved.message
        return float(solved.fun)

    def range_of(self, member: int) -> tuple[float, float]:
        goal = np.zeros(self.width)
        goal[member] = 1.0
        return self._solved(goal), -self._solved(-goal)

    def ranges(self, asked: Sequence[int]) -> dict[int, tuple[float, float]]:
        """Of those who are in the same cells the range is the same, so that it is worked out once."""
        cells: dict[int, list[int]] = defaultdict(list)
        for at, fact in enumerate(self.facts):
            for member in fact.inside:
                cells[member].append(at)
        known: dict[tuple[int, ...], tuple[float, float]] = {}
        for member in asked:
            if (alike := tuple(cells[member])) not in known:
                known[alike] = self.range_of(member)
        return {member: known[tuple(cells[member])] for member in asked}
