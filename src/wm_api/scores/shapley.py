"""PURE: exact Shapley values of a few players, and parts that are printed so that they add up."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from functools import cache
from itertools import combinations
from math import factorial, fsum
from typing import TypeVar

Player = TypeVar("Player", bound=Hashable)


def shapley(players: Sequence[Player], value: Callable[[frozenset[Player]], float]) -> dict[Player, float]:
    """What each player adds, averaged over all orders. The parts add up to value(all) - value(nobody)."""
    worth = cache(value)
    parts = {}
    for player in players:
        others = [other for other in players if other != player]
        coalitions = [frozenset(each) for size in range(len(players)) for each in combinations(others, size)]
        parts[player] = fsum(
            factorial(len(before)) * factorial(len(others) - len(before)) / factorial(len(players))
            * (worth(before | {player}) - worth(before))
            for before in coalitions
        )  # fmt: skip
    return parts


def apportioned(parts: Mapping[str, float], total: Decimal, decimals: int) -> dict[str, float]:
    """Parts at so many places by largest remainder, so that they add to `total`, which is at as many."""
    unit = Decimal(1).scaleb(-decimals)
    exact = {name: Decimal(repr(part)) / unit for name, part in parts.items()}
    floors = {name: part.to_integral_value(ROUND_FLOOR) for name, part in exact.items()}
    left = int(total / unit - sum(floors.values()))
    by_remainder = sorted(parts, key=lambda name: (floors[name] - exact[name], name))
    for name in by_remainder[: max(0, left)]:
        floors[name] += 1
    return {name: float(whole * unit) for name, whole in floors.items()}
