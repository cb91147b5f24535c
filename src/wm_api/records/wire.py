"""Facts and reports as JSON, between processes and for keeping."""

from dataclasses import asdict
from datetime import date
from typing import Any

from wm_api.records.columns import Finding, Severity
from wm_api.records.facts import Facts
from wm_api.records.intake import Amended, Report, Total
from wm_api.records.looks import Known
from wm_api.records.shape import shape_document, shape_from

DATES = ("as_of", "period_start", "period_end", "window_start", "window_end")


def facts_document(facts: Facts) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(facts).items()}


def facts_from(document: dict[str, Any]) -> Facts:
    dates = {name: date.fromisoformat(document[name]) for name in DATES if document[name] is not None}
    return Facts(**{**document, **dates})


def known_document(known: Known) -> dict[str, Any]:
    return asdict(known)


def known_from(document: dict[str, Any]) -> Known:
    return Known(**{**document, "columns": tuple(document["columns"])})


def report_document(report: Report) -> dict[str, Any]:
    return {
        "outcome": report.outcome,
        "rows": report.rows,
        "employees": report.employees,
        "key_ids": list(report.key_ids),
        "columns": list(report.columns),
        "totals": [asdict(total) for total in report.totals],
        "findings": [
            {
                "code": each.code,
                "severity": each.severity.value,
                "column": each.column,
                "column_index": each.column_index,
                "rows": list(each.rows),
                "row_count": each.row_count,
                "about": list(each.about),
            }
            for each in report.findings
        ],
        "shape": None if report.shape is None else shape_document(report.shape),
        "amended": asdict(report.amended) if report.amended else None,
    }


def report_from(document: dict[str, Any]) -> Report:
    findings = tuple(
        Finding(
            each["code"],
            Severity(each["severity"]),
            each["column"],
            each["column_index"],
            tuple(each["rows"]),
            each["row_count"],
            tuple(each["about"]),
        )
        for each in document["findings"]
    )
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
    )
