"""Finds out how a vendor's file is written, for inspect and map: a push takes nothing but what the mapping says."""

import codecs
import csv
import gzip
import io
from collections import Counter
from pathlib import Path

from wm_api.capture.file_types import GZIP, HEAD, ZIP
from wm_api.capture.mapping import Source
from wm_api.capture.problems import FileNoLongerFits
from wm_api.capture.sources import first_rows

SAMPLE = 1 << 20
RECORDS = 100
DELIMITERS = ",;\t|"
GIVEN = {"xlsx": {"sheet", "header_row"}, "csv": {"delimiter", "encoding", "header_row"}}


def sniffed(path: Path, given: dict[str, object]) -> Source:
    """What was given, and for the rest what the first megabyte looks like."""
    with path.open("rb") as raw:
        head = raw.read(HEAD)
    if head.startswith(ZIP):
        found = {"format": "xlsx", **{name: value for name, value in given.items() if name in GIVEN["xlsx"]}}
        book = Source.model_validate(found)
        return Source.model_validate({"header_row": header_row(first_rows(path, book)), **found})
    sample = _sample(path, head)
    encoding = str(given.get("encoding") or _encoding(sample))
    text = sample.decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="replace")
    delimiter = str(given.get("delimiter") or max(DELIMITERS, key=lambda sign: _fit(_records(text, sign))))
    found = {"encoding": encoding, "delimiter": delimiter, "header_row": header_row(_records(text, delimiter))}
    return Source.model_validate({**found, **{name: value for name, value in given.items() if name in GIVEN["csv"]}})


def header_row(records: list[list[str]]) -> int:
    """Title rows have few cells: the headings are the first row with more than half as many as the fullest."""
    filled = [sum(bool(cell.strip()) for cell in record) for record in records]
    most = max(filled, default=0)
    return next((row for row, count in enumerate(filled, start=1) if count * 2 > most), 1)


def _records(text: str, delimiter: str) -> list[list[str]]:
    found: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            found.append(record)
            if len(found) == RECORDS:
                break
    except csv.Error:
        pass
    return found


def _fit(records: list[list[str]]) -> tuple[int, int]:
    """How many records have the most usual number of cells, of those with more than one; then that number."""
    widths = Counter(len(record) for record in records if len(record) > 1)
    width, count = widths.most_common(1)[0] if widths else (0, 0)
    return count, width


def _sample(path: Path, head: bytes) -> bytes:
    try:
        with gzip.open(path) if head.startswith(GZIP) else path.open("rb") as file:
            return bytes(file.read(SAMPLE))
    except (OSError, EOFError):
        return b""


def _encoding(sample: bytes) -> str:
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if sample[:200:2].count(0) * 2 > len(sample[:200:2]):
        raise FileNoLongerFits("This looks like utf-16 of the big-endian sort without its mark. Save it as UTF-8.")
    if sample[1:200:2].count(0) * 2 > len(sample[1:200:2]):
        return "utf-16"
    if b"\0" in sample:
        raise FileNoLongerFits("This is not a text file, and no workbook. Ask for CSV or XLSX.")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
