"""A held dataset: shown, then committed or discarded. Whatever happens at once, one of them wins."""

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts.models import Account
from wm_api.core.principal import SYSTEM, Actor
from wm_api.core.resources import Resources
from wm_api.core.transactions import after_commit, transaction
from wm_api.datasets.errors import CommitRefused
from wm_api.datasets.models import Dataset, DatasetState
from wm_api.datasets.service import files
from wm_api.datasets.service.cases import Case
from wm_api.datasets.service.datasets import allow, count, get_dataset, lock_account, note
from wm_api.datasets.service.files import StoredFile
from wm_api.datasets.service.history import LIVE
from wm_api.datasets.service.settling import Begun, settled
from wm_api.datasets.service.verdicts import Forms, kept_case
from wm_api.datasets.states import DISCARDABLE
from wm_api.events import service as events
from wm_api.events.models import EventType
from wm_api.operations import service as operations
from wm_api.operations.models import OperationType
from wm_api.records.intake import Report


async def locked(session: AsyncSession, dataset_id: UUID) -> Dataset:
    """The dataset, for an act on it; acts of an account come one by one. Raises NotFound, Gone."""
    await lock_account(session)
    return await get_dataset(session, dataset_id, lock=True)


async def commit(
    resources: Resources,
    account_id: UUID,
    begun: Begun,
    actor: Actor,
    dataset_id: UUID,
    check: Callable[[Dataset], None],
) -> Dataset:
    """It counts from now on; a new operation computes. `check` may refuse the version that is there.

    Raises NotFound, Gone, StateConflict; EmployeeKeyChanged, SupersedeConflict, DuplicateContent, DatasetExists,
    CommitRefused where the account has moved on meanwhile.
    """

    async def see(session: AsyncSession) -> Case:
        dataset = await get_dataset(session, dataset_id)
        check(dataset)
        allow(dataset, {DatasetState.HELD})
        return await kept_case(session, resources, dataset)

    async def act(session: AsyncSession, found: StoredFile | Report) -> Dataset:
        if isinstance(found, Report):
            raise CommitRefused(found.findings)
        return await _committed(session, actor, await get_dataset(session, dataset_id, lock=True), found)

    forms = Forms(resources, account_id)
    try:
        dataset = await settled(resources, account_id, begun, see, forms.compared, act)
    except BaseException:
        await forms.keep(None)
        raise
    await forms.keep(dataset.object_id)
    return dataset


async def _committed(session: AsyncSession, actor: Actor, dataset: Dataset, found: StoredFile) -> Dataset:
    """Where rows are set aside by now, what was held goes when the rest counts."""
    came_with, held_as = (dataset.report or {})["key_ids"], dataset.stored_id
    note(dataset, found, dataset.object_id)
    dataset.report = {**(dataset.report or {}), "key_ids": came_with}  # it was compared under the key id of its rows
    await count(session, actor, dataset)
    operation = await operations.enqueue(session, OperationType.DATASET_PROCESS, actor, ("dataset", dataset.id))
    dataset.operation_id = operation.id
    await session.flush()
    if dataset.stored_id != held_as:
        _forget(session, dataset.account_id, held_as)
    return dataset


def _forget(session: AsyncSession, account_id: UUID, object_id: UUID) -> None:
    async def destroy(resources: Resources) -> None:
        await files.forget(resources, account_id, object_id)

    after_commit(session, destroy)


async def discard(session: AsyncSession, actor: Actor, dataset: Dataset) -> Dataset:
    """Report and preview go with the row's change, key and bytes with its commit. On a locked dataset.

    What is discarded may be discarded again: then a destruction that broke off is ended. Raises StateConflict.
    """
    allow(dataset, DISCARDABLE)
    account_id, object_id = dataset.account_id, dataset.stored_id
    if dataset.state == DatasetState.HELD:
        dataset.state, dataset.report, dataset.preview = DatasetState.DISCARDED.value, None, None
        await session.flush()
        await events.append(session, actor, EventType.DATASET_DISCARDED, ("dataset", dataset.id), state=dataset.state)
    _forget(session, account_id, object_id)
    return dataset


async def discard_over(resources: Resources, account_id: UUID, now: datetime) -> None:
    """What nobody has committed in its time, each in a transaction of its own."""
    over = (Dataset.state == DatasetState.HELD, Dataset.held_until < now, Dataset.deleted_at.is_(None))
    async with transaction(resources, account_id) as session:
        ids = (await session.scalars(select(Dataset.id).where(*over))).all()
    for dataset_id in ids:
        async with transaction(resources, account_id) as session:
            await lock_account(session)
            row = await session.scalar(select(Dataset).where(Dataset.id == dataset_id, *over).with_for_update())
            if row is not None:  # else somebody was faster
                await discard(session, SYSTEM, row)


async def basis_of(session: AsyncSession) -> str:
    """A hash over all that counts now, and the facts of the account that figures read."""
    ids = await session.scalars(select(Dataset.id).where(LIVE).order_by(Dataset.id))
    mine = select(Account.country, Account.industry_scheme, Account.industry_code)
    facts = (await session.execute(mine.where(Account.id == session.info["account_id"]))).one()
    return sha256(repr((tuple(facts), [str(each) for each in ids])).encode()).hexdigest()


async def preview_of(session: AsyncSession, dataset: Dataset, kept: Mapping[str, Any]) -> dict[str, Any]:
    """A kept preview as it is shown; `stale` where what counts has changed since."""
    shown = {name: kept[name] for name in ("computed_at", "conflict", "days")}
    return {"dataset_id": dataset.id, "stale": kept["basis"] != await basis_of(session), **shown}
