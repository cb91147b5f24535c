"""PURE: public statistics as reference cells with edition, licence and label."""

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from importlib import resources

GPG_LABEL = "UK employers, returns 2021-22"
JOLTS_LABEL = "US separations 2021"
OEWS_LABEL = "US wages by occupation, May 2025"


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
