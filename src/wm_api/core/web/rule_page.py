"""The page of all rules of files, from `records`: docs/integrators/rules.md, written by `wm-api openapi`."""

from wm_api.records.columns import Severity
from wm_api.records.rules import RULES

HEADS = {
    Severity.REFUSE: "The whole file is refused, and nothing of it is kept.",
    Severity.QUARANTINE: "The row cannot be used. It refuses the file, unless `quarantine_ceiling` allows it to "
    "be set aside.",
    Severity.WARN: "The file is taken in; the report says what was seen.",
}


def rule_page() -> str:
    """By severity, in the order in which a file is looked at."""
    lines = [
        "# Rules of a file",
        "Written by `wm-api openapi`. A report names rule, column and rows, never a value.",
        "",
    ]
    for severity, head in HEADS.items():
        rows = [
            f"| `{code}` | {rule.detail} | {rule.remedy} |" for code, rule in RULES.items() if rule.severity == severity
        ]
        lines += [f"## {severity.value}", head, "", "| code | what is wrong | what to do |", "|---|---|---|", *rows, ""]
    return "\n".join(lines)
