"""Routes of /v1/datasets."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response

from wm_api.core.sandbox import UNREADABLE
from wm_api.core.web.dependencies import SessionDep, WriteSession
from wm_api.core.web.errors import problem_response
from wm_api.core.web.etags import tagged
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router
from wm_api.datasets import models, schemas
from wm_api.datasets.auth import DatasetDeleter, DatasetReader, DatasetWriter
from wm_api.datasets.router.push import PushedFileDep
from wm_api.datasets.service import datasets as service
from wm_api.datasets.service import files
from wm_api.operations import schemas as operation_schemas
from wm_api.records.intake import Report
from wm_api.records.kinds import KINDS
from wm_api.records.rules import RULES

router = new_router("/v1/datasets", "datasets")
FILE = {"schema": {"type": "string", "format": "binary"}}
FILE_BODY = {"requestBody": {"required": True, "content": {"text/csv": FILE, "application/vnd.apache.parquet": FILE}}}


def shown_report(report: Report, kind: str, dataset_id: UUID | None) -> schemas.Report:
    return schemas.Report.model_validate(
        {
            "dataset_id": dataset_id,
            "outcome": report.outcome,
            "rows": report.rows,
            "employees": None if report.refused else report.employees,
            "totals": report.totals,
            "findings": [each.public() for each in report.findings],
            "schema_version": KINDS[kind].version,
        }
    )


@router.post(
    "",
    status_code=202,
    operation_id="datasets_create",
    summary="Push one extract",
    response_model=schemas.Dataset | schemas.Report,
    openapi_extra=FILE_BODY,
)
async def create_dataset(
    principal: DatasetWriter,
    file: PushedFileDep,
    request: Request,
    session: WriteSession,
    response: Response,
) -> schemas.Dataset | schemas.Report | Response:
    """The raw body is a CSV or Parquet file, or `upload_id` names a large one. A refused file leaves nothing.

    The same bytes are the same dataset (200). A body is checked before the answer; an upload by the operation.
    """
    if file.dry_run:
        report = file.checked.report if isinstance(file.checked, files.StoredFile) else file.checked
        response.status_code = 200
        return shown_report(report or UNREADABLE, file.push.facts.kind, None)
    if isinstance(file.checked, Report):
        return problem_response(request, await service.refuse(session, principal.actor, file.checked))
    row, file.kept = await service.receive(
        session, principal.actor, file.dataset_id, file.push, file.checked, file.upload_id
    )
    if not file.kept:
        response.status_code = 200
    response.headers["Location"] = f"/v1/operations/{row.operation_id}"
    return schemas.Dataset.of(row)


@router.get("", operation_id="datasets_list", summary="List datasets")
async def list_datasets(
    _: DatasetReader,
    session: SessionDep,
    page: PagingDep,
    response: Response,
    kind: Annotated[Literal["workforce", "payroll"] | None, Query()] = None,
    state: Annotated[models.DatasetState | None, Query()] = None,
    external_ref: Annotated[str | None, Query(max_length=64)] = None,
) -> schemas.DatasetList:
    """Newest first."""
    rows, next_cursor = await service.list_datasets(session, kind, state, external_ref, page)
    link_next(response, page, next_cursor)
    return schemas.DatasetList(data=[schemas.Dataset.of(row) for row in rows], next_cursor=next_cursor)


@router.get("/{dataset_id}", operation_id="datasets_get", summary="Read one dataset", response_model=schemas.Dataset)
async def get_dataset(
    dataset_id: UUID, _: DatasetReader, session: SessionDep, request: Request, response: Response
) -> schemas.Dataset | Response:
    """What was pushed, never its rows. 410 after its deletion."""
    return tagged(request, response, schemas.Dataset.of(await service.get_dataset(session, dataset_id)))


@router.get("/{dataset_id}/validation", operation_id="datasets_get_validation", summary="The report of the check")
async def get_validation(dataset_id: UUID, _: DatasetReader, session: SessionDep) -> schemas.Report:
    """By rule, column and rows; never a value."""
    row = await service.get_dataset(session, dataset_id)
    report = row.report or {"outcome": row.state, "rows": 0, "employees": None, "totals": [], "findings": []}
    findings = [{**each, "detail": RULES[each["code"]].detail} for each in report["findings"]]
    parts = {**report, "findings": findings, "dataset_id": row.id, "schema_version": row.schema_version}
    return schemas.Report.model_validate({name: parts[name] for name in schemas.Report.model_fields})


@router.delete("/{dataset_id}", status_code=202, operation_id="datasets_delete", summary="Delete a dataset")
async def delete_dataset(
    dataset_id: UUID, principal: DatasetDeleter, session: WriteSession, response: Response
) -> operation_schemas.Operation:
    """Unreachable at once; key and bytes are destroyed, and everything computed from it is withdrawn."""
    operation = await service.delete(session, principal.actor, dataset_id)
    response.headers["Location"] = f"/v1/operations/{operation.id}"
    return operation_schemas.Operation.of(operation)
