"""What each kind of operation does, top to bottom; results and end commit together."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.benchmarks import service as benchmarks
from wm_api.core import clock
from wm_api.core.keystore import KeyGone
from wm_api.core.principal import SYSTEM
from wm_api.core.resources import Resources
from wm_api.core.schemas import instant_text
from wm_api.core.transactions import transaction
from wm_api.datasets.models import Dataset, DatasetState
from wm_api.datasets.service import datasets, files, uploads
from wm_api.datasets.service.settling import ROUNDS, Unsettled
from wm_api.events import service as events
from wm_api.events.models import EventType
from wm_api.metrics import breakdown_service
from wm_api.metrics import service as metrics
from wm_api.metrics.breakdowns import Breakdowns, breakdowns
from wm_api.metrics.days import drop_unsupported
from wm_api.metrics.figures import Figure
from wm_api.metrics.models import MetricValue
from wm_api.metrics.sources import Sources, restored_days, sources_by_day, sources_of
from wm_api.metrics.years import Year, record_year, withdraw_of_dataset, years_of
from wm_api.operations import leases
from wm_api.operations.leases import Lease
from wm_api.operations.models import OperationType
from wm_api.pipeline.intake import take_in
from wm_api.pipeline.previews import preview
from wm_api.pipeline.years import Compared, compared, of_a_day
from wm_api.receipts import service as receipts
from wm_api.scores import drafts
from wm_api.scores import service as scores
from wm_api.scores.models import Score

Step = Callable[[Resources, Lease], Awaitable[None]]
Show = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Day:
    """Figures and draft of one day, what changed over a year, and what they rest on: never the records themselves."""

    sources: Sources
    basis: drafts.Basis
    figures: Mapping[str, Mapping[str, Figure]]
    by_group: Breakdowns
    draft: Score
    over_a_year: Compared | None

    async def holds(self, session: AsyncSession, sources: Sources) -> bool:
        """Whether it may still be kept."""
        if not self.sources.same(sources):
            return False
        return self.basis.key() == (await drafts.basis_of(session, sources)).key()


async def process_dataset(resources: Resources, lease: Lease) -> None:
    """Check a large file first; then the preview of a held dataset, or figures and scores of every day of it."""
    if not await take_in(resources, lease):
        return
    async with transaction(resources, lease.account_id) as session:
        state = await session.scalar(select(Dataset.state).where(Dataset.id == lease.subject_id))
    await (preview if state == DatasetState.HELD else compute_scores)(resources, lease)


async def compute_scores(resources: Resources, lease: Lease) -> None:
    """All days of the operation's dataset at once. Another push meanwhile: begin again, so the latest data win."""
    known: dict[date, Day] = {}
    changes: dict[date, Compared] = {}
    for _ in range(ROUNDS):
        async with transaction(resources, lease.account_id) as session:
            await datasets.lock_account(session)
            wanted = await sources_by_day(session, lease.subject_id)
            years = await years_of(session, lease.subject_id, wanted)
            over = [day for day in wanted if day not in known or not await known[day].holds(session, wanted[day])]
            later = [day for day in years if day not in changes or not changes[day].year.same(years[day])]
            if not over and not later:
                await _record(session, lease, [known[day] for day in sorted(wanted)], [changes[day] for day in years])
                return
        for number, day in enumerate(over):

            async def show(stage: str, done: int = number, total: int = len(over)) -> None:
                await leases.progress(resources, lease, stage, done, total, "days")

            known[day] = await _computed(resources, lease, wanted[day], years.get(day), show)
            if (year := known[day].over_a_year) is not None:
                changes[day] = year
        rest = {day: years[day] for day in later if day not in changes or not changes[day].year.same(years[day])}
        changes |= await compared(resources, lease, rest)
    raise Unsettled


