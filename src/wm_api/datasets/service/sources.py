"""Sources: made, named by pushes, changed, deleted; what each sent last, and when the next is due."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import delete as delete_rows
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core import clock
from wm_api.core.faults import taken_is
from wm_api.core.ids import new_id
from wm_api.core.paging import Paging, page_of
from wm_api.core.principal import SYSTEM, Actor
from wm_api.core.problems import FieldError, NotFound
from wm_api.datasets.calendar import Cadence, Punctuality, following, missed, punctuality
from wm_api.datasets.errors import SourceExists, SourceKindMismatch, SourceUnknown, TooManySources
from wm_api.datasets.models import Dataset, Source
from wm_api.datasets.service.history import LIVE
from wm_api.datasets.service.pushes import Push, Said
from wm_api.datasets.source_schemas import SourceCreate, SourceUpdate
from wm_api.datasets.states import COUNTED
from wm_api.events import service as events
from wm_api.events.models import EventType

LIVING = Dataset.deleted_at.is_(None)


@dataclass(frozen=True, slots=True)
class Standing:
    """A source, its last accepted dataset, and the day on which the next file is true."""

    source: Source
    last: Dataset | None
    latest_day: date | None
    expected_on: date | None

    def state(self, today: date) -> Punctuality | None:
        return None if self.expected_on is None else punctuality(self.expected_on, self.source.grace_days, today)


async def create(session: AsyncSession, actor: Actor, new: SourceCreate, most: int) -> Source:
    """Raises SourceExists, TooManySources."""
    if (await session.scalar(select(func.count()).select_from(Source)) or 0) >= most:
        raise TooManySources(limit=most)
    source = Source(
        account_id=session.info["account_id"],
        id=new_id(),
        **new.model_dump(mode="json"),
        told_until=clock.today(),
        created_by_type=actor.type.value,
        created_by_id=actor.id,
        created_at=clock.now(),
    )
    session.add(source)
    with taken_is(SourceExists()):
        await session.flush()
    await events.append(session, actor, EventType.SOURCE_CREATED, ("source", source.id))
    return source


async def list_sources(session: AsyncSession, kind: str | None, page: Paging) -> tuple[Sequence[Source], str | None]:
    rows = select(Source) if kind is None else select(Source).where(Source.kind == kind)
    return await page_of(session, rows, Source.id, page)


async def get(session: AsyncSession, source_id: UUID, *, lock: bool = False) -> Source:
    """Raises NotFound."""
    rows = select(Source).where(Source.id == source_id)
    locked = rows.with_for_update().execution_options(populate_existing=True)
    source = await session.scalar(locked if lock else rows)
    if source is None:
        raise NotFound
    return source


async def change(session: AsyncSession, actor: Actor, source: Source, body: SourceUpdate) -> Source:
    """A new rhythm is watched from today on. Raises SourceExists."""
    for name, value in body.model_dump(exclude_unset=True, mode="json").items():
        if value is not None or name == "mapping_version":
            setattr(source, name, value)
    if body.cadence is not None:
        source.told_until = clock.today()
    with taken_is(SourceExists()):
        await session.flush()
    await events.append(session, actor, EventType.SOURCE_UPDATED, ("source", source.id))
    return source


async def delete(session: AsyncSession, actor: Actor, source: Source) -> None:
    """Its datasets stay, and are of no source any more."""
    await session.execute(update(Dataset).where(Dataset.source_id == source.id).values(source_id=None))
    await session.execute(delete_rows(Source).where(Source.id == source.id))
    await events.append(session, actor, EventType.SOURCE_DELETED, ("source", source.id))


async def named(session: AsyncSession, said: Said) -> Source | None:
    """The source that a push names; it stays until the transaction ends. Raises SourceUnknown, SourceKindMismatch."""
    if said.source is None:
        return None
    rows = select(Source).where(Source.name == said.source).with_for_update(read=True, key_share=True)
    source = await session.scalar(rows)
    if source is None:
        raise SourceUnknown(errors=[FieldError("unknown", SourceUnknown.meaning, parameter="source")])
    if source.kind != said.facts.kind:
        clash = FieldError("clash", SourceKindMismatch.meaning, parameter="kind")
        raise SourceKindMismatch(errors=[clash], source_kind=source.kind)
    return source


async def of_source(session: AsyncSession, push: Push) -> Push:
    """The push with the id of the source that it names. Raises what `named` raises."""
    source = await named(session, push.said)
    return push if source is None else replace(push, source_id=source.id)


async def sent(session: AsyncSession, dataset: Dataset) -> None:
    """The mapping version of the file that counts is the source's. Before any event of the same transaction."""
    if dataset.source_id is not None and dataset.mapping_version is not None:
        mine = update(Source).where(Source.id == dataset.source_id)
        await session.execute(mine.values(mapping_version=dataset.mapping_version))


async def taken_back(session: AsyncSession, dataset: Dataset) -> None:
    """The mapping version that an undone file gave its source gives way to that of the last accepted one, if any."""
    if dataset.source_id is None or dataset.mapping_version is None:
        return
    told = (Dataset.source_id == dataset.source_id, Dataset.mapping_version.is_not(None), LIVING)
    last = select(Dataset.mapping_version).where(*told, Dataset.state.in_(COUNTED))
    before = await session.scalar(last.order_by(Dataset.accepted_at.desc(), Dataset.id.desc()).limit(1))
    if before is not None:
        given = (Source.id == dataset.source_id, Source.mapping_version == dataset.mapping_version)
        await session.execute(update(Source).where(*given).values(mapping_version=before))


async def standings(session: AsyncSession, sources: Sequence[Source]) -> list[Standing]:
    """In the order of the sources, with two questions to the database however many there are."""
    of_these = (Dataset.source_id.in_([each.id for each in sources]), LIVING)
    last = select(Dataset).ext(distinct_on(Dataset.source_id)).where(*of_these, Dataset.state.in_(COUNTED))
    rows = await session.scalars(last.order_by(Dataset.source_id, Dataset.accepted_at.desc(), Dataset.id.desc()))
    accepted = {row.source_id: row for row in rows}
    day = func.max(func.coalesce(Dataset.as_of, Dataset.period_end))
    counting = select(Dataset.source_id, day).where(*of_these, LIVE)
    latest = {row[0]: row[1] for row in await session.execute(counting.group_by(Dataset.source_id))}
    return [_standing(each, accepted.get(each.id), latest.get(each.id)) for each in sources]


def _standing(source: Source, last: Dataset | None, latest: date | None) -> Standing:
    cadence = Cadence(source.cadence)
    expected = None if cadence is Cadence.NONE else following(watched_from(source, latest), cadence)
    return Standing(source, last, latest, expected)


def watched_from(source: Source, latest: date | None) -> date:
    """The day from which steps are counted: the latest that counts, or the one on which the source was made."""
    return latest or source.created_at.date()


async def tell_overdue(session: AsyncSession) -> int:
    """One event for each day whose file did not come in time, once. Returns how many."""
    watched = select(Source).where(Source.cadence != Cadence.NONE.value).order_by(Source.id)
    sources = (await session.scalars(watched.with_for_update(skip_locked=True))).all()
    told = 0
    for each in await standings(session, sources):
        source = each.source
        rhythm = (Cadence(source.cadence), source.grace_days, clock.today())
        for day in missed(watched_from(source, each.latest_day), *rhythm):
            if day > source.told_until:
                source.told_until = day
                await events.append(session, SYSTEM, EventType.SOURCE_OVERDUE, ("source", source.id), state="overdue")
                told += 1
    return told
