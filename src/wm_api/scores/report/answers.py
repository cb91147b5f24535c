"""A report in the form that Accept asks for; the same for an owner and for whom a score is shared with."""

import asyncio
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Query, Request, Response

from wm_api.core.problems import NotFound
from wm_api.core.web.accept import preferred
from wm_api.scores.report import pages
from wm_api.scores.report.charts import CHARTS
from wm_api.scores.report.facts import Report

HTML, SVG, PDF = "text/html", "image/svg+xml", "application/pdf"
FORMS: Mapping[int | str, dict[str, Any]] = {
    200: {
        "description": "A page, one chart or a document; none loads anything from elsewhere.",
        "content": {
            HTML: {"schema": {"type": "string", "description": "A page that can be printed."}},
            SVG: {"schema": {"type": "string", "description": "The chart that `chart` names."}},
            PDF: {"schema": {"type": "string", "format": "binary", "description": "Tagged for screen readers."}},
        },
    }
}


class Chart(StrEnum):
    SCORE = "score"
    AREAS = "areas"
    POSITIONS = "positions"
    TREND = "trend"
    PAY_QUARTERS = "pay_quarters"


ChartName = Annotated[Chart, Query(description="Which chart, where Accept asks for image/svg+xml.")]


async def answered(request: Request, report: Report, chart: Chart, cache_control: str) -> Response:
    """Raises NotFound for a chart that has nothing to show."""
    kind = preferred(request.headers.get("accept"), [HTML, SVG, PDF])
    headers = {"Vary": "Accept", "Cache-Control": cache_control}
    if kind == PDF:
        made = await asyncio.to_thread(pages.as_pdf, report)
        named = f'inline; filename="social-impact-score-{report.day}.pdf"'
        return Response(made, headers={**headers, "Content-Disposition": named}, media_type=PDF)
    if kind == SVG:
        drawn = CHARTS[chart](report)
        if drawn is None:
            raise NotFound("The report has nothing to show in this chart.")
        return Response(drawn.strip(), headers=headers, media_type=SVG)
    page = await asyncio.to_thread(pages.as_html, report)
    return Response(page, headers={**headers, "Content-Security-Policy": pages.CSP}, media_type=HTML)
