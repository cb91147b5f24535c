"""What a day rests on, and to which days a dataset belongs (decisions 33 and 42)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.datasets.models import Dataset
from wm_api.datasets.service.history import LIVE, counting
from wm_api.datasets.states import FIGURED, SETTLED
from wm_api.records.facts import Facts
from wm_api.records.wire import facts_from

BENEFITS = ("benefit_plans", "benefit_enrolments")
LEAVERS = "termination_date"
SUPPORTED = select(Dataset.as_of).where(
    Dataset.kind == "workforce",
    Dataset.state.in_(FIGURED),
    Dataset.deleted_at.is_(None),
)
"""Days that have a workforce dataset of their own."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The latest workforce as of a day, payroll inside its window, the latest plans and enrolments; and where the
    workforce does not say who left, that of the day before it in the same series (`previous`).
    """

    facts: Facts
    workforce: Sequence[Dataset]
    payroll: Sequence[Dataset] = ()
    previous: Sequence[Dataset] = ()
    plans: Sequence[Dataset] = ()
    enrolments: Sequence[Dataset] = ()

    @property
    def day(self) -> date:
        return self.facts.reference_day

    @property
    def datasets(self) -> list[Dataset]:
        rows = chain(self.workforce, self.payroll, self.previous, self.plans, self.enrolments)
        return sorted(rows, key=lambda dataset: str(dataset.id))

    @property
    def declared_headcount(self) -> int | None:
        """The account's own count over all files of the day; None where one of them gives none."""
        declared = [row.facts.get("declared_headcount") for row in self.workforce]
        given = [count for count in declared if count is not None]
        return sum(given) if given and len(given) == len(declared) else None

    @property
    def quarantined_share(self) -> float:
        """Of the rows of each kind those that were set aside when they came; of the worst kind."""
        return max(map(_set_aside, (self.workforce, self.payroll, self.plans, self.enrolments)))

    @property
    def below_legal_minimum(self) -> bool:
        """Whether the report of a workforce file names people who are paid less."""
        found = chain.from_iterable((row.report or {}).get("findings", ()) for row in self.workforce)
        return any(each["code"] == "below_legal_minimum" for each in found)

    def same(self, other: "Sources") -> bool:
        return [each.id for each in self.datasets] == [each.id for each in other.datasets]


def _set_aside(datasets: Sequence[Dataset]) -> float:
    reports = [row.report or {} for row in datasets]
    rows = sum(each.get("rows", 0) for each in reports)
    return sum(each.get("quarantined", 0) for each in reports) / rows if rows else 0.0


@dataclass(frozen=True, slots=True)
class WorkforceDay:
    """What decides between which days people may be compared: key and perimeter of each file, and who left, if said."""

    series: frozenset[tuple[str | None, str | None]]
    snapshot: bool


def previous_day(days: Mapping[date, WorkforceDay], day: date) -> date | None:
    """The latest day before with the same key and perimeter, for a snapshot that has one of each."""
    mine = days[day]
    if not mine.snapshot or len(mine.series) != 1:
        return None
    return max((each for each in days if each < day and days[each].series == mine.series), default=None)


Counts = ColumnElement[bool]


def _counting(kind: str, counts: Counts = LIVE) -> Select[Dataset]:
    return select(Dataset).where(counts, Dataset.kind == kind).order_by(Dataset.id)


async def sources_of(session: AsyncSession, day: date, known_at: datetime | None = None) -> Sources | None:
    """Decision 33: of each kind all that counts on the latest day not after this one, and payroll in its window.

    With `known_at` all that counted at that instant.
    """
    counts = counting(known_at)
    workforce = await _latest(session, "workforce", day, counts)
    if not workforce:
        return None
    facts = facts_from(workforce[-1].facts)
    start, end = facts.window()
    inside = (Dataset.period_end >= start, Dataset.period_start <= end)
    payroll = (await session.scalars(_counting("payroll", counts).where(*inside))).all()
    plans, enrolments = [await _latest(session, kind, facts.reference_day, counts) for kind in BENEFITS]
    return Sources(facts, workforce, payroll, await _previous(session, workforce, counts), plans, enrolments)


async def _latest(session: AsyncSession, kind: str, day: date, counts: Counts) -> Sequence[Dataset]:
    """All that count on the latest day of the kind that is not after the day."""
    latest = select(func.max(Dataset.as_of)).where(counts, Dataset.kind == kind, Dataset.as_of <= day)
    return (await session.scalars(_counting(kind, counts).where(Dataset.as_of == latest.scalar_subquery()))).all()


