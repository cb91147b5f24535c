"""Routes of /v1/operations: poll, long poll, server-sent events, cancel."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from wm_api.core.problems import Gone, StateConflict
from wm_api.core.resources import Resources
from wm_api.core.web.declarations import ETAG, RETRY_AFTER, declare
from wm_api.core.web.dependencies import ResourcesDep, SessionDep, WriteSession
from wm_api.core.web.etags import IfMatch, check_if_match, etag_of, tagged
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router
from wm_api.operations import errors, models, schemas, service
from wm_api.operations.auth import OperationCanceler, OperationReader

router = new_router("/v1/operations", "operations")
JOB_PROBLEMS = (errors.ComputationFailed, errors.WorkerLost)
"""Never an answer: the `error` of an operation that failed."""
KEEP_ALIVE = 15.0
RECONNECT = 15 * 60.0
EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
        "description": "Each `data:` is an Operation.",
    }
}


@router.get("", operation_id="operations_list", summary="List operations")
async def list_operations(
    _: OperationReader,
    session: SessionDep,
    page: PagingDep,
    response: Response,
    type: Annotated[models.OperationType | None, Query()] = None,  # noqa: A002 - the contract's word
    state: Annotated[models.OperationState | None, Query()] = None,
) -> schemas.OperationList:
    """Newest first."""
    rows, next_cursor = await service.list_operations(session, type, state, page)
    link_next(response, page, next_cursor)
    return schemas.OperationList(data=[schemas.Operation.of(row) for row in rows], next_cursor=next_cursor)


@router.get(
    "/{operation_id}",
    operation_id="operations_get",
    summary="Look at an operation, or wait for its end",
    response_model=schemas.Operation,
    openapi_extra=declare(Gone, headers=[ETAG, RETRY_AFTER]),
)
async def get_operation(
    operation_id: UUID,
    principal: OperationReader,
    resources: ResourcesDep,
    request: Request,
    response: Response,
    wait: Annotated[int, Query(ge=0, le=30, description="Seconds to wait for the end.")] = 0,
) -> schemas.Operation | Response:
    """200 also when it failed: `error` says why. With `wait` the answer comes at the end, or when time is over."""
    row = await service.wait_for_end(resources, principal.owner_id, operation_id, wait)
    if row.state not in models.ENDED:
        response.headers["Retry-After"] = "1"
    return tagged(request, response, schemas.Operation.of(row))


@router.get(
    "/{operation_id}/events",
    operation_id="operations_stream",
    summary="Follow an operation",
    response_class=StreamingResponse,
    responses=EVENTS,
    openapi_extra=declare(Gone),
)
async def stream_operation(
    operation_id: UUID,
    principal: OperationReader,
    resources: ResourcesDep,
    last_event_id: Annotated[int, Header(alias="Last-Event-ID", ge=0, le=2**31)] = 0,
) -> StreamingResponse:
    """Server-sent events; `id:` is the revision. The token goes in the header: use fetch, not EventSource."""
    await service.wait_for_end(resources, principal.owner_id, operation_id, 0)
    lines = event_lines(resources, principal.owner_id, operation_id, last_event_id)
    return StreamingResponse(lines, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def event_lines(resources: Resources, account_id: UUID, operation_id: UUID, after: int) -> AsyncIterator[str]:
    """Each change as one event, a comment each 15 s, and `event: reconnect` after 15 minutes."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + RECONNECT
    changes = service.changes(resources, account_id, operation_id, after).__aiter__()
    coming = asyncio.ensure_future(anext(changes, None))
    try:
        while loop.time() < ends:
            done, _ = await asyncio.wait({coming}, timeout=KEEP_ALIVE)
            if not done:
                yield ": still here\n\n"
                continue
            row = coming.result()
            if row is None:
                return
            yield f"id: {row.revision}\ndata: {schemas.Operation.of(row).model_dump_json()}\n\n"
            coming = asyncio.ensure_future(anext(changes, None))
        yield "event: reconnect\ndata: {}\n\n"
    finally:
        coming.cancel()


@router.post(
    "/{operation_id}/cancellation",
    operation_id="operations_cancel",
    summary="Cancel an operation",
    openapi_extra=declare(Gone, StateConflict),
)
async def cancel_operation(
    operation_id: UUID,
    principal: OperationCanceler,
    session: WriteSession,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Operation:
    """Only a push whose processing has not begun can be canceled; anything else is 409."""
    check_if_match(if_match, schemas.Operation.of(await service.get_operation(session, operation_id)))
    canceled = schemas.Operation.of(await service.cancel(session, principal.actor, operation_id))
    response.headers["ETag"] = etag_of(canceled)
    return canceled
