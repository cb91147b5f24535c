"""Routes of /v1/datasets."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import AwareDatetime

from wm_api.core import clock
from wm_api.core.problems import FieldError, Gone, NotFound, Problem, StateConflict, ValidationFailed
from wm_api.core.web.declarations import ETAG, LOCATION, RETRY_AFTER, declare
from wm_api.core.web.dependencies import ResourcesDep, SessionDep, WriteDep, WriteSession
from wm_api.core.web.errors import problem_response
from wm_api.core.web.etags import IfMatch, check_if_match, etag_of, tagged
from wm_api.core.web.pagination import DaysDep, PagingDep, link_next
from wm_api.core.web.policies import Clause
from wm_api.core.web.routing import new_router
from wm_api.datasets import errors, models, schemas
from wm_api.datasets.auth import DatasetDeleter, DatasetReader, DatasetWriter
from wm_api.datasets.router.push import PushedFileDep, pushed, tried
from wm_api.datasets.router.validation import FORMS, answered_trial
from wm_api.datasets.service import datasets as service
from wm_api.datasets.service import holding
from wm_api.operations import schemas as operation_schemas
from wm_api.records.kinds import KindName
from wm_api.records.readers import MEDIA_TYPES

router = new_router("/v1/datasets", "datasets")
FILE = {"schema": {"type": "string", "format": "binary"}}
FILE_BODY = {
    "required": False,
    "description": "The file; nothing where `upload_id` is given.",
    "content": dict.fromkeys(MEDIA_TYPES, FILE),
}
PUSH_PROBLEMS = (
    errors.DatasetRefused,
    errors.MappingDrift,
    errors.DatesInvalid,
    errors.DigestMismatch,
    errors.DuplicateContent,
    errors.DatasetExists,
    errors.SupersedeConflict,
    errors.AmendmentMismatch,
    errors.EmployeeKeyChanged,
    errors.SourceUnknown,
    errors.SourceKindMismatch,
    errors.UploadIncomplete,
    errors.QuotaReached,
    StateConflict,
    errors.UploadExpired,
    NotFound,
    Gone,
)
COMMIT_PROBLEMS = (
    errors.DuplicateContent,
    errors.DatasetExists,
    errors.SupersedeConflict,
    errors.EmployeeKeyChanged,
    errors.CommitRefused,
)
KNOWN: dict[int | str, dict[str, Any]] = {
    200: {
        "model": schemas.Dataset | schemas.Report,
        "description": "Here already; or the report of a dry run, as `Accept` asks.",
        "content": dict(FORMS),
    }
}


@router.post(
    "",
    status_code=202,
    operation_id="datasets_create",
    summary="Push one extract",
    response_model=schemas.Dataset,
    responses=KNOWN,
    openapi_extra=declare(*PUSH_PROBLEMS, headers=[LOCATION, RETRY_AFTER], requestBody=FILE_BODY),
)
async def create_dataset(
    principal: DatasetWriter,
    file: PushedFileDep,
    request: Request,
    write: WriteDep,
    resources: ResourcesDep,
    response: Response,
) -> schemas.Dataset | Response:
    """The raw body is a CSV or Parquet file, or `upload_id` names a large one. A refused file leaves nothing.

    The same bytes are the same dataset (200). A body is checked before the answer; an upload by the operation.
    """
    if file.dry_run:
        await tried(resources, principal.owner_id, file)
        async with write.begun():
            return answered_trial(request, file)
    row = await pushed(resources, principal, write, file)
    if isinstance(row, Problem):
        return problem_response(request, row)
    if not file.kept:
        response.status_code = 200
    response.headers["Location"] = f"/v1/operations/{row.operation_id}"
    response.headers["Retry-After"] = "1"
    return schemas.Dataset.of(row)


@router.get("", operation_id="datasets_list", summary="List datasets")
async def list_datasets(
    _: DatasetReader,
    session: SessionDep,
    page: PagingDep,
    days: DaysDep,
    response: Response,
    kind: Annotated[KindName | None, Query()] = None,
    state: Annotated[models.DatasetState | None, Query()] = None,
    external_ref: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9._:-]{1,64}$")] = None,
    known_at: Annotated[
        AwareDatetime | None, Query(description="Those that counted at this instant; not in the future.")
    ] = None,
) -> schemas.DatasetList:
    """Newest first. `from` and `to` look at as_of, or at the end of the period.

    What counted at a past instant never changes; `state` is that of now. A dataset deleted since is listed too.
    """
    if known_at is not None and known_at > clock.now():
        raise ValidationFailed(errors=[FieldError("in_the_future", "It is in the future.", parameter="known_at")])
    rows, next_cursor = await service.list_datasets(session, kind, state, external_ref, page, days, known_at)
    link_next(response, page, next_cursor)
    return schemas.DatasetList(data=[schemas.Dataset.of(row) for row in rows], next_cursor=next_cursor)


@router.get(
    "/{dataset_id}",
    operation_id="datasets_get",
    summary="Read one dataset",
    response_model=schemas.Dataset,
    openapi_extra=declare(Gone, headers=[ETAG]),
)
async def get_dataset(
    dataset_id: UUID, _: DatasetReader, session: SessionDep, request: Request, response: Response
) -> schemas.Dataset | Response:
    """What was pushed, never its rows. 410 after its deletion."""
    return tagged(request, response, schemas.Dataset.of(await service.get_dataset(session, dataset_id)))


@router.post(
    "/{dataset_id}/commit",
    status_code=202,
    operation_id="datasets_commit",
    summary="Let a held dataset count",
    openapi_extra=declare(Gone, StateConflict, *COMMIT_PROBLEMS, headers=[LOCATION, RETRY_AFTER]),
)
async def commit_dataset(
    dataset_id: UUID,
    principal: DatasetWriter,
    write: WriteDep,
    resources: ResourcesDep,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Dataset:
    """As if it were pushed now: what it supersedes, its name, its keys and how it fits the others are checked again.

    Where the account has moved on meanwhile the answer is 409 and the dataset stays held. Location is the operation
    that computes.
    """

    def looked_at(row: models.Dataset) -> None:
        check_if_match(if_match, schemas.Dataset.of(row))

    row = await holding.commit(resources, principal.owner_id, write.begun, principal.actor, dataset_id, looked_at)
    committed = schemas.Dataset.of(row)
    response.headers["Location"] = f"/v1/operations/{committed.operation_id}"
    response.headers["Retry-After"] = "1"
    response.headers["ETag"] = etag_of(committed)
    return committed


@router.post(
    "/{dataset_id}/discard",
    operation_id="datasets_discard",
    summary="Discard a held dataset",
    openapi_extra=declare(Gone, StateConflict, clause=Clause.DELETION),
)
async def discard_dataset(
    dataset_id: UUID, principal: DatasetWriter, session: WriteSession, response: Response, if_match: IfMatch = None
) -> schemas.Dataset:
    """Key and bytes are destroyed before the answer, report and preview with them; the row stays, without content."""
    row = await holding.locked(session, dataset_id)
    check_if_match(if_match, schemas.Dataset.of(row))
    discarded = schemas.Dataset.of(await holding.discard(session, principal.actor, row))
    response.headers["ETag"] = etag_of(discarded)
    return discarded


@router.delete(
    "/{dataset_id}",
    status_code=202,
    operation_id="datasets_delete",
    summary="Delete a dataset",
    openapi_extra=declare(Gone, StateConflict, headers=[LOCATION, RETRY_AFTER], clause=Clause.DELETION),
)
async def delete_dataset(
    dataset_id: UUID, principal: DatasetDeleter, session: WriteSession, response: Response, if_match: IfMatch = None
) -> operation_schemas.Operation:
    """Unreachable at once; key and bytes are destroyed, and everything computed from it is withdrawn."""
    check_if_match(if_match, schemas.Dataset.of(await holding.locked(session, dataset_id)))
    operation = await service.delete(session, principal.actor, dataset_id)
    response.headers["Location"] = f"/v1/operations/{operation.id}"
    response.headers["Retry-After"] = "1"
    return operation_schemas.Operation.of(operation)
