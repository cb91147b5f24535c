"""Groups that come and go over eight releases, and two who read them all: they know the members, and no score.

Both know the tree, the mechanism and what everybody knows of a score. `least_squares` solves for the scores of all
groups at once from what is published of every cell; `Shadows` is Bayes' rule by histories of his own making.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt
from tools.population.utility import draw

from attacks import exact
from attacks.companies import score
from wm_api.benchmarks.contributed import mechanisms
from wm_api.benchmarks.contributed.drawing import Drawn
from wm_api.benchmarks.contributed.entries import Entry, by_cell
from wm_api.benchmarks.contributed.plan import POINTS, SCORE_V1
from wm_api.benchmarks.contributed.tree import Node, path_of

RELEASES, GROUPS, LEAVERS = 8, 60, 4
PLAN = replace(SCORE_V1, statistics=SCORE_V1.statistics[:1])
LEAVES = tuple(Node(sector, region) for sector in "CG" for region in ("DE", "FR", "GB", "IT"))
GRID = POINTS.candidates
DRAWN = np.bincount([int(score(random.Random(seed))) for seed in range(20_000)], minlength=101) + 1
PRIOR = DRAWN / DRAWN.sum()
"""What everybody knows of a score that he has not seen."""
CENTRE, SPREAD = float(PRIOR @ GRID), float(np.sqrt(PRIOR @ (np.asarray(GRID) - PRIOR @ GRID) ** 2))
Release = Mapping[tuple[str, str], Drawn]
Told = tuple[exact.Outcome, exact.Outcome | None]
"""Quartiles of a cell, and those of the cell above."""
Counts = npt.NDArray[np.integer]
CHOSEN = 30
"""Histories of all that were made up, the best."""


@dataclass(frozen=True)
class Member:
    """In a cell from one release to another; known to everybody."""

    leaf: Node
    first: int
    last: int

    def is_in(self, release: int) -> bool:
        return self.first <= release <= self.last


@cache
def members() -> tuple[Member, ...]:
    """Between two releases one leaves each cell of every other, and one joins each of those between: four and four."""
    found = []
    for at, leaf in enumerate(LEAVES):
        gone = [step for step in range(RELEASES - 1) if (at + step) % 2 == 0]
        come = [step for step in range(RELEASES - 1) if (at + step) % 2]
        found += [Member(leaf, 0, step) for step in gone]
        found += [Member(leaf, 0, RELEASES) for _ in range(GROUPS - len(gone))]
        found += [Member(leaf, step + 1, RELEASES) for step in come]
    return tuple(found)


def leavers() -> list[int]:
    return [number for number, each in enumerate(members()) if each.last < RELEASES]


def history(scores: Sequence[float]) -> Sequence[Release]:
    """All that is published, by the code that makes releases: counts, gates, parents and what is not printed."""
    found = []
    for release in range(RELEASES):
        there = [
            Entry(each.leaf.sector, each.leaf.region, (value,))
            for each, value in zip(members(), scores, strict=True)
            if each.is_in(release)
        ]
        found.append(draw(PLAN, by_cell(there, PLAN)))
    return found


@cache
def _rows() -> dict[tuple[int, str], exact.Numbers]:
    """Who is in each cell of the tree, in each release."""
    nodes = {node for leaf in LEAVES for node in path_of(leaf.sector, leaf.region)}
    return {
        (release, node.key): np.array(
            [float(each.is_in(release) and node in path_of(each.leaf.sector, each.leaf.region)) for each in members()]
        )
        for release in range(RELEASES)
        for node in nodes
    }


def exact_tree(scores: Sequence[float]) -> exact.Numbers:
    """The naive release, its attacker: exact means of every cell of the same tree, solved for the scores."""
    known, rows = np.asarray(scores), list(_rows().values())
    return least_squares(rows, [row @ known / row.sum() for row in rows], [1e-6] * len(rows))


def from_quartiles(releases: Sequence[Release]) -> exact.Numbers:
    """The same attacker, of ours: a cell's mean is about that of its quartiles, off by what is printed beside them."""
    rows, means, errors = [], [], []
    for (release, key), row in _rows().items():
        if (told := releases[release].get((key, "score"))) is not None:
            rows.append(row)
            means.append(float(np.mean(_quartiles(told))))
            errors.append(told.error / 1.96)
    return least_squares(rows, means, errors)


def least_squares(rows: Sequence[exact.Numbers], means: Sequence[float], errors: Sequence[float]) -> exact.Numbers:
    """Each score by what is known of all means, weighed against what is known of a score anyway."""
    shares = np.stack([row / row.sum() for row in rows])
    apart = SPREAD**2 * shares @ shares.T + np.diag(np.square(errors))
    found: exact.Numbers = CENTRE + SPREAD**2 * shares.T @ np.linalg.solve(apart, np.asarray(means) - CENTRE)
    return found


