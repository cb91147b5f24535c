"""A6 of domain.md 7: can the score of a group be worked out from everything that is published of 300?"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from attacks import exact
from attacks.companies import Group, by_cell, exact_cube, groups
from shared import SCALE
from wm_api.benchmarks.contributed import mechanisms, printing
from wm_api.benchmarks.contributed.plan import COUNT_EPS, POINTS, SCORE_V1
from wm_api.benchmarks.contributed.tree import Node

Published = dict[Node, exact.Outcome]


def _released(members: Sequence[Group]) -> Published:
    found: Published = {}
    for node, inside in sorted(by_cell(members).items(), key=lambda cell: len(cell[0].key)):
        share = SCORE_V1.statistics[0].shares[node.level]
        if printing.published(len(inside), mechanisms.noisy_count(len(inside), COUNT_EPS), share.gate):
            parent = found.get(node.parent) if node.parent is not None else None
            found[node] = mechanisms.aq3([members[each].score for each in inside], POINTS, share.eps, parent)
    return found


class Program:
    """What the attacker writes down: x is a score, z says whether it is at most a published quartile.

    Of each cell he knows the members; he gives each quartile the error in ranks that holds in 99 of 100 draws.
    """

    def __init__(self, members: Sequence[Group], released: Published) -> None:
        self.count, self.width = len(members), len(members)
        self.entries: list[tuple[int, int, float]] = []
        self.limits: list[float] = []
        for node, inside in by_cell(members).items():
            if node in released:
                slack = 2 * np.log(100) / (SCORE_V1.statistics[0].shares[node.level].eps / 2)
                for part, quartile in zip((0.25, 0.5, 0.75), released[node], strict=True):
                    self._add(inside, quartile, part * len(inside), slack)

    def _add(self, inside: list[int], quartile: float, rank: float, slack: float) -> None:
        first = self.width
        self.width += len(inside)
        for at, member in enumerate(inside, start=first):
            self._row({member: 1.0, at: 100.0 - quartile}, 100.0)  # z = 1: x <= quartile
            self._row({member: -1.0, at: -quartile}, -quartile)  # z = 0: x >= quartile
        all_z = range(first, self.width)
        self._row(dict.fromkeys(all_z, 1.0), rank + slack)
        self._row(dict.fromkeys(all_z, -1.0), slack - rank)

    def _row(self, row: dict[int, float], limit: float) -> None:
        self.entries += [(len(self.limits), column, value) for column, value in row.items()]
        self.limits.append(limit)

    def range_of(self, member: int) -> float:
        rows, columns, values = zip(*self.entries, strict=True)
        matrix = csr_array((values, (rows, columns)), shape=(len(self.limits), self.width))
        bounds = [(0, 100)] * self.count + [(0, 1)] * (self.width - self.count)
        ends = []
        for sign in (1.0, -1.0):
            goal = np.zeros(self.width)
            goal[member] = sign
            solved = linprog(goal, A_ub=matrix, b_ub=self.limits, bounds=bounds, method="highs")
            assert solved.status == 0, solved.message
            ends.append(sign * solved.fun)
        return float(ends[1] - ends[0])


def test_a6_no_score_is_determined_by_all_that_is_published(told: Callable[[str], None]) -> None:
    members = groups(300, seed=6)
    released = _released(members)
    assert Node() in released
    assert len(released) >= 3
    program = Program(members, released)
    tried = range(0, 300, 1 if SCALE >= 25 else 150)
    narrowest = min(program.range_of(each) for each in tried)
    told(f"A6: of {len(tried)} scores tried the best known is within {narrowest:.1f} points")
    assert narrowest >= 20


def test_a6_an_exact_cube_determines_twenty_scores_or_more(told: Callable[[str], None]) -> None:
    """A score is determined where its unit vector lies in the space of the published sums."""
    members = groups(300, seed=6)
    cube = exact_cube(members)
    matrix, sums = np.zeros((len(cube), 300)), np.array([len(inside) * mean for inside, mean in cube])
    for row, (inside, _) in enumerate(cube):
        matrix[row, inside] = 1
    _, sizes, space = np.linalg.svd(matrix, full_matrices=False)
    basis = space[sizes > 1e-9]
    determined = np.flatnonzero(np.abs((basis**2).sum(axis=0) - 1) < 1e-9)
    told(f"A6, naive: {len(determined)} of 300 scores are determined")
    assert len(determined) >= 20
    solution = np.linalg.lstsq(matrix, sums, rcond=None)[0]
    assert np.abs(solution[determined] - [members[each].score for each in determined]).max() < 1e-3
