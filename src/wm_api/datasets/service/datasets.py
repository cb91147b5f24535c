"""Keep an accepted extract and queue its processing; list; delete."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts.models import Account
from wm_api.core import clock
from wm_api.core.paging import Paging, page_of
from wm_api.core.principal import Actor
from wm_api.core.problems import Gone, NotFound, Problem, StateConflict
from wm_api.datasets.errors import (
    DatasetExists,
    DatasetRefused,
    DatesInvalid,
    DuplicateContent,
    EmployeeKeyChanged,
    SupersedeConflict,
)
from wm_api.datasets.models import Dataset, DatasetState
from wm_api.datasets.service.files import StoredFile
from wm_api.events import service as events
from wm_api.events.models import EventType
from wm_api.operations import service as operations
from wm_api.operations.models import Operation, OperationType
from wm_api.records.columns import finding
from wm_api.records.facts import Facts
from wm_api.records.intake import Report
from wm_api.records.kinds import KINDS
from wm_api.records.wire import facts_document, report_document

CURRENT = (DatasetState.RECEIVED, DatasetState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Push:
    """What a caller says of a file, and what was counted of it."""

    facts: Facts
    media_type: str
    sha256: str
    size: int
    external_ref: str | None
    supersedes: UUID | None
    new_key: bool


def checked_facts(facts: Facts, today: date) -> Facts:
    """Raises DatesInvalid: as_of and period are never mixed, ends follow starts, nothing is in the future."""
    period = (facts.period_start, facts.period_end)
    if KINDS[facts.kind].dating == "as_of":
        if facts.as_of is None or any(period) or facts.as_of > today:
            raise DatesInvalid
    elif None in period or facts.as_of is not None or period[0] > period[1] or period[1] > today:  # type: ignore[operator]
        raise DatesInvalid
    start, end = facts.window()
    if start > end:
        raise DatesInvalid
    return facts


async def known_dataset(session: AsyncSession, push: Push) -> Dataset | None:
    """The dataset of the same bytes, kind and dates. Raises DuplicateContent, DatasetExists, SupersedeConflict."""
    live = (Dataset.deleted_at.is_(None), Dataset.state != DatasetState.REFUSED)
    same = await session.scalar(select(Dataset).where(Dataset.sha256 == push.sha256, *live))
    facts = push.facts
    if same is not None:
        dated = (same.kind, same.as_of, same.period_start, same.period_end)
        if dated != (facts.kind, facts.as_of, facts.period_start, facts.period_end):
            raise DuplicateContent(existing=str(same.id))
        return same
    if push.supersedes is not None:
        await _superseded(session, push.supersedes, facts.kind)
    elif push.external_ref is not None:
        where = (Dataset.kind == facts.kind, Dataset.external_ref == push.external_ref, Dataset.state.in_(CURRENT))
        dates = [
            column.is_not_distinct_from(value)
            for column, value in (
                (Dataset.as_of, facts.as_of),
                (Dataset.period_start, facts.period_start),
                (Dataset.period_end, facts.period_end),
            )
        ]
        existing = await session.scalar(select(Dataset.id).where(*where, *dates, *live))
        if existing is not None:
            raise DatasetExists(existing=str(existing))
    return None


async def _superseded(session: AsyncSession, dataset_id: UUID, kind: str) -> Dataset:
    """The dataset that is replaced, locked: of two writers the first wins."""
    old = await session.scalar(select(Dataset).where(Dataset.id == dataset_id).with_for_update())
    if old is None:
        raise NotFound
    if old.kind != kind or old.state not in CURRENT or old.deleted_at is not None:
        raise SupersedeConflict(existing=str(old.superseded_by or old.id))
    return old


async def keep(
    session: AsyncSession, actor: Actor, dataset_id: UUID, push: Push, stored: StoredFile, upload_id: UUID | None = None
) -> Dataset:
    """Write the row, its operation and its event in one transaction. Raises EmployeeKeyChanged."""
    account = (
        await session.scalars(select(Account).where(Account.id == session.info["account_id"]).with_for_update())
    ).one()
    key_id, series_break = stored.report.key_ids[0], False
    if account.employee_key_id not in {None, key_id}:
        if not push.new_key:
            raise EmployeeKeyChanged
        series_break = True
    account.employee_key_id = key_id
    old = await _superseded(session, push.supersedes, push.facts.kind) if push.supersedes else None
    if old is not None:
        old.state, old.superseded_by = DatasetState.SUPERSEDED.value, dataset_id
        await session.flush()
    operation = await operations.enqueue(session, OperationType.DATASET_PROCESS, actor, ("dataset", dataset_id))
    dataset = _row(account.id, actor, dataset_id, push, stored)
    dataset.operation_id, dataset.series_break, dataset.upload_id = operation.id, series_break, upload_id
    session.add(dataset)
    await session.flush()
    if old is not None:
        await events.append(session, actor, EventType.DATASET_SUPERSEDED, ("dataset", old.id), state=old.state)
    await events.append(session, actor, EventType.DATASET_ACCEPTED, ("dataset", dataset_id), state=dataset.state)
    return dataset


def _row(account_id: UUID, actor: Actor, dataset_id: UUID, push: Push, stored: StoredFile) -> Dataset:
    facts, now = push.facts, clock.now()
    return Dataset(
        account_id=account_id,
        id=dataset_id,
        kind=facts.kind,
        as_of=facts.as_of,
        period_start=facts.period_start,
        period_end=facts.period_end,
        external_ref=push.external_ref,
        facts=facts_document(facts),
        state=DatasetState.ACCEPTED.value,
        sha256=push.sha256,
        bytes=push.size,
        media_type=push.media_type,
        rows=stored.report.rows,
        employees=stored.report.employees,
        schema_version=KINDS[facts.kind].version,
        snapshot_sha256=stored.snapshot_sha256,
        key_id=stored.report.key_ids[0],
        report=report_document(stored.report),
        supersedes=push.supersedes,
        created_by_type=actor.type.value,
        created_by_id=actor.id,
        created_at=now,
        accepted_at=now,
    )


async def refuse(session: AsyncSession, actor: Actor, report: Report) -> Problem:
    """The refusal's event; the problem is returned, not raised, so that the event is committed."""
    account_id = session.info["account_id"]
    await events.append(session, actor, EventType.DATASET_REFUSED, ("account", account_id), state="refused")
    return DatasetRefused(report.findings or (finding("file_unreadable"),))


