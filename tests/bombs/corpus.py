"""Bombs: small files that would cost much, or are two things at once. Made when asked for, none is kept."""

import gzip
import io
import json
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from bombs.thin_parquet import Column, parquet
from extracts import KEYS, as_csv, as_parquet, payroll_row

CSV, NDJSON, PARQUET = "text/csv", "application/x-ndjson", "application/vnd.apache.parquet"
MIB = 1 << 20
CLIMBED = Path(tempfile.gettempdir()) / "wm-climbed"
"""Where an archive would write that climbs folders."""
HEAD = b"employee_key,period_start,period_end,currency,pay_base\n"
ROW = f"{KEYS[0]},2025-01-01,2025-01-31,USD,1000.50\n".encode()
GOOD = as_csv([payroll_row(person) for person in range(50)])
OBJECT = {"employee_key": KEYS[0], "period_start": "2025-01-01", "period_end": "2025-01-31", "currency": "USD"}


@dataclass(frozen=True)
class Bomb:
    media_type: str
    content: bytes
    encoding: str | None = None


def packed(pieces: Iterator[bytes], level: int = 9) -> bytes:
    """gzip of a stream that is never held."""
    packer = zlib.compressobj(level, wbits=zlib.MAX_WBITS | 16)
    out = [packer.compress(piece) for piece in pieces]
    return b"".join([*out, packer.flush()])


def again(piece: bytes, times: int) -> Iterator[bytes]:
    for _ in range(times):
        yield piece


def after(head: bytes, piece: bytes, times: int) -> Iterator[bytes]:
    yield head
    yield from again(piece, times)


def line(**more: object) -> bytes:
    return json.dumps({**OBJECT, "pay_base": "1.5", **more}).encode() + b"\n"


def archive(names: list[str], content: bytes = b"a,b\n1,2\n") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name in names:
            book.writestr(name, content)
    return out.getvalue()


def nested_archive(depth: int) -> bytes:
    content = b"0" * MIB
    for number in range(depth):
        content = archive([f"{number}-{copy}.zip" for copy in range(4)], content)
    return content


def tar_with_links() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        link = tarfile.TarInfo("../../out.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    return out.getvalue()


def quine() -> bytes:
    """The known gzip file of Russ Cox unpacks to itself; here the same in spirit: layer in layer, all gzip."""
    content = GOOD
    for _ in range(50):
        content = gzip.compress(content)
    return content


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{entities}]><x>&a11;</x>'.encode()


def with_footer(change: Callable[[bytes], bytes]) -> bytes:
    """A good Parquet file whose footer was changed."""
    whole = as_parquet([payroll_row(person) for person in range(50)])
    size = int.from_bytes(whole[-8:-4], "little")
    start = len(whole) - 8 - size
    footer = change(whole[start:-8])
    return whole[:start] + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def as_list_parquet() -> bytes:
    deep = pl.Series("pay_base", [[[[[["1"]]]]]])
    out = io.BytesIO()
    pl.DataFrame([deep]).write_parquet(out)
    return out.getvalue()


def wide_parquet(columns: int) -> bytes:
    return parquet([Column(f"c{number}".encode(), 1, 1) for number in range(columns)])


def csv_bombs() -> dict[str, Bomb]:
    plain = {
        "500,000 columns": b",".join(b"c%d" % n for n in range(500_000)) + b"\n",
        "a row of 500,000 cells": HEAD + b"," * 500_000 + b"\n",
        "a heading without an end": b"a" * (8 * MIB),
        "a quote that never closes": HEAD + b'"' + b"x" * (8 * MIB),
        "quotes alone": HEAD + b'"' * (8 * MIB),
        "a cell of eight million signs": HEAD + ROW[:-1] + b"1" * (8 * MIB) + b"\n",
        "zero bytes": b"\0" * (4 * MIB),
        "zero bytes in cells": HEAD + ROW.replace(b"USD", b"U\0D"),
        "eight million line ends": b"\n" * (8 * MIB),
        "a heading and line ends": HEAD + b"\r\n" * (4 * MIB),
        "carriage returns alone": HEAD.replace(b"\n", b"\r") + ROW.replace(b"\n", b"\r") * 1000,
        "UTF-16": GOOD.decode().encode("utf-16"),
        "broken UTF-8": HEAD + ROW.replace(b"USD", b"\xff\xfe\xfd"),
        "half of a surrogate": HEAD + ROW.replace(b"USD", b"\xed\xa0\x80"),
        "a byte order mark alone": b"\xef\xbb\xbf",
        "nothing": b"",
        "billion laughs": laughs(),
        "a heading in every column twice": b",".join([HEAD.strip()] * 12) + b"\n",
        "a number of a million digits": HEAD + ROW.replace(b"1000.50", b"9" * MIB),
        "a number with an exponent": HEAD + ROW.replace(b"1000.50", b"1e308"),
        "a zip archive": archive(["a.csv"]),
        "nested zip archives": nested_archive(4),
        "names that climb folders": archive([f"../../../..{CLIMBED}.csv", f"{CLIMBED}.csv", "..\\..\\x"]),
        "a CSV file with a zip archive behind it": GOOD + archive(["a.csv"]),
        "a PDF": b"%PDF-1.7\n" + b"%\xe2\xe3\xcf\xd3\n" * 1000,
        "Parquet that is called CSV": as_parquet([payroll_row()]),
    }
    return {name: Bomb(CSV, content) for name, content in plain.items()}


