"""Files to all-text frames in bounded batches: CSV and Parquet, plain or gzip, counted while unpacking."""

import csv
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import polars as pl
from polars.exceptions import PolarsError

BLOCK = 8 << 20
RATIO_FREE = 1 << 20
BOM = b"\xef\xbb\xbf"
CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may be; the defaults are shown by record-kinds."""

    unpacked_bytes: int = 5 << 30
    ratio: int = 100
    rows: int = 100_000_000
    columns: int = 64
    cell_bytes: int = 256
    batch_rows: int = 200_000


class Unreadable(Exception):  # noqa: N818 - named for what is wrong
    """`code` is the rule that the file as a whole breaks."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def unpacked(source: BinaryIO, content_encoding: str | None, limits: Limits) -> Iterator[bytes]:
    """Blocks of the unpacked file, never more than the limit, never above the ratio after the first MiB."""
    if content_encoding in {None, "identity"}:
        yield from _plain(source, limits)
        return
    inflater, packed, plain = zlib.decompressobj(zlib.MAX_WBITS | 16), 0, 0
    while block := source.read(BLOCK // 8):
        packed += len(block)
        while block:
            try:
                piece = inflater.decompress(block, BLOCK)
            except zlib.error as error:
                raise Unreadable("file_unreadable") from error
            plain += len(piece)
            if plain > limits.unpacked_bytes or (plain > RATIO_FREE and plain > limits.ratio * packed):
                raise Unreadable("unpacked_too_large")
            yield piece
            block = inflater.unconsumed_tail
    if not inflater.eof:
        raise Unreadable("file_unreadable")


def _plain(source: BinaryIO, limits: Limits) -> Iterator[bytes]:
    seen = 0
    while block := source.read(BLOCK):
        seen += len(block)
        if seen > limits.unpacked_bytes:
            raise Unreadable("unpacked_too_large")
        yield block


def csv_frames(blocks: Iterator[bytes], limits: Limits) -> Iterator[pl.DataFrame]:
    """Text frames cut at row ends. The first has the headings; each is at most a block of text."""
    waiting, headings = b"", None
    for block in blocks:
        waiting += block
        if headings is None:
            headings, waiting = _take_headings(waiting, limits)
            if headings is None:
                continue
        cut = _last_row_end(waiting)
        if cut and len(waiting) >= BLOCK:
            yield _csv_frame(waiting[:cut], headings)
            waiting = waiting[cut:]
    if headings is None:
        headings, waiting = _take_headings(waiting + b"\n", limits)
    if headings is None:
        raise Unreadable("file_empty")
    yield _csv_frame(waiting, headings)


def _take_headings(text: bytes, limits: Limits) -> tuple[list[str] | None, bytes]:
    end = text.find(b"\n")
    if end < 0:
        if len(text) > limits.columns * limits.cell_bytes:
            raise Unreadable("too_many_columns")
        return None, text
    try:
        line = text[:end].removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("encoding_not_utf8") from error
    names = next(csv.reader([line.rstrip("\r")]), [])
    if len(names) > limits.columns:
        raise Unreadable("too_many_columns")
    if not names or names == [""]:
        raise Unreadable("file_empty")
    return names, text[end + 1 :]


def _last_row_end(text: bytes) -> int:
    """Just after the last line end that is outside quotes."""
    end = text.rfind(b"\n") + 1
    while end and text.count(b'"', 0, end) % 2:
        end = text.rfind(b"\n", 0, end - 1) + 1
    return end


def _csv_frame(text: bytes, headings: list[str]) -> pl.DataFrame:
    names = [f"column_{index}" for index in range(len(headings))]
    if not text.strip():
        frame = pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    else:
        try:
            frame = pl.read_csv(
                io.BytesIO(text),
                has_header=False,
                schema=dict.fromkeys(names, pl.String),
                infer_schema=False,
                null_values=[""],
                encoding="utf8",
            )
        except PolarsError as error:
            code = "encoding_not_utf8" if "utf-8" in str(error).lower() else "file_unreadable"
            raise Unreadable(code) from error
    frame.columns = _unique(headings)
    return frame


def _unique(headings: list[str]) -> list[str]:
    """Two equal headings stay apart, so that the rule can name their positions."""
    return [name if headings.index(name) == index else f"{name}\0{index}" for index, name in enumerate(headings)]


def parquet_frames(blocks: Iterator[bytes], limits: Limits) -> Iterator[pl.DataFrame]:
    """Row ranges of a Parquet file as text frames; what the footer says is checked, then not trusted."""
    data = io.BytesIO(b"".join(blocks))
    try:
        lazy = pl.scan_parquet(data)
        schema = lazy.collect_schema()
        if len(schema) > limits.columns:
            raise Unreadable("too_many_columns")
        rows = int(lazy.select(pl.len()).collect().item())
        if rows > limits.rows:
            raise Unreadable("too_many_rows")
        if rows == 0:
            yield pl.DataFrame(schema=dict.fromkeys(schema.names(), pl.String))
        for start in range(0, rows, limits.batch_rows):
            yield _as_text(lazy.slice(start, limits.batch_rows).collect())
    except (PolarsError, OSError, ValueError, pl.exceptions.PanicException) as error:
        raise Unreadable("file_unreadable") from error


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """The text that a CSV of the same values would hold; types that records never have are unreadable."""
    columns = []
    for name, dtype in frame.schema.items():
        column = pl.col(name)
        if dtype == pl.Boolean or dtype.is_integer() or dtype in {pl.Date, pl.String} or dtype.is_decimal():
            columns.append(column.cast(pl.String))
        elif dtype.is_float():
            columns.append(
                column.cast(pl.Decimal(38, 6)).cast(pl.String).str.strip_chars_end("0").str.strip_suffix(".")
            )
        elif isinstance(dtype, pl.Enum | pl.Categorical):
            columns.append(column.cast(pl.String))
        else:
            raise Unreadable("file_unreadable")
    return frame.select(columns)


def frames(source: BinaryIO, media_type: str, content_encoding: str | None, limits: Limits) -> Iterator[pl.DataFrame]:
    """Raises Unreadable."""
    blocks = unpacked(source, content_encoding, limits)
    return csv_frames(blocks, limits) if media_type == CSV else parquet_frames(blocks, limits)
