"""Vendor files to all-text frames: CSV of any delimiter and encoding, gzip, XLSX."""

import csv
import gzip
import io
from pathlib import Path

import polars as pl

from wm_api.capture.mapping import MappingFile, Source


class FileNoLongerFits(Exception):  # noqa: N818 - named for what is wrong
    """The headings are not those of the mapping; they are named, because they stay on this machine."""


def read_source(path: Path, source: Source) -> pl.DataFrame:
    """Every cell as text, untouched; title rows above the headings are skipped."""
    if source.format == "xlsx":
        return _xlsx(path, source)
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text = raw.decode("utf-8-sig" if source.encoding == "utf-8" else source.encoding)
    rows = list(csv.reader(io.StringIO(text), delimiter=source.delimiter))[source.header_row - 1 :]
    headings = [name.strip() for name in rows[0]]
    body = [row for row in rows[1:] if row]
    columns = zip(*body, strict=True) if body else [() for _ in headings]
    return pl.DataFrame(
        [pl.Series(name, list(cells), dtype=pl.String) for name, cells in zip(headings, columns, strict=True)]
    )


def _xlsx(path: Path, source: Source) -> pl.DataFrame:
    frame = pl.read_excel(
        path.read_bytes(),
        sheet_name=source.sheet,
        infer_schema_length=0,
        read_options={"header_row": source.header_row - 1},
    )
    return frame.select(pl.all().cast(pl.String).fill_null(""))


def check_headings(frame: pl.DataFrame, mapping: MappingFile) -> None:
    """Every heading is mapped or listed under ignore. Raises FileNoLongerFits."""
    present, expected = set(frame.columns), mapping.headings()
    problems = [f"new heading: {name}" for name in sorted(present - expected)]
    problems += [f"missing heading: {name}" for name in sorted(expected - present)]
    if problems:
        raise FileNoLongerFits("; ".join(problems))
