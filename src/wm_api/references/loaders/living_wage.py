"""PURE: living wages of US counties by household."""

from pathlib import Path

import polars as pl

from wm_api.references.loaders.original import WrongFile, coded, numbers, read_table

ADULTS = {"1 Adult": "1/1", "2 Adults (1 Working)": "2/1", "2 Adults (Both Working)": "2/2"}
CHILDREN = {"0 Children": 0, "1 Child": 1, "2 Children": 2, "3 Children": 3}
KEY = ("county", "adults", "working", "children")


def read(path: Path, _: str) -> pl.DataFrame:
    """What each working adult must earn an hour (hourly_usd, 2,080 h a year), by county (FIPS) and household.

    The file's own year is not read: the edition says of when its prices are. A county that is there twice with the
    same wages counts once.
    """
    table = numbers(read_table(path, ("state", "county", "adults", "children", "wage")), "wage").drop_nulls("wage")
    table = coded(coded(table, "adults", ADULTS), "children", CHILDREN)
    county = pl.col("state").str.zfill(2) + pl.col("county").str.zfill(3)
    adults, working = (pl.col("adults").str.slice(at, 1).cast(pl.Int64) for at in (0, 2))
    rows = table.select(
        county.alias("county"), adults, working.alias("working"), "children", hourly_usd="wage"
    ).unique()
    if rows.unique(KEY).height < rows.height:
        raise WrongFile("Column wage says two wages of one county and household. Load one edition at a time.")
    return rows.sort(KEY)
