"""PURE: US separations and quits by industry, annual rates of the nation."""

from pathlib import Path

import polars as pl

from wm_api.references.loaders.cells import cells
from wm_api.references.loaders.flat_series import of_year, read_series
from wm_api.references.loaders.original import WrongFile

NOT_ADJUSTED, NATION = "JTU", "00" + "00000" + "00"
"""Survey; then state, area and size class of an id, behind its six places of industry."""
ELEMENTS = {"TS": "turnover_rate", "QU": "voluntary_turnover_rate"}
MONTHS, NONFARM = 12, "000000"


def read(path: Path, edition: str) -> pl.DataFrame:
    """The published annual rate of each industry: monthly levels of the year over mean employment, in percent.

    Never twelve rounded monthly rates. The mean monthly quits rate is its twelfth.
    """
    rates = annual_rates(path, edition)
    metric = pl.col("element").replace_strict(ELEMENTS, default=None).alias("metric")
    yearly = rates.with_columns(metric).drop_nulls("metric")
    monthly = rates.filter(pl.col("element") == "QU").with_columns(
        pl.lit("quits_rate_monthly").alias("metric"), pl.col("p50") / MONTHS
    )
    words = (pl.lit("industry").alias("level"), pl.lit("centre").alias("kind"), pl.lit("percent").alias("unit"))
    return cells(yearly.with_columns(words), monthly.with_columns(words))


def annual_rates(path: Path, edition: str) -> pl.DataFrame:
    """element, industry and rate (`p50`) of the nation, all sizes, of the edition's year."""
    series = pl.col("series_id").str
    rows = read_series(path, NOT_ADJUSTED).filter((series.slice(9, 9) == NATION) & (series.slice(20, 1) == "R"))
    found = of_year(rows, edition)
    _is_whole(found)
    return found.select(
        series.slice(18, 2).alias("element"), series.slice(3, 6).alias("industry"), p50="value"
    ).unique()


def _is_whole(rows: pl.DataFrame) -> None:
    """The file is sorted by industry and element: of one that was cut off, a rate is there without the other."""
    series = pl.col("series_id").str
    of_element = {
        element: set(rows.filter(series.slice(18, 2) == element).select(series.slice(3, 6)).to_series())
        for element in ELEMENTS
    }
    if NONFARM not in of_element["TS"] or len(set(map(frozenset, of_element.values()))) > 1:
        raise WrongFile(
            "Column series_id has not both rates (TS and QU) of every industry and of the nation. The file was cut off:"
            " Load it whole."
        )
