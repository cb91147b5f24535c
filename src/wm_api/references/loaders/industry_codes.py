"""PURE: the official concordances of industry codes, as sections of ISIC 4. They are packaged, not loaded."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from wm_api.references.loaders.original import read_table

Reached = Mapping[str, frozenset[str]]
"""By code the ISIC sections that it reaches."""


def sections(folder: Path) -> dict[str, dict[str, str]]:
    """The letters of the sections, by code of each list. ISIC 4, NACE 2 and UK SIC 2007 share their `divisions`."""
    isic = isic_sections(folder)
    divisions = {code: found for code, found in isic.items() if len(code) == 2}  # noqa: PLR2004
    tables = {"divisions": divisions, **chained(folder, isic)}
    return {
        name: {code: "".join(sorted(found)) for code, found in sorted(table.items()) if found}
        for name, table in tables.items()
    }


def chained(folder: Path, isic: Reached) -> dict[str, Reached]:
    """NAICS 2022 by way of NAICS 2017, NACE 2.1 by way of NACE 2."""
    naics_2017 = followed(folder / "naics2017_to_isic4.csv.gz", isic)
    nace_2 = followed(folder / "nace2_to_isic4.csv.gz", isic)
    nace_2_1 = followed(folder / "nace21_to_nace2.csv.gz", nace_2)
    return {
        "naics_2017": naics_2017,
        "naics_2022": followed(folder / "naics2022_to_naics2017.csv.gz", naics_2017),
        "nace_2_1": {code.replace(".", ""): found for code, found in nace_2_1.items()},
    }


def isic_sections(folder: Path) -> Reached:
    """Of every code the section that the list has it under."""
    codes = read_table(folder / "isic4_codes.csv.gz", ("code", "level"))
    section = pl.when(pl.col("level") == "SECTION").then(pl.col("code")).forward_fill().alias("section")
    return {code: frozenset(found) for code, found in codes.select("code", section).iter_rows()}


def followed(concordance: Path, reached: Reached) -> Reached:
    """From the codes on the left of a concordance to all that those on its right reach."""
    pairs = read_table(concordance, ("src_code", "dst_code")).drop_nulls()
    table: dict[str, frozenset[str]] = {}
    for source, target in pairs.iter_rows():
        table[source] = table.get(source, frozenset()) | reached.get(target, frozenset())
    return table