async def _previous(session: AsyncSession, workforce: Sequence[Dataset], counts: Counts) -> Sequence[Dataset]:
    day = workforce[-1].as_of
    if day is None or any(LEAVERS in (row.report or {}).get("columns", (LEAVERS,)) for row in workforce):
        return ()
    before = previous_day(await _workforce_days(session, counts), day)
    return await _latest(session, "workforce", before, counts) if before else ()


async def _workforce_days(session: AsyncSession, counts: Counts = LIVE) -> dict[date, WorkforceDay]:
    """The days with a workforce that counts, in order."""
    perimeter = Dataset.facts["perimeter"].astext
    tells = func.coalesce(Dataset.report["columns"].contains([LEAVERS]), True)
    found: dict[date, list[Any]] = {}
    rows = select(Dataset.as_of, Dataset.key_id, perimeter, tells).where(counts, Dataset.kind == "workforce")
    for as_of, *said in await session.execute(rows.order_by(Dataset.as_of)):
        found.setdefault(as_of, []).append(said)
    return {
        day: WorkforceDay(frozenset((key, part) for key, part, _ in files), not any(told for *_, told in files))
        for day, files in found.items()
    }


async def days_of(session: AsyncSession, dataset: Dataset) -> set[date]:
    """The days whose figures rest on a dataset, or on there being none in its place.

    Of a workforce its own and every later snapshot that it may be compared with; of benefits those from its day to the
    next file of the kind; of payroll those whose window its period meets.
    """
    if dataset.kind == "payroll":
        return await _windows_met(session, dataset)
    if dataset.as_of is None:
        return set()
    days = await _workforce_days(session)
    if dataset.kind == "workforce":
        return {dataset.as_of, *_compared(days, dataset.as_of)}
    newer = select(func.min(Dataset.as_of)).where(LIVE, Dataset.kind == dataset.kind, Dataset.as_of > dataset.as_of)
    until = await session.scalar(newer) or date.max
    return {day for day in days if dataset.as_of <= day < until}


def _compared(days: Mapping[date, WorkforceDay], changed: date) -> set[date]:
    """Later snapshots without a day to compare with that lies after the one that changed."""
    later = {day: previous_day(days, day) for day in days if day > changed and days[day].snapshot}
    return {day for day, before in later.items() if before is None or before <= changed}


async def restored_days(session: AsyncSession, gone: Dataset) -> set[date]:
    """The days of the dataset that counts again in the place of one that is deleted, which may end its computation."""
    if gone.accepted_at is None:
        return set()
    restored = await session.scalar(select(Dataset).where(LIVE, Dataset.id == gone.supersedes))
    return await days_of(session, restored) if restored is not None else set()


async def _windows_met(session: AsyncSession, dataset: Dataset) -> set[date]:
    if dataset.period_start is None or dataset.period_end is None:
        return set()
    rows = await session.scalars(_counting("workforce"))
    windows = {facts.reference_day: facts.window() for facts in (facts_from(row.facts) for row in rows)}
    first, last = dataset.period_start, dataset.period_end
    return {day for day, (start, end) in windows.items() if last >= start and first <= end}


async def sources_among(session: AsyncSession, day: date, ids: Sequence[UUID]) -> Sources:
    """The sources of a day that rested on these datasets, whether or not they count still."""
    rows = (await session.scalars(select(Dataset).where(Dataset.id.in_(ids)).order_by(Dataset.id))).all()
    people = [row for row in rows if row.kind == "workforce"]
    workforce = [row for row in people if row.as_of == day]
    payroll, plans, enrolments = ([row for row in rows if row.kind == kind] for kind in ("payroll", *BENEFITS))
    previous = [row for row in people if row.as_of != day]
    return Sources(facts_from(workforce[-1].facts), workforce, payroll, previous, plans, enrolments)


async def sources_by_day(session: AsyncSession, dataset_id: UUID) -> dict[date, Sources]:
    """By day; none when the dataset was replaced or is deleted: then another operation sees to its days."""
    dataset = (await session.scalars(select(Dataset).where(Dataset.id == dataset_id))).one()
    if dataset.state not in SETTLED:
        return {}
    days = await days_of(session, dataset)
    if dataset.supersedes is not None:
        replaced = await session.scalar(select(Dataset).where(Dataset.id == dataset.supersedes))
        days |= await days_of(session, replaced) if replaced else set()
    found = {day: await sources_of(session, day) for day in days}
    return {day: sources for day, sources in found.items() if sources is not None and sources.day == day}
