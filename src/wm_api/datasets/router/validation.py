"""The report of a check: JSON for programs, a table and a page for people."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core import clock
from wm_api.core.principal import Scope
from wm_api.core.problems import Gone, StateConflict
from wm_api.core.sandbox import UNREADABLE
from wm_api.core.web.accept import preferred
from wm_api.core.web.declarations import declare
from wm_api.core.web.dependencies import SessionDep
from wm_api.core.web.routing import new_router
from wm_api.datasets import models, schemas
from wm_api.datasets.auth import DatasetReader
from wm_api.datasets.router.push import PushedFile
from wm_api.datasets.service import datasets as service
from wm_api.datasets.service import files, holding
from wm_api.records.intake import Report
from wm_api.records.kinds import KINDS
from wm_api.records.report_page import CSP, Reading, Subject, as_csv, as_html
from wm_api.records.rules import RULES

router = new_router("/v1/datasets", "datasets")
JSON, CSV, HTML = "application/json", "text/csv", "text/html"
FORMS: Mapping[str, Any] = {
    JSON: {},
    CSV: {"schema": {"type": "string", "description": "A line for each finding and listed row; never a value."}},
    HTML: {"schema": {"type": "string", "description": "A page for people, with no other resource."}},
}


def answered(
    request: Request,
    report: schemas.Report,
    subject: Subject,
    effect: Mapping[str, Any] | None = None,
    unseen: str = "",
) -> Response:
    """In the form that Accept asks for."""
    kind = preferred(request.headers.get("accept"), list(FORMS))
    headers = {"Vary": "Accept"}
    if kind == CSV:
        table = as_csv(report.model_dump(mode="json"))
        return Response(table, headers=headers, media_type=f"{CSV}; charset=utf-8; header=present")
    if kind == HTML:
        reading = Reading(request.app.state.resources.settings.public_url, effect=effect, unseen=unseen)
        page = as_html(report.model_dump(mode="json"), subject, reading)
        return Response(page, headers={**headers, "Content-Security-Policy": CSP}, media_type=HTML)
    return Response(report.model_dump_json(), headers=headers, media_type=JSON)


def answered_trial(request: Request, file: PushedFile) -> Response:
    """The report of a dry run."""
    found = file.checked.report if isinstance(file.checked, files.StoredFile) else file.checked
    facts = file.push.facts
    subject = Subject(facts.kind, facts.as_of, facts.period_start, facts.period_end)
    return answered(request, _shown(found or UNREADABLE, facts.kind, clock.now()), subject)


def _shown(report: Report, kind: str, checked_at: datetime) -> schemas.Report:
    return schemas.Report.model_validate(
        {
            "dataset_id": None,
            "outcome": report.outcome,
            "rows": report.rows,
            "employees": None if report.refused else report.employees,
            "quarantined": report.quarantined,
            "totals": report.totals,
            "findings": [each.public() for each in report.findings],
            "amended": report.amended,
            "schema_version": KINDS[kind].version,
            "checked_at": checked_at,
        }
    )


@router.get(
    "/{dataset_id}/validation",
    operation_id="datasets_get_validation",
    summary="The report of the check",
    response_model=schemas.Report,
    responses={200: {"content": dict(FORMS)}},
    openapi_extra=declare(Gone, StateConflict),
)
async def get_validation(dataset_id: UUID, principal: DatasetReader, session: SessionDep, request: Request) -> Response:
    """By rule, column and rows; never a value. `Accept` chooses JSON, CSV or a page.

    The page of a held dataset has its preview for who may read metrics. 409 while a large file is still being checked.
    """
    row = await service.get_dataset(session, dataset_id)
    if row.report is None:
        raise StateConflict(
            await _without_report(session, row), state=row.state, allowed=["accepted", "held", "refused"]
        )
    held = row.state == models.DatasetState.HELD
    subject = Subject(
        row.kind, row.as_of, row.period_start, row.period_end, row.state, row.held_until if held else None
    )
    if not held:
        return answered(request, _kept(row, row.report), subject)
    if Scope.METRICS_READ not in principal.scopes:
        return answered(request, _kept(row, row.report), subject, unseen="Your access does not include the figures.")
    if row.preview is None:
        return answered(request, _kept(row, row.report), subject, unseen="It is still being computed; look again soon.")
    effect = await holding.preview_of(session, row, row.preview)
    return answered(request, _kept(row, row.report), subject, effect)


def _kept(row: models.Dataset, report: Mapping[str, Any]) -> schemas.Report:
    findings = [
        {"about": [], **each, "detail": RULES[each["code"]].detail, "remedy": RULES[each["code"]].remedy}
        for each in report["findings"]
    ]
    dated = {"schema_version": row.schema_version, "checked_at": row.accepted_at or row.created_at}
    parts = {"quarantined": 0, "amended": None, **report, "findings": findings, "dataset_id": row.id, **dated}
    return schemas.Report.model_validate({name: parts[name] for name in schemas.Report.model_fields})


async def _without_report(session: AsyncSession, row: models.Dataset) -> str:
    if row.state == models.DatasetState.DISCARDED:
        return "The file was discarded, and its report with it."
    over = row.state != models.DatasetState.RECEIVED or await service.ended_without(session, row)
    return "The file was never checked; push it again." if over else "The file is still being checked."
