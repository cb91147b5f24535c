"""Keep the breakdowns of a day; list them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core.paging import Paging, page_of
from wm_api.metrics.breakdowns import Breakdowns, Dimension
from wm_api.metrics.days import keep_day, of_days
from wm_api.metrics.methods import method_sha256
from wm_api.metrics.models import MetricBreakdown
from wm_api.metrics.profiles import DEFAULT
from wm_api.metrics.sources import Sources


async def record_breakdowns(session: AsyncSession, operation_id: UUID, sources: Sources, found: Breakdowns) -> None:
    """All of the day at once, in the place of those before."""
    start, end = sources.facts.window()
    ids = [str(dataset.id) for dataset in sources.datasets]
    rows = (
        {
            "metric": metric,
            "dimension": dimension.value,
            "period_start": start,
            "period_end": end,
            "status": each.status.value,
            "reason": each.reason,
            "method_sha256": method_sha256(metric, DEFAULT),
            "groups": [asdict(group) for group in each.groups],
            "dataset_ids": ids,
        }
        for dimension, by_metric in found.items()
        for metric, each in by_metric.items()
    )
    await keep_day(session, MetricBreakdown, operation_id, sources.day, rows)


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
    rows = of_days(MetricBreakdown, days)
    if dimension is not None:
        rows = rows.where(MetricBreakdown.dimension == dimension.value)
    if metric is not None:
        rows = rows.where(MetricBreakdown.metric == metric)
    return await page_of(session, rows, MetricBreakdown.id, page)
