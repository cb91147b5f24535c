"""PURE: US consumer prices, all items, not seasonally adjusted (CUUR0000SA0)."""

from pathlib import Path

import polars as pl

from wm_api.references.loaders.flat_series import ANNUAL, read_series
from wm_api.references.loaders.original import WrongFile

SERIES = "CUUR0000SA0"


def read(path: Path, edition: str) -> pl.DataFrame:
    """year, period, index: months 01 to 12, and `year` for the published annual mean."""
    rows = read_series(path, SERIES)
    months = pl.col("period").str.contains(r"^M(0[1-9]|1[0-2])$")
    named = pl.when(pl.col("period") == ANNUAL).then(pl.lit("year")).when(months).then(pl.col("period").str.slice(1, 2))
    found = rows.with_columns(named.alias("period")).drop_nulls("period")
    table = found.select("year", "period", index="value").unique().sort("year", "period")
    if "year" not in table.get_column("period"):
        raise WrongFile(f"Series {SERIES} has no annual mean (period {ANNUAL}).")
    _to_month(table, edition)
    return table


def _to_month(table: pl.DataFrame, edition: str) -> None:
    """The label says up to which month prices are known."""
    months = table.filter(pl.col("period") != "year").sort("year", "period")
    if months.is_empty():
        raise WrongFile(f"Series {SERIES} has no month. Load the file whole.")
    last = months.row(-1)
    named = f"{last[0]}-{last[1]}"
    if edition[: len(named)] != named:
        raise WrongFile(f"The last month in the file is {named}. Name the edition after it.")
