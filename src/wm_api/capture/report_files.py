"""What a command ended with, as a file for people: a page or a table, made of its JSON line, rows of the own file."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wm_api.capture.preparation import written
from wm_api.capture.problems import NETWORK, NO_FIT, REFUSED_HERE, REFUSED_THERE
from wm_api.records.report_page import Reading, Subject, as_csv, as_html

PAGE, TABLE = ".html", ".csv"
ROWS_READ = (
    "Rows are those of your own file, {name}: the first line below the headings is row one, empty lines are"
    " counted too."
)
LISTED = "Some of them"
UNSENT = "Nothing left this machine."
ENDS = {
    REFUSED_HERE: ("Refused before it was sent", f"{UNSENT} Mend what is listed below, and push the file again."),
    REFUSED_THERE: ("Refused by the service", ""),
    NETWORK: ("Not sent", ""),
    NO_FIT: ("Does not fit its mapping", f"{UNSENT} Mend the file or its mapping, and push it again."),
}
FAILED = ("Not checked", UNSENT)


def report_file(path: Path, line: Mapping[str, Any], name: str) -> None:
    """Written by its ending: .html a page, .csv a table of rows, else the line itself. Raises UsageWrong."""
    ending = path.suffix.lower()
    if ending == PAGE:
        content = page(line, name)
    elif ending == TABLE:
        content = as_csv(_report(_flat(line)))
    else:
        content = json.dumps(line).encode() + b"\n"
    written(path, content)


def page(line: Mapping[str, Any], name: str) -> bytes:
    """Of a dry run, a push or a refusal; `name` is that of the customer's file."""
    line = _flat(line)
    report, dataset = _report(line), line.get("dataset") or {}
    dates = {each: line.get(each) for each in ("as_of", "period_start", "period_end")}
    held = dataset.get("held_until") if dataset.get("state") == "held" else None
    subject = Subject(line.get("kind") or "not known", **dates, state=dataset.get("state"), held_until=held, name=name)
    reading = Reading(
        rows=ROWS_READ.format(name=name),
        listed=LISTED,
        verdict=_verdict(line),
        effect=line.get("preview"),
        counts=_counts(line["file"]) if isinstance(line.get("file"), Mapping) else (),
    )
    return as_html(report, subject, reading)


def _flat(line: Mapping[str, Any]) -> Mapping[str, Any]:
    """A line that ended at the service has the report of this machine in it."""
    return {**line, **(line.get("report") or {})}


def _report(line: Mapping[str, Any]) -> dict[str, Any]:
    """As the service words it; what a command that ended early does not know is none."""
    problem = line.get("problem") or {}
    known: dict[str, Any] = {name: line.get(name) for name in ("rows", "employees", "quarantined", "amended")}
    there = [*(problem.get("findings") or []), *(line.get("found_there") or [])]
    seen = {(each["code"], each["column"]) for each in there}
    here = [each for each in line.get("findings") or [] if (each["code"], each["column"]) not in seen]
    return known | {
        "dataset_id": (line.get("dataset") or {}).get("id"),
        "outcome": "refused" if line["exit_code"] else line["outcome"],
        "totals": problem.get("totals") or line.get("totals") or [],
        "findings": [*here, *there],
        "checked_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _verdict(line: Mapping[str, Any]) -> tuple[str, str] | None:
    """None where the state of the dataset, or the outcome of a dry run, says it."""
    code = line["exit_code"]
    if not code or (code == REFUSED_HERE and line.get("trial")):
        return None
    word, meaning = ENDS.get(code, FAILED)
    said = "" if code == REFUSED_HERE else str(line.get("error", ""))  # the findings say it
    return word, "\n".join(filter(None, (meaning, said)))


def _counts(file: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Of the file as it was read, before conditions of the mapping left rows out."""
    left = [(f"Rows left out by a condition on {column}", count) for column, count in file["left_out"].items()]
    return [("Rows of your file", file["rows"]), ("Employee ids in your file", file["employee_ids"]), *left]
