"""Retention: what is over goes on its day, account by account, each in a transaction bound to it.

Across accounts the worker sees their ids alone (the ends of the chains of events).
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, exists, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts.models import Invitation, InvitationState, LoginFailure, Session, SpentToken
from wm_api.core import clock
from wm_api.core.logs import failure, log
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.models import Dataset, EmployeeKeyRotation, Upload, UploadPart, UploadState
from wm_api.datasets.service import files, holding, key_links, sources, uploads
from wm_api.datasets.states import STORED
from wm_api.events import service as events
from wm_api.operations.models import ENDED, Operation, OperationState

PUBLIC = UUID(int=0)
"""Owns the idempotent answers of calls without a credential."""
ORPHANED = timedelta(hours=24)
SESSIONS = timedelta(days=90)
FAILURES = timedelta(days=1)
USED_UPLOADS = timedelta(days=30)
AT_ONCE = 500
DESTROYED_BY = {"datasets": files.forget, "uploads": uploads.destroy, key_links.FOLDER: key_links.forget_links}
"""By the folder that an object lies in."""
ANSWERS = text("DELETE FROM idempotent_answers WHERE account_id = :account_id AND created_at < :before")


async def retain(resources: Resources) -> None:
    """Everything that is over. Safe to repeat, and to run twice at once."""
    async with transaction(resources, None) as session:
        accounts = await events.accounts(session)
        await _credentials(session, clock.now())
    for account_id in (PUBLIC, *accounts):
        try:
            await _of_account(resources, account_id)
        except Exception as error:  # noqa: BLE001 - what is over of the others goes all the same
            log().error("retention failed", account_id=str(account_id), **failure(error))
    await remove_orphans(resources)


async def _of_account(resources: Resources, account_id: UUID) -> None:
    async with transaction(resources, account_id) as session:
        await sources.tell_overdue(session)
    async with transaction(resources, account_id) as session:
        await _rows(session, resources, account_id)
        over = await _over_uploads(session, clock.now())
    await holding.discard_over(resources, account_id, clock.now())
    for upload_id, state in over:
        end = uploads.destroy if state == UploadState.USED else uploads.end
        await end(resources, account_id, upload_id)


async def _rows(session: AsyncSession, resources: Resources, account_id: UUID) -> None:
    """An operation stays as long as a dataset names it; it is answered with 410 all the same."""
    now = clock.now()
    named = exists().where(Dataset.account_id == Operation.account_id, Dataset.operation_id == Operation.id)
    old = delete(Operation).where(Operation.expires_at < now, Operation.state.in_(ENDED), ~named)
    await session.execute(old)
    await session.execute(ANSWERS, {"account_id": account_id, "before": now - resources.settings.idempotency_lifetime})
    late = update(Invitation).where(Invitation.state == InvitationState.PENDING, Invitation.expires_at < now)
    await session.execute(late.values(state=InvitationState.EXPIRED.value))
    unnamed = (Upload.state.in_((UploadState.USED, UploadState.EXPIRED)), Upload.expires_at < now - USED_UPLOADS)
    await session.execute(delete(Upload).where(*unnamed))


async def _credentials(session: AsyncSession, now: datetime) -> None:
    """Sessions long over with their spent tokens, and counts of failures that no window reaches."""
    over = func.coalesce(Session.ended_at, func.least(Session.idle_until, Session.absolute_until))
    ended = select(Session.id).where(over < now - FAILURES)
    await session.execute(delete(SpentToken).where(SpentToken.session_id.in_(ended)))
    await session.execute(delete(Session).where(over < now - SESSIONS))
    await session.execute(delete(LoginFailure).where(LoginFailure.window_start < now - FAILURES))


async def _over_uploads(session: AsyncSession, now: datetime) -> list[tuple[UUID, str]]:
    """Not finished in their time, or used by an operation that ended without destroying their bytes."""
    unfinished = Upload.state.in_((UploadState.OPEN, UploadState.COMPLETE))
    working = exists().where(
        Dataset.upload_id == Upload.id,
        Operation.id == Dataset.operation_id,
        Operation.state.in_((OperationState.QUEUED, OperationState.RUNNING)),
    )
    left = exists().where(UploadPart.upload_id == Upload.id)
    over = select(Upload.id, Upload.state).where(Upload.expires_at < now, or_(unfinished, left & ~working))
    return [(row.id, row.state) for row in await session.execute(over)]


async def remove_orphans(resources: Resources) -> int:
    """Objects that no row names, a day after they were written: key, then bytes. Returns how many."""
    removed = 0
    async for batch in _old_objects(resources):
        for account_id, names in batch.items():
            async with transaction(resources, account_id) as session:
                known = await _known(session, set(names))
            for object_id in names.keys() - known:
                await _destroy(resources, account_id, object_id, names[object_id])
                removed += 1
    return removed


async def _old_objects(resources: Resources) -> AsyncIterator[Mapping[UUID, dict[UUID, str]]]:
    """By account the ids of datasets' objects and uploads, with the folder each lies in, some hundred at once."""
    found: defaultdict[UUID, dict[UUID, str]] = defaultdict(dict)
    async for name, written in resources.storage.listed():
        folder, _, rest = name.partition("/")
        if written > clock.now() - ORPHANED or folder not in DESTROYED_BY:
            continue
        try:
            account, object_id = (UUID(part) for part in rest.partition("#")[0].split("/")[:2])
        except ValueError:  # a stray name is none of ours
            continue
        found[account][object_id] = folder
        if sum(map(len, found.values())) >= AT_ONCE:
            yield found
            found = defaultdict(dict)
    yield found


async def _known(session: AsyncSession, ids: set[UUID]) -> set[UUID]:
    stored = func.coalesce(Dataset.object_id, Dataset.id)
    holding = (Dataset.deleted_at.is_(None), Dataset.state.in_(STORED))
    datasets = await session.scalars(select(stored).where(stored.in_(ids), *holding))
    live = await session.scalars(select(Upload.id).where(Upload.id.in_(ids), Upload.state != UploadState.EXPIRED))
    links = await session.scalars(select(EmployeeKeyRotation.id).where(EmployeeKeyRotation.id.in_(ids)))
    return {*datasets, *live, *links}


async def _destroy(resources: Resources, account_id: UUID, object_id: UUID, folder: str) -> None:
    await DESTROYED_BY[folder](resources, account_id, object_id)
    await resources.storage.delete_unfinished(f"{folder}/{account_id}/{object_id}")
