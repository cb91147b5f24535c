"""XLSX files before they are read: one place for the limits, and what in the workbook is not read at all."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence

from wm_api.capture.file_types import ARCHIVE, is_archive
from wm_api.capture.problems import FileNoLongerFits, FileRefused, WrongCells
from wm_api.capture.sheet_size import SharedTexts, SheetSize

MEMBERS, RATIO, FREE, UNPACKED = 200, 100, 1 << 20, 2 << 30
"""Members of the archive; bytes unpacked for each byte packed, after the first MiB of a member; bytes in all."""
BLOCK, LONGEST_TAG = 1 << 20, 1 << 16
SPARSE, SPREAD = 2_000_000, 10
"""Places of a sheet up to its last cell; and for each cell, where there are more."""
FLOOD = "the workbook unpacks to far more than it is"
DAMAGED = "The XLSX file is damaged, or is not one. Save it again."
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
            if is_archive(names):
                raise FileNoLongerFits(ARCHIVE)
            if len(names) > MEMBERS:
                raise _refused(f"the workbook has more than {MEMBERS} parts")
            if any(NESTED.search(name) for name in names):
                raise _refused("the workbook holds another archive")
            if book.comment or sum(member.compress_size for member in book.infolist()) > len(content):
                raise FileNoLongerFits(DAMAGED)
            hidden = _parts_examined(book, len(content))
    # NotImplementedError and RuntimeError: zipfile on a way of packing that it does not know, and on a password
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise FileNoLongerFits(DAMAGED) from error
    found = [said for pattern, said in UNREAD if any(pattern.search(name) for name in names)]
    if hidden:
        found.insert(0, "1 hidden sheet" if hidden == 1 else f"{hidden} hidden sheets")
    return found


def _parts_examined(book: zipfile.ZipFile, packed: int) -> int:
    """Hidden sheets. Every part is unpacked once, piece by piece, to see that it may be read."""
    total, hidden, texts, sizes = 0, 0, SharedTexts(), []
    for member in book.infolist():
        size = SheetSize()
        for piece in _pieces(book, member, UNPACKED - total):
            total += len(piece)
            if MARKUP.search(piece):
                raise _refused("a part of the workbook declares a document type or entities")
            size.add(piece)
            if member.filename.lower() == "xl/sharedstrings.xml":
                texts.add(piece)
            if member.filename == "xl/workbook.xml":
                hidden += len(HIDDEN.findall(piece))
        sizes.append(size)
    _fits(sizes, texts, packed)
    return hidden


def _fits(sizes: Sequence[SheetSize], texts: SharedTexts, packed: int) -> None:
    if any(size.area > max(SPARSE, SPREAD * size.cells) for size in sizes):
        raise _refused("a cell lies far away from all others: delete the rows and columns that are not of the table")
    if max((size.text(texts.lengths) for size in sizes), default=0) > FREE + RATIO * packed:
        raise _refused(FLOOD)


def _pieces(book: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
    """The part, cut between tags. What the archive says of its size is not believed, and must be true."""
    said, member.file_size = member.file_size, UNPACKED + 1
    unpacked, waiting = 0, b""
    with book.open(member) as part:
        while block := part.read(BLOCK):
            unpacked += len(block)
            if unpacked > min(most, FREE + RATIO * member.compress_size):
                raise _refused(FLOOD)
            waiting += block
            cut = waiting.rfind(b"<")
            cut = cut if cut > 0 else max(len(waiting) - LONGEST_TAG, 0)
            yield waiting[:cut]
            waiting = waiting[cut:]
    yield waiting
    if unpacked != said:
        raise FileNoLongerFits(DAMAGED)


def _refused(why: str) -> FileRefused:
    return FileRefused([WrongCells("workbook", f"{why}; save the sheet as CSV", [])])
