"""PURE: the flat files of time series of the US Bureau of Labor Statistics: series_id, year, period, value."""

from pathlib import Path

import polars as pl

from wm_api.references.loaders.original import WrongFile, numbers, read_table, spanned

COLUMNS = ("series_id", "year", "period", "value")
ANNUAL = "M13"


def read_series(path: Path, begins: str) -> pl.DataFrame:
    """The series whose id begins so; years are whole numbers. The copies in CSV or Parquet have the same columns."""
    separator = "," if {".csv", ".parquet"} & set(path.suffixes) else "\t"
    rows = read_table(path, COLUMNS, separator).filter(pl.col("series_id").str.starts_with(begins))
    if not rows.height:
        raise WrongFile(f"Column series_id has no series that begins with {begins}. Load the file of all its items.")
    return numbers(rows, "year", "value").with_columns(pl.col("year").cast(pl.Int32)).drop_nulls("value")


def of_year(rows: pl.DataFrame, edition: str) -> pl.DataFrame:
    """The annual figures of the edition's year."""
    found = rows.filter((pl.col("period") == ANNUAL) & (pl.col("year") == int(edition[:4])))
    if not found.height:
        years = sorted(rows.filter(pl.col("period") == ANNUAL).get_column("year").unique().to_list())
        raise WrongFile(
            f"Column period has no annual figures ({ANNUAL}) of {edition[:4]}; it has those of {spanned(years)}."
            " Name the edition after the year that it is of."
        )
    return found
