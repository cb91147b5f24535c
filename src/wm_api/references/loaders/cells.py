"""PURE: the one form of reference statistics that companies are compared with."""

from collections.abc import Mapping, Sequence

import polars as pl

CELL: Mapping[str, type[pl.DataType]] = {
    "metric": pl.String,
    "part": pl.String,
    "profile": pl.String,
    "level": pl.String,
    "sector": pl.String,
    "size_band": pl.String,
    "industry": pl.String,
    "ownership": pl.String,
    "kind": pl.String,
    "n": pl.Int64,
    "p10": pl.Float64,
    "p25": pl.Float64,
    "p50": pl.Float64,
    "p75": pl.Float64,
    "p90": pl.Float64,
    "unit": pl.String,
}
"""`part`: what of the metric it is of, blank for the value that is compared; `kind`: quartiles between employers, or a
centre only; `n`: employers."""
VALUES = ("p10", "p25", "p50", "p75", "p90")
PLACES = 6


def cells(*frames: pl.DataFrame) -> pl.DataFrame:
    """In the fixed order of columns and rows; a column that a frame lacks is blank."""
    filled = [
        frame.with_columns(pl.lit(None, kind).alias(name) for name, kind in CELL.items() if name not in frame.columns)
        for frame in frames
    ]
    whole = pl.concat([frame.select(pl.col(name).cast(kind) for name, kind in CELL.items()) for frame in filled])
    placed = whole.with_columns(pl.col("profile").fill_null("default"), pl.col(*VALUES).round(PLACES))
    return placed.sort(*[name for name in CELL if name not in VALUES])


def quartiles(values: pl.DataFrame, by: Sequence[str], least: int) -> pl.DataFrame:
    """Of column `value` for each metric and part; a cell of fewer than `least` employers is left out."""
    cut = [
        pl.col("value").quantile(at, interpolation="linear").alias(name)
        for name, at in zip(VALUES, (0.1, 0.25, 0.5, 0.75, 0.9), strict=True)
    ]
    found = values.group_by("metric", "part", "unit", *by).agg(pl.len().alias("n"), *cut).filter(pl.col("n") >= least)
    return found.with_columns(pl.lit("_".join(by) or "all").alias("level"), pl.lit("quartiles").alias("kind"))
