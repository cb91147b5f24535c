"""What each kind of operation does, top to bottom; results and end commit together."""

from collections.abc import Awaitable, Callable

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core import clock
from wm_api.core.principal import SYSTEM
from wm_api.core.resources import Resources
from wm_api.core.schemas import instant_text
from wm_api.core.transactions import transaction
from wm_api.datasets.models import Dataset, DatasetState
from wm_api.datasets.service import files
from wm_api.events import service as events
from wm_api.events.models import EventType
from wm_api.metrics import service as metrics
from wm_api.metrics.models import MetricValue
from wm_api.operations import leases
from wm_api.operations.leases import Lease
from wm_api.operations.models import OperationType
from wm_api.receipts import service as receipts
from wm_api.scores import service as scores

STAGES = 4
Step = Callable[[Resources, Lease], Awaitable[None]]


async def process_dataset(resources: Resources, lease: Lease) -> None:
    """Figures and score of the day that the dataset belongs to; results and end commit together."""
    await leases.progress(resources, lease, "metrics", 1, STAGES, "steps")
    async with transaction(resources, lease.account_id) as session:
        dataset = (await session.scalars(select(Dataset).where(Dataset.id == lease.subject_id))).one()
        account = await metrics.account_facts(session)
        sources = None
        if dataset.state == DatasetState.ACCEPTED:
            sources = await metrics.sources_of(session, await _day_of(session, dataset))
    if sources is None:
        async with transaction(resources, lease.account_id) as session:
            await leases.finish(session, lease, ("dataset", lease.subject_id))
        return
    inputs = await metrics.read_inputs(resources, account, sources)
    figures = await metrics.compute_figures(inputs)
    await leases.progress(resources, lease, "score", 3, STAGES, "steps")
    async with transaction(resources, lease.account_id) as session:
        await metrics.record_figures(session, lease.operation_id, sources, figures)
        day = ("dataset", lease.subject_id)
        await events.append(session, SYSTEM, EventType.METRICS_COMPUTED, day)
        row = await scores.record_score(session, account, inputs, sources, figures["default"])
        await leases.finish(session, lease, ("score", row.id))


async def _day_of(session: AsyncSession, dataset: Dataset):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """A workforce file has its day; a payroll period belongs to the first workforce whose window holds it."""
    if dataset.as_of is not None:
        return dataset.as_of
    later = select(func.min(Dataset.as_of)).where(
        Dataset.kind == "workforce", Dataset.state == DatasetState.ACCEPTED, Dataset.as_of >= dataset.period_end
    )
    return await session.scalar(later) or dataset.period_end


async def delete_dataset(resources: Resources, lease: Lease) -> None:
    """Key, then bytes, then the rows that rest on it, and a signed receipt: never a receipt before the key is gone."""
    await leases.progress(resources, lease, "destroy", 1, STAGES, "steps")
    await files.forget(resources, lease.account_id, lease.subject_id)
    destroyed_at = clock.now()
    async with transaction(resources, lease.account_id) as session:
        dataset = (await session.scalars(select(Dataset).where(Dataset.id == lease.subject_id).with_for_update())).one()
        gone = delete(MetricValue).where(MetricValue.dataset_ids.contains([str(dataset.id)]))
        withdrawn = (await session.execute(gone.returning(MetricValue.id))).all()
        body = {
            "rows": dataset.rows,
            "metrics_withdrawn": len(withdrawn),
            "scores_withdrawn": await scores.withdraw_scores_of(session, lease.actor, dataset.id),
            "key_destroyed_at": instant_text(destroyed_at),
            "backups_purged_by": None,
        }
        receipt = await receipts.issue(session, resources, "dataset_deletion", ("dataset", dataset.id), body)
        values = {"deleted_at": destroyed_at, "receipt_id": receipt.id, "report": None}
        await session.execute(update(Dataset).where(Dataset.id == dataset.id).values(**values))
        await events.append(session, lease.actor, EventType.DATASET_DELETED, ("dataset", dataset.id), state="deleted")
        await leases.finish(session, lease, ("receipt", receipt.id))


STEPS: dict[OperationType, Step] = {
    OperationType.DATASET_PROCESS: process_dataset,
    OperationType.DATASET_DELETE: delete_dataset,
}
