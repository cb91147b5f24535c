"""What a cell gives: one noisy count, and by it a draw of each statistic that reaches its gate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wm_api.benchmarks.contributed import mechanisms, printing
from wm_api.benchmarks.contributed.entries import Entry
from wm_api.benchmarks.contributed.plan import COUNT_EPS, Plan, Share, Statistic
from wm_api.benchmarks.contributed.tree import Node


@dataclass(frozen=True, slots=True)
class Drawn:
    """A value as it is published: of a median the middle alone."""

    band: str
    p25: float | None
    p50: float
    p75: float | None
    error: float


@dataclass(frozen=True, slots=True)
class Due:
    """A statistic that reaches its gate in a cell: charged, and then drawn once."""

    node: Node
    statistic: Statistic
    band: str
    values: Sequence[float]

    @property
    def share(self) -> Share:
        return self.statistic.shares[self.node.level]


def due(plan: Plan, node: Node, entries: Sequence[Entry]) -> list[Due]:
    """One count for all statistics of a cell; under every gate it is forgotten."""
    noisy = mechanisms.noisy_count(len(entries), COUNT_EPS)
    return [
        Due(node, statistic, printing.band_of(noisy), [entry.values[at] for entry in entries])
        for at, statistic in enumerate(plan.statistics)
        if printing.published(len(entries), noisy, statistic.shares[node.level].gate)
    ]


def drawn(of: Due, parent: Drawn | None) -> Drawn | None:
    """None where the error is too large to print; that, too, has been charged."""
    scale, share = of.statistic.scale, of.share
    if of.statistic.mechanism == "median":
        middle = mechanisms.median(of.values, scale, share.eps, parent.p50 if parent else None)
        return Drawn(of.band, None, middle, None, printing.error_of(scale, share, of.band))
    quartiles = mechanisms.aq3(of.values, scale, share.eps, _quartiles(parent))
    error = printing.error_of(scale, share, of.band, quartiles)
    return Drawn(of.band, *quartiles, error) if printing.near_enough(scale, error) else None


def _quartiles(parent: Drawn | None) -> printing.Quartiles | None:
    if parent is None or parent.p25 is None or parent.p75 is None:
        return None
    return parent.p25, parent.p50, parent.p75


def parent_of(of: Due, published: Mapping[tuple[str, str], Drawn]) -> Drawn | None:
    """The same statistic in the cell above, where that is published; by cell and statistic."""
    return published.get((of.node.parent.key, of.statistic.name)) if of.node.parent is not None else None
