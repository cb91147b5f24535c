"""What a file is by its first bytes, whatever its name says, and what to do when it is not a table."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
HEAD = 16
NOT_TABLES = (
    (b"%PDF", "a PDF", "Ask for the same report as CSV or XLSX."),
    (b"PAR1", "a Parquet file", "The agent reads CSV and XLSX; a file with canonical columns is pushed by the API."),
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls), or a workbook with a password", "Save it as XLSX or CSV."),
    (b"\x28\xb5\x2f\xfd", "a zstd file", "Unpack it first; gzip is read as it is."),
    (b"BZh", "a bzip2 file", "Unpack it first; gzip is read as it is."),
    (b"\xfd7zXZ", "an xz file", "Unpack it first; gzip is read as it is."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it first."),
    (b"Rar!", "a RAR archive", "Unpack it first."),
    (b"{\\rtf", "a text document (RTF)", "Ask for the same report as CSV or XLSX."),
    (b"<?xml", "an XML file", "Ask for the same report as CSV or XLSX."),
    (b"<html", "a web page", "Was the download a sign-in page? Ask for CSV or XLSX."),
    (b"<!doctype", "a web page", "Was the download a sign-in page? Ask for CSV or XLSX."),
    (b'{"', "JSON", "Ask for the same report as CSV or XLSX."),
    (b"{\n", "JSON", "Ask for the same report as CSV or XLSX."),
    (b"[{", "JSON", "Ask for the same report as CSV or XLSX."),
    (b"[\n", "JSON", "Ask for the same report as CSV or XLSX."),
    (b"SQLite format", "a database", "Ask for a report as CSV or XLSX."),
    (b"-----BEGIN PGP", "an encrypted file (PGP)", "Decrypt it first."),
)


def not_a_table(head: bytes) -> str | None:
    """What the file is, and the remedy; none where it may be text."""
    start = head.lstrip(b"\xef\xbb\xbf \r\n").lower()
    for magic, name, remedy in NOT_TABLES:
        if start.startswith(magic.lower()):
            return f"This is {name}. {remedy}"
    return None


ARCHIVE = "This is a zip archive, not a table. Unpack it, and give the CSV or XLSX file inside."


def packed_as(path: Path) -> str:
    """What a zip file is when CSV was said."""
    try:
        with zipfile.ZipFile(path) as book:
            names = book.namelist()
    except (zipfile.BadZipFile, OSError):
        names = []
    if is_archive(names):
        return ARCHIVE
    return 'This is an XLSX or zip file, whatever its name says. Say format = "xlsx", or save it as CSV.'


def is_archive(names: Sequence[str]) -> bool:
    """Members, and none is a workbook."""
    return bool(names) and "xl/workbook.xml" not in names
