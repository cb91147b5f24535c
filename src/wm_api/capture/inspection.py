"""PURE: a profile of columns from batches of text: types, date order, decimal sign, what looks personal; no values."""

import re
from dataclasses import dataclass, field

import polars as pl

from wm_api.records.personal_headings import personal_heading
from wm_api.records.refusals import DETECTORS

PERSONAL_TOO = re.compile(  # in lower case
    r"(?<![a-z])(?:zip|post(al)?[-_ ]?code|plz|marital|citizen|spouse|initials|nationality)|"
    r"^\W*((legal|preferred|display|worker|associate|payroll|staff|emp|empl)?[-_ ]?names?|worker|surname|e-?mail)\W*$"
)
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
NULLS = ("N/A", "n/a", "#N/A", "NULL", "null", "NaN", "nan", "-", "--")
"""Spellings of an empty cell that no vocabulary has."""
FULL_NAME = r"^\p{Lu}[\p{L}'. -]+,\s*\p{Lu}[\p{L}'. -]+$"
SHAPES = {
    "whole": r"^-?\d+$",
    "point": r"^-?\d+\.\d+$",
    "comma": r"^-?\d+,\d+$",
    "grouped_point": r"^-?\d{1,3}(,\d{3})+(\.\d+)?$",
    "grouped_comma": r"^-?\d{1,3}(\.\d{3})+(,\d+)?$",
    "iso": r"^\d{4}-\d{2}-\d{2}([ T].*)?$",
    "parted": r"^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}([ T].*)?$",
    "contact": "|".join(DETECTORS),
    "full_name": FULL_NAME,
}
PARTS = r"^(\d{1,2})[./-](\d{1,2})[./-]"
MONTHS = 12
PROOFS, DISTINCT_KEPT, CODES = 3, 10_000, 50
THREE = r"^-?\d{1,3}[.,]\d{3}$"
"""Digits after a mark in threes prove no sign: 1.234 is either."""


SIGNS = {
    "point": r"^-?\d+\.\d+$|^-?\d{1,3}(,\d{3})+\.\d+$|^-?\d{1,3}(,\d{3}){2,}$",
    "comma": r"^-?\d+,\d+$|^-?\d{1,3}(\.\d{3})+,\d+$|^-?\d{1,3}(\.\d{3}){2,}$",
}


@dataclass
class Profile:
    """What is known of one column so far."""

    heading: str
    filled: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    proofs: dict[str, list[int]] = field(default_factory=dict)
    seen: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.String))
    nulls: set[str] = field(default_factory=set)
    empty: int = 0

    def add(self, cells: pl.Series, rows: pl.Series) -> None:
        """One batch more."""
        text = cells.str.strip_chars()
        nothing = text.is_in(["", *NULLS])
        self.nulls |= set(text.filter(nothing & (text != "")).unique().to_list())
        rows, text = rows.filter(~nothing), text.filter(~nothing)
        self.filled += len(text)
        self.empty += int(nothing.sum())
        for name, shape in SHAPES.items():
            self.counts[name] = self.counts.get(name, 0) + int(text.str.contains(shape).sum())
        for sign, proof in SIGNS.items():
            self._prove(sign, text.str.contains(proof) & ~text.str.contains(THREE), rows)
        parts = pl.DataFrame({"a": text.str.extract(PARTS, 1), "b": text.str.extract(PARTS, 2)}).cast(pl.Int64)
        self._prove("day", (parts["a"] > MONTHS).fill_null(value=False), rows)
        self._prove("month", (parts["b"] > MONTHS).fill_null(value=False), rows)
        if len(self.seen) <= DISTINCT_KEPT:
            self.seen = pl.concat([self.seen, text]).unique().head(DISTINCT_KEPT + 1)

    def _prove(self, what: str, mask: pl.Series, rows: pl.Series) -> None:
        known = self.proofs.setdefault(what, [])
        known += rows.filter(mask).head(PROOFS - len(known)).to_list()

    @property
    def distinct(self) -> str:
        return f"{len(self.seen):,}" if len(self.seen) <= DISTINCT_KEPT else f"{DISTINCT_KEPT:,}+"

    def summary(self) -> dict[str, object]:
        """What --json shows."""
        looks = self.personal or self.likely
        counts = {"filled": self.filled, "empty": self.empty, "distinct": self.distinct}
        return {"heading": self.heading, **counts, "looks_like": looks, "personal": self.personal is not None}

    @property
    def personal(self) -> str | None:
        """Why it should never be mapped."""
        words = CAMEL.sub(" ", self.heading)
        if personal_heading(words) or PERSONAL_TOO.search(words.lower()):
            return "personal heading: ignore it"
        if self.counts.get("contact"):
            return f"{self.counts['contact']:,} cells like contacts or ids: ignore it"
        if self.filled and self.counts["full_name"] * 2 > self.filled:
            return "looks like names: ignore it"
        return None

    @property
    def likely(self) -> str:
        """The type, with the rows that prove what could be read in two ways."""
        if not self.filled:
            return "empty"
        if self._all("whole"):
            return self._whole()
        if self._all("iso"):
            return "date YYYY-MM-DD"
        if self._all("parted"):
            return f"date, {self._order()}"
        if self.is_number:
            return f"number, {self._sign()}"
        if len(self.seen) <= CODES:
            return "code"
        return "text: key, local_code, ignore"

    @property
    def is_number(self) -> bool:
        """Every filled cell is written as a number, whatever its signs."""
        return self._all("whole", "point", "comma", "grouped_point", "grouped_comma")

    def _all(self, *shapes: str) -> bool:
        if len(shapes) == 1:
            return self.counts[shapes[0]] == self.filled
        numeric = sum(self.counts[name] for name in ("whole", "point", "comma"))
        grouped = max(self.counts["grouped_point"], self.counts["grouped_comma"])
        return (numeric + grouped >= self.filled and numeric > 0) or grouped == self.filled

    def _whole(self) -> str:
        if len(self.seen) <= CODES:
            return "whole number or code"
        return "whole number; an id if it is one" if len(self.seen) >= self.filled else "whole number"

    def _order(self) -> str:
        day, month = self.proofs["day"], self.proofs["month"]
        if day and month:
            return f"in both orders: day first in row {day[0]}, month first in row {month[0]}"
        if day or month:
            return f"{'day' if day else 'month'} first: row {_listed(day or month)}"
        return "order not provable: ask the vendor"

    def _sign(self) -> str:
        point, comma = self.proofs["point"], self.proofs["comma"]
        if point and comma:
            return f"both signs: point in row {point[0]}, comma in row {comma[0]}"
        if point or comma:
            return f"decimal {'point' if point else 'comma'}: row {_listed(point or comma)}"
        return "decimal sign not provable"


def _listed(rows: list[int]) -> str:
    return ", ".join(str(row) for row in rows)
