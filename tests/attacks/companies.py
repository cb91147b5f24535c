"""Invented groups for the attacks, with one score each, and what a naive release would say of them."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean

from wm_api.benchmarks.contributed.tree import Node, path_of

SECTORS, REGIONS, SIZES = "CGJ", ("GB", "DE"), ("50-249", "250+")


@dataclass(frozen=True)
class Group:
    sector: str
    region: str
    size: str
    score: float


def score(rolls: random.Random) -> float:
    return float(round(min(100.0, max(0.0, rolls.gauss(60, 12)))))


def groups(count: int, seed: int) -> list[Group]:
    rolls = random.Random(seed)
    return [
        Group(rolls.choice(SECTORS), rolls.choice(REGIONS), rolls.choice(SIZES), score(rolls)) for _ in range(count)
    ]


def by_cell(members: Sequence[Group]) -> dict[Node, list[int]]:
    """Who is in which cell of the tree."""
    cells = defaultdict(list)
    for number, each in enumerate(members):
        for node in path_of(each.sector, each.region):
            cells[node].append(number)
    return cells


def exact_cube(members: Sequence[Group], least: int = 3) -> list[tuple[list[int], float]]:
    """The naive release: exact means of every combination of filters and what is left of it, from three groups on."""
    rolls, found = random.Random(8), {}
    filters = [
        (name, value)
        for name, values in (("sector", SECTORS), ("region", REGIONS), ("size", SIZES))
        for value in values
    ]
    founded = [rolls.randrange(1950, 2020) for _ in members]
    for count in range(4):
        for chosen in combinations(filters, count):
            for since in range(1950, 2020, 7):
                inside = tuple(
                    number
                    for number, each in enumerate(members)
                    if founded[number] >= since and all(getattr(each, name) == value for name, value in chosen)
                )
                if len(inside) >= least:
                    found[inside] = fmean(members[number].score for number in inside)
    return [(list(inside), mean) for inside, mean in found.items()]
