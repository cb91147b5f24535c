"""Tables of computed figures, each row of a day: a day is kept whole, lists are of days."""

from collections.abc import Iterable, Mapping
from datetime import date
from operator import eq, ge, le
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.metrics.models import LikeForLike, MetricBreakdown, MetricValue
from wm_api.metrics.sources import SUPPORTED

Kept = TypeVar("Kept", MetricValue, MetricBreakdown, LikeForLike)
TABLES = (MetricValue, MetricBreakdown, LikeForLike)


async def keep_day(
    session: AsyncSession, table: type[Kept], operation_id: UUID, day: date, rows: Iterable[Mapping[str, Any]]
) -> None:
    """All of the day at once, in the place of those before: no half set is ever visible."""
    await session.execute(delete(table).where(table.as_of == day))
    of_all = {
        "account_id": session.info["account_id"],
        "as_of": day,
        "operation_id": operation_id,
        "computed_at": clock.now(),
    }
    await session.execute(insert(table), [{**of_all, "id": new_id(), **row} for row in rows])


async def drop_unsupported(session: AsyncSession) -> None:
    """What is of days that a correction has moved away from."""
    for table in TABLES:
        await session.execute(delete(table).where(table.as_of.not_in(SUPPORTED)))


def of_days(table: type[Kept], days: tuple[date | None, date | None], as_of: date | None = None) -> Select[Kept]:
    """Of one day or of a range of days; by default of the latest day."""
    first, last = days
    latest = select(func.max(table.as_of)).scalar_subquery() if as_of is None and days == (None, None) else None
    wanted = ((eq, as_of), (eq, latest), (ge, first), (le, last))
    return select(table).where(*(compare(table.as_of, each) for compare, each in wanted if each is not None))
