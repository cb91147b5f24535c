"""Parquet files written by hand, so that they may say what no writer would: one column a string or a number each,
one dictionary page and one data page that is a single run. Format: parquet-format 2.10, Thrift compact protocol.
"""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

MAGIC = b"PAR1"
INT32, INT64, BYTE_ARRAY = 1, 2, 6
PLAIN, RLE_DICTIONARY, RLE = 0, 8, 3
DATA_PAGE, DICTIONARY_PAGE = 0, 2
GZIP, UNCOMPRESSED = 2, 0
UTF8 = 0
Value = int | bytes | list["Value"] | Mapping[int, "Value"]


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def zigzag(number: int) -> bytes:
    return varint((number << 1) ^ (number >> 63))


def _type(value: Value) -> int:
    return {int: 6, bytes: 8, list: 9}.get(type(value), 12)


def _encoded(value: Value) -> bytes:
    """An integer is written as i64: readers of the compact protocol take it for i32 as well."""
    if isinstance(value, int):
        return zigzag(value)
    if isinstance(value, bytes):
        return varint(len(value)) + value
    if isinstance(value, list):
        kind = _type(value[0]) if value else 6
        head = bytes([len(value) << 4 | kind]) if len(value) < 15 else bytes([0xF0 | kind]) + varint(len(value))
        return head + b"".join(_encoded(each) for each in value)
    return struct_of(value)


def struct_of(fields: Mapping[int, Value]) -> bytes:
    """A Thrift struct; i32 fields are given as integers too."""
    out, last = bytearray(), 0
    for number, value in fields.items():
        kind = 5 if isinstance(value, int) else _type(value)
        out += bytes([(number - last) << 4 | kind]) + _encoded(value)
        last = number
    return bytes(out) + b"\0"


@dataclass(frozen=True)
class Column:
    """`rows` times the one `value`; `said` is what the footer says of the size."""

    name: bytes
    value: bytes | int
    rows: int
    said: int | None = None

    @property
    def kind(self) -> int:
        return BYTE_ARRAY if isinstance(self.value, bytes) else INT32

    def pages(self) -> bytes:
        plain = (
            struct.pack("<I", len(self.value)) + self.value
            if isinstance(self.value, bytes)
            else struct.pack("<i", self.value)
        )
        run = varint(self.rows << 1) + b"\0"
        dictionary = _page(plain, {1: DICTIONARY_PAGE}, {7: {1: 1, 2: PLAIN}})
        return dictionary + _page(b"\x01" + run, {1: DATA_PAGE}, {5: {1: self.rows, 2: RLE_DICTIONARY, 3: RLE, 4: RLE}})

    def chunk(self, start: int, pages: bytes) -> Mapping[int, Value]:
        plain = self.said if self.said is not None else len(pages)
        meta: dict[int, Value] = {1: self.kind, 2: [PLAIN, RLE_DICTIONARY], 3: [self.name], 4: GZIP, 5: self.rows}
        return {2: start, 3: {**meta, 6: plain, 7: len(pages), 9: start, 11: start}}


def _page(content: bytes, head: dict[int, Value], tail: dict[int, Value]) -> bytes:
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    packed = packer.compress(content) + packer.flush()
    return struct_of({**head, 2: len(content), 3: len(packed), **tail}) + packed


def parquet(columns: list[Column], *, rows: int | None = None, groups: int = 1) -> bytes:
    """`rows` is what the footer says of the number of rows."""
    said = rows if rows is not None else columns[0].rows * groups
    body, row_groups = bytearray(MAGIC), list[Value]()
    for _ in range(groups):
        chunks: list[Value] = []
        for column in columns:
            pages = column.pages()
            chunks.append(column.chunk(len(body), pages))
            body += pages
        row_groups.append({1: chunks, 2: len(body), 3: columns[0].rows})
    schema: list[Value] = [{4: b"schema", 5: len(columns)}]
    schema += [_element(column) for column in columns]
    footer = struct_of({1: 1, 2: schema, 3: said, 4: row_groups})
    return bytes(body) + footer + struct.pack("<I", len(footer)) + MAGIC


def _element(column: Column) -> Mapping[int, Value]:
    text = {6: UTF8} if column.kind == BYTE_ARRAY else {}
    return {1: column.kind, 3: 0, 4: column.name, **text}