async def _computed(resources: Resources, lease: Lease, sources: Sources, year: Year | None, show: Show) -> Day:
    """No transaction is open while it calculates.

    Raises KeyGone or FileNotFoundError only where the sources are still the same: then something is lost.
    """
    await show("metrics")
    async with transaction(resources, lease.account_id) as session:
        account, basis = await metrics.account_facts(session), await drafts.basis_of(session, sources)
        cells = await benchmarks.cells_of(session, basis.releases)
    try:
        inputs = await metrics.read_inputs(resources, account, sources)
    except (KeyGone, FileNotFoundError):
        async with transaction(resources, lease.account_id) as session:
            now = await sources_of(session, sources.day)
        if now is None or now.same(sources):
            raise
        return await _computed(resources, lease, now, year, show)
    figures = await metrics.compute_figures(inputs, basis.last_values())
    by_group = await asyncio.to_thread(breakdowns, inputs)
    over_a_year = await of_a_day(resources, account, sources, inputs, year)
    await show("score")
    draft = await asyncio.to_thread(drafts.drafted, account, basis, cells, inputs, sources, figures)
    return Day(sources, basis, figures, by_group, draft, over_a_year)


async def _record(session: AsyncSession, lease: Lease, days: list[Day], changes: list[Compared]) -> None:
    """No half set is ever visible: all figures, all drafts and the end of the operation in one transaction."""
    result = ("dataset", lease.subject_id)
    await drop_unsupported(session)
    await drafts.drop_unsupported(session)
    for each in changes:
        await record_year(session, lease.operation_id, each.year, each.changes)
    for day in days:
        await metrics.record_figures(session, lease.operation_id, day.sources, day.figures)
        await breakdown_service.record_breakdowns(session, lease.operation_id, day.sources, day.by_group)
        await drafts.keep(session, day.draft)
        result = ("score", day.draft.id)
    if days:
        await events.append(session, SYSTEM, EventType.METRICS_COMPUTED, ("dataset", lease.subject_id))
    await leases.finish(session, lease, result)


async def delete_dataset(resources: Resources, lease: Lease) -> None:
    """Key, then bytes, then the rows that rest on it, and a signed receipt: never a receipt before the key is gone."""
    await leases.progress(resources, lease, "destroy", 0, 1, "datasets")
    async with transaction(resources, lease.account_id) as session:
        dataset = (await session.scalars(select(Dataset).where(Dataset.id == lease.subject_id))).one()
    await files.forget(resources, lease.account_id, dataset.stored_id)
    if dataset.upload_id is not None:
        await uploads.destroy(resources, lease.account_id, dataset.upload_id)
    destroyed_at = clock.now()
    async with transaction(resources, lease.account_id) as session:
        await datasets.lock_account(session)
        gone = delete(MetricValue).where(MetricValue.dataset_ids.contains([str(dataset.id)]))
        withdrawn = (await session.execute(gone.returning(MetricValue.as_of))).all()
        await breakdown_service.drop_of_dataset(session, dataset.id)
        await withdraw_of_dataset(session, dataset)
        body = {
            "rows": dataset.rows,
            "metrics_withdrawn": len(withdrawn),
            "scores_withdrawn": await scores.withdraw_scores_of(session, lease.actor, dataset.id),
            "key_destroyed_at": instant_text(destroyed_at),
            "backups_purged_by": None,
        }
        receipt = await receipts.issue(session, resources, "dataset_deletion", ("dataset", dataset.id), body)
        values = {"deleted_at": destroyed_at, "receipt_id": receipt.id, "report": None, "preview": None}
        await session.execute(update(Dataset).where(Dataset.id == dataset.id).values(**values))
        await events.append(session, lease.actor, EventType.DATASET_DELETED, ("dataset", dataset.id), state="deleted")
        for day in sorted({row.as_of for row in withdrawn} | await restored_days(session, dataset)):
            await drafts.compute_again(session, lease.actor, day)
        await leases.finish(session, lease, ("receipt", receipt.id))


STEPS: dict[OperationType, Step] = {
    OperationType.DATASET_PROCESS: process_dataset,
    OperationType.DATASET_DELETE: delete_dataset,
    OperationType.SCORE_COMPUTE: compute_scores,
}