def gzip_bombs() -> dict[str, Bomb]:
    zeros = packed(again(b"\0" * MIB, 1000))
    found = {
        "a gigabyte of zeros": zeros,
        "four gigabytes of one row": packed(after(HEAD, ROW * (40 * MIB // len(ROW)), 100)),
        "a gigabyte in one quoted cell": packed(after(HEAD + b'"', b"x" * MIB, 1000)),
        "a gigabyte of line ends": packed(after(HEAD, b"\n" * MIB, 1000)),
        "a gigabyte of heading": packed(again(b"a," * (MIB // 2), 1000)),
        "gzip in gzip": gzip.compress(zeros),
        "fifty layers": quine(),
        "two hundred thousand empty members": gzip.compress(b"", mtime=0) * 200_000,
        "a member cut off": gzip.compress(GOOD)[:-20],
        "a wrong checksum": gzip.compress(GOOD)[:-8] + b"\0" * 8,
        "something behind the end": gzip.compress(GOOD) + b"rest" * 1000,
        "no gzip at all": GOOD,
        "a tar with a link": tar_with_links(),
        "a reserved block": b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x07" + b"\xff" * 1000,
    }
    return {f"gzip: {name}": Bomb(CSV, content, "gzip") for name, content in found.items()}


def parquet_bombs() -> dict[str, Bomb]:
    megabyte = b"a" * 1_000_000
    found = {
        "a megabyte in twenty thousand rows": parquet([Column(b"currency", megabyte, 20_000, said=1000)]),
        "a hundred million rows of four numbers": parquet(
            [Column(n, 0, 100_000_000) for n in (b"a", b"b", b"c", b"d")]
        ),
        "two thousand million rows": parquet([Column(b"pay_base", 1, 2_000_000_000)]),
        "a million rows of a long key": parquet([Column(b"employee_key", b"k" * 200, 1_000_000)]),
        "five thousand columns": wide_parquet(5000),
        "ten thousand row groups": parquet([Column(b"pay_base", 1, 1)], groups=10_000),
        "more rows said than there are": parquet([Column(b"pay_base", 1, 5)], rows=1 << 40),
        "fewer rows said than there are": parquet([Column(b"pay_base", 1, 100_000_000)], rows=1),
        "rows below zero": parquet([Column(b"pay_base", 1, 5)], rows=-5),
        "a footer of nothing": with_footer(lambda _: b""),
        "a footer of noise": with_footer(lambda footer: bytes(255 - each for each in footer)),
        "a footer cut in half": with_footer(lambda footer: footer[: len(footer) // 2]),
        "a list of a thousand million in the footer": with_footer(
            lambda footer: footer[:3] + b"\xfc\x80\xa8\xd6\xb9\x07" + footer[3:]
        ),
        "a footer longer than the file": as_parquet([payroll_row()])[:-8] + b"\xff\xff\xff\x7fPAR1",
        "magic alone": b"PAR1PAR1",
        "an encrypted footer": as_parquet([payroll_row()])[:-4] + b"PARE",
        "a list in a list": as_list_parquet(),
        "cut in the middle": as_parquet([payroll_row(person) for person in range(50)])[:-100],
        "zeros between the magic": b"PAR1" + b"\0" * MIB + b"\x10\0\0\0PAR1",
        "CSV that is called Parquet": GOOD,
    }
    return {f"Parquet: {name}": Bomb(PARQUET, content) for name, content in found.items()}


def ndjson_bombs() -> dict[str, Bomb]:
    found = {
        "a hundred thousand brackets": b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"\n",
        "a list in a list": b"[" * 100_000 + b"]" * 100_000 + b"\n",
        "500,000 names": b"{" + b",".join(b'"c%d":1' % n for n in range(500_000)) + b"}\n",
        "a name twice": line()[:-2] + b',"pay_base":"2.5"}\n',
        "a line without an end": b'{"a":"' + b"x" * (8 * MIB),
        "a number with an exponent of a thousand": b'{"pay_base":1e1000}\n' * 10,
        "a number of a million digits": b'{"pay_base":' + b"9" * MIB + b"}\n",
        "NaN": b'{"pay_base":NaN}\n',
        "half of a surrogate": b'{"currency":"\\ud800"}\n',
        "a value in a value": line(pay_base={"a": 1}),
        "text alone": b'"text"\n' * 1000,
        "CSV that is called NDJSON": GOOD,
    }
    return {f"NDJSON: {name}": Bomb(NDJSON, content) for name, content in found.items()}


def zstd_bombs() -> dict[str, Bomb]:
    """Frames by hand: raw and run-length blocks need no library (RFC 8878)."""
    found = {
        "four gigabytes of zeros": zstd_frame(runs(b"\0", 32_768)),
        "four gigabytes of line ends": zstd_frame(runs(b"\n", 32_768)),
        "a window of two gigabytes": b"\x28\xb5\x2f\xfd\x00\xa8" + block(b"a,b\n", last=True),
        "a window of more than there is": b"\x28\xb5\x2f\xfd\x00\xff" + block(b"a,b\n", last=True),
        "half a million skippable frames": b"\x50\x2a\x4d\x18\0\0\0\0" * 500_000,
        "a skippable frame of four gigabytes": b"\x50\x2a\x4d\x18\xff\xff\xff\xff",
        "a dictionary that nobody has": b"\x28\xb5\x2f\xfd\x23\x01\x02\x03\x04\x05" + block(b"a", last=True),
        "no zstd at all": GOOD,
        "cut off": b"\x28\xb5\x2f\xfd\x00\x58" + block(GOOD, last=True)[:100],
        "zstd in zstd": zstd_frame(block(zstd_frame(block(b"a,b\n", last=True)), last=True)),
    }
    return {f"zstd: {name}": Bomb(CSV, content, "zstd") for name, content in found.items()}


def zstd_frame(blocks: bytes) -> bytes:
    """A frame with a window of 8 MiB and no size given."""
    return b"\x28\xb5\x2f\xfd\x00\x68" + blocks


def block(content: bytes, *, last: bool) -> bytes:
    return (len(content) << 3 | int(last)).to_bytes(3, "little") + content


def runs(byte: bytes, count: int) -> bytes:
    """So many run-length blocks of 128 KiB."""
    one = ((128 << 10) << 3 | 1 << 1).to_bytes(3, "little") + byte
    return one * (count - 1) + ((128 << 10) << 3 | 1 << 1 | 1).to_bytes(3, "little") + byte


def crosswalk_bombs() -> dict[str, Bomb]:
    """For the pairs of a rotation, most of them under the right headings."""
    head, pair, zeros = b"old_key,new_key\n", b"wm1_" + b"a" * 59, b"\0" * MIB
    rows = (pair + b"," + pair + b"\n") * 8192
    found = {
        "rows without end": after(head, rows, 200),
        "blank lines without end": after(head, b"\n" * MIB, 200),
        "one cell without end": after(head, b"a" * MIB, 200),
        "one open quote": after(head + b'"', rows, 150),
        "quotes alone": after(head, b'"' * MIB, 200),
        "zeros": again(zeros, 200),
        "another heading": after(b"employee_key,pay_base\n", rows, 200),
    }
    made = {f"gzip: {name}": Bomb(CSV, packed(pieces, 1), "gzip") for name, pieces in found.items()}
    made |= {"gzip in gzip": Bomb(CSV, gzip.compress(gzip.compress(zeros)), "gzip")}
    made |= {"empty members": Bomb(CSV, gzip.compress(b"", mtime=0) * 200_000, "gzip")}
    return made | {"cells that are no keys": Bomb(CSV, head + b"a,b\n" * (10 * MIB // 4))}


def corpus() -> Mapping[str, Bomb]:
    return {**csv_bombs(), **gzip_bombs(), **parquet_bombs(), **ndjson_bombs(), **zstd_bombs()}
