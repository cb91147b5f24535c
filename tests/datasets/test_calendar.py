"""When the next file is expected, and what is missing between and after those that came."""

from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wm_api.datasets.calendar import (
    DAY,
    Cadence,
    Covered,
    Punctuality,
    following,
    gaps,
    missed,
    not_between,
    overlaps,
    punctuality,
)

DATES = st.dates(date(1990, 1, 1), date(2090, 12, 31))
REAL = st.sampled_from([each for each in Cadence if each is not Cadence.NONE])


@pytest.mark.parametrize(
    ("cadence", "days"),
    [
        (Cadence.WEEKLY, ["2025-12-26", "2026-01-02"]),
        (Cadence.FORTNIGHTLY, ["2024-02-20", "2024-03-05"]),
        (Cadence.FOUR_WEEKLY, ["2025-02-01", "2025-03-01"]),
        (Cadence.MONTHLY, ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30"]),
        (Cadence.MONTHLY, ["2024-01-30", "2024-02-29", "2024-03-31"]),
        (Cadence.MONTHLY, ["2025-12-10", "2026-01-10"]),
        (Cadence.QUARTERLY, ["2025-09-30", "2025-12-31", "2026-03-31"]),
        (Cadence.YEARLY, ["2023-02-28", "2024-02-29", "2025-02-28"]),
        (Cadence.SEMIMONTHLY, ["2025-01-31", "2025-02-15", "2025-02-28", "2025-03-15"]),
        (Cadence.SEMIMONTHLY, ["2025-01-05", "2025-01-20", "2025-02-05"]),
    ],
)
def test_one_file_follows_another(cadence: Cadence, days: list[str]) -> None:
    for before, after in pairwise(map(date.fromisoformat, days)):
        assert following(before, cadence) == after


@given(DATES, REAL)
def test_what_follows_is_later_and_never_by_more_than_a_step(day: date, cadence: Cadence) -> None:
    most = {Cadence.WEEKLY: 7, Cadence.FORTNIGHTLY: 14, Cadence.FOUR_WEEKLY: 28, Cadence.SEMIMONTHLY: 17}
    longest = most.get(cadence, {Cadence.MONTHLY: 31, Cadence.QUARTERLY: 92, Cadence.YEARLY: 366}.get(cadence, 0))
    assert 0 < (following(day, cadence) - day).days <= longest


def test_a_file_is_due_from_its_day_and_overdue_when_the_grace_is_over() -> None:
    day = date(2026, 1, 31)
    found = [punctuality(day, 5, day + timedelta(days=late)) for late in (-1, 0, 5, 6)]
    assert found == [Punctuality.ON_TIME, Punctuality.DUE, Punctuality.DUE, Punctuality.OVERDUE]


def test_each_day_that_was_missed_is_found_when_its_grace_is_over() -> None:
    last = date(2025, 10, 31)
    assert missed(last, Cadence.MONTHLY, 7, date(2025, 12, 8)) == [date(2025, 11, 30)]
    assert missed(last, Cadence.MONTHLY, 7, date(2026, 1, 8)) == [date(2025, 11, 30), date(2025, 12, 31)]
    assert missed(last, Cadence.NONE, 7, date(2026, 1, 8)) == []


def test_a_month_that_did_not_come_between_two_that_did_is_missing() -> None:
    days = [date(2025, 1, 31), date(2025, 2, 27), date(2025, 5, 2), date(2025, 5, 31)]
    assert not_between(days, Cadence.MONTHLY) == [date(2025, 3, 27)]


@given(DATES, REAL, st.integers(2, 30))
def test_a_source_that_comes_on_time_misses_nothing(day: date, cadence: Cadence, count: int) -> None:
    days = [day]
    for _ in range(count):
        days.append(following(days[-1], cadence))
    assert not_between(days, cadence) == []
    assert missed(days[-1], cadence, 0, days[-1]) == []


def period(number: int, first: str, last: str) -> Covered:
    return Covered(UUID(int=number), "payroll", date.fromisoformat(first), date.fromisoformat(last))


def test_a_period_that_is_missing_between_two_is_a_gap_and_a_weekend_is_none() -> None:
    covered = [
        period(1, "2025-01-06", "2025-01-10"),
        period(2, "2025-01-13", "2025-01-17"),
        period(3, "2025-01-27", "2025-01-31"),
    ]
    assert list(gaps(covered)) == [(date(2025, 1, 18), date(2025, 1, 26))]


def test_a_long_period_covers_the_short_ones_inside_it() -> None:
    covered = [
        period(1, "2025-01-01", "2025-06-30"),
        period(2, "2025-02-01", "2025-02-28"),
        period(3, "2025-07-01", "2025-07-31"),
    ]
    assert list(gaps(covered)) == []
    assert list(overlaps(covered)) == [(date(2025, 2, 1), date(2025, 2, 28), (UUID(int=1), UUID(int=2)))]


PERIODS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=12)


@given(PERIODS)
def test_gaps_and_overlaps_are_what_counting_day_by_day_finds(periods: list[tuple[int, int]]) -> None:
    start = date(2025, 1, 1)
    covered = [
        Covered(UUID(int=n), "payroll", start + DAY * first, start + DAY * (first + length))
        for n, (first, length) in enumerate(periods)
    ]
    days = [start + DAY * number for number in range(90)]
    by_day = {day: {each.dataset_id for each in covered if each.first_day <= day <= each.last_day} for day in days}
    doubled = {day: set(ids) for first, last, ids in overlaps(covered) for day in days if first <= day <= last}
    assert doubled == {day: ids for day, ids in by_day.items() if len(ids) > 1}
    missing = {day for first, last in gaps(covered) for day in days if first <= day <= last}
    assert all(not by_day[day] for day in missing)
    between = [
        day for day in days if covered and min(c.first_day for c in covered) <= day <= max(c.last_day for c in covered)
    ]
    runs, run = list[list[date]](), list[date]()
    for day in between:
        run = [*run, day] if not by_day[day] else []
        if len(run) > 3:
            runs = [each for each in runs if each[0] != run[0]] + [run]
    assert missing == {day for each in runs for day in each}
