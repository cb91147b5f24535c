"""What counts now, and what is missing: datasets by day, holes, overlaps, and when each source is due."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core import clock
from wm_api.core.paging import Paging
from wm_api.datasets.calendar import Cadence, Covered, Entry, gaps, missed, not_between, overlaps
from wm_api.datasets.models import Dataset, Source
from wm_api.datasets.service.history import LIVE
from wm_api.datasets.service.sources import Standing, standings, watched_from
from wm_api.records.kinds import KINDS
from wm_api.records.wire import facts_from

Days = tuple[date | None, date | None]


@dataclass(frozen=True, slots=True)
class Coverage:
    """`covered` and `standings` are of the kinds asked for, `entries` also of the days."""

    kinds: Sequence[str]
    covered: Sequence[Covered]
    standings: Sequence[Standing]
    entries: Sequence[Entry]
    next_cursor: str | None


async def coverage(session: AsyncSession, kind: str | None, days: Days, page: Paging) -> Coverage:
    """Read whole and cut into pages here: what is missing is in no row."""
    kinds = (kind,) if kind else tuple(KINDS)
    covered = await _covered(session, kinds)
    sources = (await session.scalars(select(Source).where(Source.kind.in_(kinds)).order_by(Source.name))).all()
    due = await standings(session, sources)
    windows = await _windows(session) if "payroll" in kinds else []
    found = [*_datasets(covered), *_between(covered, windows), *_overlapping(covered), *_expected(covered, due)]
    entries, next_cursor = _page_of([each for each in found if each.touches(*days)], page, session)
    return Coverage(kinds, covered, due, entries, next_cursor)


async def _covered(session: AsyncSession, kinds: Sequence[str]) -> list[Covered]:
    last = func.coalesce(Dataset.as_of, Dataset.period_end)
    columns = (Dataset.id, Dataset.kind, func.coalesce(Dataset.period_start, last), last, Dataset.source_id)
    counting = select(*columns).where(LIVE, Dataset.kind.in_(kinds))
    return [Covered(*row) for row in await session.execute(counting)]


async def _windows(session: AsyncSession) -> list[tuple[date, date]]:
    """What the workforce datasets report on: payroll is needed inside of it."""
    counting = select(Dataset.facts).where(LIVE, Dataset.kind == "workforce")
    return [facts_from(facts).window() for facts in await session.scalars(counting)]


def _datasets(covered: Sequence[Covered]) -> Iterator[Entry]:
    for each in covered:
        days = (each.first_day, each.last_day)
        yield Entry("dataset", each.kind, *days, source_id=each.source_id, dataset_ids=(each.dataset_id,))


def _payroll(covered: Sequence[Covered]) -> list[Covered]:
    return [each for each in covered if each.kind == "payroll"]


def _between(covered: Sequence[Covered], windows: Sequence[tuple[date, date]]) -> Iterator[Entry]:
    """Only inside of a window of a workforce file; without any, all."""
    for first, last in gaps(_payroll(covered)):
        if not windows or any(first <= end and last >= start for start, end in windows):
            yield Entry("hole", "payroll", first, last, "between_periods")


def _overlapping(covered: Sequence[Covered]) -> Iterator[Entry]:
    for first, last, ids in overlaps(_payroll(covered)):
        yield Entry("overlap", "payroll", first, last, dataset_ids=ids)


def _expected(covered: Sequence[Covered], due: Sequence[Standing]) -> Iterator[Entry]:
    """Days that the rhythm of a source asks for. Between periods of payroll the holes are seen without it."""
    days = dict[UUID | None, list[date]]()
    for one in covered:
        days.setdefault(one.source_id, []).append(one.last_day)
    for each in due:
        source, cadence = each.source, Cadence(each.source.cadence)
        if KINDS[source.kind].dating == "as_of":
            for day in not_between(days.get(source.id, ()), cadence):
                yield Entry("hole", source.kind, day, day, "expected_day", source.id)
        for day in missed(watched_from(source, each.latest_day), cadence, source.grace_days, clock.today()):
            yield Entry("hole", source.kind, day, day, "overdue", source.id)


def _page_of(entries: list[Entry], page: Paging, session: AsyncSession) -> tuple[list[Entry], str | None]:
    """Newest first. A place is made of what an entry says, so entries that come or go do not shift the walk."""
    account_id = session.info["account_id"]
    position = page.position(account_id)
    rest = [each for each in entries if position is None or each.place < position]
    rest.sort(key=lambda each: each.place, reverse=True)
    shown = rest[: page.limit]
    return shown, page.cursor(shown[-1].place, account_id) if len(rest) > len(shown) else None
