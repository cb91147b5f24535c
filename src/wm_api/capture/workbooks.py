"""XLSX files before they are read: one place for the limits, and what in the workbook is not read at all."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from wm_api.capture.problems import FileNoLongerFits, FileRefused, WrongCells

MEMBERS, RATIO, FREE, UNPACKED = 200, 100, 1 << 20, 2 << 30
"""Members of the archive; bytes unpacked for each byte packed, after the first MiB of a member; bytes in all."""
BLOCK = 1 << 20
MARKUP = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
NESTED = re.compile(r"(?i)\.(zip|xlsx|xlsm|gz|7z|rar|bz2|xz)$")
HIDDEN = re.compile(rb"<(?:\w+:)?sheet\b[^>]*\bstate=\"(?:hidden|veryHidden)\"")
UNREAD = (
    (re.compile(r"^xl/(threadedComments/|comments)"), "comments of cells"),
    (re.compile(r"^xl/vbaProject"), "macros"),
    (re.compile(r"^xl/externalLinks/"), "links to other workbooks"),
    (re.compile(r"^xl/(media|embeddings)/"), "pictures and embedded objects"),
    (re.compile(r"^xl/pivotCache/"), "a pivot table with its own copy of data"),
)


def examined(content: bytes) -> list[str]:
    """What the workbook holds beside cells, none of which is read. Raises FileRefused, FileNoLongerFits."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            names = book.namelist()
            if len(names) > MEMBERS:
                raise _refused(f"the workbook has more than {MEMBERS} parts")
            if any(NESTED.search(name) for name in names):
                raise _refused("the workbook holds another archive")
            hidden = sum(len(HIDDEN.findall(part)) for part in _parts(book))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise FileNoLongerFits("The XLSX file is damaged, or is not one. Save it again.") from error
    found = [said for pattern, said in UNREAD if any(pattern.search(name) for name in names)]
    if hidden:
        found.insert(0, "1 hidden sheet" if hidden == 1 else f"{hidden} hidden sheets")
    return found


def _parts(book: zipfile.ZipFile) -> Iterator[bytes]:
    """The part that lists the sheets; every part is unpacked once, block by block, to see that it may be."""
    total = 0
    for member in book.infolist():
        unpacked, first = 0, b""
        with book.open(member) as part:
            while block := part.read(BLOCK):
                first = first or block
                unpacked += len(block)
                total += len(block)
                if total > UNPACKED or unpacked > FREE + RATIO * member.compress_size:
                    raise _refused("the workbook unpacks to far more than it is")
        if MARKUP.search(first):
            raise _refused("a part of the workbook declares a document type or entities")
        if member.filename == "xl/workbook.xml":
            yield first


def _refused(why: str) -> FileRefused:
    return FileRefused([WrongCells("workbook", f"{why}; save the sheet as CSV", [])])
