"""Append a line in the act's own transaction, last; list lines; verify a chain."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.core.principal import Actor
from wm_api.core.problems import NotFound
from wm_api.core.schemas import instant_text
from wm_api.events import chain
from wm_api.events.models import ChainHead, Event, EventType

FEEDS = 0x6665656473
"""Keeps the locks of feeds apart from those of other things."""
HREFS = {
    "account": "/v1/account",
    "user": "/v1/members/{id}",
    "session": "/v1/sessions/current",
    "invitation": "/v1/invitations/{id}",
    "api_key": "/v1/api-keys/{id}",
    "dataset": "/v1/datasets/{id}",
    "source": "/v1/sources/{id}",
    "operation": "/v1/operations/{id}",
    "score": "/v1/scores/{id}",
    "share_grant": "/v1/share-grants/{id}",
    "receipt": "/v1/receipts/{id}",
}


def href(subject_type: str, subject_id: UUID) -> str:
    """The path of an object of the contract."""
    return HREFS[subject_type].format(id=subject_id)


async def append(
    session: AsyncSession,
    actor: Actor,
    act: EventType,
    subject: tuple[str, UUID],
    *,
    state: str | None = None,
    previous_state: str | None = None,
    counterpart_id: UUID | None = None,
) -> Event:
    """Add one line to the bound account's chain. Locks the head until the commit, so it comes last."""
    account_id: UUID = session.info["account_id"]
    await _wait_for_feeds(session, {account_id, counterpart_id or account_id})
    head = await _locked_head(session, account_id)
    event = Event(
        account_id=account_id,
        id=new_id(),
        sequence=head.sequence + 1,
        type=act.value,
        occurred_at=clock.now(),
        actor_type=actor.type.value,
        actor_id=actor.id,
        subject_type=subject[0],
        subject_id=subject[1],
        state=state,
        previous_state=previous_state,
        counterpart_id=counterpart_id,
        previous_hash=head.hash,
    )
    event.hash = chain.link(head.hash, line_of(event))
    head.sequence, head.hash = event.sequence, event.hash
    session.add(event)
    await session.flush()
    return event


async def _wait_for_feeds(session: AsyncSession, readers: set[UUID]) -> None:
    """Ids follow commits in each feed, or who reads on from a line would miss one that began before it.

    The head alone does not do it: another account's line is in this feed, too. In order, so that no two wait for each
    other.
    """
    keys = [int.from_bytes(each.bytes[8:], "big", signed=True) for each in sorted(readers)]
    for key in keys:
        await session.execute(select(func.pg_advisory_xact_lock(FEEDS ^ key)))


async def _locked_head(session: AsyncSession, account_id: UUID) -> ChainHead:
    mine = select(ChainHead).where(ChainHead.account_id == account_id).with_for_update()
    head = await session.scalar(mine, execution_options={"populate_existing": True})
    if head is None:
        first = insert(ChainHead).values(account_id=account_id, sequence=0, hash=chain.GENESIS)
        await session.execute(first.on_conflict_do_nothing())
        head = (await session.scalars(mine)).one()
    return head


def line_of(event: Event) -> dict[str, object]:
    """What the hash of a line covers."""
    return {
        "id": str(event.id),
        "account_id": str(event.account_id),
        "sequence": event.sequence,
        "type": event.type,
        "occurred_at": instant_text(event.occurred_at),
        "actor": [event.actor_type, str(event.actor_id) if event.actor_id else None],
        "subject": [event.subject_type, str(event.subject_id)],
        "state": event.state,
        "previous_state": event.previous_state,
        "counterpart_id": str(event.counterpart_id) if event.counterpart_id else None,
    }


async def list_events(
    session: AsyncSession, after: UUID | None, limit: int, act: str | None, subject_id: UUID | None
) -> Sequence[Event]:
    """Lines after a position, oldest first; lines of others that name this account are among them (row policy)."""
    lines = select(Event).order_by(Event.id).limit(limit)
    if after is not None:
        lines = lines.where(Event.id > after)
    if act is not None:
        lines = lines.where(Event.type == act)
    if subject_id is not None:
        lines = lines.where(Event.subject_id == subject_id)
    return (await session.scalars(lines)).all()


async def get_event(session: AsyncSession, event_id: UUID) -> Event:
    event = await session.scalar(select(Event).where(Event.id == event_id))
    if event is None:
        raise NotFound
    return event


async def accounts(session: AsyncSession) -> Sequence[UUID]:
    """Every account, to the worker; to any other role only the bound one (row policy)."""
    return (await session.scalars(select(ChainHead.account_id).order_by(ChainHead.account_id))).all()


async def chain_lines(session: AsyncSession) -> AsyncIterator[tuple[dict[str, object], bytes]]:
    """The bound account's own chain, in order, for `chain.verify`."""
    own = select(Event).where(Event.account_id == session.info["account_id"]).order_by(Event.sequence)
    async for event in await session.stream_scalars(own):
        yield line_of(event), event.hash
