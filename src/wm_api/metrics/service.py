"""Compute and keep the figures of a day; list them."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from uuid import UUID

import polars as pl
from sqlalchemy import and_, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts.models import Account
from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.core.paging import Paging, page_of
from wm_api.core.resources import Resources
from wm_api.datasets.models import Dataset, DatasetState
from wm_api.datasets.service.files import open_records
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import Figure
from wm_api.metrics.formulas import compute
from wm_api.metrics.hourly_pay import FULL_TIME_HOURS
from wm_api.metrics.models import MetricValue
from wm_api.metrics.payroll import PayrollSums
from wm_api.metrics.population import AccountFacts, MetricInputs, References
from wm_api.records.facts import Facts
from wm_api.records.wire import facts_from
from wm_api.references import tables

PROFILES = ("default", "uk")


class Sources:
    """The datasets that a day rests on: the latest workforce as of it, payroll periods inside its window."""

    def __init__(self, facts: Facts, workforce: Sequence[Dataset], payroll: Sequence[Dataset]) -> None:
        self.facts, self.workforce, self.payroll = facts, workforce, payroll

    @property
    def day(self) -> date:
        return self.facts.reference_day

    @property
    def datasets(self) -> list[Dataset]:
        return sorted([*self.workforce, *self.payroll], key=lambda dataset: str(dataset.id))

    @property
    def declared_headcount(self) -> int | None:
        """The account's own count over all files of the day; None where one of them gives none."""
        declared = [row.facts.get("declared_headcount") for row in self.workforce]
        given = [count for count in declared if count is not None]
        return sum(given) if given and len(given) == len(declared) else None

    def same(self, other: "Sources") -> bool:
        return [each.id for each in self.datasets] == [each.id for each in other.datasets]


LIVE = and_(Dataset.state == DatasetState.ACCEPTED, Dataset.deleted_at.is_(None))
SUPPORTED = select(Dataset.as_of).where(
    Dataset.kind == "workforce",
    Dataset.state.in_([DatasetState.ACCEPTED, DatasetState.DELETING]),
    Dataset.deleted_at.is_(None),
)
"""Days that have a workforce dataset of their own. What a deletion withdraws stays until its receipt counts it."""


async def sources_of(session: AsyncSession, day: date) -> Sources | None:
    """Decision 33: all current workforce datasets of the latest as_of not after the day, and payroll in its window."""
    latest = select(func.max(Dataset.as_of)).where(LIVE, Dataset.kind == "workforce", Dataset.as_of <= day)
    as_of = await session.scalar(latest)
    if as_of is None:
        return None
    same_day = select(Dataset).where(LIVE, Dataset.kind == "workforce", Dataset.as_of == as_of).order_by(Dataset.id)
    workforce = (await session.scalars(same_day)).all()
    facts = facts_from(workforce[-1].facts)
    start, end = facts.window()
    inside = (Dataset.period_end >= start, Dataset.period_start <= end)
    periods = select(Dataset).where(LIVE, Dataset.kind == "payroll", *inside).order_by(Dataset.id)
    return Sources(facts, workforce, (await session.scalars(periods)).all())


async def days_of(session: AsyncSession, dataset: Dataset) -> set[date]:
    """The days whose figures rest on a dataset: its own, or those of each workforce whose window its period meets."""
    if dataset.as_of is not None:
        return {dataset.as_of}
    if dataset.period_start is None or dataset.period_end is None:
        return set()
    rows = await session.scalars(select(Dataset).where(LIVE, Dataset.kind == "workforce").order_by(Dataset.id))
    windows = {facts.reference_day: facts.window() for facts in (facts_from(row.facts) for row in rows)}
    first, last = dataset.period_start, dataset.period_end
    return {day for day, (start, end) in windows.items() if last >= start and first <= end}


async def account_facts(session: AsyncSession) -> Account:
    return (await session.scalars(select(Account).where(Account.id == session.info["account_id"]))).one()


