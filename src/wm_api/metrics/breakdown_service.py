"""Keep the breakdowns of a day; list them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.core.paging import Paging, page_of
from wm_api.metrics.breakdowns import Breakdowns, Dimension
from wm_api.metrics.models import MetricBreakdown
from wm_api.metrics.sources import SUPPORTED, Sources


async def record_breakdowns(session: AsyncSession, operation_id: UUID, sources: Sources, found: Breakdowns) -> None:
    """All of the day at once, in the place of those before."""
    start, end = sources.facts.window()
    await session.execute(delete(MetricBreakdown).where(MetricBreakdown.as_of == sources.day))
    of_all = {
        "account_id": session.info["account_id"],
        "as_of": sources.day,
        "period_start": start,
        "period_end": end,
        "dataset_ids": [str(dataset.id) for dataset in sources.datasets],
        "operation_id": operation_id,
        "computed_at": clock.now(),
    }
    rows = [
        {
            **of_all,
            "id": new_id(),
            "metric": metric,
            "dimension": dimension.value,
            "status": each.status.value,
            "reason": each.reason,
            "groups": [asdict(group) for group in each.groups],
        }
        for dimension, by_metric in found.items()
        for metric, each in by_metric.items()
    ]
    await session.execute(insert(MetricBreakdown), rows)


async def drop_unsupported(session: AsyncSession) -> None:
    """Those of days that a correction has moved away from."""
    await session.execute(delete(MetricBreakdown).where(MetricBreakdown.as_of.not_in(SUPPORTED)))


async def drop_of_dataset(session: AsyncSession, dataset_id: UUID) -> None:
    """Those that rest on a dataset."""
    await session.execute(delete(MetricBreakdown).where(MetricBreakdown.dataset_ids.contains([str(dataset_id)])))


async def list_breakdowns(
    session: AsyncSession,
    page: Paging,
    dimension: Dimension | None,
    metric: str | None,
    days: tuple[date | None, date | None],
) -> tuple[Sequence[MetricBreakdown], str | None]:
    """Of a range of days; by default of the latest day."""
    rows = select(MetricBreakdown)
    first, last = days
    if days == (None, None):
        rows = rows.where(MetricBreakdown.as_of == select(func.max(MetricBreakdown.as_of)).scalar_subquery())
    if first is not None:
        rows = rows.where(MetricBreakdown.as_of >= first)
    if last is not None:
        rows = rows.where(MetricBreakdown.as_of <= last)
    if dimension is not None:
        rows = rows.where(MetricBreakdown.dimension == dimension.value)
    if metric is not None:
        rows = rows.where(MetricBreakdown.metric == metric)
    return await page_of(session, rows, MetricBreakdown.id, page)
