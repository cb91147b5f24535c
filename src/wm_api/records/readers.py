"""A file as text tables: CSV, NDJSON or Parquet, plain or packed."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from wm_api.records.csv_rows import Table, csv_tables
from wm_api.records.limits import BLOCK, Limits, Unreadable
from wm_api.records.ndjson_rows import MoreColumns, ndjson_tables
from wm_api.records.packed import GzipMember, ZstdFrame, unpacked_members
from wm_api.records.parquet_rows import parquet_tables

__all__ = ["BLOCK", "CSV", "ENCODINGS", "MEDIA_TYPES", "NDJSON", "PARQUET", "Limits", "MoreColumns", "Unreadable"]

CSV, NDJSON, PARQUET = "text/csv", "application/x-ndjson", "application/vnd.apache.parquet"
MEDIA_TYPES = (CSV, NDJSON, PARQUET)
ENCODINGS = ("identity", "gzip", "zstd")


def tables(
    source: BinaryIO, media_type: str, content_encoding: str | None, limits: Limits, columns: Sequence[str] = ()
) -> Iterator[Table]:
    """Headings with a text frame of their rows, again and again; the same values give the same texts in every form.

    `columns` are those of an NDJSON file, where they are known. Raises Unreadable, MoreColumns.
    """
    blocks = _unpacked(source, content_encoding, limits)
    if media_type == NDJSON:
        return ndjson_tables(blocks, limits, columns)
    return csv_tables(blocks, limits) if media_type == CSV else parquet_tables(blocks, limits)


def _unpacked(source: BinaryIO, content_encoding: str | None, limits: Limits) -> Iterator[bytes]:
    if content_encoding in {None, "identity"}:
        return _plain(source, limits)
    return unpacked_members(source, limits, GzipMember if content_encoding == "gzip" else ZstdFrame)


def _plain(source: BinaryIO, limits: Limits) -> Iterator[bytes]:
    seen = 0
    while block := source.read(BLOCK):
        seen += len(block)
        if seen > limits.unpacked_bytes:
            raise Unreadable("unpacked_too_large")
        yield block
