"""What a day rests on, and to which days a dataset belongs (decisions 33 and 42)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, case, func, select
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
    def perimeter(self) -> str | None:
        """`partial` where one file of people says so."""
        told = {row.facts.get("perimeter") for row in self.workforce}
        return "partial" if "partial" in told else next(iter(told), None)

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


Counted = Row[Any]
"""What decides on which days the figures of a dataset that counts rest: never its report."""
Chosen = Mapping[str, Sequence[Counted]]


async def _counted(session: AsyncSession, counts: ColumnElement[bool] = LIVE) -> Sequence[Counted]:
    """Of all that counts, one question to the database."""
    perimeter = Dataset.facts["perimeter"].astext.label("perimeter")
    told = func.coalesce(Dataset.report["columns"].contains([LEAVERS]), True)
    tells = case((Dataset.kind == "workforce", told), else_=True).label("tells_leavers")
    dated = (Dataset.id, Dataset.kind, Dataset.as_of, Dataset.period_start, Dataset.period_end)
    rows = select(*dated, Dataset.facts, Dataset.key_id, perimeter, tells).where(counts)
    return (await session.execute(rows.order_by(Dataset.as_of, Dataset.id))).all()


def workforce_days(counted: Iterable[Counted]) -> dict[date, WorkforceDay]:
    """The days with a workforce that counts, in order."""
    found: dict[date, list[Counted]] = {}
    for row in counted:
        if row.kind == "workforce":
            found.setdefault(row.as_of, []).append(row)
    return {
        day: WorkforceDay(
            frozenset((row.key_id, row.perimeter) for row in files), not any(row.tells_leavers for row in files)
        )
        for day, files in found.items()
    }


async def people_on(session: AsyncSession) -> dict[date, WorkforceDay]:
    """The days with a workforce that counts now."""
    return workforce_days(await _counted(session))


async def sources_of(session: AsyncSession, day: date, known_at: datetime | None = None) -> Sources | None:
    """Decision 33: of each kind all that counts on the latest day not after this one, and payroll in its window.

    With `known_at` all that counted at that instant.
    """
    return (await sources_on(session, [day], known_at)).get(day)


async def sources_on(
    session: AsyncSession, days: Collection[date], known_at: datetime | None = None
) -> dict[date, Sources]:
    """`sources_of` days, those that have none left out: two questions to the database, however many days."""
    counted = await _counted(session, counting(known_at))
    people = workforce_days(counted)
    chosen = {day: found for day in days if (found := _chosen(counted, people, day)) is not None}
    ids = {row.id for found in chosen.values() for part in found.values() for row in part}
    rows = {row.id: row for row in await session.scalars(select(Dataset).where(Dataset.id.in_(ids)))}
    return {
        day: Sources(
            facts_from(found["workforce"][-1].facts),
            **{name: [rows[row.id] for row in part] for name, part in found.items()},
        )
        for day, found in chosen.items()
    }


def _chosen(counted: Sequence[Counted], people: Mapping[date, WorkforceDay], day: date) -> Chosen | None:
    """By the names of `Sources`."""
    workforce = _latest(counted, "workforce", day)
    if not workforce:
        return None
    facts = facts_from(workforce[-1].facts)
    start, end = facts.window()
    inside = [row for row in counted if row.kind == "payroll" and row.period_end >= start and row.period_start <= end]
    before = previous_day(people, workforce[-1].as_of)
    previous = _latest(counted, "workforce", before) if before else ()
    plans, enrolments = (_latest(counted, kind, facts.reference_day) for kind in BENEFITS)
    parts = {"workforce": workforce, "payroll": inside, "previous": previous}
    return parts | {"plans": plans, "enrolments": enrolments}


def _latest(counted: Sequence[Counted], kind: str, day: date) -> Sequence[Counted]:
    """All that count on the latest day of the kind that is not after the day."""
    of_kind = [row for row in counted if row.kind == kind and row.as_of <= day]
    latest = max((row.as_of for row in of_kind), default=None)
    return [row for row in of_kind if row.as_of == latest]


async def days_of(session: AsyncSession, dataset: Dataset) -> set[date]:
    """The days whose figures rest on a dataset, or on there being none in its place.

    Of a workforce its own and every later snapshot that it may be compared with; of benefits those from its day to the
    next file of the kind; of payroll those whose window its period meets.
    """
    counted = await _counted(session)
    if dataset.kind == "payroll":
        return _windows_met(counted, dataset)
    if dataset.as_of is None:
        return set()
    days = workforce_days(counted)
    if dataset.kind == "workforce":
        return {dataset.as_of, *_compared(days, dataset.as_of)}
    newer = (row.as_of for row in counted if row.kind == dataset.kind and row.as_of > dataset.as_of)
    until = min(newer, default=date.max)
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


def _windows_met(counted: Iterable[Counted], dataset: Dataset) -> set[date]:
    if dataset.period_start is None or dataset.period_end is None:
        return set()
    people = (facts_from(row.facts) for row in counted if row.kind == "workforce")
    windows = {facts.reference_day: facts.window() for facts in people}
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
    found = await sources_on(session, days)
    return {day: sources for day, sources in found.items() if sources.day == day}
