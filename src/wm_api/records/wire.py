"""Facts and reports as JSON, between processes and for keeping."""

import base64
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any

from wm_api.records.columns import Finding, Severity
from wm_api.records.facts import Expectations, Facts
from wm_api.records.intake import Amended, Report, Total
from wm_api.records.looks import Known
from wm_api.records.shape import shape_document, shape_from

DATES = ("as_of", "period_start", "period_end", "window_start", "window_end")


def facts_document(facts: Facts) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(facts).items()}


def facts_from(document: dict[str, Any]) -> Facts:
    dates = {name: date.fromisoformat(document[name]) for name in DATES if document[name] is not None}
    expectations = Expectations(**(document.get("expectations") or {}))
    return Facts(**{**document, **dates, "expectations": expectations})


def known_document(known: Known) -> dict[str, Any]:
    return {
        "columns": list(known.columns),
        "looks": known.looks,
        "rows_repeat": known.rows_repeat,
        "left_out": base64.b64encode(known.left_out).decode(),
        "findings": findings_document(known.findings),
    }


def known_from(document: dict[str, Any]) -> Known:
    left_out = base64.b64decode(document["left_out"], validate=True)
    findings = findings_from(document["findings"])
    return Known(tuple(document["columns"]), int(document["looks"]), bool(document["rows_repeat"]), left_out, findings)


def report_document(report: Report) -> dict[str, Any]:
    return {
        "outcome": report.outcome,
        "rows": report.rows,
        "employees": report.employees,
        "key_ids": list(report.key_ids),
        "columns": list(report.columns),
        "totals": [asdict(total) for total in report.totals],
        "shape": None if report.shape is None else shape_document(report.shape),
        "amended": asdict(report.amended) if report.amended else None,
        "quarantined": report.quarantined,
        "findings": findings_document(report.findings),
    }


def findings_document(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [_finding_document(each) for each in findings]


def findings_from(documents: Iterable[dict[str, Any]]) -> tuple[Finding, ...]:
    return tuple(_finding_from(each) for each in documents)


def _finding_document(found: Finding) -> dict[str, Any]:
    return {
        "code": found.code,
        "severity": found.severity.value,
        "column": found.column,
        "column_index": found.column_index,
        "rows": list(found.rows),
        "row_count": found.row_count,
        "about": list(found.about),
    }


def _finding_from(document: dict[str, Any]) -> Finding:
    return Finding(
        document["code"],
        Severity(document["severity"]),
        document["column"],
        document["column_index"],
        tuple(document["rows"]),
        document["row_count"],
        tuple(document["about"]),
    )


def report_from(document: dict[str, Any]) -> Report:
    findings = findings_from(document["findings"])
    totals = tuple(Total(**total) for total in document["totals"])
    return Report(
        document["outcome"],
        document["rows"],
        document["employees"],
        tuple(document["key_ids"]),
        tuple(document["columns"]),
        totals,
        findings,
        None if document.get("shape") is None else shape_from(document["shape"]),
        Amended(**document["amended"]) if document.get("amended") else None,
        document.get("quarantined", 0),
    )
