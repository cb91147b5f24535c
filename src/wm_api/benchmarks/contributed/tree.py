"""PURE: the fixed tree all > sector > sector_region. No filters, no choice of peers."""

from dataclasses import dataclass
from functools import cache

from wm_api.records.iso_codes import COUNTRIES

LEVELS = ("all", "sector", "sector_region")
ROOT = "all"
_STATES = {
    "US-R1": "CT ME MA NH NJ NY PA RI VT",
    "US-R2": "IA IL IN KS MI MN MO NE ND OH SD WI",
    "US-R3": "AL AR DC DE FL GA KY LA MD MS NC OK SC TN TX VA WV",
    "US-R4": "AK AZ CA CO HI ID MT NV NM OR UT WA WY",
}
CENSUS_REGIONS = {f"US-{state}": region for region, states in _STATES.items() for state in states.split()}
"""State to census region 1 to 4 (Northeast, Midwest, South, West) of the United States Census Bureau."""

REGIONS = tuple(sorted({*_STATES, *COUNTRIES} - {"US"}))
SECTORS = tuple("ABCDEFGHIJKLMNOPQRSTU")
"""Sections of ISIC."""


@dataclass(frozen=True, slots=True)
class Node:
    """One cell of the tree; its key is its path from the root."""

    sector: str | None = None
    region: str | None = None

    @property
    def level(self) -> str:
        return LEVELS[(self.sector is not None) + (self.region is not None)]

    @property
    def key(self) -> str:
        return "/".join([ROOT, *(part for part in (self.sector, self.region) if part is not None)])

    @property
    def parent(self) -> "Node | None":
        if self.region is not None:
            return Node(self.sector)
        return Node() if self.sector is not None else None


def node_of(key: str) -> Node:
    """The node of a key. Raises ValueError for what is none."""
    root, *parts = key.split("/")
    if root != ROOT or len(parts) > 2 or not all(parts):  # noqa: PLR2004 - sector and region
        raise ValueError("not a path of the tree")
    return Node(*parts)


def region_of(country: str, region: str | None) -> str | None:
    """The country; in the United States the census region, None where the state is not known."""
    return CENSUS_REGIONS.get(region or "") if country == "US" else country


def path_of(sector: str | None, region: str | None) -> tuple[Node, ...]:
    """The nodes that a company counts in, from the root down. Without a sector only the root."""
    if sector is None:
        return (Node(),)
    leaf = () if region is None else (Node(sector, region),)
    return (Node(), Node(sector), *leaf)


@cache
def nodes(levels: tuple[str, ...]) -> tuple[Node, ...]:
    """Every cell of these levels, parents before children: that a cell is drawn says nothing of who is there."""
    found = {node for sector in SECTORS for region in REGIONS for node in path_of(sector, region)}
    drawn = (node for node in found if node.level in levels)
    return tuple(sorted(drawn, key=lambda node: (LEVELS.index(node.level), node.key)))