async def list_datasets(
    session: AsyncSession, kind: str | None, state: str | None, external_ref: str | None, page: Paging
) -> tuple[Sequence[Dataset], str | None]:
    rows = select(Dataset).where(Dataset.deleted_at.is_(None))
    for column, value in ((Dataset.kind, kind), (Dataset.state, state), (Dataset.external_ref, external_ref)):
        if value is not None:
            rows = rows.where(column == value)
    return await page_of(session, rows, Dataset.id, page)


async def get_dataset(session: AsyncSession, dataset_id: UUID) -> Dataset:
    """Raises NotFound; Gone after its deletion, with the receipt."""
    dataset = await session.scalar(select(Dataset).where(Dataset.id == dataset_id))
    if dataset is None:
        raise NotFound
    if dataset.deleted_at is not None:
        raise Gone(receipt_id=str(dataset.receipt_id) if dataset.receipt_id else None)
    return dataset


async def delete(session: AsyncSession, actor: Actor, dataset_id: UUID) -> Operation:
    """Unreachable at once; a job destroys key and bytes and withdraws what was computed. Raises StateConflict."""
    dataset = await get_dataset(session, dataset_id)
    if dataset.state == DatasetState.DELETING:
        raise StateConflict(state=dataset.state, allowed=[state.value for state in CURRENT])
    operation = await operations.enqueue(session, OperationType.DATASET_DELETE, actor, ("dataset", dataset_id))
    values = {"state": DatasetState.DELETING.value, "operation_id": operation.id}
    await session.execute(update(Dataset).where(Dataset.id == dataset_id).values(**values))
    await events.append(session, actor, EventType.DATASET_DELETED, ("dataset", dataset_id), state="deleting")
    return operation
