"""From file and mapping to the exact bytes that would leave, with the report of the checks that the server makes."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from wm_api.capture.key_file import CustomerKey
from wm_api.capture.local_codes import extend_table
from wm_api.capture.mapping import Keep, MappingFile, Rows
from wm_api.capture.mapping_rules import checked_mapping
from wm_api.capture.problems import MappingBad, UsageWrong
from wm_api.capture.sources import read_source
from wm_api.capture.transform import canonical, to_parquet
from wm_api.records.facts import Facts, misdated
from wm_api.records.intake import Report, take_in
from wm_api.records.kinds import KINDS
from wm_api.records.limits import Limits, most_rows
from wm_api.records.readers import PARQUET

DAYS = ("as_of", "period_start", "period_end")


@dataclass(frozen=True, slots=True)
class Counts:
    """Of the vendor's file: data rows, different employee ids, and rows left out by each condition."""

    rows: int
    employee_ids: int
    sent: int
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Prepared:
    content: bytes
    facts: Facts
    report: Report
    counts: Counts
    rows: pl.Series
    new_codes: Mapping[str, int]

    def file_rows(self, sent: Sequence[int]) -> list[int]:
        """Rows of the report as data rows of the vendor's file: what leaves is sorted."""
        return sorted(int(self.rows[row - 1]) for row in sent if 0 < row <= len(self.rows))

    def in_file_rows(self, problem: Mapping[str, Any]) -> dict[str, Any]:
        """The server's problem, its rows turned into rows of the file."""
        found = [{**each, "rows": self.file_rows(each.get("rows", []))} for each in problem.get("findings") or []]
        return {**problem, "findings": found}

    def summary(self) -> dict[str, Any]:
        """What --json shows."""
        report, facts = self.report, self.facts
        days = {name: str(day) if (day := getattr(facts, name)) else None for name in DAYS}
        found = [{**each.public(), "rows": self.file_rows(each.rows)} for each in report.findings]
        return {
            "outcome": report.outcome,
            "kind": facts.kind,
            **days,
            "file": asdict(self.counts),
            "rows": report.rows,
            "quarantined": report.quarantined,
            "employees": report.employees,
            "totals": [asdict(total) for total in report.totals],
            "columns": list(report.columns),
            "bytes": len(self.content),
            "findings": found,
        }


def prepare(
    file: Path,
    mapping_file: Path,
    key: CustomerKey,
    given: Mapping[str, Any],
    stage: Callable[[str], None],
    keep: Sequence[str] = (),
) -> Prepared:
    """Raises MappingBad, UsageWrong, FileNoLongerFits, FileRefused."""
    mapping = _chosen(mapping_of(mapping_file), keep)
    facts = declared(mapping, given)
    stage("reading")
    frame, wrong = read_source(file, mapping)
    stage("keying")
    made = canonical(frame, mapping, key, wrong)
    del frame
    stage("writing")
    content = to_parquet(made.frame)
    counts = Counts(made.read, made.ids, made.frame.height, made.left_out)
    rows, tables = made.rows, made.tables
    del made
    stage("checking")
    report = take_in(
        io.BytesIO(content), PARQUET, None, facts, Limits(rows=most_rows(facts.kind)), lambda _keys, _frame: None
    )
    new = {} if report.refused else {name: extend_table(mapping_file.parent / name, tables[name]) for name in tables}
    return Prepared(content, facts, report, counts, rows, new)


def _chosen(mapping: MappingFile, keep: Sequence[str]) -> MappingFile:
    """The mapping with more conditions, each HEADING=VALUE. A heading that stays here may choose rows all the same."""
    conditions = []
    for each in keep:
        heading, equals, value = each.partition("=")
        if not equals or not heading:
            raise UsageWrong("--keep takes HEADING=VALUE, such as --keep year=2018.")
        conditions.append(Keep.model_validate({"column": heading, "in": [value]}))
    chosen = {each.column for each in conditions}
    ignore = tuple(name for name in mapping.source.ignore if name not in chosen)
    source = mapping.source.model_copy(update={"ignore": ignore})
    return mapping.model_copy(update={"source": source, "rows": Rows(keep=(*mapping.rows.keep, *conditions))})


def written(path: Path, content: bytes) -> None:
    """Raises UsageWrong."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageWrong(f"{path} cannot be written: {error.strerror}.") from error


def mapping_of(path: Path) -> MappingFile:
    """Raises MappingBad."""
    try:
        return checked_mapping(path.read_text(encoding="utf-8"))
    except UnicodeError as error:
        raise MappingBad("The mapping is not UTF-8. Save it as UTF-8.") from error
    except OSError as error:
        raise MappingBad(f"The mapping cannot be read: {error.strerror}.") from error


def declared(mapping: MappingFile, given: Mapping[str, Any]) -> Facts:
    """[facts] of the mapping, over which the command line wins. Raises UsageWrong."""
    parts = mapping.facts.model_dump(exclude_none=True) | {name: value for name, value in given.items() if value}
    parts["full_time_weekly_hours"] = float(parts.get("full_time_weekly_hours", 40.0))
    facts = Facts(kind=mapping.kind, **parts)
    if KINDS[mapping.kind].dating == "as_of":
        if facts.period_start or facts.period_end:
            raise UsageWrong(f"{mapping.kind} takes --as-of, not --from and --to.")
        if facts.as_of is None:
            raise UsageWrong("Say --as-of YYYY-MM-DD, or put as_of under [facts] of the mapping.")
    else:
        if facts.as_of is not None:
            raise UsageWrong(f"{mapping.kind} takes --from and --to, not --as-of.")
        facts = replace(facts, period_start=_needed(facts.period_start), period_end=_needed(facts.period_end))
    if (why := misdated(facts, datetime.now(UTC).date())) is not None:
        raise UsageWrong(f"{why} Correct the dates.")
    return facts


def _needed(day: date | None) -> date:
    if day is None:
        raise UsageWrong("Say --from YYYY-MM-DD and --to YYYY-MM-DD, the first and last day of the period.")
    return day
