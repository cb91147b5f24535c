"""PURE: editions of public statistics as the cells of one release, each with its label."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256

import polars as pl

from wm_api.references.loaders.cells import cells
from wm_api.references.packaged import packaged
from wm_api.references.sources import SOURCES

OCCUPATIONS, CENTRE_OF_ONE = "bls_oews", {"level": "occupation", "kind": "centre", "p50": 1.0, "unit": "ratio"}
"""The centre of market pay is 1 by construction: pay over the median of each occupation."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One reference statistic: quartiles between employers, or a centre only.

    `part`: what of the metric it is of, None for the value that is compared.
    """

    metric: str
    part: str | None
    profile: str
    level: str
    sector: str | None
    size_band: str | None
    industry: str | None
    ownership: str | None
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
class Edition:
    """What a release says of an edition that it is made of; `sha256` is of the original file."""

    source: str
    edition: str
    sha256: str
    title: str
    url: str
    licence: str
    label: str

    @property
    def provenance(self) -> dict[str, str]:
        return {**asdict(self), "reference_period": self.edition}


def serving() -> tuple[str, ...]:
    """The sources that companies are compared with."""
    return tuple(name for name, source in SOURCES.items() if source.of_cells or name == OCCUPATIONS)


def packaged_statistics() -> dict[Edition, pl.DataFrame]:
    """The editions that come with the distribution."""
    found = {}
    for each in (packaged(name) for name in serving()):
        source = each.source
        said = (source.name, each.edition, each.sha256, source.title, source.url, source.licence)
        found[Edition(*said, source.said(each.edition))] = source.opened(each.table)
    return found


def cells_of_editions(editions: Mapping[Edition, pl.DataFrame]) -> tuple[Cell, ...]:
    """In the order of the sources."""
    ordered = sorted(editions, key=lambda each: each.source)
    return tuple(cell for each in ordered for cell in _cells(each, editions[each]))


def _cells(edition: Edition, table: pl.DataFrame) -> Iterator[Cell]:
    if edition.source == OCCUPATIONS:
        table = cells(pl.DataFrame([{"metric": "market_pay_ratio", **CENTRE_OF_ONE}]))
    names = [name for name in Cell.__dataclass_fields__ if name != "label"]
    yield from (Cell(**row, label=edition.label) for row in table.select(names).iter_rows(named=True))


def content_hash(cells: tuple[Cell, ...], editions: Mapping[Edition, pl.DataFrame]) -> str:
    """SHA-256 in hex, over the cells and the editions that they are of."""
    made_of = sorted((each.source, each.edition, each.sha256) for each in editions)
    content = {"cells": [asdict(cell) for cell in cells], "editions": made_of}
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