class Shadows:
    """Histories that the attacker makes up of one cell: those that explain what was published tell of its leavers.

    Cells where somebody leaves between the same releases are alike: one lot of histories serves them all.
    """

    def __init__(self, leaf: Node, count: int) -> None:
        self.inside = [each for each in members() if each.leaf == leaf]
        self.scores = np.random.default_rng(7).choice(len(PRIOR), (count, len(self.inside)), p=PRIOR)
        self.upto, self.under = [], []
        for release in range(RELEASES):
            there = self.scores[:, [each.is_in(release) for each in self.inside]]
            flat = (there + len(GRID) * np.arange(count)[:, None]).ravel()
            of_value = np.bincount(flat, minlength=count * len(GRID)).reshape(count, -1).astype(np.int16)
            self.upto.append(np.cumsum(of_value, axis=1, dtype=np.int16))
            self.under.append(self.upto[-1] - of_value)

    def beliefs(self, releases: Sequence[Release], leaf: Node) -> list[exact.Numbers]:
        """Of each leaver's score, in their order, after all releases; what is not printed tells him nothing.

        Few histories explain well what was published. Of each of those he asks anew what the leaver may have been
        beside its others: an average of exact beliefs, so that few are enough.
        """
        told = [_told(release, leaf) for release in releases]
        seen = np.zeros(len(self.scores))
        for at, quartiles in enumerate(told):
            if quartiles is not None:
                seen += log_chance(self.under[at], self.upto[at], *quartiles)
        best = np.argsort(seen)[-CHOSEN:]
        shares = np.exp(seen[best] - seen[best[-1]])
        columns = [at for at, each in enumerate(self.inside) if each.last < RELEASES]
        return [shares @ self.beside(best, column, told) / shares.sum() for column in columns]

    def beside(self, chosen: npt.NDArray[np.intp], column: int, told: Sequence[Told | None]) -> exact.Numbers:
        """By each chosen history, a row: the chances of every score of one member, were its others the true ones."""
        every = np.arange(len(GRID))
        own, seen = self.scores[chosen, column][:, None], np.zeros(len(chosen) * len(GRID))
        for at, quartiles in enumerate(told):
            if quartiles is not None and self.inside[column].is_in(at):
                others = self.under[at][chosen] - (own < every), self.upto[at][chosen] - (own <= every)
                mine = every[:, None] < every, every[:, None] <= every
                pair = [(one[:, None, :] + two).reshape(len(seen), -1) for one, two in zip(others, mine, strict=True)]
                seen += log_chance(pair[0], pair[1], *quartiles)
        rows = seen.reshape(len(chosen), -1)
        weights: exact.Numbers = np.exp(rows - rows.max(axis=1, keepdims=True)) * PRIOR
        found: exact.Numbers = weights / weights.sum(axis=1, keepdims=True)
        return found


def log_chance(under: Counts, upto: Counts, told: exact.Outcome, above: exact.Outcome | None) -> exact.Numbers:
    """Of published quartiles by row, from how many values lie under and up to each whole number; as in `exact`."""
    low, middle, high = (int(each) for each in told)
    of_all, lower = upto[:, -1:], under[:, [middle]]
    parents = above or (None, None, None)
    halves = (
        (middle, _among(0, 100, parents[1]), lambda of: under[:, of] - (of_all - upto[:, of])),
        (low, _among(0, middle, parents[0]), lambda of: under[:, of] - np.maximum(0, lower - upto[:, of])),
        (high, _among(middle, 100, parents[2]), lambda of: under[:, of] - lower - (of_all - upto[:, of])),
    )
    found: exact.Numbers = sum(
        (_log_share(drawn, among, surplus(among)) for drawn, among, surplus in halves), np.zeros(len(under))
    )
    return found


def _among(least: int, most: int, parent: float | None) -> list[int]:
    """Whole numbers that may be drawn."""
    return [int(each) for each in mechanisms._near(GRID[least : most + 1], POINTS, parent)]


def _log_share(drawn: int, among: list[int], surplus: Counts) -> exact.Numbers:
    eps = PLAN.statistics[0].shares["sector_region"].eps / 2
    weights = np.abs(surplus).astype(np.float32) * (-eps / 2)
    top = weights.max(axis=1, keepdims=True)
    found: exact.Numbers = weights[:, among.index(drawn)] - top[:, 0] - np.log(np.exp(weights - top).sum(axis=1))
    return found


def _told(release: Release, leaf: Node) -> Told | None:
    mine, above = release.get((leaf.key, "score")), release.get((f"all/{leaf.sector}", "score"))
    return None if mine is None else (_quartiles(mine), _quartiles(above) if above else None)


def _quartiles(told: Drawn) -> exact.Outcome:
    assert told.p25 is not None
    assert told.p75 is not None
    return told.p25, told.p50, told.p75
