"""PURE: original files as tables of text, and what is wrong with one, by column and remedy; no value is repeated."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
from fastexcel import FastExcelError
from polars.exceptions import PolarsError

LONGEST_NAME = 40
BLANK = ("", "-", "*", "**", "NA", "N/A", "nan")
"""What publishers print where there is no figure."""


class WrongFile(ValueError):  # noqa: N818 - named for what is so
    """The file is not the one that its source publishes; the text says what to do."""


def read_table(path: Path, columns: Sequence[str], separator: str = ",") -> pl.DataFrame:
    """The columns as text, without blanks around names and values; CSV (also .gz), Excel or Parquet by the ending."""
    frame = _opened(path, columns, separator)
    frame = frame.rename({name: name.strip() for name in frame.columns})
    lacking = [name for name in columns if name not in frame.columns]
    if lacking:
        there = ", ".join(_shown(name) for name in frame.columns[:8])
        raise WrongFile(
            f"There is no column {lacking[0]}. The columns are: {there}{', ...' if frame.width > 8 else ''}."  # noqa: PLR2004
            " Load the file as it was published, with its line of headings."
        )
    if not frame.height:
        raise WrongFile("The file has headings and no row. Load the file as it was published.")
    return frame.select(pl.col(name).cast(pl.String).str.strip_chars() for name in columns)


def _shown(name: str) -> str:
    """A heading; of what is none, such as the bytes of a picture, only a little, without what moves a terminal."""
    plain = "".join(each if each.isprintable() and each != "\ufffd" else "?" for each in name)
    return plain if len(plain) <= LONGEST_NAME else f"{plain[:LONGEST_NAME]}..."


def _opened(path: Path, columns: Sequence[str], separator: str) -> pl.DataFrame:
    endings = {each.lower() for each in path.suffixes[-2:]}
    try:
        if ".parquet" in endings:
            wanted = set(columns) & set(pl.read_parquet_schema(path))
            return pl.read_parquet(path, columns=sorted(wanted) or None)
        if ".xlsx" in endings:
            return pl.read_excel(path, engine="calamine", infer_schema_length=0)
        return pl.read_csv(path, separator=separator, infer_schema=False)
    except (PolarsError, FastExcelError, OSError, ValueError) as error:
        raise WrongFile(
            "The file cannot be read as a table. Load CSV, CSV packed by gzip (.gz), Excel (.xlsx) or Parquet"
            " (.parquet), with the ending that says which."
        ) from error


def numbers(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """The columns as numbers; blank where the publisher printed no figure."""
    text = frame.with_columns(pl.col(name).replace(dict.fromkeys(BLANK)) for name in columns)
    cast = text.with_columns(pl.col(name).str.replace_all(",", "").cast(pl.Float64, strict=False) for name in columns)
    for name in columns:
        odd = cast.get_column(name).null_count() - text.get_column(name).null_count()
        if odd:
            raise WrongFile(f"Column {name} has {odd} values that are no numbers. Load the file as it was published.")
    return cast


def coded(frame: pl.DataFrame, column: str, codes: Mapping[str, object]) -> pl.DataFrame:
    """The column's words as our codes; None leaves a row's value blank. A word that is not known refuses the file."""
    unknown = set(frame.get_column(column).drop_nulls()) - set(codes)
    if unknown:
        raise WrongFile(
            f"Column {column} has {len(unknown)} values that this version does not know. Known are: {', '.join(codes)}."
        )
    return frame.with_columns(pl.col(column).replace_strict(dict(codes)))


def spanned(years: Sequence[int]) -> str:
    if not years:
        return "no year"
    return f"{years[0]}" if years[0] == years[-1] else f"{years[0]} to {years[-1]}"
