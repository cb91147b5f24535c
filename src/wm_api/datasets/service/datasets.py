"""Keep an accepted extract and queue its processing; list; delete."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts.models import Account
from wm_api.core import clock
from wm_api.core.paging import Paging, page_of
from wm_api.core.principal import Actor
from wm_api.core.problems import Gone, NotFound, Problem, StateConflict, TemporarilyUnavailable
from wm_api.core.settings import Settings
from wm_api.datasets.errors import (
    DatasetRefused,
    EmployeeKeyChanged,
    MappingDrift,
)
from wm_api.datasets.models import Dataset, DatasetState
from wm_api.datasets.service import history, quotas, sources, uploads
from wm_api.datasets.service.drift import only_drift
from wm_api.datasets.service.existing import known_dataset, refuse_beside_same, superseded
from wm_api.datasets.service.files import StoredFile
from wm_api.datasets.service.key_links import latest_key_id, rotation_from, rotation_to
from wm_api.datasets.service.pushes import Push
from wm_api.datasets.states import DELETABLE, LIVES
from wm_api.events import service as events
from wm_api.events.models import EventType
from wm_api.operations import service as operations
from wm_api.operations.models import Operation, OperationState, OperationType
from wm_api.records.columns import finding
from wm_api.records.intake import Report, Total
from wm_api.records.kinds import KINDS
from wm_api.records.wire import facts_document, report_document

HELD_FOR = timedelta(days=14)
"""A held file waits so long to be committed; then it is discarded."""


async def receive(
    session: AsyncSession,
    settings: Settings,
    actor: Actor,
    dataset_id: UUID,
    push: Push,
    stored: StoredFile | None = None,
    upload_id: UUID | None = None,
) -> tuple[Dataset, bool]:
    """The row, its operation and its events in one transaction; a checked file is accepted or held at once.

    False: the same bytes were here already. Raises what `known_dataset` and `accept` raise, QuotaReached, and
    TemporarilyUnavailable where the same bytes were here when the file came, so that nobody checked it, and went since.
    """
    account = await lock_account(session)  # of two pushes of the same bytes one comes first
    known = await known_dataset(session, push)
    if known is not None and await _lives(session, actor, known):
        return known, False
    if stored is None and upload_id is None:
        raise TemporarilyUnavailable(headers={"Retry-After": "1"})
    await quotas.room_for_dataset(session, settings, push.size)
    operation = await operations.enqueue(session, OperationType.DATASET_PROCESS, actor, ("dataset", dataset_id))
    dataset = _row(account.id, actor, dataset_id, push)
    dataset.operation_id, dataset.upload_id = operation.id, upload_id
    source = await sources.named(session, push.said)
    dataset.source_id = source.id if source else None
    session.add(dataset)
    await session.flush()
    if upload_id is not None:
        await uploads.use(session, upload_id)
    if stored is not None:
        await accept(session, actor, dataset, stored)
    return dataset, True


async def _lives(session: AsyncSession, actor: Actor, known: Dataset) -> bool:
    """Whether the operation of a dataset goes on, or has done its work.

    Where it ended without: what was accepted or held is computed again, what was never checked gives way to the push.
    """
    if not await ended_without(session, known):
        return True
    if known.state == DatasetState.RECEIVED:
        known.state = DatasetState.REFUSED.value
        await session.flush()
        await events.append(session, actor, EventType.DATASET_REFUSED, ("dataset", known.id), state=known.state)
        return False
    if known.state in LIVES:
        again = await operations.enqueue(session, OperationType.DATASET_PROCESS, actor, ("dataset", known.id))
        known.operation_id = again.id
        await session.flush()
    return True


async def ended_without(session: AsyncSession, dataset: Dataset) -> bool:
    """Whether the operation of a dataset has ended, and its work is not done."""
    mine = (Operation.account_id == dataset.account_id, Operation.id == dataset.operation_id)
    return await session.scalar(select(Operation.state).where(*mine)) in {
        OperationState.FAILED,
        OperationState.CANCELED,
    }


async def accept(
    session: AsyncSession, actor: Actor, dataset: Dataset, stored: StoredFile, object_id: UUID | None = None
) -> None:
    """What the check found is kept; then the dataset counts, or waits where its push asks to be held.

    Raises what `count` raises, and TemporarilyUnavailable where its key was rotated while it was checked.
    """
    await _check_links(session, stored)
    dataset.key_id = stored.first_key_id
    note(dataset, stored, object_id)
    if dataset.held_until is None:
        await count(session, actor, dataset)
    else:
        await hold(session, actor, dataset)


def note(dataset: Dataset, stored: StoredFile, object_id: UUID | None) -> None:
    """What was found of a file, beside which datasets, and where it lies."""
    dataset.rows, dataset.employees = stored.report.rows, stored.report.employees
    dataset.snapshot_sha256, dataset.object_id = stored.snapshot_sha256, stored.object_id or object_id
    dataset.report = report_document(stored.report) | {"beside": sorted(str(each) for each in stored.beside or ())}


async def count(session: AsyncSession, actor: Actor, dataset: Dataset) -> None:
    """A checked dataset counts from now on, and takes the place of the one that it supersedes.

    Raises EmployeeKeyChanged, SupersedeConflict, DuplicateContent, DatasetExists.
    """
    account = await lock_account(session)
    old = await _place(session, account, dataset)
    at = await history.instant(session)
    await sources.sent(session, dataset)
    account.employee_key_id = await latest_key_id(session, dataset.key_id) or account.employee_key_id
    if old is not None:
        old.superseded_by = dataset.id
        await history.end(session, old, DatasetState.SUPERSEDED, at)
        await events.append(session, actor, EventType.DATASET_SUPERSEDED, ("dataset", old.id), state=old.state)
    await history.begin(session, dataset, at)
    await events.append(session, actor, EventType.DATASET_ACCEPTED, ("dataset", dataset.id), state=dataset.state)


async def hold(session: AsyncSession, actor: Actor, dataset: Dataset) -> None:
    """A checked dataset waits to be committed, and changes nothing; what stands against it is said already now.

    Raises as `count`.
    """
    await _place(session, await lock_account(session), dataset)
    dataset.state, dataset.held_until = DatasetState.HELD.value, clock.now() + HELD_FOR
    await session.flush()
    await events.append(session, actor, EventType.DATASET_HELD, ("dataset", dataset.id), state=dataset.state)


async def _place(session: AsyncSession, account: Account, dataset: Dataset) -> Dataset | None:
    """The dataset whose place it takes, locked, if any.

    Raises EmployeeKeyChanged, SupersedeConflict, DuplicateContent, DatasetExists.
    """
    key_id = await latest_key_id(session, dataset.key_id)
    dataset.series_break = key_id is not None and account.employee_key_id not in {None, key_id}
    if dataset.series_break and not dataset.new_key:
        raise EmployeeKeyChanged
    old = await superseded(session, dataset.supersedes, dataset.kind) if dataset.supersedes else None
    await refuse_beside_same(session, dataset, dataset.supersedes)
    return old


async def _check_links(session: AsyncSession, stored: StoredFile) -> None:
    """A key that was rotated away comes no more; and what was stored without the links of now is checked again."""
    key_id = next(iter(stored.report.key_ids), None)  # a list of plans has no keys
    if await rotation_from(session, key_id) is not None:
        raise EmployeeKeyChanged
    rotation = await rotation_to(session, key_id)
    if (rotation.id if rotation else None) != (stored.links.rotation_id if stored.links else None):
        raise TemporarilyUnavailable(headers={"Retry-After": "1"})


async def lock_account(session: AsyncSession) -> Account:
    """Whoever changes what counts, or computes from it, comes one after the other."""
    mine = select(Account).where(Account.id == session.info["account_id"]).with_for_update()
    return (await session.scalars(mine)).one()


def _row(account_id: UUID, actor: Actor, dataset_id: UUID, push: Push) -> Dataset:
    facts, said = push.facts, push.said
    return Dataset(
        account_id=account_id,
        id=dataset_id,
        kind=facts.kind,
        as_of=facts.as_of,
        period_start=facts.period_start,
        period_end=facts.period_end,
        external_ref=said.external_ref,
        facts=facts_document(facts),
        state=DatasetState.RECEIVED.value,
        sha256=push.sha256,
        bytes=push.size,
        media_type=push.media_type,
        schema_version=KINDS[facts.kind].version,
        supersedes=said.supersedes,
        amends=said.amends,
        series_break=False,
        new_key=said.new_key,
        mapping_version=said.mapping_version,
        accept_drift=said.accept_drift,
        held_until=clock.now() + HELD_FOR if said.hold else None,
        created_by_type=actor.type.value,
        created_by_id=actor.id,
        created_at=clock.now(),
    )


def refusal(report: Report) -> Problem:
    """MappingDrift where a yes is all that is needed, else DatasetRefused."""
    if only_drift(report.findings):
        return MappingDrift(report.findings)
    differ = any(each.code == "totals_differ" for each in report.findings)
    totals = (Total("rows", None, f"{report.rows}"), *report.totals) if differ else ()
    return DatasetRefused(report.findings or (finding("file_unreadable"),), totals)


async def refuse(session: AsyncSession, actor: Actor, report: Report) -> Problem:
    """The refusal's event; the problem is returned, not raised, so that the event is committed."""
    account_id = session.info["account_id"]
    await events.append(session, actor, EventType.DATASET_REFUSED, ("account", account_id), state="refused")
    return refusal(report)


