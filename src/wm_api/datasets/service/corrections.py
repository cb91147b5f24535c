"""Corrections of what counts: the undo of a commit."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts.models import Account
from wm_api.core.principal import Actor
from wm_api.core.problems import StateConflict
from wm_api.core.resources import Resources
from wm_api.datasets.errors import DuplicateContent, ReversalRefused
from wm_api.datasets.models import Dataset, DatasetState
from wm_api.datasets.service import comparisons, history, sources
from wm_api.datasets.service.datasets import lock_account
from wm_api.datasets.service.existing import refuse_second
from wm_api.datasets.service.key_links import latest_key_id
from wm_api.events import service as events
from wm_api.events.models import EventType
from wm_api.operations import service as operations
from wm_api.operations.models import Operation, OperationType
from wm_api.records.intake import Report
from wm_api.records.wire import facts_from

CLASH = "The same bytes count already as another dataset; undo that one first."


async def reverse(session: AsyncSession, resources: Resources, actor: Actor, dataset: Dataset) -> Operation:
    """The dataset stops counting, and the one whose place it took counts again, if it is still stored.

    An operation computes the days of both. On a dataset locked after its account, so that of two undos one wins.
    Raises StateConflict; DatasetExists, DuplicateContent where another took the name or bytes of what would come back,
    ReversalRefused where that breaks a rule beside what counts now.
    """
    if dataset.state != DatasetState.ACCEPTED:
        raise StateConflict(state=dataset.state, allowed=[DatasetState.ACCEPTED.value])
    before, at = await _replaced(session, dataset), await history.instant(session)
    await history.end(session, dataset, DatasetState.REVERTED, at)
    await sources.taken_back(session, dataset)
    await events.append(session, actor, EventType.DATASET_REVERTED, ("dataset", dataset.id), state=dataset.state)
    operation = await operations.enqueue(session, OperationType.SCORE_COMPUTE, actor, ("dataset", dataset.id))
    dataset.operation_id = operation.id
    if before is not None:
        await _check_free(session, before)
        await _check_beside(session, resources, before, dataset)
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


async def _check_free(session: AsyncSession, before: Dataset) -> None:
    """Raises DatasetExists, DuplicateContent where another has its name or bytes."""
    same = select(Dataset.id).where(history.LIVE, Dataset.sha256 == before.sha256)
    if (existing := await session.scalar(same)) is not None:
        raise DuplicateContent(CLASH, existing=str(existing))
    if before.external_ref is not None:
        await refuse_second(session, facts_from(before.facts), before.external_ref, [DatasetState.ACCEPTED])


async def _check_beside(session: AsyncSession, resources: Resources, before: Dataset, undone: Dataset) -> None:
    """Its rows may stand in another dataset by now, so it is compared as a push is.

    People who are in another file besides are refused too, unless they were so with the undone one: nobody reads the
    report of an undo for warnings. Raises ReversalRefused.
    """
    report = await comparisons.kept_compared(session, resources, before)
    twice = _in_two_files(report)
    if twice and before.as_of == undone.as_of:
        twice -= _in_two_files(await comparisons.kept_compared(session, resources, undone))
    if report.refused or twice > 0:
        raise ReversalRefused(report.findings)


def _in_two_files(report: Report) -> int:
    return sum(each.row_count for each in report.findings if each.code == "person_in_two_files")


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
