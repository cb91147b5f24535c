"""Bodies of the event feed."""

from uuid import UUID

from pydantic import Field

from wm_api.core.schemas import Actor, Instant, Output, Ref
from wm_api.events import models
from wm_api.events.service import href


class Event(Output):
    """One line of the append-only log. Ids, states and codes only."""

    id: UUID
    account_id: UUID = Field(description="Whose chain the line stands in.")
    sequence: int = Field(description="Place in that chain, from 1, without gaps.")
    type: str = Field(
        examples=["dataset.accepted"], json_schema_extra={"x-extensible-enum": [t.value for t in models.EventType]}
    )
    occurred_at: Instant
    actor: Actor
    subject: Ref
    state: str | None
    previous_state: str | None
    hash: str = Field(description="SHA-256 over the previous hash and this line, in hex.")
    previous_hash: str

    @classmethod
    def of(cls, row: models.Event) -> "Event":
        return cls(
            id=row.id,
            account_id=row.account_id,
            sequence=row.sequence,
            type=row.type,
            occurred_at=row.occurred_at,
            actor=Actor(type=row.actor_type, id=row.actor_id),
            subject=Ref(type=row.subject_type, id=row.subject_id, href=href(row.subject_type, row.subject_id)),
            state=row.state,
            previous_state=row.previous_state,
            hash=row.hash.hex(),
            previous_hash=row.previous_hash.hex(),
        )


class EventList(Output):
    """Lines in order, oldest first. `next_after` never expires."""

    data: list[Event]
    next_after: str = Field(description="Give it as `after`; the same again when nothing is new.")