async def refuse_received(
    session: AsyncSession, actor: Actor, dataset: Dataset, problem: Problem, error: dict[str, Any]
) -> None:
    """A large file that does not count. The row keeps the findings of the check, which hold no value.

    And the error that its operation ends with: whoever goes on after a break ends it with the same.
    """
    dataset.state = DatasetState.REFUSED.value
    found = {name: problem.members.get(name, []) for name in ("totals", "findings")}
    dataset.report = {"outcome": "refused", "rows": 0, "employees": None, **found, "error": error}
    await session.flush()
    await events.append(session, actor, EventType.DATASET_REFUSED, ("dataset", dataset.id), state=dataset.state)


async def list_datasets(
    session: AsyncSession,
    kind: str | None,
    state: str | None,
    external_ref: str | None,
    page: Paging,
    days: tuple[date | None, date | None] = (None, None),
    known_at: datetime | None = None,
) -> tuple[Sequence[Dataset], str | None]:
    """Newest first; `days` are the first and the last on which a dataset may be dated.

    With `known_at` those that counted at that instant, the ones included that were deleted since.
    """
    if known_at is None:
        rows = select(Dataset).where(Dataset.deleted_at.is_(None))
    else:
        await lock_account(session)  # what is being changed now may have an earlier instant
        rows = select(Dataset).where(history.counted(known_at))
    dated = func.coalesce(Dataset.as_of, Dataset.period_end)
    if days[0] is not None:
        rows = rows.where(dated >= days[0])
    if days[1] is not None:
        rows = rows.where(dated <= days[1])
    for column, value in ((Dataset.kind, kind), (Dataset.state, state), (Dataset.external_ref, external_ref)):
        if value is not None:
            rows = rows.where(column == value)
    return await page_of(session, rows, Dataset.id, page)


