"""PURE: public statistics as reference cells with edition, licence and label."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256

import polars as pl

from wm_api.references.packaged import Packaged, packaged

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


SERVING = ("uk_gpg", "bls_jolts", "bls_oews")


@cache
def packaged_release() -> PublicRelease:
    editions = [packaged(name) for name in SERVING]
    cells = (*(cell for each in editions if each.source.of_cells for cell in _cells(each)), _market_pay())
    lines = json.dumps([asdict(cell) for cell in cells], sort_keys=True, separators=(",", ":"))
    sources = tuple(Source(e.source.title, e.source.url, e.source.licence, e.edition) for e in editions)
    return PublicRelease("public-2026.1", sha256(lines.encode()).hexdigest(), sources, cells)


def _cells(edition: Packaged) -> Iterator[Cell]:
    """The values that companies are compared with: of a metric with several parts none."""
    table = edition.source.opened(edition.table).filter(pl.col("part").is_null())
    label = edition.source.label.format(edition=edition.edition)
    names = [name for name in Cell.__dataclass_fields__ if name != "label"]
    yield from (Cell(**row, label=label) for row in table.select(names).iter_rows(named=True))


def _market_pay() -> Cell:
    """Pay over the median of each occupation: the centre is 1 by construction."""
    one = (None, None, 1.0, None, None)
    return Cell("market_pay_ratio", "all", None, None, None, "centre", None, *one, "ratio", OEWS_LABEL)
