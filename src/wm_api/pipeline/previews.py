"""The preview of a held dataset: what the metrics would be, computed as a commit would have them computed."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts.models import Account
from wm_api.core import clock
from wm_api.core.keystore import KeyGone
from wm_api.core.principal import SYSTEM
from wm_api.core.problems import Problem
from wm_api.core.resources import Resources
from wm_api.core.schemas import instant_text
from wm_api.core.transactions import transaction
from wm_api.datasets.models import Dataset, DatasetState
from wm_api.datasets.service import datasets, holding
from wm_api.datasets.service.settling import ROUNDS, Unsettled
from wm_api.metrics import previews
from wm_api.metrics import service as metrics
from wm_api.metrics.models import MetricValue
from wm_api.metrics.previews import Shown
from wm_api.metrics.sources import SUPPORTED, Sources, sources_by_day, sources_on
from wm_api.operations import leases
from wm_api.operations.leases import Lease


@dataclass(frozen=True)
class Plan:
    """What is to be compared: the days that a commit would touch, with what each rests on now and would rest on."""

    basis: str
    account: Account
    conflict: str | None
    accepted: Mapping[date, Sources | None]
    now: Mapping[date, Sources | None]
    kept: Mapping[date, Sequence[MetricValue]]


async def preview(resources: Resources, lease: Lease) -> None:
    """Kept with the dataset while that is held; the operation ends with the dataset as its result.

    No transaction is open while it calculates. What counts has changed meanwhile: begun again, and after some times
    kept as it is; it is then shown as stale.
    """
    for attempt in range(1, ROUNDS + 1):
        plan = await _planned(resources, lease)
        document = None
        if plan is not None:
            try:
                document = await _computed(resources, lease, plan)
            except (KeyGone, FileNotFoundError):
                after = await _planned(resources, lease)
                if after is not None and after.basis == plan.basis:
                    raise  # something is lost
                continue
        if await _kept(resources, lease, document, last=attempt == ROUNDS):
            return
    raise Unsettled


async def _planned(resources: Resources, lease: Lease) -> Plan | None:
    """None where the dataset is held no more."""
    async with transaction(resources, lease.account_id) as session:
        await datasets.lock_account(session)
        dataset = await _dataset(session, lease.subject_id)
        if dataset.state != DatasetState.HELD:
            return None
        conflict, accepted = await _as_if_accepted(session, dataset)
        now = await _resting(session, accepted)
        kept = {day: await _figures(session, day) for day in accepted}
        basis, account = await holding.basis_of(session), await metrics.account_facts(session)
        return Plan(basis, account, conflict, accepted, now, kept)


async def _dataset(session: AsyncSession, dataset_id: UUID) -> Dataset:
    return (await session.scalars(select(Dataset).where(Dataset.id == dataset_id))).one()


async def _as_if_accepted(session: AsyncSession, dataset: Dataset) -> tuple[str | None, Mapping[date, Sources | None]]:
    """The commit itself, looked at and taken back: so the preview can never follow other rules than it."""
    trial = await session.begin_nested()
    try:
        await datasets.count(session, SYSTEM, dataset)
        found: dict[date, Sources | None] = dict(await sources_by_day(session, dataset.id))
        lost = await session.scalars(select(MetricValue.as_of).where(MetricValue.as_of.not_in(SUPPORTED)).distinct())
        found |= dict.fromkeys(lost)
    except Problem as problem:
        return problem.code, {}
    finally:
        await trial.rollback()
        await session.refresh(dataset)
    return None, found


async def _resting(session: AsyncSession, days: Collection[date]) -> dict[date, Sources | None]:
    found = await sources_on(session, days)
    return {day: found[day] if day in found and found[day].day == day else None for day in days}


async def _figures(session: AsyncSession, day: date) -> Sequence[MetricValue]:
    return (await session.scalars(select(MetricValue).where(MetricValue.as_of == day))).all()


async def _computed(resources: Resources, lease: Lease, plan: Plan) -> dict[str, Any]:
    days = []
    for number, day in enumerate(sorted(plan.accepted)):
        await leases.progress(resources, lease, "preview", number, len(plan.accepted), "days")
        now = await _shown(resources, plan, plan.now[day], plan.kept[day])
        days.append(previews.effect(f"{day}", now, await _shown(resources, plan, plan.accepted[day])))
    return {"basis": plan.basis, "computed_at": instant_text(clock.now()), "conflict": plan.conflict, "days": days}


async def _shown(
    resources: Resources, plan: Plan, sources: Sources | None, kept: Sequence[MetricValue] = ()
) -> Shown | None:
    """Kept figures where they rest on just these sources; then nothing but the people is read."""
    if sources is None:
        return None
    ids = [str(each.id) for each in sources.datasets]
    fresh = bool(kept) and all(row.dataset_ids == ids for row in kept)
    people_alone = replace(sources, payroll=(), previous=(), plans=(), enrolments=())
    inputs = await metrics.read_inputs(resources, plan.account, people_alone if fresh else sources)
    figures = (
        {(row.metric, row.profile): row.figure for row in kept}
        if fresh
        else previews.figures_from(await metrics.compute_figures(inputs))
    )
    start, end = sources.facts.window()
    return Shown((f"{start}", f"{end}"), (await asyncio.to_thread(inputs.people)).height, figures)


async def _kept(resources: Resources, lease: Lease, document: dict[str, Any] | None, *, last: bool) -> bool:
    """False: what counts has changed meanwhile, and there is time to look once more."""
    async with transaction(resources, lease.account_id) as session:
        await datasets.lock_account(session)
        dataset = await _dataset(session, lease.subject_id)
        if dataset.state == DatasetState.HELD:
            if document is None or (document["basis"] != await holding.basis_of(session) and not last):
                return False
            dataset.preview = document
            await session.flush()
        await leases.finish(session, lease, ("dataset", lease.subject_id))
    return True
