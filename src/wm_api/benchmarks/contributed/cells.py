"""PURE: the contributed cell that a company is compared with: sector x region > sector > all, the first that exists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wm_api.benchmarks.contributed.printing import least_of
from wm_api.benchmarks.contributed.tree import Node, path_of
from wm_api.benchmarks.fallback import Place


@dataclass(frozen=True, slots=True)
class Published:
    """Quartiles of a metric in one cell of a contributed release."""

    metric: str
    sector: str | None
    region: str | None
    p25: float
    p50: float
    p75: float
    contributors_band: str
    error: float
    label: str

    @property
    def groups(self) -> int:
        """At least so many, with noise."""
        return least_of(self.contributors_band)


Key = tuple[str, Node]


def by_node(cells: Iterable[Published]) -> dict[Key, Published]:
    return {(cell.metric, Node(cell.sector, cell.region)): cell for cell in cells}


def find(cells: Mapping[Key, Published], metric: str, place: Place) -> tuple[Published, str] | None:
    """The cell, and the words for where it stands. Never chosen per company."""
    for node in reversed(path_of(place.section, place.region)):
        if (metric, node) in cells:
            return cells[metric, node], _where(node, place)
    return None


def for_everybody(cells: Mapping[Key, Published], metric: str) -> bool:
    """Whether every company finds a cell, whatever its place."""
    return (metric, Node()) in cells


def _where(node: Node, place: Place) -> str:
    if node.sector is None:
        return f"all groups; {'sector dropped' if place.section else place.no_sector}"
    return f"section {node.sector}" + ("" if node.region is None else f", region {node.region}")
