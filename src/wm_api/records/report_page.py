"""PURE: the report of a check for people: a table of rows and a page. What is not in the JSON is on neither.

The service makes them of the files that it was sent, the agent of those of the customer: each counts its own rows.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from importlib import resources
from typing import Any

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

COLUMNS: Mapping[str, Any] = {
    "code": pl.String,
    "severity": pl.String,
    "column": pl.String,
    "column_index": pl.Int64,
    "row": pl.List(pl.Int64),
    "row_count": pl.Int64,
    "about": pl.String,
    "detail": pl.String,
    "remedy": pl.String,
}
FORMULA = r"^([=+\-@\t\r\n\x00＝＋－＠])"
SEVERITIES = {
    "refuse": ("Whole file refused", "While one of these is true, nothing of the file is taken."),
    "quarantine": ("Rows that cannot be used", "They were left out where the sender allows it; else nothing is taken."),
    "warn": ("Please look", "These do not stop the file. Each is right or wrong; only you can tell."),
}
ROWS_SENT = (
    "Rows are counted below the headings: the first row of data is row one. wm-capture sorts what it sends: with the"
    " same file, wm-capture push --report writes this page with the rows of the file that it read."
)
REFUSED = "Nothing of the file was kept. Mend what is listed below, and send it again."
TRIALS = {
    "accepted": ("Would be accepted", "This was a dry run: nothing was kept. The same file can be sent as it is."),
    "refused": ("Would be refused", f"This was a dry run. {REFUSED}"),
}
STATES = {
    "received": ("Being taken in", "The file was checked; what it means for the figures is still being computed."),
    "held": (
        "Waits for a decision",
        "The file was checked and counts for nothing yet: it counts once committed.",
    ),
    "accepted": ("Accepted", "The file counts."),
    "refused": ("Refused", REFUSED),
    "superseded": ("Replaced", "The file was accepted, and another has taken its place since."),
    "reverted": ("Taken back", "The file was accepted, and that was undone since."),
}
STYLE = resources.files("wm_api.records").joinpath("templates/report.css").read_text(encoding="utf-8")
CSP = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """The file that the report is about. Without a state it was a dry run; `name` is the file's own, where known."""

    kind: str
    as_of: date | str | None = None
    period_start: date | str | None = None
    period_end: date | str | None = None
    state: str | None = None
    held_until: datetime | str | None = None
    name: str = "a file"

    @property
    def day(self) -> str:
        if self.as_of:
            return f"{self.as_of}"
        return f"{self.period_start} to {self.period_end}" if self.period_start else ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a page is to be read: what its rows count, and what comes beside the report.

    `verdict` is a word and its meaning where state and outcome do not say them; `effect` is the preview of a held
    file, `unseen` says why there is none; `counts` are of the file before it was mapped; `base` is the service.
    """

    base: str = ""
    rows: str = ROWS_SENT
    listed: str = "First rows"
    verdict: tuple[str, str] | None = None
    effect: Mapping[str, Any] | None = None
    unseen: str = ""
    counts: Sequence[tuple[str, int]] = ()


def as_csv(report: Mapping[str, Any]) -> bytes:
    """A line for each finding and listed row (RFC 4180); a finding without rows has one line.

    No cell starts a formula in a spreadsheet program.
    """
    lines = [{**each, "row": each["rows"] or [None], "about": "; ".join(each["about"])} for each in report["findings"]]
    table = pl.DataFrame([{name: line[name] for name in COLUMNS} for line in lines], schema=COLUMNS).explode("row")
    safe = table.with_columns(pl.col(pl.String).str.replace(FORMULA, "'$1"))
    return safe.write_csv(line_terminator="\r\n").encode()


def as_html(report: Mapping[str, Any], subject: Subject, reading: Reading) -> bytes:
    """A page that needs nothing else."""
    word, meaning = reading.verdict or (STATES[subject.state] if subject.state else TRIALS[report["outcome"]])
    parts = {"report": _counted(report), "subject": subject, "reading": reading, "severities": SEVERITIES}
    shown = PAGE.render(word=word, meaning=meaning, style=Markup(STYLE), **parts)  # noqa: S704 - our own file
    return shown.strip().encode()


def _counted(report: Mapping[str, Any]) -> Mapping[str, Any]:
    """A refusal ends before people are counted: none is no count then."""
    return {**report, "employees": None} if report["outcome"] == "refused" and not report["employees"] else report


def plain(text: str) -> str:
    """A text of a rule without the marks of code."""
    return text.replace("`", "")


def words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")


def grouped(value: str | float) -> str:
    """With signs between thousands, and otherwise as it is."""
    return f"{Decimal(value):,f}"


def money(value: str) -> str:
    """With signs between thousands and two places at least; none is rounded away."""
    amount = Decimal(value)
    return grouped(value) if amount != round(amount, 2) else f"{amount:,.2f}"


def fixed(value: float, decimals: int) -> str:
    return f"{value or 0.0:,.{decimals}f}"  # never -0


def instant(value: datetime | str) -> str:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def spans(rows: Sequence[int]) -> str:
    """Ascending rows, neighbours drawn together. They are names of rows, so no sign stands between thousands."""
    found: list[list[int]] = []
    for row in rows:
        if found and found[-1][-1] + 1 == row:
            found[-1][1:] = [row]
        else:
            found.append([row])
    return ", ".join("–".join(map(str, span)) for span in found)


def moved(now: float | None, accepted: float | None) -> str:
    if now is None or accepted is None:
        return "same" if now is accepted else "new" if now is None else "goes away"
    return "same" if now == accepted else "rises" if now < accepted else "falls"


def changed(now: Mapping[str, Any] | None, accepted: Mapping[str, Any] | None) -> str:
    """Of two figures of a preview; those without a value are compared whole."""
    if now is None or accepted is None:
        return "same" if now is accepted else "new" if now is None else "goes away"
    if now["value"] is not None and accepted["value"] is not None:
        return moved(now["value"], accepted["value"])
    return "same" if now == accepted else "changes"


PAGES = Environment(
    loader=PackageLoader("wm_api.records"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
PAGES.filters |= {each.__name__: each for each in (plain, words, grouped, money, fixed, instant, spans, moved, changed)}
PAGE = PAGES.get_template("report.html")
