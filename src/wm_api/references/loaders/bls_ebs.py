"""PURE: share of US workers with access to paid sick leave, by industry and ownership."""

from pathlib import Path

import polars as pl

from wm_api.references.loaders.cells import cells
from wm_api.references.loaders.original import WrongFile, coded, numbers, read_table, spanned

INDUSTRIES = (
    "300000", "400000", "412000", "430000", "520A00", "522000", "524000", "540A00", "600000", "611100", "612000",
    "622000", "700000", "920000", "G00000", "S00000",
)  # fmt: skip
SECTORS = ("22", "23", "42", "51", "52", "53", "54", "56", "61", "62", "72", "81")
ALL = "Z_000000"
COLUMNS = {
    ALL: None,
    **{f"Z_{code}": code for code in INDUSTRIES},
    **{f"naics_{code}": f"{code}0000" for code in SECTORS},
}
OWNERSHIP = {"all": None, "private": "private", "public": "government"}


def read(path: Path, edition: str) -> pl.DataFrame:
    """Percent of workers, profile us, part sick_leave of the access to benefits. A blank cell is not published."""
    table = coded(numbers(read_table(path, ("year", "type", *COLUMNS)), "year", *COLUMNS), "type", OWNERSHIP)
    year = table.filter(pl.col("year") == int(edition[:4]))
    if not year.height:
        years = sorted(table.get_column("year").cast(pl.Int32).unique().to_list())
        raise WrongFile(
            f"Column year has no {edition[:4]}; it has {spanned(years)}. Name the edition after the year that it is of."
        )
    long = year.unpivot(list(COLUMNS), index="type", variable_name="column", value_name="share").drop_nulls("share")
    industry = pl.col("column").replace_strict(COLUMNS, return_dtype=pl.String).alias("industry")
    placed = long.with_columns(industry, pl.col("type").alias("ownership"))
    level = (
        pl.when(pl.col("industry").is_not_null() & pl.col("ownership").is_not_null())
        .then(pl.lit("industry_ownership"))
        .when(pl.col("industry").is_not_null())
        .then(pl.lit("industry"))
        .when(pl.col("ownership").is_not_null())
        .then(pl.lit("ownership"))
        .otherwise(pl.lit("all"))
    )
    words = {
        "metric": "benefit_access_rate",
        "part": "sick_leave",
        "profile": "us",
        "kind": "centre",
        "unit": "percent",
    }
    return cells(
        placed.with_columns(
            level.alias("level"), (100 * pl.col("share")).alias("p50"), **{k: pl.lit(v) for k, v in words.items()}
        )
    )
