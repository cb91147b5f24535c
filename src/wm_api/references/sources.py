"""PURE: the public sources whose editions are loaded: what each is, and how its original is read."""

import io
import re
from calendar import month_name
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import polars as pl

from wm_api.references.loaders import bls_ebs, bls_jolts, bls_oews, legal_minimum, living_wage, uk_gpg, us_cpi_u
from wm_api.references.loaders.cells import CELL

MONTHS = tuple(f"{number:02d}" for number in range(1, 13))
PUBLIC_DOMAIN = "US public domain"
Schema = Mapping[str, type[pl.DataType]]
MARKET_PAY: Schema = {"area": pl.String, "soc_code": pl.String, "p50_hourly_usd": pl.Float64}
LIVING_WAGE: Schema = {
    "county": pl.String, "adults": pl.Int64, "working": pl.Int64, "children": pl.Int64, "hourly_usd": pl.Float64,
}  # fmt: skip
MINIMA: Schema = {
    "place": pl.String, "currency": pl.String, "hourly": pl.Float64, "since": pl.Date, "until": pl.Date,
    "law": pl.String,
}  # fmt: skip
PRICES: Schema = {"year": pl.Int64, "period": pl.String, "index": pl.Float64}


NAME = re.compile(r"\d{4}(-[0-9A-Z]{2})?(\.[1-9]\d{0,2})?")
"""2021, 2021-22, 2025-05, 2022-H1; a corrected one 2021.1: the newest is the last `in_order`."""


def in_order(edition: str) -> tuple[str, int]:
    """Sorts editions: by what they are of, then by the number of the correction: 2021.2 is before 2021.10."""
    of, _, correction = edition.partition(".")
    return of, int(correction or 0)


class EditionRefused(ValueError):  # noqa: N818 - named for what is so
    """The name is none, or another file has it."""


@dataclass(frozen=True, slots=True)
class Source:
    """`file`: which original to load; `edition`: how its editions are named; `label`: what a comparison with one says.

    `read` makes the table, of columns `schema`, from the original and the name of the edition.
    """

    name: str
    title: str
    url: str
    licence: str
    label: str
    file: str
    edition: str
    schema: Schema
    read: Callable[[Path, str], pl.DataFrame]

    @property
    def of_cells(self) -> bool:
        """Whether companies are compared with it; else metrics are computed with it."""
        return self.schema is CELL

    def said(self, edition: str) -> str:
        """The label of an edition; a month in words."""
        year, _, month = edition.partition("-")
        named = f"{month_name[int(month)]} {year}" if month in MONTHS else edition
        return self.label.format(edition=edition, month=named)

    def from_original(self, file: Path, edition: str) -> pl.DataFrame:
        """Raises EditionRefused for what is no name, WrongFile for another file."""
        if not NAME.fullmatch(edition):
            raise EditionRefused(f"That names no edition. Name it after {self.edition}; a corrected one 2021.1.")
        return self.read(file, edition)

    def written(self, table: pl.DataFrame) -> str:
        """The table as text: one for the same figures."""
        return table.select(list(self.schema)).write_csv()

    def opened(self, text: str) -> pl.DataFrame:
        return pl.read_csv(io.StringIO(text), schema=dict(self.schema))


ALL = (
    Source(
        "uk_gpg",
        "Gender pay gap service, employers' returns",
        "https://gender-pay-gap.service.gov.uk",
        "Open Government Licence v3",
        "UK employers, returns {edition}",
        "the CSV of one reporting year from the service's page of downloads",
        "the reporting year, as 2021-22",
        CELL,
        uk_gpg.read,
    ),
    Source(
        "bls_jolts",
        "BLS Job Openings and Labor Turnover Survey, annual rates of the nation by industry",
        "https://www.bls.gov/jlt/",
        PUBLIC_DOMAIN,
        "US separations {edition}",
        "jt.data.1.AllItems from download.bls.gov/pub/time.series/jt",
        "the year, as 2021",
        CELL,
        bls_jolts.read,
    ),
    Source(
        "bls_ebs",
        "BLS Employee Benefits in the United States, access to paid sick leave",
        "https://www.bls.gov/ebs/",
        PUBLIC_DOMAIN,
        "US access to paid sick leave {edition}",
        "CSV with columns year, type (all, private, public) and one column an industry (Z_000000, naics_22, ...)",
        "the year, as 2025",
        CELL,
        bls_ebs.read,
    ),
    Source(
        "bls_oews",
        "BLS Occupational Employment and Wage Statistics, hourly medians",
        "https://www.bls.gov/oes/",
        PUBLIC_DOMAIN,
        "US wages by occupation, {month}",
        "all_data_M_YYYY.xlsx, or the same as CSV",
        "year and month, as 2025-05",
        MARKET_PAY,
        bls_oews.read,
    ),
    Source(
        "living_wage",
        "Living wages of US counties by household",
        "https://livingwage.mit.edu",
        "not ours to pass on: load it where you may use it, and ask before you show it outside",
        "Living wage by county {edition}",
        "CSV with columns state, county, adults, children, wage",
        "when its prices are of: 2022 (mean of the year), 2022-H1 (of its first half) or 2022-04 (of a month)",
        LIVING_WAGE,
        living_wage.read,
    ),
    Source(
        "us_cpi_u",
        "BLS CPI-U, US city average, all items (CUUR0000SA0)",
        "https://www.bls.gov/cpi/",
        PUBLIC_DOMAIN,
        "US consumer prices to {month}",
        "cu.data.1.AllItems from download.bls.gov/pub/time.series/cu",
        "the last month in it, as 2026-08",
        PRICES,
        us_cpi_u.read,
    ),
    Source(
        "legal_minimum",
        "Minimum wage of adults; the law is named in each line",
        "https://www.dol.gov/agencies/whd/minimum-wage, https://www.gesetze-im-internet.de/milog/",
        "public domain (statutes)",
        "Legal minimum of pay, {month}",
        "CSV with columns place (US or US-CA), currency, hourly, since, until, law",
        "when it was put together, as 2026-11",
        MINIMA,
        legal_minimum.read,
    ),
)
SOURCES: Mapping[str, Source] = MappingProxyType({source.name: source for source in ALL})
