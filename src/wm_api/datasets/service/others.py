"""With which of the account's current datasets a pushed file is compared: one query."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only

from wm_api.accounts.models import Account
from wm_api.datasets.models import Dataset
from wm_api.datasets.service.drift import LastSent, last_sent
from wm_api.datasets.service.history import LIVE
from wm_api.datasets.service.pushes import Push
from wm_api.editions import service as editions
from wm_api.records.facts import Facts
from wm_api.records.legal_minimum import LegalMinimum
from wm_api.records.paid_hours import TWELVE_WEEKS
from wm_api.records.wire import facts_from
from wm_api.references.tables import legal_minima

Datasets = tuple[Dataset, ...]
DATED = (Dataset.kind, Dataset.as_of, Dataset.period_start, Dataset.period_end)
LOOKED_AT = (*DATED, Dataset.facts, Dataset.key_id, Dataset.object_id, Dataset.sha256, Dataset.amends)


@dataclass(frozen=True, slots=True)
class Others:
    """What a push is compared with; never the dataset that it replaces."""

    before: Datasets = ()
    """Of the same kind and the last day before its own; of payroll the last period that ended before it."""
    beside: Datasets = ()
    """Of the same kind and day; of payroll all whose periods meet its own."""
    workforce: Datasets = ()
    """Of payroll: the last workforce whose window meets the period. Of enrolments: the last, else the next."""
    payroll: Datasets = ()
    """Of a workforce: the last period that ended within its window."""
    plans: Datasets = ()
    """Of enrolments: the last list of plans, else the next."""
    recent: Datasets = ()
    """Of payroll: all that ended before its own, in the twelve weeks up to the end of its period."""
    home: str = ""
    """The account's own place of work: its region, else its country."""
    minima: tuple[LegalMinimum, ...] = ()
    """Legal minima of pay, of the newest edition."""
    copies: Datasets = ()
    """Of the same kind and the same bytes: they are of another day, else the push would be that dataset."""
    last_sent: LastSent | None = None
    """What the source of the push sent last, and by which mapping; also where that is the dataset that it replaces."""

    @property
    def ids(self) -> frozenset[UUID]:
        datasets = (self.before, self.recent, self.beside, self.workforce, self.payroll, self.plans, self.copies)
        sent = self.last_sent.dataset_id if self.last_sent else None
        return frozenset((*(each.id for each in chain(*datasets)), *([sent] if sent else [])))


async def others_of(session: AsyncSession, push: Push, undone: Dataset | None = None) -> Others:
    """Of what counts now, and would without the one that is undone. What comes back by an undo never drifted."""
    sent = None if undone else await last_sent(session, push)
    left_out = [each for each in (push.said.supersedes, undone and undone.id) if each]
    kept = select(Dataset).where(LIVE, Dataset.id.not_in(left_out))
    rows = (await session.scalars(kept.options(load_only(*LOOKED_AT)).order_by(Dataset.id))).all()
    own = select(func.coalesce(Account.region, Account.country)).where(Account.id == session.info["account_id"])
    home, minima = await session.scalar(own) or "", await _legal_minima(session)
    copies = _copies(push, rows)
    return replace(chosen(push.facts, rows), copies=copies, last_sent=sent, home=home, minima=minima)


async def _legal_minima(session: AsyncSession) -> tuple[LegalMinimum, ...]:
    loaded = await editions.chosen(session, ["legal_minimum"])
    return tuple(minimum for each in loaded.values() for minimum in legal_minima(each.table))


def chosen(facts: Facts, rows: Sequence[Dataset]) -> Others:
    own, workforce, plans = (_of(rows, kind) for kind in (facts.kind, "workforce", "benefit_plans"))
    if facts.kind == "payroll":
        start, end = facts.period_start or date.max, facts.reference_day
        return Others(
            before=_last(own, lambda row: day_of(row) < start),
            recent=tuple(row for row in own if end - TWELVE_WEEKS < day_of(row) < start),
            beside=tuple(row for row in own if (row.period_start or date.max) <= end and day_of(row) >= start),
            workforce=_last(workforce, lambda row: _meets(facts_from(row.facts), start, end)),
        )
    before = _last(own, lambda row: day_of(row) < facts.reference_day)
    beside = tuple(row for row in own if row.as_of == facts.as_of)
    if facts.kind == "workforce":
        start, end = facts.window()
        return Others(before, beside, payroll=_last(_of(rows, "payroll"), lambda row: start <= day_of(row) <= end))
    if facts.kind == "benefit_enrolments":
        day = facts.reference_day
        return Others(before, beside, workforce=_nearest(workforce, day), plans=_nearest(plans, day))
    return Others(before, beside)


def day_of(dataset: Dataset) -> date:
    return dataset.as_of or dataset.period_end or date.min


def _copies(push: Push, rows: Iterable[Dataset]) -> Datasets:
    """Of an amendment the bytes are but a part."""
    whole = push.said.amends is None
    same = (row for row in _of(rows, push.facts.kind) if row.sha256 == push.sha256 and row.amends is None)
    return tuple(same) if whole else ()


def _of(rows: Iterable[Dataset], kind: str) -> Datasets:
    return tuple(row for row in rows if row.kind == kind)


def _last(rows: Datasets, fits: Callable[[Dataset], bool]) -> Datasets:
    """All of the last day among those that fit."""
    fitting = [row for row in rows if fits(row)]
    last = max(map(day_of, fitting), default=None)
    return tuple(row for row in fitting if day_of(row) == last)


def _nearest(rows: Datasets, day: date) -> Datasets:
    """The last not after the day, else the next."""
    if last := _last(rows, lambda row: day_of(row) <= day):
        return last
    following = min(map(day_of, rows), default=None)
    return tuple(row for row in rows if day_of(row) == following)


def _meets(facts: Facts, start: date, end: date) -> bool:
    first, last = facts.window()
    return last >= start and first <= end
