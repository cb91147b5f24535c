"""What counted when. Valid time is the dates of a dataset; transaction time is here: from when until when it counted.

A line is written each time a dataset begins or ceases to count, and never changed: the application has no right to.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.datasets.models import Dataset, DatasetCounting, DatasetState

MILLISECOND = timedelta(milliseconds=1)
LIVE = and_(Dataset.state == DatasetState.ACCEPTED, Dataset.deleted_at.is_(None))
"""What counts now."""


def counted(at: datetime) -> ColumnElement[bool]:
    """Whether a dataset counted at an instant: the newest line not after it says so."""
    lines = select(DatasetCounting.counts).where(
        DatasetCounting.account_id == Dataset.account_id,
        DatasetCounting.dataset_id == Dataset.id,
        DatasetCounting.at <= at,
    )
    newest = lines.order_by(DatasetCounting.at.desc()).limit(1).correlate(Dataset).scalar_subquery()
    return func.coalesce(newest, False)


def counting(known_at: datetime | None) -> ColumnElement[bool]:
    """Whether a dataset counts now, or counted at an instant."""
    return LIVE if known_at is None else counted(known_at)


async def instant(session: AsyncSession) -> datetime:
    """When an act takes effect: now, to the next whole millisecond, as it is shown; on a locked account.

    It is later than every line of the account, whatever the clock, and never before an instant that somebody has asked
    for: an answer about the past stays as it was.
    """
    now = clock.now()
    now += timedelta(microseconds=-now.microsecond % 1000)
    last = await session.scalar(select(func.max(DatasetCounting.at)))
    return now if last is None else max(now, last + MILLISECOND)


async def begin(session: AsyncSession, dataset: Dataset, at: datetime) -> None:
    """It counts from then on, for the first time or again."""
    dataset.state, dataset.ended_at = DatasetState.ACCEPTED.value, None
    dataset.accepted_at = dataset.accepted_at or at
    _write(session, dataset, at, counts=True)
    await session.flush()


async def end(session: AsyncSession, dataset: Dataset, state: DatasetState, at: datetime) -> None:
    """It goes to another state, and where it counted, it does not from then on."""
    if dataset.state == DatasetState.ACCEPTED:
        dataset.ended_at = at
        _write(session, dataset, at, counts=False)
    dataset.state = state.value
    await session.flush()


def _write(session: AsyncSession, dataset: Dataset, at: datetime, *, counts: bool) -> None:
    line = DatasetCounting(account_id=dataset.account_id, id=new_id(), dataset_id=dataset.id, at=at, counts=counts)
    session.add(line)
