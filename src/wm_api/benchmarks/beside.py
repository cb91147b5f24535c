"""PURE: public figures that stand beside a benefit metric and count in no score: industry x ownership > ownership > all
(domain.md 5.2), of BLS Employee Benefits in the United States.
"""

from collections.abc import Iterable

from wm_api.benchmarks.fallback import GOVERNMENT_OWNED, Found, Place
from wm_api.benchmarks.public_sources import Cell

COUNTRY, LEVELS = "US", frozenset({"industry_ownership", "ownership", "all"})
INDUSTRY_BY_SECTION = {
    "C": ("300000", "manufacturing"),
    "D": ("220000", "utilities"),
    "F": ("230000", "construction"),
    "H": ("430000", "transportation and warehousing"),
    "I": ("720000", "accommodation and food services"),
    "J": ("510000", "information"),
    "K": ("520000", "finance and insurance"),
    "L": ("530000", "real estate, rental and leasing"),
    "M": ("540000", "professional and technical services"),
    "N": ("560000", "administrative and waste services"),
    "O": ("920000", "public administration"),
    "P": ("610000", "educational services"),
    "Q": ("620000", "health care and social assistance"),
    "S": ("810000", "other services"),
}
"""NAICS sectors that are one ISIC section, with the names of the survey; of the others no industry is compared with."""


def beside(cells: Iterable[Cell], metric: str, country: str, place: Place) -> list[Found]:
    """One for each part of the metric that has a figure, in order; none outside the country of the survey."""
    if country != COUNTRY:
        return []
    known = {
        (cell.part, cell.level, cell.industry, cell.ownership): cell
        for cell in cells
        if cell.metric == metric and cell.part is not None and cell.kind == "centre" and cell.level in LEVELS
    }
    paths = {part: _path(part, place) for part in sorted({key[0] or "" for key in known})}
    found = (next((Found(known[key], where) for key, where in path if key in known), None) for path in paths.values())
    return [each for each in found if each is not None]


def _path(part: str, place: Place) -> list[tuple[tuple[str, str, str | None, str | None], str]]:
    government = place.ownership == GOVERNMENT_OWNED
    owned = ("government" if government else "private") if place.ownership else None
    industry, name = INDUSTRY_BY_SECTION.get(place.section or "", (None, ""))
    dropped = "industry dropped" if place.section else place.no_sector
    return [
        ((part, "industry_ownership", industry, owned), f"section {place.section}, {name}, {owned}"),
        ((part, "ownership", None, owned), f"{owned}; {dropped}"),
        ((part, "all", None, None), f"all workers; {dropped}, ownership {'dropped' if owned else 'not stated'}"),
    ]
