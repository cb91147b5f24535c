"""How large a file may be, and that it cannot be read."""

from dataclasses import dataclass

BLOCK = 4 << 20
PARQUET_RATIO, PARQUET_FREE = 1000, 32 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may be; the defaults are shown by record-kinds.

    A Parquet file has its table of contents at the end, so it is held once, whole: at most `parquet_bytes`.
    A CSV file is never held; its size is bounded by `unpacked_bytes` only.
    """

    unpacked_bytes: int = 5 << 30
    parquet_bytes: int = 512 << 20
    rows: int = 100_000_000
    columns: int = 64
    cell_bytes: int = 256
    batch_rows: int = 65_536

    @property
    def row_bytes(self) -> int:
        """No honest row of CSV is longer: every cell full, quoted, each of its signs a doubled quote."""
        return self.columns * (2 * self.cell_bytes + 3)


HELD_WHOLE = {"workforce": 5_000_000, "benefit_plans": 100_000, "benefit_enrolments": 25_000_000}
"""Most rows of the kinds that metrics hold whole; payroll is summed as it comes. No company has so many people."""


def most_rows(kind: str) -> int:
    """Of one file."""
    return HELD_WHOLE.get(kind, Limits().rows)


class Unreadable(Exception):  # noqa: N818 - named for what is wrong
    """`code` is the rule that the file as a whole breaks; `row` counts from the start of the batch, where known."""

    def __init__(self, code: str, row: int | None = None) -> None:
        super().__init__(code)
        self.code, self.row = code, row


class Ratio:
    """What comes out of a packed file against what went in: never above the ratio once more than `free` came out.

    Parquet keeps a value that stands in a million rows once, and honest payroll repeats itself: it may unpack further.
    """

    def __init__(self, limits: Limits, times: int, free: int) -> None:
        self._limit, self._times, self._free = limits.unpacked_bytes, times, free
        self.packed = self._plain = 0

    def unpacked(self, count: int) -> None:
        """Raises Unreadable."""
        self._plain += count
        bloated = self._plain > self._free and self._plain > self._times * self.packed
        if bloated or self._plain > self._limit:
            raise Unreadable("unpacked_too_large")
