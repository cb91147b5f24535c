"""PURE: the fixed path from a company's place to a reference cell, and what the comparison is then with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wm_api.benchmarks.jolts_industries import NAICS, industries
from wm_api.benchmarks.public_sources import Cell
from wm_api.references.sectors import sections_at

BANDS = {"1-49": "1-249", "50-99": "1-249", "100-249": "1-249"}
FACTS = ("industry_scheme", "industry_code", "sector", "size_band", "ownership")
"""Of an account, that say where it stands."""
GOVERNMENT_OWNED = "government"
GOVERNMENT, PRIVATE, NONFARM = "900000", "100000", "000000"
TOTALS = {GOVERNMENT: "government", PRIVATE: "total private", NONFARM: "total nonfarm"}
Key = tuple[str, str, str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a company stands: sections of its industry code (several: not clear which), size, ownership; `region` as in
    contributed cells; its NAICS code, if it has one.
    """

    sections: tuple[str, ...]
    size_band: str | None
    ownership: str | None
    region: str | None = None
    naics: str | None = None

    @classmethod
    def of(cls, facts: Mapping[str, str | None], region: str | None = None) -> "Place":
        """From the facts of an account. Those that were recorded before a sector could be picked have none: turnover
        was compared by section alone then, and a score that is computed once more must be the same.
        """
        detailed = "sector" in facts and facts["industry_scheme"] in NAICS
        naics = facts["industry_code"] if detailed else None
        return cls(sections_at(facts), facts["size_band"], facts["ownership"], region, naics)

    @property
    def section(self) -> str | None:
        return self.sections[0] if len(self.sections) == 1 else None

    @property
    def band(self) -> str | None:
        return BANDS.get(self.size_band or "", self.size_band)

    @property
    def no_sector(self) -> str:
        """Why a cell without a sector is compared with."""
        return "sector ambiguous" if self.sections and self.section is None else "sector not known"


@dataclass(frozen=True, slots=True)
class Found:
    """A cell, and the words for it: what it holds and which levels were dropped."""

    cell: Cell
    where: str

    @property
    def label(self) -> str:
        return f"{self.cell.label} ({self.where})"


def by_place(cells: Iterable[Cell]) -> dict[Key, Cell]:
    """The values that are compared: of a metric with several parts none."""
    return {
        (cell.metric, cell.level, cell.sector, cell.size_band, cell.industry): cell
        for cell in cells
        if cell.part is None
    }


def find(cells: Mapping[Key, Cell], metric: str, place: Place) -> Found | None:
    """The first cell that exists on the metric's fixed path. Never chosen per company."""
    return next((Found(cells[key], where) for key, where in _path(metric, place) if key in cells), None)


def _path(metric: str, place: Place) -> list[tuple[Key, str]]:
    """Section x size > section > all employers; for turnover industry > supersector > total of the ownership
    > total nonfarm.
    """
    section, band = place.section, place.band
    size = "size dropped" if band else "size not stated"
    sector = "sector dropped" if section else place.no_sector
    total = GOVERNMENT if place.ownership == GOVERNMENT_OWNED else PRIVATE
    return [
        ((metric, "sector_size_band", section, band, None), f"section {section}, size {band}"),
        ((metric, "sector", section, None, None), f"section {section}; {size}"),
        *(((metric, "industry", None, None, each), where) for each, where in industries(section, place.naics)),
        ((metric, "industry", None, None, total), f"{TOTALS[total]}; {sector}"),
        ((metric, "industry", None, None, NONFARM), f"{TOTALS[NONFARM]}; {sector}"),
        ((metric, "occupation", None, None, None), "each occupation, state before nation"),
        ((metric, "all", None, None, None), _whole(metric, f"{sector}, {size}")),
    ]


def _whole(metric: str, dropped: str) -> str:
    """Market pay of all: of releases from before medians of states were read."""
    return "each occupation, nation" if metric == "market_pay_ratio" else f"all employers; {dropped}"