async def read_inputs(resources: Resources, account: Account, sources: Sources) -> MetricInputs:
    """Opens the records batch by batch; payroll is summed as it comes, so that memory stays flat."""
    frames = []
    for row in sources.workforce:
        hours = pl.lit(facts_from(row.facts).full_time_weekly_hours).alias(FULL_TIME_HOURS)
        opened = open_records(resources, account.id, row.stored_id)
        frames.extend([frame.with_columns(hours) async for frame in opened])
    payroll = await _payroll_summary(resources, account.id, sources)
    return MetricInputs(
        workforce=pl.concat(frames, how="diagonal"),
        facts=sources.facts,
        payroll=payroll,
        references=References(tables.market_pay_p50(), tables.consumer_prices(), None),
        account=AccountFacts(account.country, account.industry_scheme, account.industry_code),
    )


async def _payroll_summary(resources: Resources, account_id: UUID, sources: Sources) -> pl.DataFrame | None:
    """In one pass; in two where runs reverse others, so that those are netted before any statistic."""
    sums = PayrollSums(sources.facts.window())
    for row in sources.payroll:
        async for frame in open_records(resources, account_id, row.stored_id):
            if "reverses_run_no" not in frame.columns:
                break
            await asyncio.to_thread(sums.note, frame)
    for row in sources.payroll:
        async for frame in _ahead(open_records(resources, account_id, row.stored_id)):
            await asyncio.to_thread(sums.add, frame)
    return await asyncio.to_thread(sums.summary)


async def _ahead(frames: AsyncIterator[pl.DataFrame]) -> AsyncIterator[pl.DataFrame]:
    """The next one is opened while the one before is worked on."""
    coming = asyncio.ensure_future(anext(frames, None))
    try:
        while (frame := await coming) is not None:
            coming = asyncio.ensure_future(anext(frames, None))
            yield frame
    finally:
        coming.cancel()


async def compute_figures(inputs: MetricInputs) -> dict[str, dict[str, Figure]]:
    """In a thread, by profile."""
    return {profile: await asyncio.to_thread(compute, inputs, profile) for profile in PROFILES}


async def record_figures(
    session: AsyncSession, operation_id: UUID, sources: Sources, figures: Mapping[str, Mapping[str, Figure]]
) -> None:
    """All figures of the day at once: no half set is ever visible."""
    day, now = sources.day, clock.now()
    start, end = sources.facts.window()
    await session.execute(delete(MetricValue).where(MetricValue.as_of == day))
    ids = [str(dataset.id) for dataset in sources.datasets]
    for profile, found in figures.items():
        for metric, figure in found.items():
            if profile in CATALOGUE[metric].profiles:
                session.add(
                    MetricValue(
                        account_id=session.info["account_id"],
                        id=new_id(),
                        metric=metric,
                        profile=profile,
                        as_of=day,
                        period_start=start,
                        period_end=end,
                        value=figure.value,
                        status=figure.status.value,
                        reason=figure.reason,
                        n=figure.n,
                        figure=asdict(figure),
                        dataset_ids=ids,
                        operation_id=operation_id,
                        computed_at=now,
                    )
                )
    await session.flush()


async def drop_unsupported(session: AsyncSession) -> None:
    """The figures of days that a correction has moved away from."""
    await session.execute(delete(MetricValue).where(MetricValue.as_of.not_in(SUPPORTED)))


async def list_values(
    session: AsyncSession,
    page: Paging,
    metric: str | None,
    profile: str | None,
    as_of: date | None,
    status: str | None,
    days: tuple[date | None, date | None] = (None, None),
) -> tuple[Sequence[MetricValue], str | None]:
    """Of one day or of a range of days; by default of the latest day."""
    rows = select(MetricValue)
    if days == (None, None):
        rows = rows.where(MetricValue.as_of == (as_of or select(func.max(MetricValue.as_of)).scalar_subquery()))
    elif as_of is not None:
        rows = rows.where(MetricValue.as_of == as_of)
    if days[0] is not None:
        rows = rows.where(MetricValue.as_of >= days[0])
    if days[1] is not None:
        rows = rows.where(MetricValue.as_of <= days[1])
    filters = ((MetricValue.metric, metric), (MetricValue.profile, profile), (MetricValue.status, status))
    for column, value in filters:
        if value is not None:
            rows = rows.where(column == value)
    return await page_of(session, rows, MetricValue.id, page)
