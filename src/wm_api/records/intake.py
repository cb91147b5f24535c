"""A file taken in: read in bounded batches, typed, checked; a report that names columns, rules and rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import BinaryIO

import polars as pl

from wm_api.records import checks, refusals
from wm_api.records.columns import Finding, Findings, Severity, finding, where
from wm_api.records.employee_keys import KeyBook, malformed
from wm_api.records.facts import Expectations, Facts
from wm_api.records.headings import heading_findings
from wm_api.records.kinds import KINDS, RecordKind
from wm_api.records.looks import Known, SetAside
from wm_api.records.parsing import missing, parse_column
from wm_api.records.readers import NDJSON, Limits, MoreColumns, Unreadable, tables
from wm_api.records.repeats import RowsRepeat
from wm_api.records.shape import Shape
from wm_api.records.whole_file import WholeFile

CHECKED_ROWS = 131_072
PART_ROWS = 32_768
MOST_FINDINGS = 200
NO_KEYS = pl.Series(dtype=pl.String)
Emit = Callable[[pl.Series, pl.DataFrame], None]


@dataclass(frozen=True, slots=True)
class Total:
    measure: str
    currency: str | None
    value: str


@dataclass(frozen=True, slots=True)
class Amended:
    """Rows of the old dataset that were replaced and that stay, and rows of the amending file that are new."""

    replaced: int
    added: int
    kept: int


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. When refused, whatever was emitted must be thrown away by the caller.

    `rows` are those of the file, also the ones that were left out because they repeat another. `quarantined` of them
    were set aside: they are in no total, and not among the employees.
    """

    outcome: str
    rows: int
    employees: int
    key_ids: tuple[str, ...]
    columns: tuple[str, ...]
    totals: tuple[Total, ...]
    findings: tuple[Finding, ...]
    shape: Shape | None = None
    """Of an accepted file."""
    amended: Amended | None = None
    quarantined: int = 0

    @property
    def refused(self) -> bool:
        return self.outcome == "refused"


def take_in(
    source: BinaryIO,
    media_type: str,
    content_encoding: str | None,
    facts: Facts,
    limits: Limits,
    emit: Emit,
    restart: Callable[[], None] = lambda: None,
) -> Report:
    """A file that is at hand, looked at as often as it takes; before `restart` nothing that was emitted counts."""
    known = Known()
    while not isinstance(found := look(source, media_type, content_encoding, facts, limits, emit, known), Report):
        known = found
        source.seek(0)
        restart()
    return found


def look(
    source: BinaryIO,
    media_type: str,
    content_encoding: str | None,
    facts: Facts,
    limits: Limits,
    emit: Emit,
    known: Known,
    progress: Callable[[int], None] = lambda _: None,
) -> Report | Known:
    """The report; or what has to be known before the file is looked at again, and what was emitted does not count.

    Never raises for what a file holds: what is wrong is in the report.

    `emit` gets typed parts in which `employee_key` is a number, with the keys that are new in the part: the number of
    a key is its place among all keys emitted so far. A kind without keys has neither. Parts are cut by count of rows
    alone, so that the same rows give the same parts, whatever the form of the file and the blocks in which it came.
    """
    intake = _Intake(KINDS[facts.kind], facts, limits, emit, known)
    try:
        came = tables(source, media_type, content_encoding, limits, known.columns)
        for headings, text in came:
            if intake.begin(headings):
                intake.take(text)
                progress(intake.seen)
            elif media_type != NDJSON or intake.found.knows("unknown_column"):
                break
        intake.finish()
        if (more := intake.without_bad_rows()) is not None:
            return more
    except MoreColumns as more:
        return replace(known, columns=more.names, looks=known.looks + 1)
    except RowsRepeat:
        return replace(known, rows_repeat=True, looks=known.looks + 1)
    except Unreadable as unreadable:
        rows = () if unreadable.row is None else (intake.seen + unreadable.row + 1,)
        intake.found.add([finding(unreadable.code, rows=rows)])
    return intake.report()


def totals_of(whole: WholeFile, people: int | None) -> list[Total]:
    """To reconcile: people, of a workforce those of its day, and pay by currency. None of a kind without keys."""
    counted = people if whole.headcount is None else whole.headcount
    counts = [] if counted is None else [Total("headcount", None, f"{counted}")]
    return counts + [Total(measure, currency, f"{value:f}") for (measure, currency), value in whole.totals().items()]


def unexpected(expected: Expectations, rows: int, held: Sequence[Total]) -> list[Finding]:
    """What the sender expects of the file and it does not hold; the totals of the report say what it holds."""
    totals = {("rows", None): f"{rows}"} | {(each.measure, each.currency): each.value for each in held}
    wanted: dict[tuple[str, str | None], str | None] = {
        ("rows", None): None if expected.rows is None else f"{expected.rows}",
        ("headcount", None): None if expected.headcount is None else f"{expected.headcount}",
    }
    if expected.gross is not None:
        wanted |= {place: "0" for place in totals if place[0] == "gross"}
        wanted |= {("gross", each[:3]): each[4:] for each in expected.gross.split(",")}
    return [
        finding("totals_differ", measure if currency is None else f"{measure} {currency}")
        for (measure, currency), value in wanted.items()
        if value is not None and Decimal(value) != Decimal(totals.get((measure, currency), "0"))
    ]


