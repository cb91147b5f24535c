"""Routes of /v1/datasets that correct what counts."""

from uuid import UUID

from fastapi import Response

from wm_api.core.problems import Gone, StateConflict
from wm_api.core.web.declarations import LOCATION, RETRY_AFTER, declare
from wm_api.core.web.dependencies import ResourcesDep, WriteDep
from wm_api.core.web.etags import IfMatch, check_if_match
from wm_api.core.web.routing import new_router
from wm_api.datasets import errors, models, schemas
from wm_api.datasets.auth import DatasetWriter
from wm_api.datasets.service import corrections
from wm_api.operations import schemas as operation_schemas

router = new_router("/v1/datasets", "datasets")


@router.post(
    "/{dataset_id}/reversal",
    status_code=202,
    operation_id="datasets_reverse",
    summary="Undo the acceptance of a dataset",
    openapi_extra=declare(
        Gone,
        StateConflict,
        errors.DatasetExists,
        errors.DuplicateContent,
        errors.ReversalRefused,
        headers=[LOCATION, RETRY_AFTER],
    ),
)
async def reverse_dataset(
    dataset_id: UUID,
    principal: DatasetWriter,
    write: WriteDep,
    resources: ResourcesDep,
    response: Response,
    if_match: IfMatch = None,
) -> operation_schemas.Operation:
    """It stops counting at once, and the dataset that it superseded counts again, if that is still stored.

    Figures and drafts of the days of both are computed again; a published score stays as it is, and the new draft
    restates it. Where rows of what would count again stand in another dataset by now, the answer is 409 and all stays
    as it is. The bytes stay stored until they are deleted, so that past scores can be computed again.
    """

    def looked_at(row: models.Dataset) -> None:
        check_if_match(if_match, schemas.Dataset.of(row))

    operation = await corrections.reverse(
        resources, principal.owner_id, write.begun, principal.actor, dataset_id, looked_at
    )
    response.headers["Location"] = f"/v1/operations/{operation.id}"
    response.headers["Retry-After"] = "1"
    return operation_schemas.Operation.of(operation)
