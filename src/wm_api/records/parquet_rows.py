"""Parquet to all-text frames, a bounded number of rows at a time. What the footer says is checked, then not trusted."""

import io
from collections.abc import Iterator

import polars as pl
from polars.exceptions import PolarsError

from wm_api.records.csv_rows import Table
from wm_api.records.limits import PARQUET_FREE, PARQUET_RATIO, Limits, Ratio, Unreadable


def parquet_tables(blocks: Iterator[bytes], limits: Limits) -> Iterator[Table]:
    """Names with a text frame of their rows, as a CSV of the same values gives it. Raises Unreadable."""
    data, ratio = _whole(blocks, limits), Ratio(limits, PARQUET_RATIO, PARQUET_FREE)
    ratio.packed = len(data)
    try:
        lazy = pl.scan_parquet(data)
        schema = lazy.collect_schema()
        if len(schema) > limits.columns:
            raise Unreadable("too_many_columns")
        texts = [_as_text(name, dtype).alias(f"{index}") for index, (name, dtype) in enumerate(schema.items())]
        rows = int(lazy.select(pl.len()).collect().item())
        if rows > limits.rows:
            raise Unreadable("too_many_rows")
        yield schema.names(), pl.DataFrame(schema={text.meta.output_name(): pl.String for text in texts})
        for start in range(0, rows, limits.batch_rows):
            frame = lazy.slice(start, limits.batch_rows).collect()
            _bounded(frame, limits, ratio)
            yield schema.names(), frame.select(texts)
    except (PolarsError, OSError, ValueError, pl.exceptions.PanicException) as error:
        raise Unreadable("file_unreadable") from error


def _whole(blocks: Iterator[bytes], limits: Limits) -> bytes:
    """Held once: BytesIO grows in place and gives its bytes without a copy."""
    whole = io.BytesIO()
    for block in blocks:
        if whole.tell() + len(block) > limits.parquet_bytes:
            raise Unreadable("unpacked_too_large")
        whole.write(block)
    return whole.getvalue()


def _bounded(frame: pl.DataFrame, limits: Limits, ratio: Ratio) -> None:
    """Long cells are found before anything copies them: a megabyte in the dictionary may stand in every row."""
    lengths = [_lengths(column) for column in frame.get_columns()]
    longest = max((int(length.max() or 0) for length in lengths), default=0)  # type: ignore[arg-type]
    if longest > limits.cell_bytes:
        raise Unreadable("cell_too_long")
    ratio.unpacked(sum(int(length.sum()) for length in lengths))


def _lengths(column: pl.Series) -> pl.Series:
    """Bytes of each cell; of a number some four."""
    if column.dtype == pl.String:
        return column.str.len_bytes()
    if isinstance(column.dtype, pl.Enum | pl.Categorical):
        return column.cat.len_bytes()
    return pl.Series([4]).new_from_index(0, len(column))


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    """The text that a CSV of the same values would hold; types that records never have are unreadable."""
    column = pl.col(name)
    if dtype == pl.String or isinstance(dtype, pl.Enum | pl.Categorical):
        text = column.cast(pl.String)
        return pl.when(text != "").then(text)
    if dtype == pl.Boolean or dtype.is_integer() or dtype == pl.Date:
        return column.cast(pl.String)
    if dtype.is_float() or dtype.is_decimal():
        text = column.cast(pl.Decimal(38, 6)).cast(pl.String)
        return text.str.strip_chars_end("0").str.strip_suffix(".")
    raise Unreadable("file_unreadable")
