"""PURE: public statistics as reference cells with edition, licence and label; the fixed path to a cell."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from importlib import resources

GPG_LABEL = "UK employers, returns 2021-22"
JOLTS_LABEL = "US separations 2021"
OEWS_LABEL = "US wages by occupation, May 2025"
BANDS = {"1-49": "1-249", "50-99": "1-249", "100-249": "1-249"}
JOLTS_BY_SECTION = {
    "B": "110099", "C": "300000", "D": "480099", "E": "480099", "H": "480099", "F": "230000", "G": "400000",
    "I": "720000", "J": "510000", "K": "520000", "L": "530000", "M": "540099", "N": "540099", "O": "900000",
    "P": "610000", "Q": "620000", "R": "710000", "S": "810000",
}  # fmt: skip
GOVERNMENT, PRIVATE, NONFARM = "900000", "100000", "000000"


@dataclass(frozen=True, slots=True)
class Cell:
    """One reference statistic: quartiles between employers, or a centre only."""

    metric: str
    level: str
    sector: str | None
    size_band: str | None
    industry: str | None
    kind: str
    n: int | None
    p10: float | None
    p25: float | None
    p50: float | None
    p75: float | None
    p90: float | None
    unit: str
    label: str


@dataclass(frozen=True, slots=True)
class Source:
    title: str
    url: str
    licence: str
    reference_period: str


@dataclass(frozen=True, slots=True)
class PublicRelease:
    name: str
    sha256: str
    sources: tuple[Source, ...]
    cells: tuple[Cell, ...]


SOURCES = (
    Source(
        "Gender pay gap service, employers' returns",
        "https://gender-pay-gap.service.gov.uk",
        "Open Government Licence v3",
        "2021-22",
    ),
    Source("Job Openings and Labor Turnover Survey", "https://www.bls.gov/jlt/", "US public domain", "2021"),
    Source("Occupational Employment and Wage Statistics", "https://www.bls.gov/oes/", "US public domain", "May 2025"),
)


@cache
def packaged_release() -> PublicRelease:
    cells = (*_gender_pay(), *_turnover(), _market_pay())
    lines = json.dumps([asdict(cell) for cell in cells], sort_keys=True, separators=(",", ":"))
    return PublicRelease("public-2026.1", sha256(lines.encode()).hexdigest(), SOURCES, cells)


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = resources.files("wm_api.benchmarks").joinpath(f"data/{name}").read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())


def _gender_pay() -> Iterator[Cell]:
    for row in _rows("uk_gpg_2021_22.csv"):
        unit = "percentage_points" if row["metric"] == "variable_receipt_gap" else "percent"
        p10, p25, p50, p75, p90 = (float(row[name]) for name in ("p10", "p25", "p50", "p75", "p90"))
        place = (row["metric"], row["level"], row["sector"] or None, row["size_band"] or None, None)
        yield Cell(*place, "quartiles", int(row["n"]), p10, p25, p50, p75, p90, unit, GPG_LABEL)


def _centre(metric: str, level: str, industry: str | None, value: float, unit: str, label: str) -> Cell:
    return Cell(metric, level, None, None, industry, "centre", None, None, None, value, None, None, unit, label)


def _turnover() -> Iterator[Cell]:
    for row in _rows("bls_jolts_2021.csv"):
        code, rate = row["industry_code"], float(row["rate"])
        yield _centre(row["metric"], "industry", code, rate, "percent", JOLTS_LABEL)


def _market_pay() -> Cell:
    """Pay over the median of each occupation: the centre is 1 by construction."""
    return _centre("market_pay_ratio", "all", None, 1.0, "ratio", OEWS_LABEL)


def find(
    cells: Mapping[tuple[str, str, str | None, str | None, str | None], Cell],
    metric: str,
    section: str | None,
    size_band: str | None,
    ownership: str | None,
) -> Cell | None:
    """The first cell that exists on the metric's fixed path. Never chosen per company."""
    band = BANDS.get(size_band or "", size_band)
    total = GOVERNMENT if ownership == "government" else PRIVATE
    path = [
        (metric, "sector_size_band", section, band, None),
        (metric, "sector", section, None, None),
        (metric, "industry", None, None, JOLTS_BY_SECTION.get(section or "")),
        (metric, "industry", None, None, total),
        (metric, "industry", None, None, NONFARM),
        (metric, "all", None, None, None),
    ]
    return next((cells[key] for key in path if key in cells), None)


def by_place(cells: tuple[Cell, ...]) -> dict[tuple[str, str, str | None, str | None, str | None], Cell]:
    return {(cell.metric, cell.level, cell.sector, cell.size_band, cell.industry): cell for cell in cells}
