"""PURE: US wages by occupation, in the nation, in states and in metropolitan areas."""

from pathlib import Path

import polars as pl

from wm_api.references.loaders.original import WrongFile, numbers, read_table

PUBLISHED = ("AREA", "AREA_TYPE", "NAICS", "OCC_CODE", "H_MEDIAN", "A_MEDIAN")
COPIED = ("area_code", "areatype", "industry_code", "occupation_code", "hourly_median", "annual_median")
ALL_INDUSTRIES, YEAR_OF_HOURS = "000000", 2080
TOP = "#"
NATION, STATE = "nation", "state"
AREA_TYPES = {"1": NATION, "2": STATE, "4": "metro", "6": "metro", "N": NATION, "S": STATE, "M": "metro"}


def read(path: Path, _: str) -> pl.DataFrame:
    """area, soc_code, p50_hourly_usd: hourly medians of workers in all industries, without overtime and bonus.

    The area is US, the two digits of a state or the five of a metropolitan area; a group of occupations ends in 0. A
    wage that is published by the year alone is divided by 2,080; a top-coded one (#) is clipped to the highest that the
    file prints, not extrapolated.
    """
    table = _table(path).filter(pl.col("NAICS") == ALL_INDUSTRIES)
    kind = pl.col("AREA_TYPE").replace_strict(AREA_TYPES, default=None).alias("kind")
    rows = numbers(table.with_columns(kind), "H_MEDIAN", "A_MEDIAN").drop_nulls("kind")
    if not rows.height:
        raise WrongFile(f"Column NAICS has no {ALL_INDUSTRIES}, all industries. Load the file of all data.")
    hourly = pl.coalesce("H_MEDIAN", pl.col("A_MEDIAN") / YEAR_OF_HOURS).round(2).alias("p50_hourly_usd")
    found = rows.select(_area().alias("area"), _soc().alias("soc_code"), hourly).drop_nulls()
    once = found.unique(["area", "soc_code"])
    if once.height < found.height:
        raise WrongFile("Columns AREA and OCC_CODE name one median twice. Load one edition at a time.")
    return once.sort("area", "soc_code")


def _table(path: Path) -> pl.DataFrame:
    """The published file, or the copy of its series in Parquet."""
    if ".parquet" in path.suffixes:
        return read_table(path, COPIED).rename(dict(zip(COPIED, PUBLISHED, strict=True)))
    table = read_table(path, PUBLISHED)
    return table.with_columns(_clipped("H_MEDIAN"), _clipped("A_MEDIAN"))


def _clipped(name: str) -> pl.Expr:
    """Without it the pay of a surgeon would be held against the median of all of health care."""
    printed = pl.col(name).str.replace_all(",", "", literal=True).cast(pl.Float64, strict=False)
    return pl.when(pl.col(name) == TOP).then(printed.max().cast(pl.String)).otherwise(pl.col(name)).alias(name)


def _area() -> pl.Expr:
    digits = pl.col("AREA").str.strip_chars_start("0").str.pad_start(2, "0")
    state = pl.col("AREA").str.zfill(7).str.slice(0, 2)
    short = pl.when(pl.col("AREA").str.len_chars() > 2).then(state).otherwise(pl.col("AREA").str.zfill(2))  # noqa: PLR2004
    return (
        pl.when(pl.col("kind") == NATION)
        .then(pl.lit("US"))
        .when(pl.col("kind") == STATE)
        .then(short)
        .otherwise(digits.str.zfill(5))
    )


def _soc() -> pl.Expr:
    digits = pl.col("OCC_CODE").str.replace("-", "", literal=True)
    return digits.str.slice(0, 2) + "-" + digits.str.slice(2, 4)
