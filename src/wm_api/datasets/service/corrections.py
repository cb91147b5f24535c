"""Corrections of what counts: the undo of a commit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts.models import Account
from wm_api.core.principal import Actor
from wm_api.core.resources import Resources
from wm_api.datasets.errors import ReversalRefused
from wm_api.datasets.models import Dataset, DatasetState
from wm_api.datasets.service import history, sources
from wm_api.datasets.service.cases import Case
from wm_api.datasets.service.datasets import allow, get_dataset, lock_account
from wm_api.datasets.service.existing import refuse_beside_same
from wm_api.datasets.service.files import StoredFile
from wm_api.datasets.service.key_links import latest_key_id
from wm_api.datasets.service.settling import Begun, settled
from wm_api.datasets.service.verdicts import compared, kept_case
from wm_api.events import service as events
from wm_api.events.models import EventType
from wm_api.operations import service as operations
from wm_api.operations.models import Operation, OperationType
from wm_api.records.intake import Report


@dataclass(frozen=True, slots=True)
class Undo:
    """A dataset that is to count no more, and the one before it that is to count again, if it is still stored.

    Both are beside what counts without the first.
    """

    dataset: Dataset
    before: Dataset | None
    gone: Case
    back: Case | None

    @property
    def ids(self) -> frozenset[UUID]:
        named = {each.id for each in (self.dataset, self.before) if each}
        return self.gone.ids | named | (self.back.ids if self.back else frozenset())


async def reverse(
    resources: Resources,
    account_id: UUID,
    begun: Begun,
    actor: Actor,
    dataset_id: UUID,
    check: Callable[[Dataset], None],
) -> Operation:
    """The dataset stops counting, and the one whose place it took counts again, if it is still stored.

    An operation computes the days of both. Of two undos one wins. `check` may refuse the version that is there.
    Raises NotFound, Gone, StateConflict; DatasetExists, DuplicateContent where another took the name or bytes of what
    would come back, ReversalRefused where that breaks a rule beside what counts now.
    """

    async def see(session: AsyncSession) -> Undo:
        return await _undo(session, resources, dataset_id, check)

    async def act(session: AsyncSession, _: None) -> Operation:
        return await _reversed(session, actor, await get_dataset(session, dataset_id, lock=True))

    return await settled(resources, account_id, begun, see, _check_beside, act)


async def _undo(
    session: AsyncSession, resources: Resources, dataset_id: UUID, check: Callable[[Dataset], None]
) -> Undo:
    dataset = await get_dataset(session, dataset_id)
    check(dataset)
    allow(dataset, {DatasetState.ACCEPTED})
    before, gone = await _replaced(session, dataset), await kept_case(session, resources, dataset, dataset)
    back = await kept_case(session, resources, before, dataset) if before else None
    return Undo(dataset, before, gone, back)


async def _check_beside(undo: Undo) -> None:
    """Rows of what comes back may stand in another dataset by now, so it is compared as a push is.

    People who are in another file besides are refused too, unless they were so with the undone one: nobody reads the
    report of an undo for warnings. Raises ReversalRefused.
    """
    if undo.back is None or undo.before is None:
        return
    report = _report(await compared(undo.back))
    twice = _in_two_files(report)
    if twice and undo.before.as_of == undo.dataset.as_of:
        twice -= _in_two_files(_report(await compared(undo.gone)))
    if report.refused or twice > 0:
        raise ReversalRefused(report.findings)


def _report(found: StoredFile | Report) -> Report:
    return found if isinstance(found, Report) else found.report


def _in_two_files(report: Report) -> int:
    return sum(each.row_count for each in report.findings if each.code == "person_in_two_files")


async def _reversed(session: AsyncSession, actor: Actor, dataset: Dataset) -> Operation:
    """On a locked account."""
    before, at = await _replaced(session, dataset), await history.instant(session)
    await history.end(session, dataset, DatasetState.REVERTED, at)
    await sources.taken_back(session, dataset)
    await events.append(session, actor, EventType.DATASET_REVERTED, ("dataset", dataset.id), state=dataset.state)
    operation = await operations.enqueue(session, OperationType.SCORE_COMPUTE, actor, ("dataset", dataset.id))
    dataset.operation_id = operation.id
    if before is not None:
        await refuse_beside_same(session, before)
        await _restore(session, actor, before, at)
        before.operation_id = operation.id
    await _key_of_the_newest(session)
    await session.flush()
    return operation


async def _replaced(session: AsyncSession, dataset: Dataset) -> Dataset | None:
    """The dataset whose place it took; None where there was none, or its deletion has begun."""
    replaced = (Dataset.id == dataset.supersedes, Dataset.superseded_by == dataset.id)
    stored = (Dataset.state == DatasetState.SUPERSEDED, Dataset.deleted_at.is_(None), Dataset.accepted_at.is_not(None))
    return await session.scalar(select(Dataset).where(*replaced, *stored).with_for_update())


async def _restore(session: AsyncSession, actor: Actor, before: Dataset, at: datetime) -> None:
    was, before.superseded_by = before.state, None
    await history.begin(session, before, at)
    subject = ("dataset", before.id)
    await events.append(session, actor, EventType.DATASET_ACCEPTED, subject, state=before.state, previous_state=was)


async def _key_of_the_newest(session: AsyncSession) -> None:
    """Undone is also the change to another key: the account has that of the newest dataset that counts, if any."""
    counts = (history.LIVE, Dataset.key_id.is_not(None))
    newest = select(Dataset.key_id).where(*counts).order_by(Dataset.accepted_at.desc()).limit(1)
    account: Account = await lock_account(session)
    account.employee_key_id = await latest_key_id(session, await session.scalar(newest)) or account.employee_key_id
