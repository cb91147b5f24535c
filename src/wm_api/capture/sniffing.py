"""Finds out how a vendor's file is written, for inspect only: a push takes nothing but what the mapping says."""

import codecs
import gzip
from pathlib import Path

from wm_api.capture.mapping import Source
from wm_api.capture.sources import GZIP, ZIP

SAMPLE = 1 << 20
DELIMITERS = ",;\t|"


def sniffed(path: Path, given: dict[str, object]) -> Source:
    """What was given, and for the rest what the first megabyte looks like."""
    with path.open("rb") as raw:
        head = raw.read(4)
    if head == ZIP:
        return Source.model_validate(
            {"format": "xlsx", **{k: v for k, v in given.items() if k in {"sheet", "header_row"}}}
        )
    sample = _sample(path, head)
    encoding = str(given.get("encoding") or _encoding(sample))
    text = sample.decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="replace")
    lines = text.splitlines()
    row = int(str(given.get("header_row") or 1))
    headings = lines[row - 1] if len(lines) >= row else ""
    delimiter = max(DELIMITERS, key=headings.count)
    return Source.model_validate({"encoding": encoding, "delimiter": delimiter, **given})


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
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
