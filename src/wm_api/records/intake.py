"""A file taken in: read in bounded batches, typed, checked; a report that names columns, rules and rows."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import BinaryIO

import polars as pl

from wm_api.records import checks, refusals
from wm_api.records.columns import FIRST_ROWS, Code, Finding, Severity, finding
from wm_api.records.facts import Facts
from wm_api.records.kinds import KINDS, RecordKind
from wm_api.records.parsing import missing, parse_column
from wm_api.records.readers import Limits, Unreadable, frames

Emit = Callable[[pl.DataFrame], None]


@dataclass(frozen=True, slots=True)
class Total:
    measure: str
    currency: str | None
    value: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. When refused, whatever was emitted must be thrown away by the caller."""

    outcome: str
    rows: int
    employees: int
    key_ids: tuple[str, ...]
    columns: tuple[str, ...]
    totals: tuple[Total, ...]
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> bool:
        return self.outcome == "refused"


@dataclass
class _Taken:
    """What must be known across batches: hashes, never rows."""

    rows: int = 0
    columns: tuple[str, ...] = ()
    findings: dict[tuple[str, str | None, int | None], list[Finding]] = field(default_factory=lambda: defaultdict(list))
    keys: list[pl.Series] = field(default_factory=list)
    natural: list[pl.DataFrame] = field(default_factory=list)
    codes: dict[str, pl.Series] = field(default_factory=dict)
    pay: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    workforce: list[pl.DataFrame] = field(default_factory=list)

    def add(self, found: list[Finding]) -> None:
        for each in found:
            self.findings[(each.code, each.column, each.column_index)].append(each)