class _Intake:
    """The state of one file on its way."""

    def __init__(self, kind: RecordKind, facts: Facts, limits: Limits, emit: Emit, known: Known) -> None:
        self._ceiling, self._known = facts.expectations.quarantine_ceiling, known
        self.rows, self.found = 0, Findings(tolerant=self._ceiling > 0)
        self.aside = SetAside(known.left_out)
        self._kind, self._facts, self._limits, self._emit = kind, facts, limits, emit
        self._headings, self._fitting = tuple[str, ...](), False
        self._waiting: list[pl.DataFrame] = []
        self._begun = self.seen = 0
        self._keys, self._key_ids = KeyBook(), set[str]()
        self._whole = WholeFile(kind, facts, compared=known.rows_repeat or known.last)

    def begin(self, headings: list[str]) -> bool:
        """Whether rows are looked at: under wrong headings none is."""
        if not self._headings:
            self._headings = tuple(headings)
            self.found.add(heading_findings(headings, self._kind))
            self._fitting = not self.found.refused
        return self._fitting

    def take(self, text: pl.DataFrame) -> None:
        """All rows are typed and checked, also after a finding, so that a report is whole."""
        if self.rows + text.height > self._limits.rows:
            raise Unreadable("too_many_rows")
        self.seen += text.height
        text = self.aside.kept(text, self.seen - text.height + 1)
        longest = max(int(text.to_series(at).str.len_bytes().max() or 0) for at in range(text.width))  # type: ignore[arg-type]
        if longest > self._limits.cell_bytes:
            raise Unreadable("cell_too_long")
        names = [name for name in self._kind.names if name in self._headings]
        text = text.select(pl.nth(self._headings.index(name)).alias(name) for name in names)
        self._waiting.append(self._typed(text))
        self.rows += text.height
        if self.rows - self._begun >= CHECKED_ROWS:
            self._check(CHECKED_ROWS)

    def _typed(self, text: pl.DataFrame) -> pl.DataFrame:
        first_row, typed = self.rows + 1, []
        for values in text.get_columns():
            column = self._kind.column(values.name)
            parsed, found = parse_column(values, column, first_row)
            typed.append(parsed)
            self.found.add(found)
            if column.required:
                self.found.add(missing(values, column, first_row))
        self.found.add(refusals.suspicious_text(text, self._kind, first_row))
        return pl.DataFrame(typed)

    def _check(self, rows: int) -> None:
        """The rows that wait, so many at a time."""
        waiting = pl.concat(self._waiting, rechunk=True)
        while waiting.height >= rows:
            self._checked(waiting.head(rows))
            waiting = waiting.slice(rows)
        self._waiting = [waiting]

    def _checked(self, frame: pl.DataFrame) -> None:
        first_row, new = self._begun + 1, NO_KEYS
        self._begun += frame.height
        self.found.add(checks.row_findings(frame, self._kind, self._facts, first_row))
        if self._kind.keyed:
            frame, new = self._numbered(frame, first_row)
        if self.found.refused:
            return
        frame, repeated = self._whole.add(frame, first_row)
        self.found.add(repeated)
        for part in frame.iter_slices(PART_ROWS):
            self._emit(new, part)
            new = new.clear()

    def _numbered(self, frame: pl.DataFrame, first_row: int) -> tuple[pl.DataFrame, pl.Series]:
        """Numbers in place of keys, and the keys that are new. Of a refused file every malformed key is named."""
        keys = frame.get_column("employee_key")
        if self.found.refused:
            self.found.add(where("key_malformed", "employee_key", malformed(keys), first_row))
            return frame, NO_KEYS
        numbers, new = self._keys.numbered(keys)
        self.found.add(where("key_malformed", "employee_key", numbers.is_null(), first_row))
        self._key_ids.update(new.str.slice(4, 8).unique())
        return frame.with_columns(numbers.alias("employee_key")), new

    def finish(self) -> None:
        if self.seen == 0 and not self.found.refused:
            self.found.add([finding("file_empty")])
        if self.rows > self._begun:
            self._check(self.rows - self._begun)
        if self.found.refused:
            return
        if len(self._key_ids) > 1:
            self.found.add([finding("key_id_changed", "employee_key")])
        self.found.add(self._whole.findings(self.rows))
        if not self.found.refused:
            self.found.add(unexpected(self._facts.expectations, self.seen, self._totals()))

    def _totals(self) -> list[Total]:
        return totals_of(self._whole, len(self._keys) if self._kind.keyed else None)

    def without_bad_rows(self) -> Known | None:
        """What the next look has to know, where rows may be set aside, are to be, and are not too many."""
        bad = self.found.bad_rows
        if bad is None or self._known.last:
            return None
        left_out = self.aside.with_more(bad)
        if len(left_out) // 4 > self._ceiling * self.seen:
            self.found.add([finding("too_many_bad_rows")])
            return None
        known, set_aside = self._known, [each for each in self._findings() if each.severity is Severity.QUARANTINE]
        return replace(known, looks=known.looks + 1, left_out=left_out, findings=(*known.findings, *set_aside))

    def _findings(self) -> tuple[Finding, ...]:
        """Their rows as the file numbers them."""
        found = self.found.first(MOST_FINDINGS)
        return tuple(replace(each, rows=self.aside.in_file(each.rows), every_row=None) for each in found)

    def report(self) -> Report:
        refused = self.found.refused
        totals = self._totals() if not refused or self.found.knows("totals_differ") else []
        return Report(
            "refused" if refused else "accepted",
            self.seen,
            0 if refused else len(self._keys),
            () if refused else tuple(sorted(self._key_ids)),
            tuple(name for name in self._kind.names if name in self._headings),
            tuple(totals),
            (*self._known.findings, *self._findings())[:MOST_FINDINGS],
            None if refused else self._whole.shape(sorted(self._key_ids)),
            quarantined=len(self.aside),
        )
