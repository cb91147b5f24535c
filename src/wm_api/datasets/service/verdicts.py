"""A checked file beside what counts: taken as it is, without rows that its sender lets be set aside, or not at all."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from uuid import UUID

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core.ids import new_id
from wm_api.core.resources import Resources
from wm_api.datasets.models import Dataset
from wm_api.datasets.service import comparisons, files
from wm_api.datasets.service.cases import Case
from wm_api.datasets.service.comparisons import OF_OTHERS
from wm_api.datasets.service.files import StoredFile
from wm_api.datasets.service.others import others_of
from wm_api.datasets.service.pushes import Push, push_of
from wm_api.records.columns import Finding, Severity, finding
from wm_api.records.drift_rules import DRIFT
from wm_api.records.facts import Expectations
from wm_api.records.intake import Report
from wm_api.records.looks import MOST_LOOKS, SetAside
from wm_api.records.rechecks import Recheck
from wm_api.records.repeats import REVERSES
from wm_api.records.wire import report_from


async def case_of(session: AsyncSession, resources: Resources, push: Push, stored: StoredFile, object_id: UUID) -> Case:
    """A checked file beside what counts now."""
    others = await others_of(session, push)
    return Case(resources, session.info["account_id"], push, stored, object_id, others)


async def kept_case(
    session: AsyncSession, resources: Resources, dataset: Dataset, undone: Dataset | None = None
) -> Case:
    """A dataset that is to count beside what counts now; or again, without the one that is undone. Drift is agreed to.

    What counted before comes back as it was or not at all: scores pin it.
    """
    kept, push = dataset.report or {}, push_of(dataset)
    push = replace(push, said=replace(push.said, accept_drift=True))
    if undone is not None:
        facts = replace(push.facts, expectations=Expectations())
        push = replace(push, said=replace(push.said, facts=facts))
    report = report_from(kept)
    found = tuple(each for each in report.findings if each.code in OF_OTHERS or each.code in DRIFT)
    keys = replace(report, key_ids=(dataset.key_id,) if dataset.key_id else ())  # under which its rows are stored
    beside_then = frozenset(UUID(each) for each in kept["beside"]) if "beside" in kept else None
    stored = StoredFile(keys, dataset.snapshot_sha256 or "", found, beside_then)
    others = await others_of(session, push, undone)
    return Case(resources, dataset.account_id, push, stored, dataset.stored_id, others)


async def compared(case: Case) -> StoredFile | Report:
    """The file with all that was found, and with what it was compared; or the report of a refusal.

    As it is where it was compared with just these datasets before. Where rows were set aside it is stored anew, under
    a name of its own; what came stays, for another comparison.
    """
    if case.stored.beside == case.ids:
        return case.stored
    case, set_aside, found = await _sifted(case)
    own = [each for each in case.stored.report.findings if each not in case.stored.found and not _left_open(each)]
    stored = replace(case.stored, report=replace(case.stored.report, findings=(*own, *set_aside)), found=found)
    if _refused(found):
        return _refusal(replace(stored.report, findings=(*stored.report.findings, *found)))
    left = await _left(case, stored) if set_aside else stored
    if isinstance(left, Report):
        return left
    report = replace(left.report, findings=(*left.report.findings, *found))
    return replace(left, report=report, beside=case.ids)


class Forms:
    """Under which a file was stored: as it came, and anew where rows of it were set aside; one is kept in the end."""

    def __init__(self, resources: Resources, account_id: UUID, *object_ids: UUID) -> None:
        self._resources, self._account_id, self.ids = resources, account_id, list(object_ids)

    async def compared(self, case: Case) -> StoredFile | Report:
        found = await compared(case)
        if isinstance(found, StoredFile) and found.object_id is not None:
            self.ids.append(found.object_id)
        return found

    async def keep(self, kept: UUID | None) -> None:
        """Of all others neither key nor bytes are left."""
        for object_id in self.ids:
            if object_id != kept:
                await files.forget(self._resources, self._account_id, object_id)


async def _sifted(case: Case) -> tuple[Case, tuple[Finding, ...], tuple[Finding, ...]]:
    """The file without the rows that can be set aside, with what set them aside; and what is found of the others.

    Without them others may be found, as a run whose reversal is reversed: compared again until nothing more is.
    """
    set_aside: tuple[Finding, ...] = ()
    for _ in range(MOST_LOOKS):
        found = await comparisons.compare(case)
        bad = [each for each in found if each.severity is Severity.QUARANTINE]
        if not bad or any(each.severity is Severity.REFUSE for each in found):
            break
        if (ceiling := case.push.facts.expectations.quarantine_ceiling) == 0:
            break
        rows = pl.concat(each.every_row for each in bad if each.every_row is not None)
        aside = SetAside(case.aside.with_more(rows))
        if len(aside) + case.stored.report.quarantined > ceiling * case.stored.report.rows:
            return case, set_aside, (*found, finding("too_many_bad_rows"))
        case, set_aside = replace(case, aside=aside), (*set_aside, *bad)
    return case, set_aside, found


async def _left(case: Case, stored: StoredFile) -> StoredFile | Report:
    """What is left, stored anew and checked as a whole; or the report of a refusal, after which nothing is left."""
    recheck, object_id = Recheck(case.push.facts), new_id()

    async def rows() -> AsyncIterator[pl.DataFrame]:
        async for frame in case.own():
            if frame.height:
                left = frame.drop("row")
                await asyncio.to_thread(recheck.add, left)
                yield left

    snapshot = await files.store(case.resources, case.account_id, object_id, rows())
    report = await asyncio.to_thread(recheck.left_of, stored.report, len(case.aside))
    report = replace(report, findings=tuple(each for each in report.findings if not _left_open(each)))
    if report.refused:
        await files.forget(case.resources, case.account_id, object_id)
        return _refusal(report)
    return replace(stored, report=report, snapshot_sha256=snapshot, object_id=object_id)


def _left_open(found: Finding) -> bool:
    """By the file's own check: the run that is reversed may be in another file."""
    return (found.code, found.column, found.severity) == ("negative_pay_unmatched", REVERSES, Severity.WARN)


def _refused(found: Sequence[Finding]) -> bool:
    return any(each.severity is not Severity.WARN for each in found)


def _refusal(report: Report) -> Report:
    """Its totals are told where they are not what the sender expects."""
    differ = any(each.code == "totals_differ" for each in report.findings)
    totals = report.totals if differ else ()
    return replace(report, outcome="refused", employees=0, key_ids=(), totals=totals)