async def get_dataset(session: AsyncSession, dataset_id: UUID, *, lock: bool = False) -> Dataset:
    """Raises NotFound; Gone after its deletion, with the receipt. Whoever locks it has locked the account before."""
    rows = select(Dataset).where(Dataset.id == dataset_id)
    locked = rows.with_for_update().execution_options(populate_existing=True)
    dataset = await session.scalar(locked if lock else rows)
    if dataset is None:
        raise NotFound
    if dataset.deleted_at is not None:
        raise Gone(receipt_id=str(dataset.receipt_id) if dataset.receipt_id else None)
    return dataset


def allow(dataset: Dataset, states: Collection[DatasetState]) -> None:
    """Raises StateConflict where it is in none of these."""
    if dataset.state not in states:
        raise StateConflict(state=dataset.state, allowed=[each.value for each in DatasetState if each in states])


async def delete(session: AsyncSession, actor: Actor, dataset_id: UUID) -> Operation:
    """Unreachable at once; a job destroys key and bytes and withdraws what was computed.

    Again where that job has ended without. Raises StateConflict while it goes on.
    """
    await lock_account(session)
    dataset = await get_dataset(session, dataset_id, lock=True)
    if not await ended_without(session, dataset):
        allow(dataset, DELETABLE)
    operation = await operations.enqueue(session, OperationType.DATASET_DELETE, actor, ("dataset", dataset_id))
    dataset.operation_id = operation.id
    await history.end(session, dataset, DatasetState.DELETING, await history.instant(session))
    await events.append(session, actor, EventType.DATASET_DELETED, ("dataset", dataset_id), state="deleting")
    return operation
