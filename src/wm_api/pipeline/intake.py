"""A large file that came in parts: checked, stored and accepted, or refused without a trace, by its operation."""

import asyncio
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core.ids import new_id
from wm_api.core.problems import Problem
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.models import Dataset, DatasetState, Upload
from wm_api.datasets.service import amendments, datasets, files, uploads
from wm_api.datasets.service.pushes import Push, push_of
from wm_api.datasets.service.settling import settled
from wm_api.datasets.service.verdicts import Forms, case_of
from wm_api.operations import leases
from wm_api.operations.errors import ComputationFailed
from wm_api.operations.leases import Lease
from wm_api.operations.models import OperationType
from wm_api.records.facts import Facts
from wm_api.records.intake import Report

SHOWN_EVERY = 0.5
"""Seconds between two looks of the caller at the progress of a check."""


async def take_in(resources: Resources, lease: Lease) -> bool:
    """True when the dataset counts. False: it was refused, and its operation has ended with the reason.

    A refusal is written first, then the upload goes, then the operation ends: a break in between loses no finding.
    """
    async with transaction(resources, lease.account_id) as session:
        dataset = await _dataset(session, lease.subject_id)
        upload = await session.scalar(select(Upload).where(Upload.id == dataset.upload_id))
    error = _error(dataset)
    if dataset.state == DatasetState.RECEIVED:
        if upload is None:
            raise ComputationFailed  # nothing is there that could be checked
        problem = await _checked(resources, lease, dataset, upload)
        error = None if problem is None else await _refuse(resources, lease, problem)
    if upload is not None:
        await _held(resources, lease)
        await uploads.destroy(resources, lease.account_id, upload.id)
    if error is not None:
        async with transaction(resources, lease.account_id) as session:
            await leases.fail(session, lease, error)
    return error is None


def _error(dataset: Dataset) -> dict[str, Any] | None:
    """With which an earlier attempt refused it."""
    return (dataset.report or {}).get("error") if dataset.state == DatasetState.REFUSED else None


async def _held(resources: Resources, lease: Lease) -> None:
    """Nobody else reads the upload. Raises LeaseLost."""
    async with transaction(resources, lease.account_id) as session:
        await leases.hold(session, lease, resources.settings.lease)


async def _dataset(session: AsyncSession, dataset_id: UUID) -> Dataset:
    return (await session.scalars(select(Dataset).where(Dataset.id == dataset_id).with_for_update())).one()


async def _checked(resources: Resources, lease: Lease, dataset: Dataset, upload: Upload) -> Problem | None:
    """The sealed file has a name and key of this attempt alone, so a lost worker can never take them away.

    Any other error may have come after the commit: then the file is that of a dataset which counts, or the sweep's.
    Raises retryable problems, for another attempt on the same upload.
    """
    object_id = new_id()
    said = push_of(dataset).said

    async def check(name: UUID, facts: Facts) -> files.StoredFile | Report:
        return await files.check_and_store(
            resources,
            lease.account_id,
            name,
            lambda: uploads.opened(resources, lease.account_id, upload.id),
            upload.media_type,
            upload.content_encoding,
            facts,
            Shown(resources, lease).rows,
        )

    try:
        async with resources.sandboxes.taken(lease.account_id, however_long=True):
            checked = await amendments.checked(resources, lease.account_id, object_id, said, check)
    except Problem as why:
        return why
    if isinstance(checked, Report):
        return datasets.refusal(checked)
    forms = Forms(resources, lease.account_id, object_id)
    try:
        kept_as = await _settled(resources, lease, push_of(dataset), checked, forms)
    except (Problem, leases.LeaseLost) as why:
        await forms.keep(None)
        if isinstance(why, Problem) and not why.retryable:
            return why
        raise
    await forms.keep(kept_as)
    return None


async def _settled(
    resources: Resources, lease: Lease, push: Push, stored: files.StoredFile, forms: Forms
) -> UUID | None:
    """Compared with the account's other datasets, then accepted. Under which it is kept.

    None: the dataset was deleted or replaced meanwhile. Raises DatasetRefused, Unsettled and what `accept` raises.
    """
    (object_id,) = forms.ids
    begun = partial(transaction, resources, lease.account_id)
    see = partial(case_of, resources=resources, push=push, stored=stored, object_id=object_id)
    act = partial(_accepted, resources, lease, object_id)
    return await settled(resources, lease.account_id, begun, see, forms.compared, act, however_long=True)


async def _accepted(
    resources: Resources,
    lease: Lease,
    object_id: UUID,
    session: AsyncSession,
    checked: files.StoredFile | Report,
) -> UUID | None:
    """The account is locked before the dataset's row, as everybody does who changes what counts."""
    await leases.hold(session, lease, resources.settings.lease)
    row = await _dataset(session, lease.subject_id)
    if row.state != DatasetState.RECEIVED:
        return None
    if isinstance(checked, Report):
        raise datasets.refusal(checked)
    await datasets.accept(session, lease.actor, row, checked, object_id)
    return row.stored_id


async def _refuse(resources: Resources, lease: Lease, problem: Problem) -> dict[str, Any]:
    """The error that the operation has to end with. Raises LeaseLost."""
    error = problem.document(resources.settings.public_url, str(lease.operation_id))
    async with transaction(resources, lease.account_id) as session:
        await leases.hold(session, lease, resources.settings.lease)
        row = await _dataset(session, lease.subject_id)
        if row.state == DatasetState.RECEIVED:
            await datasets.refuse_received(session, lease.actor, row, problem, error)
    return error


async def give_up(session: AsyncSession, lease: Lease, problem: Problem, error: dict[str, Any]) -> None:
    """A push that ends without its check is refused with its operation, and may be sent again."""
    if lease.type != OperationType.DATASET_PROCESS:
        return
    row = await _dataset(session, lease.subject_id)
    if row.state == DatasetState.RECEIVED:
        await datasets.refuse_received(session, lease.actor, row, problem, error)


class Shown:
    """Rows as they are checked, not more often than a caller looks."""

    def __init__(self, resources: Resources, lease: Lease) -> None:
        self._resources, self._lease, self._next = resources, lease, 0.0

    async def rows(self, done: int) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._next:
            self._next = now + SHOWN_EVERY
            await leases.progress(self._resources, self._lease, "check", done, None, "rows")
