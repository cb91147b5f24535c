"""Routes of /v1/events."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from wm_api.core.web.dependencies import SessionDep
from wm_api.core.web.routing import new_router
from wm_api.events import schemas, service
from wm_api.events.auth import EventReader

router = new_router("/v1/events", "events")


@router.get("", operation_id="events_list", summary="Read the log from a position on")
async def list_events(
    _: EventReader,
    session: SessionDep,
    after: Annotated[UUID | None, Query(description="`next_after` of the answer before; never expires.")] = None,
    type: Annotated[str | None, Query(max_length=60)] = None,  # noqa: A002 - the contract's word
    subject_id: Annotated[UUID | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> schemas.EventList:
    """Oldest first, everything since sign-up; lines of another account that name this one are included."""
    rows = await service.list_events(session, after, limit, type, subject_id)
    last = str(rows[-1].id) if rows else (str(after) if after else None)
    return schemas.EventList(data=[schemas.Event.of(row) for row in rows], next_after=last)


@router.get("/{event_id}", operation_id="events_get", summary="Read one line")
async def get_event(event_id: UUID, _: EventReader, session: SessionDep) -> schemas.Event:
    """One line of the log, with its hash and the one before."""
    return schemas.Event.of(await service.get_event(session, event_id))
