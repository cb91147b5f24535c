"""A checked file beside the account's other datasets: what no file can show alone (domain.md 2).

Rows are compared by hashes of what is stored, segment by segment: memory grows neither with the file nor with the past.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import takewhile
from uuid import UUID

import polars as pl
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.models import Dataset, DatasetState
from wm_api.datasets.service.files import StoredFile, open_records
from wm_api.datasets.service.pushes import Push
from wm_api.records.columns import Finding, Severity, finding
from wm_api.records.facts import Facts
from wm_api.records.hashes import Hashes, hashed
from wm_api.records.intake import Report

STALE_SHARE = 0.98


@dataclass(frozen=True, slots=True)
class Others:
    """The current datasets that a push is compared with, but for the one that it replaces."""

    before: tuple[Dataset, ...] = ()
    """Of the same kind and the last day before its own; of payroll the last period that ended before it."""

    @property
    def ids(self) -> frozenset[UUID]:
        return frozenset(each.id for each in self.before)


async def others_of(session: AsyncSession, push: Push) -> Others:
    """Of what counts now; one query, and nothing more where nothing came before."""
    facts, day = push.facts, func.coalesce(Dataset.as_of, Dataset.period_end)
    current = (Dataset.state == DatasetState.ACCEPTED, Dataset.deleted_at.is_(None), Dataset.kind == facts.kind)
    kept = select(Dataset).where(*current, Dataset.id.is_distinct_from(push.said.supersedes))
    earlier = kept.where(day < (facts.as_of or facts.period_start)).order_by(day.desc(), Dataset.id)
    rows = (await session.scalars(earlier)).all()
    return Others(before=tuple(takewhile(lambda row: day_of(row) == day_of(rows[0]), rows)))


def day_of(dataset: Dataset) -> date | None:
    return dataset.as_of or dataset.period_end


async def compared(
    resources: Resources, account_id: UUID, push: Push, stored: StoredFile, object_id: UUID
) -> StoredFile | Report:
    """The file with all that was found, and with what it was compared; or the report of a refusal.

    The caller forgets what was refused, and asks again under the account's lock, where nothing moves any more.
    """
    async with transaction(resources, account_id) as session:
        others = await others_of(session, push)
    return await _beside(resources, account_id, push, stored, object_id, others)


async def still(session: AsyncSession, push: Push, stored: StoredFile) -> bool:
    """Whether the file was compared with what counts now. Whoever asks has locked the account."""
    return stored.beside == (await others_of(session, push)).ids


async def compared_again(
    session: AsyncSession, resources: Resources, push: Push, stored: StoredFile, object_id: UUID
) -> StoredFile | Report:
    """As it is where that still holds, else compared with what counts now. Whoever asks has locked the account."""
    others = await others_of(session, push)
    if stored.beside == others.ids:
        return stored
    return await _beside(resources, session.info["account_id"], push, stored, object_id, others)


async def _beside(
    resources: Resources, account_id: UUID, push: Push, stored: StoredFile, object_id: UUID, others: Others
) -> StoredFile | Report:
    found = await compare(resources, account_id, push, stored, object_id, others)
    own = [each for each in stored.report.findings if each not in stored.found]
    report = replace(stored.report, findings=(*own, *found))
    if any(each.severity is not Severity.WARN for each in found):
        return replace(report, outcome="refused", employees=0, key_ids=(), totals=())
    return replace(stored, report=report, found=found, beside=others.ids)


async def compare(
    resources: Resources, account_id: UUID, push: Push, stored: StoredFile, object_id: UUID, others: Others
) -> tuple[Finding, ...]:
    """What the account's other datasets show of a file; nothing is read where there are none."""
    found: list[Finding] = []
    if not others.before:
        return ()
    if push.facts.kind == "payroll":
        found += gap(push.facts, day_of(others.before[0]))
    elif await _is_stale(resources, account_id, stored, object_id, others.before):
        found.append(finding("stale_copy"))
    return tuple(found)


def gap(facts: Facts, last: date | None) -> list[Finding]:
    """Days without payroll between the last period and this one."""
    missing = facts.period_start and last and facts.period_start - last > timedelta(days=1)
    return [finding("payroll_gap", "period_start")] if missing else []


async def _is_stale(
    resources: Resources, account_id: UUID, stored: StoredFile, object_id: UUID, before: Sequence[Dataset]
) -> bool:
    """Whether nearly all rows are those of the last day; another column tells something new."""
    alike = [other for other in before if (other.report or {}).get("columns") == list(stored.report.columns)]
    known, rows, equal = Hashes(), 0, 0
    for other in alike:
        async for frame in open_records(resources, account_id, other.stored_id):
            known.add(await asyncio.to_thread(hashed, frame))
    if not alike:
        return False
    async for frame in open_records(resources, account_id, object_id):
        rows += frame.height
        equal += await asyncio.to_thread(_equal, known, frame)
    return equal >= STALE_SHARE * rows


def _equal(known: Hashes, frame: pl.DataFrame) -> int:
    return int(known.holds(hashed(frame)).sum())
