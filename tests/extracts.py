"""Small extracts as rows of text, written as CSV or Parquet, and taken in without a server."""

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from wm_api.records import employee_keys
from wm_api.records.columns import Finding
from wm_api.records.facts import Facts
from wm_api.records.intake import Report, take_in
from wm_api.records.readers import CSV, Limits

SECRET, ACCOUNT = b"\x07" * 32, "01900000-0000-7000-8000-000000000000"
PAYROLL = Facts(kind="payroll", period_start=date(2025, 1, 1), period_end=date(2025, 12, 31))
WORKFORCE = Facts(kind="workforce", as_of=date(2025, 12, 31))
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
Row = dict[str, str | None]


def key(number: int, secret: bytes = SECRET) -> str:
    return employee_keys.make(secret, ACCOUNT, "1", str(number))


KEYS = [key(number) for number in range(400)]


def payroll_row(person: int = 0, month: int = 1, **cells: str | None) -> Row:
    begin = date(2025, month, 1)
    end = (begin + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    row: Row = {"employee_key": KEYS[person], "period_start": f"{begin}", "period_end": f"{end}", "currency": "USD"}
    return {**row, "pay_base": "1000.50", **cells}


def workforce_row(person: int = 0, **cells: str | None) -> Row:
    row: Row = {"employee_key": KEYS[person], "hire_date": "2020-01-02", "base_rate": f"{20 + person % 7}.50"}
    return {**row, "base_rate_unit": "hour", "currency": "USD", "schedule_type": "full_time", "gender": "F", **cells}


def as_csv(rows: Sequence[Row]) -> bytes:
    lines = [",".join(rows[0]), *(",".join(cell or "" for cell in row.values()) for row in rows)]
    return "\n".join(lines).encode() + b"\n"


def as_parquet(rows: Sequence[Row], row_group_size: int | None = None) -> bytes:
    buffer = io.BytesIO()
    frame = pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String))
    frame.write_parquet(buffer, row_group_size=row_group_size)
    return buffer.getvalue()


class Dribble(io.RawIOBase):
    """A body that comes in pieces of a few bytes, whatever is asked for."""

    def __init__(self, content: bytes, piece: int) -> None:
        self._content, self._piece, self._at = content, piece, 0

    def read(self, size: int = -1) -> bytes:
        begun, self._at = self._at, self._at + min(self._piece, size if size >= 0 else self._piece)
        return self._content[begun : self._at]

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset
        return whence


@dataclass
class Taken:
    report: Report
    keys: list[str]
    parts: list[pl.DataFrame]

    @property
    def frame(self) -> pl.DataFrame:
        """All rows that count, with the keys in place of their numbers."""
        frame = pl.concat(self.parts)
        return frame.with_columns(pl.Series(self.keys).gather(frame["employee_key"]).alias("employee_key"))

    def findings(self) -> dict[str, Finding]:
        return {each.code: each for each in self.report.findings}


def as_ndjson(rows: Sequence[Row]) -> bytes:
    """Empty cells are left out; numbers are numbers."""
    lines = []
    for row in rows:
        cells = {name: cell for name, cell in row.items() if cell}
        texts = (f'"{name}":{cell if NUMBER.fullmatch(cell) else json.dumps(cell)}' for name, cell in cells.items())
        lines.append("{" + ",".join(texts) + "}")
    return "\n".join(lines).encode() + b"\n"


def taken(
    content: bytes,
    facts: Facts = PAYROLL,
    media_type: str = CSV,
    encoding: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    piece: int | None = None,
) -> Taken:
    source = Dribble(content, piece or len(content) or 1)
    keys, parts = list[str](), list[pl.DataFrame]()

    def emit(new: pl.Series, frame: pl.DataFrame) -> None:
        keys.extend(new)
        parts.append(frame)

    def restart() -> None:
        keys.clear()
        parts.clear()

    report = take_in(source, media_type, encoding, facts, limits, emit, restart)  # type: ignore[arg-type]
    return Taken(report, keys, parts)