def take_in(
    source: BinaryIO,
    media_type: str,
    content_encoding: str | None,
    facts: Facts,
    limits: Limits,
    emit: Emit,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Never raises for what a file holds: what is wrong is in the report."""
    kind, taken = KINDS[facts.kind], _Taken()
    try:
        for text in frames(source, media_type, content_encoding, limits):
            if not taken.columns:
                taken.add(_heading_findings(text, kind))
                taken.columns = tuple(text.columns)
            if _refused(taken):
                break
            _take_batch(text, kind, facts, limits, taken, emit)
            if progress is not None:
                progress(taken.rows)
    except Unreadable as unreadable:
        taken.add([finding(unreadable.code)])
    if not _refused(taken):
        taken.add(_whole_file(kind, facts, taken))
    return _report(kind, taken)


def _heading_findings(text: pl.DataFrame, kind: RecordKind) -> list[Finding]:
    found = []
    for index, name in enumerate(text.columns, start=1):
        if "\0" in name:
            found.append(finding("duplicate_column", index=index))
        elif name not in kind.names:
            found.append(finding("unknown_column", index=index))
            if refusals.PERSONAL_HEADING.search(name):
                found.append(finding("personal_data_suspected", index=index))
    found += [
        finding("missing_required_column", column.name)
        for column in kind.columns
        if column.required and column.name not in text.columns
    ]
    if kind.name == "workforce":
        if not {"weekly_hours", "schedule_type"} & set(text.columns):
            found.append(finding("missing_required_column", "weekly_hours"))
        if "hire_date" not in text.columns and "termination_date" in text.columns:
            found.append(finding("missing_required_column", "hire_date"))
    return found


def _take_batch(text: pl.DataFrame, kind: RecordKind, facts: Facts, limits: Limits, taken: _Taken, emit: Emit) -> None:
    first = taken.rows + 1
    taken.rows += text.height
    if taken.rows > limits.rows:
        raise Unreadable("too_many_rows")
    if text.height == 0:
        return
    text = text.select(name for name in kind.names if name in text.columns)
    longest = text.select(pl.max_horizontal(pl.all().str.len_bytes().max())).item()
    if (longest or 0) > limits.cell_bytes:
        raise Unreadable("cell_too_long")
    typed = []
    for name in text.columns:
        column = kind.column(name)
        values, found = parse_column(text.get_column(name), column, first)
        typed.append(values)
        taken.add(found)
        if column.required:
            taken.add(missing(text.get_column(name), column, first))
    taken.add(refusals.suspicious_text(text, kind))
    frame = pl.DataFrame(typed)
    _remember(frame, kind, taken)
    if not _refused(taken):
        taken.add(checks.row_findings(frame, kind, facts, first))
        emit(frame)


def _remember(frame: pl.DataFrame, kind: RecordKind, taken: _Taken) -> None:
    taken.keys.append(frame.get_column("employee_key").unique())
    for column in kind.columns:
        if isinstance(column.type, Code) and not column.type.codes and column.name in frame.columns:
            known = taken.codes.get(column.name, pl.Series(dtype=pl.String))
            taken.codes[column.name] = known.append(frame.get_column(column.name)).unique().head(5002)
    if kind.name == "workforce":
        taken.workforce.append(frame)
    natural = [name for name in kind.natural_key if name in frame.columns]
    if kind.name == "payroll" or "spell_no" in natural:
        hashes = frame.select(pl.struct(natural).hash(1).alias("key"), pl.struct(frame.columns).hash(2).alias("row"))
        taken.natural.append(hashes)
    pay = "gross_pay" if "gross_pay" in frame.columns else "pay_base" if kind.name == "payroll" else "base_rate"
    for currency, total in frame.group_by("currency").agg(pl.col(pay).sum()).iter_rows():
        taken.pay[f"{pay}\0{currency}"] += Decimal(str(round(total or 0, 4)))


def _whole_file(kind: RecordKind, facts: Facts, taken: _Taken) -> list[Finding]:
    if taken.rows == 0:
        return [finding("file_empty")]
    found = _duplicates(taken)
    for name, values in taken.codes.items():
        if name != "currency" and refusals.too_varied(values.drop_nulls().n_unique(), taken.rows):
            found.append(finding("code_column_too_varied", name))
    if len(_key_ids(taken)) > 1:
        found.append(finding("key_id_changed", "employee_key"))
    if kind.name == "workforce":
        frame = pl.concat(taken.workforce)
        found += checks.workforce_findings(frame, facts)
        found += refusals.identifier_like(frame, kind)
    return found


def _duplicates(taken: _Taken) -> list[Finding]:
    if not taken.natural:
        return []
    rows = pl.concat(taken.natural).with_row_index("number", offset=1)
    repeated = rows.filter(pl.col("key").is_duplicated())
    if repeated.is_empty():
        return []
    differing = repeated.filter(pl.col("row").n_unique().over("key") > 1)
    identical = repeated.filter(pl.col("row").n_unique().over("key") == 1)
    found = []
    if differing.height:
        found.append(finding("duplicate_row_conflict", "employee_key", differing.get_column("number").to_list()))
    if identical.height:
        found.append(finding("duplicate_row_identical", "employee_key", identical.get_column("number").to_list()))
    return found


def _key_ids(taken: _Taken) -> tuple[str, ...]:
    ids: pl.Series = (
        pl.concat([keys.str.slice(4, 8).unique() for keys in taken.keys]).unique().sort() if taken.keys else pl.Series()
    )
    return tuple(str(each) for each in ids)


def _refused(taken: _Taken) -> bool:
    """Until rows can be set aside, a row that would be quarantined refuses the file."""
    return any(code_findings[0].severity is not Severity.WARN for code_findings in taken.findings.values())


def _report(kind: RecordKind, taken: _Taken) -> Report:
    merged = []
    for parts in taken.findings.values():
        rows = tuple(row for part in parts for row in part.rows)[:FIRST_ROWS]
        count = sum(part.row_count for part in parts)
        merged.append(Finding(parts[0].code, parts[0].severity, parts[0].column, parts[0].column_index, rows, count))
    refused = _refused(taken)
    employees = 0 if refused or not taken.keys else pl.concat(taken.keys).n_unique()
    totals = [
        Total(name.split("\0")[0], name.split("\0")[1], f"{value:f}") for name, value in sorted(taken.pay.items())
    ]
    columns = tuple(name for name in kind.names if name in taken.columns)
    return Report(
        "refused" if refused else "accepted",
        taken.rows,
        employees,
        () if refused else _key_ids(taken),
        columns,
        () if refused else tuple(totals),
        tuple(merged[:200]),
    )
