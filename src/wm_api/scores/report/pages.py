"""PURE: a report as a page that needs nothing else, and as a PDF."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from types import MappingProxyType
from typing import Any

import typst
from markupsafe import Markup

from wm_api.scores.report import sentences
from wm_api.scores.report.beside import of_beside
from wm_api.scores.report.charts import CHARTS, TEMPLATES
from wm_api.scores.report.comparisons import of_peers
from wm_api.scores.report.facts import Area, Metric, Report
from wm_api.scores.report.printing import brief, day, reason, signed, tied
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
        "positions": ("Beside others", of_peers),
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


COLUMNS = (
    "Against others and against the goal a figure has 0 to 100; where it has both, each counts half. Points are rounded"
    " so that they add up: 50 and the points of the areas give the score."
)


def figure(metric: Metric) -> str:
    """The value with its unit, or why there is none."""
    return brief(metric.value, metric.unit) if metric.value is not None else reason(metric.status, metric.reason)


def weighs(area: Area) -> str:
    return f"{area.weight} % of the score"


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
        columns_said=COLUMNS,
        style=Markup(STYLE),  # noqa: S704 - our own file
    )
    return shown.strip().encode()


PARTS = ("Against others", "Against the goal", "Points")


def as_pdf(report: Report) -> bytes:
    """PDF/UA-1, the same bytes of the same figures. Takes a while: call it in a thread.

    A name in letters that the fonts inside do not have takes them from the fonts of this machine, and is no PDF/UA.
    """
    printed = json.dumps(_document(report))
    try:
        return _compiled(printed, pdf_standards="ua-1", ignore_system_fonts=True)
    except typst.TypstError:
        return _compiled(printed, ignore_system_fonts=False)


def _compiled(printed: str, **how: Any) -> bytes:
    made = typst.compile(PRINTED, format="pdf", sys_inputs={"report": printed}, **how)
    if not isinstance(made, bytes):
        raise TypeError("a report is one file")
    return made


def _document(report: Report) -> dict[str, object]:
    """All that is printed, as text."""
    return {
        "company": report.company,
        "day": day(report.day),
        "state": report.state,
        "headline": None if report.headline is None else f"{report.headline}",
        "star": report.star,
        "grade": report.data_grade,
        "lead": [tied(each.text) for each in sentences.of_score(report)],
        "head": CHARTS["score"](report),
        "sections": [
            {"title": each.title, "chart": each.chart, "lines": [tied(said.text) for said in each.sentences]}
            for each in sections(report)
        ],
        "columns": ["Figure", "Value", *(PARTS if report.parts else ())],
        "columns_said": COLUMNS if report.parts else "",
        "areas": [_of_area(report, area) for area in report.areas] if report.metrics else [],
        "origin": [[name, value] for name, value in origin(report)],
    }


def _of_area(report: Report, area: Area) -> dict[str, object]:
    """The rows of the table: the area itself, then its figures; one without a value says why across the columns."""
    blank, points = ["", ""], "" if area.points is None else signed(area.points)
    score = "no score" if area.score is None else f"{area.score}"
    return {
        "name": area.name,
        "weight": tied(weighs(area)),
        "cells": [score, *((*blank, points) if report.parts else ())],
        "metrics": [
            {
                "name": each.name,
                "missing": None if each.value is not None else figure(each),
                "cells": _cells(report, each),
            }
            for each in report.metrics
            if each.area == area.key
        ],
    }


def _cells(report: Report, metric: Metric) -> list[str]:
    against = ["" if part is None else f"{part}" for part in (metric.against_others, metric.against_goal)]
    points = "" if metric.points is None else signed(metric.points)
    return [tied(figure(metric)), *((*against, points) if report.parts else ())]


TEMPLATES.filters |= {"day": day, "signed": signed, "figure": figure, "weighs": weighs}
PAGE = TEMPLATES.get_template("report.html")
