"""PURE: figures and lists as people read them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

UNITS = {
    "percent": " %",
    "percentage_points": " percentage points",
    "ratio": "",
    "days": " days",
    "hours": " hours",
    "gini": "",
}
BRIEF = {"percentage_points": " % points"}
"""Where there is no room."""
COUNTS = ("no stars", "one star", "two stars", "three stars", "four stars", "five stars")
STATUSES = {
    "undefined": "cannot be computed: nothing to divide by",
    "insufficient_n": "too few people",
    "not_applicable": "does not apply",
    "not_reported": "data are missing",
    "suppressed": "too few people to show",
}
REASONS = {
    "no_reference": "nothing public to measure it by in this place",
    "no_input_kind": "no kind of file carries it",
}


def amount(value: Decimal, unit: str) -> str:
    """With a true minus and its unit."""
    return f"{minus(value)}{UNITS.get(unit, '')}"


def brief(value: Decimal, unit: str) -> str:
    return f"{minus(value)}{BRIEF.get(unit, UNITS.get(unit, ''))}"


def minus(value: Decimal) -> str:
    return f"{value + 0:,f}".replace("-", "\N{MINUS SIGN}")


def signed(value: Decimal) -> str:
    return f"+{value:f}" if value > 0 else minus(value)


def stars(count: int) -> str:
    return f"{COUNTS[count]} of five"


def day(value: date) -> str:
    return f"{value.day} {value:%B %Y}"


def short_day(value: date) -> str:
    return f"{value.day} {value:%b %Y}"


def tied(text: str) -> str:
    """No line ends between a number and its sign."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def reason(status: str, why: str | None) -> str:
    """Why there is no figure, with the column or kind that would give one."""
    if why in REASONS:
        return REASONS[why]
    words = STATUSES.get(status, status.replace("_", " "))
    kind, _, name = (why or "").partition(":")
    wanted = {"column": "column", "kind": "file of kind"}.get(kind)
    return f"{words}: {wanted} {name}" if wanted and name else words
