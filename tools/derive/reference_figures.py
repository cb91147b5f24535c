"""Derives the packaged reference tables from the open data: python tools/derive/reference_figures.py [DATA [OUT]].

Writes into src/wm_api/references/data, with provenance.json beside them. The tables of sources are made by the loaders
that `wm-api load-reference` uses.
"""

import json
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import polars as pl

from wm_api.references.loaders.industry_codes import sections
from wm_api.references.sources import SOURCES

ROOT = Path(__file__).resolve().parents[2]
LAW = "US from 2009-07-24, Germany from 2022-10-01 to 2027-12-31"
NATION_AND_STATES = r"^(US|\d\d)$"


@dataclass(frozen=True)
class Origin:
    """An original of the open data, the edition that it is packaged as, and the words for the period that it is of."""

    source: str
    edition: str
    original: Path
    period: str
    file: str


def origins(data: Path) -> tuple[Origin, ...]:
    own = ROOT / "tools/derive/originals"
    return (
        Origin("uk_gpg", "2021-22", data / "uk_gpg/uk_gpg_2021_2022.csv.gz", "2021-22", "uk_gpg_2021_22.csv"),
        Origin("bls_jolts", "2021", data / "bls_jolts/jolts_all.parquet", "2021", "bls_jolts_2021.csv"),
        Origin(
            "bls_ebs",
            "2025",
            data / "bls_ebs_sick_leave/ebs_psl_access_2010_2025.csv.gz",
            "March 2025",
            "bls_ebs_2025.csv",
        ),
        Origin("bls_oews", "2025-05", data / "bls_oews/oews_2025_all.parquet", "May 2025", "bls_oews_2025_05.csv"),
        Origin("legal_minimum", "2026-11", own / "legal_minima.csv", LAW, "legal_minima.csv"),
        Origin(
            "us_cpi_u", "2026-08", own / "cu.data.CUUR0000SA0", "January 2019 to August 2026", "us_cpi_u_2026_08.csv"
        ),
    )


def table_of(origin: Origin) -> str:
    """Of wages only the nation and the states are packaged: what the concordance of places reaches."""
    source = SOURCES[origin.source]
    table = source.read(origin.original, origin.edition)
    if "area" in table.columns:
        table = table.filter(pl.col("area").str.contains(NATION_AND_STATES))
    return source.written(table)


def provenance(out: Path, made: tuple[Origin, ...], codes: Path) -> dict[str, dict[str, str]]:
    """Where each file comes from, under which licence, and its hash."""
    concordances = {
        "table_of": "industry_codes",
        "edition": "2022",
        "source": "NAICS 2017 and 2022, ISIC 4, NACE 2 and 2.1, UK SIC 2007 and their concordances",
        "url": "https://unstats.un.org/unsd/classifications",
        "licence": "MIT tables of public lists",
        "reference_period": "lists in force in 2025",
        "original_sha256": sha256(b"".join(file.read_bytes() for file in sorted(codes.glob("*.csv.gz")))).hexdigest(),
    }
    stated = {origin.file: _stated(origin) for origin in made} | {"sectors.json": concordances}
    derived = "tools/derive/reference_figures.py"
    return {
        name: {**entry, "derived_by": derived, "sha256": sha256((out / name).read_bytes()).hexdigest()}
        for name, entry in sorted(stated.items())
    }


def _stated(origin: Origin) -> dict[str, str]:
    source = SOURCES[origin.source]
    return {
        "table_of": source.name,
        "edition": origin.edition,
        "source": source.title,
        "url": source.url,
        "licence": source.licence,
        "reference_period": origin.period,
        "original_sha256": sha256(origin.original.read_bytes()).hexdigest(),
    }


def main(data: Path, out: Path) -> None:
    folder, made = out / "references/data", origins(data)
    folder.mkdir(parents=True, exist_ok=True)
    codes = data / "industry_codes"
    tables = json.dumps(sections(codes), separators=(",", ":"), sort_keys=True)
    (folder / "sectors.json").write_text(tables + "\n")
    for origin in made:
        (folder / origin.file).write_text(table_of(origin))
    (folder / "provenance.json").write_text(json.dumps(provenance(folder, made, codes), indent=1) + "\n")


if __name__ == "__main__":
    arguments = [Path(argument) for argument in sys.argv[1:]]
    main(*(arguments + [ROOT.parent / "shared/data", ROOT / "src/wm_api"][len(arguments) :]))
