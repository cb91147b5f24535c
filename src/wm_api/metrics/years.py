"""With which earlier day the people of a day are compared, a year before; keep what changed, and list it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core.paging import Paging, page_of
from wm_api.datasets.models import Dataset
from wm_api.metrics.days import keep_day, of_days
from wm_api.metrics.figures import Status
from wm_api.metrics.like_for_like import Change
from wm_api.metrics.methods import method_sha256
from wm_api.metrics.models import LikeForLike
from wm_api.metrics.profiles import DEFAULT
from wm_api.metrics.sources import Sources, WorkforceDay, people_on, sources_on

YEAR, NEARLY = 365, 31
"""Days; and by how many a year may be off."""
NONE, KEYS, PERIMETER = "no_day_a_year_before", "keys_not_linked", "perimeter_differs"


@dataclass(frozen=True, slots=True)
class Year:
    """The workforce of a day and that of a year before; or why there is none to compare with."""

    now: Sources
    before: Sources | None
    reason: str | None = None

    @property
    def dataset_ids(self) -> list[str]:
        rows = chain(self.now.workforce, self.before.workforce if self.before else ())
        return sorted(str(each.id) for each in rows)

    def of_files(self, sources: Sources) -> bool:
        """Whether its day rests on just these files of people."""
        return [each.id for each in self.now.workforce] == [each.id for each in sources.workforce]

    def same(self, other: "Year") -> bool:
        return (self.dataset_ids, self.reason) == (other.dataset_ids, other.reason)


def year_before(days: Mapping[date, WorkforceDay], day: date) -> date | str:
    """The day nearest to a year before, of the same key and perimeter; else why there is none."""
    near = [each for each in days if _a_year(each, day)]
    mine = days[day].series
    linked = [each for each in near if len(mine) == 1 and days[each].series == mine]
    if linked:
        return min(linked, key=lambda each: (abs((day - each).days - YEAR), each))
    keys = {key for key, _ in mine}
    same_key = any({key for key, _ in days[each].series} == keys for each in near)
    return NONE if not near else PERIMETER if same_key else KEYS


def _a_year(before: date, day: date) -> bool:
    return abs((day - before).days - YEAR) <= NEARLY


async def years_of(session: AsyncSession, dataset_id: UUID, days: Collection[date]) -> dict[date, Year]:
    """Of these days, and of those about a year after the workforce that came, or that it took the place of."""
    moved = select(Dataset.supersedes).where(Dataset.id == dataset_id).scalar_subquery()
    came = select(Dataset.as_of).where(Dataset.kind == "workforce", Dataset.id.in_([dataset_id, moved]))
    changed = (await session.scalars(came)).all()
    people = await people_on(session)
    wanted = {day for day in people if day in days or any(_a_year(each, day) for each in changed if each)}
    found = {day: year_before(people, day) for day in wanted}
    needed = {*found, *(before for before in found.values() if isinstance(before, date))}
    sources = await sources_on(session, needed)
    return {
        day: Year(_people_alone(sources[day]), _people_alone(sources[before]))
        if isinstance(before, date)
        else Year(_people_alone(sources[day]), None, before)
        for day, before in found.items()
    }


def _people_alone(sources: Sources) -> Sources:
    """Pay is that of the workforce on both days, so that a change is none of where it was read."""
    return replace(sources, payroll=(), previous=(), plans=(), enrolments=())


async def record_year(session: AsyncSession, operation_id: UUID, year: Year, found: Mapping[str, Change]) -> None:
    """All of the day at once, in the place of those before."""
    of_all = {"compared_with": year.before.day if year.before else None, "dataset_ids": year.dataset_ids}
    rows = (
        {
            **of_all,
            **asdict(each),
            "metric": metric,
            "status": each.status.value,
            "method_sha256": method_sha256(metric, DEFAULT),
        }
        for metric, each in found.items()
    )
    await keep_day(session, LikeForLike, operation_id, year.now.day, rows)


async def withdraw_of_dataset(session: AsyncSession, dataset: Dataset) -> None:
    """What rests on a dataset: of its own day all; of later days the figures, which say that there is none before."""
    rests = LikeForLike.dataset_ids.contains([str(dataset.id)])
    await session.execute(delete(LikeForLike).where(rests, LikeForLike.as_of == dataset.as_of))
    nothing = ("before", "value", "change", "n", "currency", "compared_with")
    gone: dict[str, Any] = {
        **dict.fromkeys(nothing),
        "status": Status.NOT_REPORTED.value,
        "reason": NONE,
        "dataset_ids": [],
    }
    await session.execute(update(LikeForLike).where(rests).values(**gone))


async def list_years(
    session: AsyncSession, page: Paging, metric: str | None, days: tuple[date | None, date | None]
) -> tuple[Sequence[LikeForLike], str | None]:
    """Of a range of days; by default of the latest day."""
    rows = of_days(LikeForLike, days)
    if metric is not None:
        rows = rows.where(LikeForLike.metric == metric)
    return await page_of(session, rows, LikeForLike.id, page)
