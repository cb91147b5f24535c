"""Compute and keep the figures of a day; list them."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

import polars as pl
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts.models import Account
from wm_api.core.paging import Paging, page_of
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.models import Dataset
from wm_api.datasets.service.files import open_records
from wm_api.editions import service as editions
from wm_api.metrics.benefit_access import ENROLMENT
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.days import keep_day, of_days
from wm_api.metrics.doubts import doubted
from wm_api.metrics.figures import Figure
from wm_api.metrics.formulas import compute
from wm_api.metrics.hourly_pay import FULL_TIME_HOURS
from wm_api.metrics.methods import method_sha256
from wm_api.metrics.models import MetricValue
from wm_api.metrics.payroll import PayrollSums, Weeks
from wm_api.metrics.payroll_rows import PERIOD
from wm_api.metrics.persons import numbered
from wm_api.metrics.population import AccountFacts, MetricInputs, Snapshot, snapshot_of, snapshot_rows
from wm_api.metrics.profiles import PROFILES
from wm_api.metrics.reference_tables import BEFORE_PINS, REFERENCES, editions_of, references_on
from wm_api.metrics.sources import Sources
from wm_api.records.kinds import KINDS
from wm_api.records.wire import facts_from

NO_SCORE: Mapping[str, float] = MappingProxyType({})
PEOPLE = ("employee_key", "gender", "worker_type", "hire_date", "termination_date")
UNREAD = ("spell_no", "isco_code", "eeo1_category", "is_manager")
"""Columns of workforce that no figure reads."""
UNREAD_OF_PAYROLL = (
    *("pay_date", "run_type", "hours_scheduled", "gross_pay"),
    *("pay_arrears", "pay_severance", "pay_reimbursement", "pay_in_kind", "pay_other"),
)
WORKFORCE = tuple(column.name for column in KINDS["workforce"].columns if column.name not in UNREAD)
PAYROLL = tuple(column.name for column in KINDS["payroll"].columns if column.name not in UNREAD_OF_PAYROLL)
REVERSING = (*PERIOD, "reverses_run_no")
"""What tells which periods of whom are netted."""


async def account_facts(session: AsyncSession) -> Account:
    return (await session.scalars(select(Account).where(Account.id == session.info["account_id"]))).one()


async def read_inputs(
    resources: Resources, account: Account, sources: Sources, pins: Mapping[str, str] | None = None
) -> MetricInputs:
    """Opens the records batch by batch. Payroll is summed as it comes, so that memory does not grow with its rows; of
    workforce and enrolments what figures read is held, so that it grows with people (ADR 22).

    `pins`: the editions of reference tables, by source; without them the newest.
    """
    async with transaction(resources, account.id) as session:
        loaded = await editions.chosen(session, REFERENCES, pins)
    frames = []
    for row in sources.workforce:
        hours = pl.lit(facts_from(row.facts).full_time_weekly_hours).alias(FULL_TIME_HOURS)
        opened = _opened(resources, account.id, row, WORKFORCE)
        frames.extend([frame.with_columns(hours) async for frame in opened])
    payroll, weeks = await _payroll_summary(resources, account.id, sources)
    return MetricInputs(
        workforce=pl.concat(frames, how="diagonal"),
        facts=sources.facts,
        payroll=payroll,
        weeks=weeks,
        references=references_on(sources.day, loaded, of_states=pins is not BEFORE_PINS),
        account=AccountFacts(account.country, account.industry_scheme, account.industry_code, account.region),
        previous=await _snapshot(resources, account.id, sources.previous),
        plans=await _rows(resources, account.id, sources.plans),
        enrolments=await _rows(resources, account.id, sources.enrolments, ENROLMENT),
    )


async def _opened(
    resources: Resources, account_id: UUID, dataset: Dataset, columns: Sequence[str] | None = None
) -> AsyncIterator[pl.DataFrame]:
    """The records as figures read them: a number in the place of each key."""
    async for frame in open_records(resources, account_id, dataset.stored_id, columns):
        yield numbered(frame)


async def _rows(
    resources: Resources, account_id: UUID, datasets: Sequence[Dataset], columns: Sequence[str] | None = None
) -> pl.DataFrame | None:
    """Of plans all, of enrolments the columns that figures read; None where no such dataset counts."""
    frames = []
    for row in datasets:
        frames.extend([frame async for frame in _opened(resources, account_id, row, columns)])
    return pl.concat(frames, how="diagonal") if frames else None


async def _snapshot(resources: Resources, account_id: UUID, workforce: Sequence[Dataset]) -> Snapshot | None:
    """Who was employed on an earlier day: of each batch nothing but that is kept."""
    if not workforce:
        return None
    day, found = facts_from(workforce[-1].facts).reference_day, []
    for row in workforce:
        opened = _opened(resources, account_id, row, PEOPLE)
        found.extend([snapshot_rows(frame, day) async for frame in opened])
    return Snapshot(day, snapshot_of(found))


async def _payroll_summary(
    resources: Resources, account_id: UUID, sources: Sources
) -> tuple[pl.DataFrame | None, tuple[Weeks, ...]]:
    """In one pass; where runs reverse others, a look at which comes first: they are netted before any statistic."""
    sums = PayrollSums(sources.facts.window())
    for row in sources.payroll:
        async for frame in _opened(resources, account_id, row, REVERSING):
            if "reverses_run_no" not in frame.columns:
                break
            await asyncio.to_thread(sums.note, frame)
    for row in sources.payroll:
        async for frame in _ahead(_opened(resources, account_id, row, PAYROLL)):
            await asyncio.to_thread(sums.add, frame)
    return await asyncio.to_thread(sums.summary), sums.weeks()


async def _ahead(frames: AsyncIterator[pl.DataFrame]) -> AsyncIterator[pl.DataFrame]:
    """The next one is opened while the one before is worked on."""
    coming = asyncio.ensure_future(anext(frames, None))
    try:
        while (frame := await coming) is not None:
            coming = asyncio.ensure_future(anext(frames, None))
            yield frame
    finally:
        coming.cancel()


async def compute_figures(inputs: MetricInputs, last: Mapping[str, float] = NO_SCORE) -> dict[str, dict[str, Figure]]:
    """In a thread, by profile. `last` are the values of the last score, which is of profile default."""
    found = {}
    for profile in PROFILES:
        found[profile] = await asyncio.to_thread(compute, inputs, profile)
        inputs.paid_cache.clear()  # few profiles share a frame of them, and each is as large as that of all people
    read = {name: editions_of(name, inputs.references) for name in CATALOGUE}
    dated = {
        profile: {name: replace(figure, references=read[name]) for name, figure in figures.items()}
        for profile, figures in found.items()
    }
    return {profile: doubted(figures, last if profile == "default" else NO_SCORE) for profile, figures in dated.items()}


async def record_figures(
    session: AsyncSession, operation_id: UUID, sources: Sources, figures: Mapping[str, Mapping[str, Figure]]
) -> None:
    """All figures of the day at once: no half set is ever visible."""
    start, end = sources.facts.window()
    ids = [str(dataset.id) for dataset in sources.datasets]
    rows = (
        {
            "metric": metric,
            "profile": profile,
            "period_start": figure.period_start or start,
            "period_end": end,
            "value": figure.value,
            "status": figure.status.value,
            "reason": figure.reason,
            "n": figure.n,
            "figure": _document(figure),
            "method_sha256": method_sha256(metric, profile),
            "dataset_ids": ids,
        }
        for profile, found in figures.items()
        for metric, figure in found.items()
        if profile in CATALOGUE[metric].profiles
    )
    await keep_day(session, MetricValue, operation_id, sources.day, rows)


def _document(figure: Figure) -> dict[str, Any]:
    document = asdict(figure)
    document.pop("period_start")  # a column of its own
    return document


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
    rows = of_days(MetricValue, days, as_of)
    filters = ((MetricValue.metric, metric), (MetricValue.profile, profile), (MetricValue.status, status))
    for column, value in filters:
        if value is not None:
            rows = rows.where(column == value)
    return await page_of(session, rows, MetricValue.id, page)


async def values_by_profile(session: AsyncSession, metric: str, as_of: date | None) -> dict[str, MetricValue]:
    """Of one day, by default the latest."""
    rows = of_days(MetricValue, (None, None), as_of).where(MetricValue.metric == metric)
    return {row.profile: row for row in await session.scalars(rows)}
