"""A push that amends: its rows replace those of the same natural key, or are added; the result supersedes the old."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from uuid import UUID

import polars as pl
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core.ids import new_id
from wm_api.core.keystore import KeyGone
from wm_api.core.problems import NotFound
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.errors import AmendmentMismatch, EmployeeKeyChanged, SupersedeConflict
from wm_api.datasets.models import Dataset, DatasetState
from wm_api.datasets.service import files
from wm_api.datasets.service.files import StoredFile
from wm_api.datasets.service.pushes import Said
from wm_api.records.amendments import Amendment, differing
from wm_api.records.facts import Facts
from wm_api.records.intake import Report
from wm_api.records.wire import facts_from, report_from

Check = Callable[[UUID, Facts], Awaitable[StoredFile | Report]]


async def resolved(session: AsyncSession, said: Said) -> Said:
    """With the name of the dataset that is amended, where the push gives none. Raises NotFound, AmendmentMismatch."""
    if said.amends is None:
        return said
    old = await session.scalar(select(Dataset).where(Dataset.id == said.amends))
    if old is None:
        raise NotFound
    if facts_from(old.facts) != said.facts:
        raise AmendmentMismatch(existing=str(old.id))
    return replace(said, external_ref=said.external_ref or old.external_ref)


async def checked(
    resources: Resources, account_id: UUID, object_id: UUID, said: Said, check: Check
) -> StoredFile | Report:
    """A pushed file, checked and stored under this id; one that amends is merged with what it amends.

    Raises what `merged` raises; then, and after a refusal, neither key nor bytes are left.
    """
    if said.amends is None:
        return await check(object_id, said.facts)
    part_id = new_id()
    part = await check(part_id, replace(said.facts, declared_headcount=None))  # that is of the whole
    if isinstance(part, Report):
        return part
    try:
        return await merged(resources, account_id, object_id, said, part, part_id)
    finally:
        await files.forget(resources, account_id, part_id)


async def merged(
    resources: Resources, account_id: UUID, object_id: UUID, said: Said, part: StoredFile, part_id: UUID
) -> StoredFile | Report:
    """Segment by segment, so that memory grows with the keys of the amending rows alone.

    Raises SupersedeConflict where the old one does not count any more, EmployeeKeyChanged.
    """
    old = await _counting(resources, account_id, said)
    before = report_from(old.report or {})
    if found := differing(before, part.report):
        return _refused(part.report, findings=tuple(found))
    if part.first_key_id != old.key_id:
        raise EmployeeKeyChanged
    amendment = Amendment(said.facts, before)
    try:
        rows = _rows(resources, account_id, amendment, old.stored_id, part_id)
        snapshot = await files.store(resources, account_id, object_id, rows)
    except (KeyGone, FileNotFoundError) as error:  # it was deleted meanwhile
        raise SupersedeConflict(existing=str(old.id)) from error
    report = await asyncio.to_thread(amendment.report, part.report)
    if report.refused:
        await files.forget(resources, account_id, object_id)
        return _refused(report)
    return StoredFile(report, snapshot, links=part.links)


async def _counting(resources: Resources, account_id: UUID, said: Said) -> Dataset:
    async with transaction(resources, account_id) as session:
        old = await session.scalar(select(Dataset).where(Dataset.id == said.amends))
    if old is None:
        raise NotFound
    if old.state != DatasetState.ACCEPTED or old.deleted_at is not None:
        raise SupersedeConflict(existing=str(old.superseded_by or old.id))
    return old


def _refused(report: Report, **changes: object) -> Report:
    return replace(report, outcome="refused", employees=0, key_ids=(), totals=(), **changes)  # type: ignore[arg-type]


async def _rows(
    resources: Resources, account_id: UUID, amendment: Amendment, old_id: UUID, part_id: UUID
) -> AsyncIterator[pl.DataFrame]:
    """Those of the old dataset that stay, then all that amend; each part is checked as it passes."""
    async for frame in files.open_records(resources, account_id, part_id):
        await asyncio.to_thread(amendment.note, frame)
    async for frame in files.open_records(resources, account_id, old_id):
        kept = await asyncio.to_thread(amendment.kept, frame)
        if kept.height:
            await asyncio.to_thread(amendment.check, kept)
            yield kept
    async for frame in files.open_records(resources, account_id, part_id):
        await asyncio.to_thread(amendment.check, frame)
        yield frame
