"""CSV to all-text frames, cut at row ends, never more than a block and a row in memory."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from wm_api.records.limits import BLOCK, Limits, Unreadable

BOM = b"\xef\xbb\xbf"
BLANK_LINES = re.compile(rb"(?m)^(?:\r?\n)+")

Table = tuple[list[str], pl.DataFrame]


def csv_tables(blocks: Iterator[bytes], limits: Limits) -> Iterator[Table]:
    """Headings with a text frame of their rows, again and again. An empty cell is null. Raises Unreadable."""
    waiting, headings = b"", None
    for block in blocks:
        waiting += block
        if headings is None:
            headings, waiting = _take_headings(waiting, limits)
        if headings is None or len(waiting) < BLOCK:
            continue
        cut = last_row_end(waiting)
        if len(waiting) - cut > limits.row_bytes:
            raise Unreadable("file_unreadable" if waiting.count(b'"', cut) % 2 else "cell_too_long")
        yield headings, _frame(waiting[:cut], len(headings))
        waiting = waiting[cut:]
    if headings is None:
        headings, waiting = _take_headings(waiting + b"\n", limits)
    if headings is None:
        raise Unreadable("file_empty")
    if waiting.count(b'"') % 2:
        raise Unreadable("file_unreadable")
    yield headings, _frame(waiting, len(headings))


def _take_headings(text: bytes, limits: Limits) -> tuple[list[str] | None, bytes]:
    end = text.find(b"\n")
    if end < 0 and len(text) <= limits.row_bytes:
        return None, text
    if end < 0 or end > limits.row_bytes:
        raise Unreadable("too_many_columns")
    try:
        line = text[:end].removeprefix(BOM).decode("utf-8")
        names = next(csv.reader([line.rstrip("\r")], strict=True), [])
    except UnicodeDecodeError as error:
        raise Unreadable("encoding_not_utf8") from error
    except csv.Error as error:
        raise Unreadable("file_unreadable") from error
    if len(names) > limits.columns:
        raise Unreadable("too_many_columns")
    if not names or names == [""]:
        raise Unreadable("file_empty")
    return names, text[end + 1 :]


def last_row_end(text: bytes) -> int:
    """Just after the last line end that is outside quotes; each byte is looked at a few times at most."""
    end = text.rfind(b"\n") + 1
    inside = count(text[:end], b'"') % 2 if b'"' in text else 0
    while end and inside:
        quote = text.rfind(b'"', 0, end)  # where the cell that holds this line end begins
        end, before = text.rfind(b"\n", 0, quote) + 1, quote
        inside = text.count(b'"', end, before) % 2
    return end


def _frame(text: bytes, width: int) -> pl.DataFrame:
    """Lines that are blank are no rows; they are looked for only where the rows do not fit."""
    try:
        return csv_rows(text, width)
    except Unreadable:
        dense = BLANK_LINES.sub(b"", text)
        if len(dense) == len(text):
            raise
        return csv_rows(dense, width)


def csv_rows(text: bytes, width: int) -> pl.DataFrame:
    """All rows have as many cells as there are headings. Of most files no cell is quoted, and they are read faster."""
    schema = dict.fromkeys((f"{index}" for index in range(width)), pl.String)
    if not text or text.isspace():
        return pl.DataFrame(schema=schema)
    try:
        frame = pl.read_csv(text, has_header=False, schema=schema, infer_schema=False, **_quotes(text))
    except PolarsError as error:
        if _is_utf8(text):
            raise Unreadable("file_unreadable", _ragged_row(text, width)) from error
        raise Unreadable("encoding_not_utf8") from error
    missing = frame.height * (width - 1) - count(text, b",")
    if missing > 0 or (missing and b'"' not in text):  # no value has a comma: in quotes it is refused by its type
        raise Unreadable("file_unreadable", _ragged_row(text, width))
    return frame


def _quotes(text: bytes) -> dict[str, Any]:
    """A quoted cell that is empty is null as well."""
    return {"null_values": [""]} if b'"' in text else {"quote_char": None}


def count(text: bytes, sign: bytes) -> int:
    """As `bytes.count`, which takes ten times as long for a single sign."""
    return int(np.count_nonzero(np.frombuffer(text, dtype=np.uint8) == ord(sign)))


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _ragged_row(text: bytes, width: int) -> int | None:
    """The first row that has more or fewer cells than the heading, counted from 0."""
    rows = csv.reader(io.StringIO(text.decode("utf-8"), newline=""))
    try:
        return next((number for number, row in enumerate(filter(None, rows)) if len(row) != width), None)
    except csv.Error:
        return None
