"""PURE: a report as a page that needs nothing else, and as a PDF."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from types import MappingProxyType

import typst
from markupsafe import Markup

from wm_api.scores.report import sentences
from wm_api.scores.report.beside import of_beside
from wm_api.scores.report.charts import CHARTS, TEMPLATES
from wm_api.scores.report.facts import Metric, Report
from wm_api.scores.report.printing import amount, day, reason, signed
from wm_api.scores.report.sentences import Sentence

FILES = resources.files("wm_api.scores.report").joinpath("templates")
STYLE = FILES.joinpath("report.css").read_text(encoding="utf-8")
PRINTED = FILES.joinpath("report.typ").read_bytes()
CSP = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, a chart where there is one, and sentences."""

    key: str
    title: str
    chart: str | None
    sentences: tuple[Sentence, ...]


SECTIONS: Mapping[str, tuple[str, Callable[[Report], Iterator[Sentence]]]] = MappingProxyType(
    {
        "areas": ("What makes the score", sentences.of_areas),
        "positions": ("Beside others", sentences.of_peers),
        "trend": ("Over time", sentences.of_trend),
        "change": ("What changed", sentences.of_change),
        "pay_quarters": ("Women by quarter of pay", sentences.of_quarters),
        "steps": ("Within reach", sentences.of_steps),
        "missing": ("What would tell more", sentences.of_missing),
        "beside": ("Beside the score", of_beside),
    }
)


def sections(report: Report) -> Iterator[Section]:
    """Those that have something to say, in reading order."""
    for key, (title, told) in SECTIONS.items():
        said = tuple(told(report))
        if said:
            yield Section(key, title, CHARTS[key](report) if key in CHARTS else None, said)


def figure(metric: Metric) -> str:
    """The value with its unit, or why there is none."""
    return amount(metric.value, metric.unit) if metric.value is not None else reason(metric.status, metric.reason)


def origin(report: Report) -> Iterator[tuple[str, str]]:
    """What anybody needs to ask for the same score again."""
    made = report.origin
    yield "Methodology", made.methodology
    yield "Compared with", made.benchmark or "nobody"
    yield "Score", made.score_id
    if made.digest:
        yield "Digest", made.digest


def as_html(report: Report) -> bytes:
    """With its own style and charts inside; every value is escaped."""
    parts = [
        (each, Markup(each.chart) if each.chart else None)  # noqa: S704 - our own template, escaped there
        for each in sections(report)
    ]
    head = CHARTS["score"](report)
    shown = PAGE.render(
        report=report,
        lead=list(sentences.of_score(report)),
        head=Markup(head) if head else None,  # noqa: S704 - as above
        parts=parts,
        origin=list(origin(report)),
        style=Markup(STYLE),  # noqa: S704 - our own file
    )
    return shown.strip().encode()


PARTS = ("Against others", "Against the goal", "Points")


def _parts(metric: Metric) -> Iterator[str]:
    for part in (metric.against_others, metric.against_goal):
        yield "" if part is None else f"{part}"
    yield "" if metric.points is None else signed(metric.points)


def as_pdf(report: Report) -> bytes:
    """Tagged for screen readers. Takes a while: call it in a thread."""
    made = typst.compile(
        PRINTED, format="pdf", sys_inputs={"report": json.dumps(_document(report))}, ignore_system_fonts=True
    )
    if not isinstance(made, bytes):
        raise TypeError("a report is one file")
    return made


def _document(report: Report) -> dict[str, object]:
    """All that is printed, as text."""
    return {
        "company": report.company,
        "day": day(report.day),
        "state": report.state,
        "lead": [each.text for each in sentences.of_score(report)],
        "head": CHARTS["score"](report),
        "sections": [
            {"title": each.title, "chart": each.chart, "lines": [said.text for said in each.sentences]}
            for each in sections(report)
        ],
        "columns": ["Figure", "Value", *(PARTS if report.parts else ())],
        "metrics": [[each.name, figure(each), *(_parts(each) if report.parts else ())] for each in report.metrics],
        "origin": [[name, value] for name, value in origin(report)],
    }


TEMPLATES.filters |= {"day": day, "signed": signed, "figure": figure}
PAGE = TEMPLATES.get_template("report.html")
