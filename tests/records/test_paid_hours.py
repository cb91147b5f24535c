"""Hours that are no usual period's: each rule on rows that break it and on rows beside that do not, in any parts."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

import polars as pl
import pytest

from wm_api.records import paid_hours
from wm_api.records.paid_hours import ConstantHours, ReferenceHours, edges, partial_periods, spells_at

YEAR = (date(2025, 1, 1), date(2025, 12, 31))
Hours = Sequence[float]


def weeks(key: int, hours: Hours, **columns: object) -> pl.DataFrame:
    start = [date(2025, 1, 6) + timedelta(weeks=at) for at in range(len(hours))]
    frame = pl.DataFrame({"employee_key": f"k{key}", "period_start": start, "hours_regular": hours, "pay_base": 900.0})
    ends = (pl.col("period_start") + pl.duration(days=6)).alias("period_end")
    return frame.with_columns(ends, **{name: pl.lit(value) for name, value in columns.items()})


def rows(*frames: pl.DataFrame) -> pl.DataFrame:
    every = pl.concat(frames, how="diagonal")
    keys = every.get_column("employee_key").str.slice(1).cast(pl.UInt64)
    return paid_hours.paid_hours(every, keys)


def parts(frame: pl.DataFrame, seed: int) -> list[pl.DataFrame]:
    return list(frame.sample(fraction=1.0, shuffle=True, seed=seed).iter_slices(1 + seed * 3))


def still(*frames: pl.DataFrame, seed: int = 2) -> list[int]:
    constant = ConstantHours()
    for part in parts(rows(*frames), seed):
        constant.add(part)
    return constant.people().sort().to_list()


def apart(*frames: pl.DataFrame, seed: int = 2) -> list[tuple[int, date]]:
    reference, every = ReferenceHours(), parts(rows(*frames), seed)
    for part in every:
        reference.note(part)
    for part in every:
        reference.add(part)
    return reference.people().sort("key").rows()


@pytest.mark.parametrize(
    ("hours", "columns", "told"),
    [
        ([40.0] * 6, {}, True),
        ([40.0] * 5 + [40.01], {}, False),
        ([40.0], {}, False),  # of one period nothing can be said
        ([40.0] * 6, {"hours_overtime": 0.5}, False),
        ([40.0] * 6, {"hours_source": "scheduled"}, False),  # it says so itself
        ([40.0, 0.0, 40.0], {}, True),  # a period without hours is none
    ],
)
def test_hours_that_never_change_are_known(hours: Hours, columns: dict[str, object], told: bool) -> None:
    assert still(weeks(1, hours, **columns), weeks(2, [38.0, 41.0] * 3)) == ([1] if told else [])


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        ([40.0] * 12, False),
        ([40.0] * 11 + [48.88], False),  # (11 x 40 + x) / 12 x 1.2 is x at 48.889
        ([40.0] * 11 + [48.90], True),
        ([40.0] * 11 + [31.43], False),  # and x 0.8 at 31.429
        ([40.0] * 11 + [31.42], True),
        ([40.0] * 10 + [20.0], False),  # eleven weeks do not reach back twelve
        ([20.0] * 8 + [40.0] * 12, False),  # what lies before the twelve does not count
        ([40.0] * 4 + [0.0] * 4 + [30.0] * 4, True),  # weeks without hours do
    ],
)
def test_hours_off_the_average_of_twelve_weeks_are_known(hours: Hours, told: bool) -> None:
    end = date(2025, 1, 6) + timedelta(weeks=len(hours) - 1, days=6)
    assert apart(weeks(1, hours), weeks(2, [38.0] * 12)) == ([(1, end)] if told else [])


def test_paid_leave_counts_and_a_reversed_run_does_not() -> None:
    leave = weeks(1, [40.0] * 11 + [20.0]).with_columns(
        pl.when(pl.col("hours_regular") == 20).then(20.0).otherwise(0.0).alias("hours_paid_leave")
    )
    assert apart(leave) == []
    twice = weeks(2, [40.0] * 12)
    again = twice.tail(1)
    assert len(apart(twice, again)) == 1
    assert apart(twice, again, again.with_columns(pay_base=-900.0)) == []


def test_neither_order_nor_parts_of_rows_matter() -> None:
    draw = Random(7)
    people = [weeks(at, [draw.choice([20.0, 30.0, 40.0]) for _ in range(14)]) for at in range(30)]
    people += [weeks(30 + at, [35.0] * 14) for at in range(5)]
    assert still(*people, seed=1) == still(*people, seed=90) == [30, 31, 32, 33, 34]
    found = apart(*people, seed=1)
    assert found == apart(*people, seed=90)
    assert 0 < len(found) < 30


def test_parts_are_merged_when_they_have_doubled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paid_hours, "LEAST_MERGED", 3)
    people = [weeks(at, [40.0] * 12) for at in range(20)]
    assert still(*people, seed=0) == list(range(20))


MARCH = (date(2025, 3, 1), date(2025, 3, 31))
Spell = tuple[date | None, date | None]


@pytest.mark.parametrize(
    ("spells", "told"),
    [
        ([(date(2020, 1, 1), None)], False),
        ([(date(2025, 3, 1), None)], False),
        ([(date(2025, 3, 2), None)], True),
        ([(date(2020, 1, 1), date(2025, 3, 31))], False),
        ([(date(2020, 1, 1), date(2025, 3, 30))], True),
        ([(None, None)], False),
        ([(date(2020, 1, 1), date(2025, 2, 28))], False),  # a last run after the end: not of people of the period
        ([(date(2020, 1, 1), date(2025, 3, 9)), (date(2025, 3, 10), None)], False),  # from one job to the next
        ([(date(2020, 1, 1), None), (date(2025, 3, 10), date(2025, 3, 20))], False),  # a second job for a while
        ([(date(2025, 3, 5), date(2025, 3, 9)), (date(2025, 3, 10), None)], True),
    ],
)
def test_a_period_in_which_somebody_was_hired_or_left_is_partial(spells: list[Spell], told: bool) -> None:
    people: list[tuple[str, date | None, date | None]] = [("k1", *spell) for spell in spells]
    staff = pl.DataFrame(
        [*people, ("k2", date(2019, 5, 5), None)],
        schema={"employee_key": pl.String, "hire_date": pl.Date, "termination_date": pl.Date},
        orient="row",
    )
    keys = staff.get_column("employee_key").str.slice(1).cast(pl.UInt64)
    kept = edges(spells_at(staff, keys, *YEAR), *YEAR)
    paid = pl.DataFrame({"key": [1, 2, 3], "period_start": [MARCH[0]] * 3, "period_end": [MARCH[1]] * 3})
    found = partial_periods(paid.with_columns(pl.col("key").cast(pl.UInt64)), kept)
    assert found.get_column("key").to_list() == ([1] if told else [])
