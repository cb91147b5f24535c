"""PURE: who counts in a release, and as what: one row a group, of equal weight (domain.md 5.3.1)."""

import hmac
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from wm_api.benchmarks.contributed.plan import Plan
from wm_api.benchmarks.contributed.tree import Node, path_of

LEAST_EMPLOYEES = 50
SINCE = timedelta(days=90)
"""How long a group is there before it counts."""
AGE = timedelta(days=92)
"""Figures are three months old or more at the release: any three months, also the longest."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that takes part, with the figures of its newest score that is old enough."""

    group: str
    since: date
    employees: int
    sector: str | None
    region: str | None
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Entry:
    """A group in a release: where it counts, and its values in the order of the plan's statistics."""

    sector: str | None
    region: str | None
    values: tuple[float, ...]


def entries_of(candidates: Iterable[Candidate], plan: Plan, day: date) -> list[Entry]:
    """Of a group with several accounts the largest counts. The order says nothing of who is who."""
    groups: dict[str, list[Candidate]] = defaultdict(list)
    for each in candidates:
        if _counts(each, plan, day):
            groups[each.group].append(each)
    chosen = (max(members, key=_size) for members in groups.values())
    entries = [Entry(each.sector, each.region, _values(each, plan)) for each in chosen]
    return sorted(entries, key=lambda entry: (entry.sector or "", entry.region or "", entry.values))


def _counts(each: Candidate, plan: Plan, day: date) -> bool:
    """A group enters with every statistic of the plan or not at all, so that one count serves the whole cell."""
    whole = all(statistic.name in each.figures for statistic in plan.statistics)
    return whole and each.employees >= LEAST_EMPLOYEES and each.since <= day - SINCE


def _size(each: Candidate) -> tuple[int, list[tuple[str, float]]]:
    return each.employees, sorted(each.figures.items())


def _values(each: Candidate, plan: Plan) -> tuple[float, ...]:
    return tuple(statistic.value(each.figures[statistic.name]) for statistic in plan.statistics)


def by_cell(entries: Iterable[Entry], plan: Plan) -> dict[Node, list[Entry]]:
    """The groups of each cell; cells that nobody is in are left out."""
    cells: dict[Node, list[Entry]] = defaultdict(list)
    for entry in entries:
        for node in path_of(entry.sector, entry.region):
            if node.level in plan.levels:
                cells[node].append(entry)
    return cells


def commitment_of(entries: Sequence[Entry], key: bytes) -> bytes:
    """A keyed hash of the snapshot: while the key is there, it shows whether the snapshot is still the same."""
    lines = json.dumps([asdict(entry) for entry in entries], separators=(",", ":"))
    return hmac.digest(key, lines.encode(), "sha256")
