"""Routes of /v1/events."""

import base64
from typing import Annotated
from uuid import UUID

from fastapi import Query

from wm_api.core.problems import CursorInvalid
from wm_api.core.web.declarations import declare
from wm_api.core.web.dependencies import SessionDep
from wm_api.core.web.routing import new_router
from wm_api.events import schemas, service
from wm_api.events.auth import EventReader

router = new_router("/v1/events", "events")
BEGINNING = UUID(int=0)


def position_text(position: UUID) -> str:
    """Opaque to callers; it names the last line that was read, so it never expires."""
    return base64.urlsafe_b64encode(position.bytes).decode().rstrip("=")


def position_of(text: str) -> UUID:
    """Raises CursorInvalid."""
    try:
        return UUID(bytes=base64.b64decode(text + "==", altchars=b"-_", validate=True))
    except ValueError as error:
        raise CursorInvalid("`after` takes `next_after` of an answer before.") from error


@router.get(
    "",
    operation_id="events_list",
    summary="Read the log from a position on",
    openapi_extra=declare(CursorInvalid),
)
async def list_events(
    _: EventReader,
    session: SessionDep,
    after: Annotated[
        str | None, Query(max_length=100, description="`next_after` of the answer before; never expires.")
    ] = None,
    type: Annotated[str | None, Query(max_length=60)] = None,  # noqa: A002 - the contract's word
    subject_id: Annotated[UUID | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> schemas.EventList:
    """Oldest first, everything since sign-up; lines of another account that name this one are included."""
    start = position_of(after) if after is not None else BEGINNING
    rows = await service.list_events(session, start, limit, type, subject_id)
    last = rows[-1].id if rows else start
    return schemas.EventList(data=[schemas.Event.of(row) for row in rows], next_after=position_text(last))


@router.get("/{event_id}", operation_id="events_get", summary="Read one line")
async def get_event(event_id: UUID, _: EventReader, session: SessionDep) -> schemas.Event:
    """One line of the log, with its hash and the one before."""
    return schemas.Event.of(await service.get_event(session, event_id))
