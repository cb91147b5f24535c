"""Good files spoilt at random, each from its seed alone; run as a script it takes them in, as the sandbox child does."""

import gzip
import io
import json
import random
import sys

from extracts import PAYROLL, as_csv, as_parquet, payroll_row
from wm_api.records.intake import take_in
from wm_api.records.readers import Limits

CSV, NDJSON, PARQUET = "text/csv", "application/x-ndjson", "application/vnd.apache.parquet"
LIMITS = Limits(unpacked_bytes=64 << 20, parquet_bytes=64 << 20, rows=1_000_000)
ROWS = [payroll_row(person, month) for month in (1, 2) for person in range(40)]
SNIPPETS = [b'"', b"\n", b"\r\n", b",", b"\0", b"\xff", b"PAR1", b"{", b"}", b"[", b"1e999", b"\x1f\x8b\x08", b"null"]
READERS = ("csv", "gzip", "ndjson", "parquet")


def good(reader: str) -> tuple[bytes, str, str | None]:
    """Content, media type and encoding."""
    if reader == "parquet":
        return as_parquet(ROWS, row_group_size=30), PARQUET, None
    if reader == "ndjson":
        return b"".join(json.dumps(row).encode() + b"\n" for row in ROWS), NDJSON, None
    return (gzip.compress(as_csv(ROWS), mtime=0), CSV, "gzip") if reader == "gzip" else (as_csv(ROWS), CSV, None)


def spoilt(content: bytes, seed: int) -> bytes:
    """One to six changes: bits, bytes, pieces lost, doubled, moved or put in."""
    chance, found = random.Random(seed), bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at, length = chance.randrange(len(found) + 1), chance.choice([1, 1, 2, 8, 100, 1000])
        way = chance.randrange(6)
        if way == 0 and at < len(found):
            found[at] ^= 1 << chance.randrange(8)
        elif way == 1:
            del found[at : at + length]
        elif way == 2:
            found[at:at] = found[at : at + length] * chance.choice([1, 1, 50])
        elif way == 3:
            found[at:at] = chance.choice(SNIPPETS)
        elif way == 4:
            found[at : at + length] = chance.randbytes(min(length, 8))
        else:
            piece = bytes(found[at : at + length])
            del found[at : at + length]
            place = chance.randrange(len(found) + 1)
            found[place:place] = piece
    return bytes(found)


def main(reader: str, first: int, last: int) -> None:
    """Prints the number of each case before it, and how it ended after it."""
    content, media_type, encoding = good(reader)
    for seed in range(first, last):
        sys.stdout.write(f"{seed} ")
        sys.stdout.flush()
        source = io.BytesIO(spoilt(content, seed))
        report = take_in(source, media_type, encoding, PAYROLL, LIMITS, lambda _keys, _frame: None)
        sys.stdout.write(f"{report.outcome}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
