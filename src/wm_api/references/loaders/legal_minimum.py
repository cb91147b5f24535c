"""PURE: legal minima of hourly pay by place and day, as the operator puts them together from the law."""

from pathlib import Path

import polars as pl

from wm_api.references.loaders.original import WrongFile, numbers, read_table

COLUMNS = ("place", "currency", "hourly", "since", "until", "law")
PLACE, CURRENCY = r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$", r"^[A-Z]{3}$"


def read(path: Path, _: str) -> pl.DataFrame:
    """Of a country (ISO 3166-1) or region (ISO 3166-2), first and last day included; the law that says so is named."""
    table = numbers(read_table(path, COLUMNS), "hourly")
    for column, pattern in (("place", PLACE), ("currency", CURRENCY), ("law", r"\S")):
        _all(table, column, pl.col(column).str.contains(pattern))
    days = [
        pl.col(name).replace("", None).str.to_date("%Y-%m-%d", strict=False).alias(name) for name in ("since", "until")
    ]
    dated = table.with_columns(days)
    _all(dated, "since", pl.col("since").is_not_null())
    _all(table, "until", (pl.col("until").fill_null("") == "") | dated.get_column("until").is_not_null())
    _all(dated, "hourly", pl.col("hourly") > 0)
    return dated.select(COLUMNS).sort("place", "since")


def _all(table: pl.DataFrame, column: str, holds: pl.Expr) -> None:
    odd = table.height - table.filter(holds.fill_null(value=False)).height
    if odd:
        raise WrongFile(
            f"Column {column} has {odd} values that are not of its kind. Load place (US or US-CA), currency (USD),"
            " hourly (a number above 0), since and until (YYYY-MM-DD; until may be blank), law."
        )
