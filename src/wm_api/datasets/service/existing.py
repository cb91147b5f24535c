"""What is there already: the same bytes, the same name, the dataset that a push replaces."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core.problems import NotFound
from wm_api.datasets.errors import DatasetExists, DuplicateContent, SupersedeConflict
from wm_api.datasets.models import Dataset, DatasetState
from wm_api.datasets.service.history import LIVE
from wm_api.datasets.service.pushes import Push
from wm_api.datasets.states import CURRENT, LIVES
from wm_api.records.facts import Facts
from wm_api.records.wire import facts_from

OTHER_FACTS = (
    "The same file is here with other facts: hours, headcount, perimeter, window or external_ref. "
    "To correct them, send it again with supersedes and the id in `existing`."
)
CLASH = "The same bytes count already as another dataset; undo that one first."
HELD_OTHERWISE = (
    "The same file waits for a commit, and this push does not say hold=true, or says other facts, name, supersedes or "
    "new_key. Commit or discard the one in `existing`, or send it again as it was sent."
)


async def known_dataset(session: AsyncSession, push: Push) -> Dataset | None:
    """The dataset of the same bytes, kind and dates; None for a new push.

    A superseded one is meant too, unless the push supersedes another: then a correction is taken back.
    Other facts or another name correct it where the push supersedes that very dataset, and else are refused.
    Raises DuplicateContent, DatasetExists, SupersedeConflict.
    """
    facts, said = push.facts, push.said
    if same := await _same_bytes(session, push):
        if same.state not in LIVES or _says_the_same(same, push):
            return same
        if _waits(same):
            raise DuplicateContent(HELD_OTHERWISE, existing=str(same.id))
        if said.supersedes != same.id:
            raise DuplicateContent(OTHER_FACTS, existing=str(same.id))
    if said.supersedes is not None:
        await superseded(session, said.supersedes, facts.kind)
    elif said.external_ref is not None:
        await refuse_second(session, facts, said.external_ref, CURRENT)
    return None


async def _same_bytes(session: AsyncSession, push: Push) -> Dataset | None:
    states = LIVES if push.said.supersedes is not None else LIVES | {DatasetState.SUPERSEDED}
    same = select(Dataset).where(Dataset.sha256 == push.sha256, *dated_as(push.facts), Dataset.deleted_at.is_(None))
    rows = (await session.scalars(same.where(Dataset.state.in_(states)).order_by(Dataset.id.desc()))).all()
    current = [row for row in rows if row.state in LIVES]
    alike = (row for row in current if _says_the_same(row, push))
    replaced = (row for row in current if row.id == push.said.supersedes)
    return next(iter((*alike, *replaced, *current, *rows)), None)


def _says_the_same(row: Dataset, push: Push) -> bool:
    """In full while it waits for a commit: whether it counts, and in whose place, is then still to be decided."""
    said = push.said
    alike = facts_from(row.facts) == push.facts and (row.external_ref, row.amends) == (said.external_ref, said.amends)
    undecided = (said.hold, said.supersedes, said.new_key)
    return alike and (not _waits(row) or undecided == (True, row.supersedes, row.new_key))


def _waits(row: Dataset) -> bool:
    """It is held, or will be once it is checked."""
    return row.state != DatasetState.ACCEPTED and row.held_until is not None


def dated_as(facts: Facts) -> tuple[ColumnElement[bool], ...]:
    """Of the same kind, day or period."""
    return (
        Dataset.kind == facts.kind,
        Dataset.as_of.is_not_distinct_from(facts.as_of),
        Dataset.period_start.is_not_distinct_from(facts.period_start),
        Dataset.period_end.is_not_distinct_from(facts.period_end),
    )


async def refuse_second(
    session: AsyncSession,
    facts: Facts,
    external_ref: str,
    states: Collection[DatasetState],
    replaced: UUID | None = None,
) -> None:
    """Raises DatasetExists where a dataset has this kind, dates and name, other than the one that is replaced."""
    named = (*dated_as(facts), Dataset.external_ref == external_ref, Dataset.deleted_at.is_(None))
    others = (Dataset.state.in_(states), Dataset.id.is_distinct_from(replaced))
    existing = await session.scalar(select(Dataset.id).where(*named, *others))
    if existing is not None:
        raise DatasetExists(existing=str(existing))


async def refuse_beside_same(session: AsyncSession, dataset: Dataset, replaced: UUID | None = None) -> None:
    """A dataset that is to count. Raises DuplicateContent, DatasetExists where its bytes or its name count for its day.

    They may since it was checked: an undo brings back what was replaced.
    """
    facts = facts_from(dataset.facts)
    same = (LIVE, Dataset.sha256 == dataset.sha256, *dated_as(facts), Dataset.id.is_distinct_from(replaced))
    if (existing := await session.scalar(select(Dataset.id).where(*same))) is not None:
        raise DuplicateContent(CLASH, existing=str(existing))
    if dataset.external_ref is not None:
        await refuse_second(session, facts, dataset.external_ref, [DatasetState.ACCEPTED], replaced)


async def superseded(session: AsyncSession, dataset_id: UUID, kind: str) -> Dataset:
    """The dataset that is replaced, locked: of two writers the first wins."""
    old = await session.scalar(select(Dataset).where(Dataset.id == dataset_id).with_for_update())
    if old is None:
        raise NotFound
    if old.kind != kind or old.state not in CURRENT or old.deleted_at is not None:
        raise SupersedeConflict(existing=str(old.superseded_by or old.id))
    return old
