"""The first line of a file against its record kind."""

from collections.abc import Sequence

from wm_api.records.columns import Finding, finding
from wm_api.records.kinds import RecordKind
from wm_api.records.personal_headings import personal_heading


def heading_findings(headings: Sequence[str], kind: RecordKind) -> list[Finding]:
    """Headings that are not known are named by position only: a heading may be a value by mistake."""
    found = []
    for index, name in enumerate(headings, start=1):
        if name in headings[: index - 1]:
            found.append(finding("duplicate_column", index=index))
        elif name not in kind.names:
            found.append(finding("unknown_column", index=index))
            if personal_heading(name):
                found.append(finding("personal_data_suspected", index=index))
    found += [
        finding("missing_required_column", column.name)
        for column in kind.columns
        if column.required and column.name not in headings
    ]
    if kind.name == "workforce":
        if not {"weekly_hours", "schedule_type"} & set(headings):
            found.append(finding("missing_required_column", "weekly_hours"))
        if "hire_date" not in headings and "termination_date" in headings:
            found.append(finding("missing_required_column", "hire_date"))
    return found
