"""Bombs for the agent: workbooks and text files that would cost much. Made when asked for, none is kept."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bombs.corpus import CLIMBED, HEAD, MIB, ROW, after, again, archive, laughs, nested_archive, packed, tar_with_links
from capture.workbooks import MAIN, Cell, workbook

ROWS: list[list[Cell]] = [["Id", "Name", "Hired", "Sex", "Pay", "Unit"], ["7", "x", "2020-01-02", "F", "25.5", "H"]]
SHEET, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
GOOD = workbook({"Staff": ROWS})
END = b"</sheetData></worksheet>"


@dataclass(frozen=True)
class Bomb:
    name: str
    content: bytes


def changed(part: str, change: Callable[[bytes], bytes], **more: bytes) -> bytes:
    """The good workbook with one part changed, and others added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in book.namelist():
            made.writestr(name, change(book.read(name)) if name == part else book.read(name))
        for name, content in more.items():
            made.writestr(name, content)
    return out.getvalue()


def in_sheet(rows: bytes) -> bytes:
    return changed(SHEET, lambda sheet: sheet.replace(END, rows + END))


def streamed_sheet(pieces: Iterator[bytes]) -> bytes:
    """The good workbook with rows that are never held."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in book.namelist():
            if name != SHEET:
                made.writestr(name, book.read(name))
        with made.open(SHEET, "w", force_zip64=True) as sheet:
            sheet.write(book.read(SHEET).removesuffix(END))
            for piece in pieces:
                sheet.write(piece)
            sheet.write(END)
    return out.getvalue()


def overlapping() -> bytes:
    """A thousand names for the same bytes: the central directory points to one member again and again."""
    kernel = zlib.compress(b"\0" * MIB, 9)[2:-4]
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, zlib.crc32(b"\0" * MIB), len(kernel), MIB, 1, 0)
    member = local + b"a" + kernel
    entry = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 0, zlib.crc32(b"\0" * MIB), len(kernel), MIB, 1, 0, 0, 0, 0, 0, 0
    )
    directory = (entry + b"a") * 150
    return member + directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 150, 150, len(directory), len(member), 0)


def lying() -> bytes:
    """The directory says that the sheet is small, and gives the checksum of as much of it."""
    whole = streamed_sheet(again(b"\n" * MIB, 100))
    with zipfile.ZipFile(io.BytesIO(whole)) as book:
        start = book.read(SHEET)[:100]
    at = whole.rindex(b"PK\1\2", 0, whole.rindex(SHEET.encode()))
    says = struct.pack("<L", zlib.crc32(start)) + whole[at + 20 : at + 24] + struct.pack("<L", len(start))
    return whole[: at + 16] + says + whole[at + 28 :]


def pointed_to() -> bytes:
    """One text of 32 kB in half a million cells."""
    relation = b'<Relationship Id="rt" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships'
    texts = f'<sst xmlns="{MAIN}"><si><t>{"x" * 32_000}</t></si></sst>'.encode()
    rows = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(3, 500_000))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in book.namelist():
            part = book.read(name).replace(END, (rows if name == SHEET else b"") + END)
            shared = relation + b'/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
            made.writestr(name, part.replace(b"</Relationships>", shared) if "workbook.xml.rels" in name else part)
        made.writestr(TEXTS, texts)
    return out.getvalue()


def with_names(*names: str, link: bool = False) -> bytes:
    """The good workbook with members of these names; as links, where asked for."""
    out = io.BytesIO(GOOD)
    with zipfile.ZipFile(out, "a") as book:
        for name in names:
            member = zipfile.ZipInfo(name)
            member.external_attr = (0o120777 if link else 0o100644) << 16
            book.writestr(member, f"{CLIMBED}" if link else "climbed")
    return out.getvalue()


def workbooks() -> dict[str, bytes]:
    doctype = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet'
    late = b"<?xml version='1.0'?>" + b" " * (3 * MIB) + doctype
    wide = b'<row r="3"><c r="XFD3"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>'
    return {
        "a sheet of 848 MB": streamed_sheet(again(b'<row r="3"><c r="A3"/></row>' * (MIB // 28), 848)),
        "ten thousand members": archive([f"{number}.xml" for number in range(10_000)]),
        "nested zip archives": nested_archive(4),
        "overlapping members": overlapping(),
        "a directory that lies": lying(),
        "a comment behind the directory": GOOD[:-2] + b"\x16\0" + GOOD[-22:],
        "one text in half a million cells": pointed_to(),
        "a sheet as large as can be": in_sheet(wide),
        "a row further than there are": in_sheet(b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>'),
        "a hundred thousand columns": in_sheet(
            b'<row r="3">' + b"<c><v>1</v></c>" * 100_000 + b"</row>" + b"<row/>" * 1000
        ),
        "billion laughs": changed(SHEET, lambda _: laughs()),
        "an entity from outside": changed(SHEET, lambda sheet: sheet.replace(b"<worksheet", doctype)),
        "an entity behind three megabytes": changed(SHEET, lambda sheet: sheet.replace(b"<worksheet", late)),
        "elements in elements": in_sheet(b"<a>" * 1_000_000),
        "a sheet of noise": changed(SHEET, lambda sheet: bytes(each ^ 85 for each in sheet)),
        "a password": GOOD.replace(b"PK\1\2\x14\x03\x14\x00\x00", b"PK\1\2\x14\x03\x14\x00\x01"),
        "cut off": GOOD[:-100],
        "a PDF that is a workbook too": b"%PDF-1.7\n" + GOOD,
    }


def texts() -> dict[str, bytes]:
    return {
        "a gigabyte of zeros": packed(again(b"\0" * MIB, 1000)),
        "four gigabytes of one row": packed(after(HEAD, ROW * (40 * MIB // len(ROW)), 100)),
        "a gigabyte in one quoted cell": packed(after(HEAD + b'"', b"x" * MIB, 1000)),
        "a gigabyte of line ends": packed(after(HEAD, b"\n" * MIB, 1000)),
        "gzip in gzip": gzip.compress(packed(again(b"\0" * MIB, 1000))),
        "two hundred thousand empty members": gzip.compress(b"", mtime=0) * 200_000,
        "a tar with a link": tar_with_links(),
        "a line without an end": b"a" * (64 * MIB),
        "a quote that never closes": HEAD + b'"' + b"x\n" * (32 * MIB),
        "a row of lines in quotes": HEAD + b'"\n",' * (16 * MIB),
        "500,000 columns": b",".join(b"c%d" % n for n in range(500_000)) + b"\n",
        "twenty thousand short columns": b"," * 20_000 + b"\n",
        "zero bytes": b"\0" * (4 * MIB),
        "a zip archive with names that climb": archive([f"../../..{CLIMBED}", f"{CLIMBED}", "..\\wm-climbed"]),
    }


def corpus() -> Mapping[str, Bomb]:
    return {
        **{f"XLSX: {name}": Bomb("staff.xlsx", content) for name, content in workbooks().items()},
        **{f"CSV: {name}": Bomb("staff.csv", content) for name, content in texts().items()},
    }


def climbing() -> dict[str, bytes]:
    """Good workbooks with members that would be written elsewhere by who writes members."""
    return {
        "names that climb folders": with_names(f"../../../..{CLIMBED}", f"{CLIMBED}", "..\\..\\wm-climbed"),
        "links": with_names("xl/link.xml", "wm-climbed", link=True),
    }
