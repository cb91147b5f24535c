"""PURE: when a source is expected, and what of a calendar its datasets cover: days, periods, holes, overlaps."""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Literal
from uuid import UUID

DAY = timedelta(days=1)
NOT_A_HOLE = 3
"""Days between two periods that are a weekend with a holiday; a period that is missing is longer."""
MOST_MISSED = 520
"""Days that are looked at for one source: ten years of weeks."""
MIDDLE = 15


class Cadence(StrEnum):
    """How often a source is expected."""

    NONE = "none"
    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    FOUR_WEEKLY = "four_weekly"
    SEMIMONTHLY = "semimonthly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


class Punctuality(StrEnum):
    ON_TIME = "on_time"
    DUE = "due"
    OVERDUE = "overdue"


DAYS = {Cadence.WEEKLY: 7, Cadence.FORTNIGHTLY: 14, Cadence.FOUR_WEEKLY: 28}
MONTHS = {Cadence.MONTHLY: 1, Cadence.QUARTERLY: 3, Cadence.YEARLY: 12}


def following(day: date, cadence: Cadence) -> date:
    """The day on which the next file is true. The last day of a month is followed by the last day of a month."""
    if cadence in DAYS:
        return day + timedelta(days=DAYS[cadence])
    if cadence in MONTHS:
        return _months_on(day, MONTHS[cadence])
    if cadence is Cadence.SEMIMONTHLY:
        return _half_a_month_on(day)
    raise ValueError("nothing follows where nothing is expected")


def _last_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _months_on(day: date, months: int) -> date:
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    end = _last_of_month(date(years, month + 1, 1))
    return end if day == _last_of_month(day) else end.replace(day=min(day.day, end.day))


def _half_a_month_on(day: date) -> date:
    """From the 15th to the last day, from the last day to the 15th; else 15 days on, and back to the same day."""
    end = _last_of_month(day)
    if day == end:
        return (day + DAY).replace(day=MIDDLE)
    if day.day >= MIDDLE:
        return end if day.day == MIDDLE else _months_on(day.replace(day=day.day - MIDDLE), 1)
    return day.replace(day=min(day.day + MIDDLE, end.day))


def punctuality(expected_on: date, grace_days: int, today: date) -> Punctuality:
    if today < expected_on:
        return Punctuality.ON_TIME
    return Punctuality.DUE if today <= expected_on + timedelta(days=grace_days) else Punctuality.OVERDUE


def missed(last: date, cadence: Cadence, grace_days: int, today: date) -> list[date]:
    """The days after `last` whose file should be here by now, grace over; the latest of them, oldest first."""
    found, day = list[date](), last
    if cadence is not Cadence.NONE:
        while punctuality(day := following(day, cadence), grace_days, today) is Punctuality.OVERDUE:
            found.append(day)
    return found[-MOST_MISSED:]


def not_between(days: Sequence[date], cadence: Cadence) -> list[date]:
    """Days between the first and the last of `days` that the cadence asks for; half a step late is on time."""
    found = list[date]()
    for before, after in pairwise(sorted(set(days)) if cadence is not Cadence.NONE else ()):
        day = following(before, cadence)
        while after - day >= (following(day, cadence) - day) / 2:
            found.append(day)
            day = following(day, cadence)
    return found[-MOST_MISSED:]


@dataclass(frozen=True, slots=True)
class Covered:
    """What one dataset covers; of a kind dated by a day, that day."""

    dataset_id: UUID
    kind: str
    first_day: date
    last_day: date
    source_id: UUID | None = None


Reason = Literal["between_periods", "expected_day", "overdue"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to draw: what counts, a hole and why it is one, or days that several datasets cover."""

    type: Literal["dataset", "hole", "overlap"]
    kind: str
    first_day: date
    last_day: date
    reason: Reason | None = None
    source_id: UUID | None = None
    dataset_ids: tuple[UUID, ...] = ()

    @property
    def place(self) -> str:
        """Sorts entries by their days, each at a place of its own."""
        more = (self.type, self.kind, self.reason or "", self.source_id or "", *self.dataset_ids[:1])
        return "|".join(map(str, (self.last_day, self.first_day, *more)))

    def touches(self, first: date | None, last: date | None) -> bool:
        return (first is None or self.last_day >= first) and (last is None or self.first_day <= last)


def gaps(covered: Iterable[Covered]) -> Iterator[tuple[date, date]]:
    """First and last day of what lies between covered periods and is in none of them."""
    reached: date | None = None
    for each in sorted(covered, key=lambda one: one.first_day):
        if reached is not None and (each.first_day - reached).days - 1 > NOT_A_HOLE:
            yield reached + DAY, each.first_day - DAY
        reached = max(reached or each.last_day, each.last_day)


def overlaps(covered: Sequence[Covered]) -> Iterator[tuple[date, date, tuple[UUID, ...]]]:
    """Longest runs of days that the same two or more datasets cover, with their ids."""
    starts, ends = _borders(covered)
    borders, active = sorted({*starts, *ends}), dict[UUID, None]()
    for border, after in pairwise(borders):
        for each in ends.get(border, ()):
            active.pop(each)
        active.update(dict.fromkeys(starts.get(border, ())))
        if len(active) > 1:
            yield border, after - DAY, tuple(active)


def _borders(covered: Sequence[Covered]) -> tuple[dict[date, list[UUID]], dict[date, list[UUID]]]:
    """Datasets by the day on which they begin, and by the day after their end."""
    starts, ends = dict[date, list[UUID]](), dict[date, list[UUID]]()
    for each in covered:
        starts.setdefault(each.first_day, []).append(each.dataset_id)
        ends.setdefault(each.last_day + DAY, []).append(each.dataset_id)
    return starts, ends
