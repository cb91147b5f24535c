"""Who was paid in which run: no row of a person and run is met twice unnoticed, and scattered runs take no memory."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from wm_api.records import pay_runs
from wm_api.records.pay_runs import PayRuns

DAY = date(2025, 1, 1)
Paid = tuple[int, int, int, int | None]
paid = st.tuples(
    st.integers(0, 9000), st.integers(-8000, 8000), st.integers(0, 3), st.one_of(st.none(), st.integers(1, 3))
)


def frame(rows: list[Paid]) -> pl.DataFrame:
    """Rows of a person, the day a period starts, its days, and the run."""
    return pl.DataFrame(
        {
            "employee_key": pl.Series([row[0] for row in rows], dtype=pl.UInt32),
            "period_start": pl.Series([DAY + timedelta(row[1]) for row in rows], dtype=pl.Date),
            "period_end": pl.Series([DAY + timedelta(row[1] + row[2]) for row in rows], dtype=pl.Date),
            "run_no": pl.Series([row[3] for row in rows], dtype=pl.Int32),
        }
    )


@given(st.lists(st.lists(paid, max_size=20), max_size=8))
@settings(max_examples=100, deadline=None)
def test_a_person_and_run_is_new_once_whatever_the_batches(batches: list[list[Paid]]) -> None:
    runs, met = PayRuns(), set[Paid]()
    for rows in batches:
        named = [(person, start, days, run or 1) for person, start, days, run in rows]
        new = len(set(named)) == len(named) and not met & set(named)
        assert runs.add(frame(rows)) == new
        if not new:
            return
        met |= set(named)


def test_runs_that_each_have_one_person_are_left_to_the_hashes() -> None:
    rows: list[Paid] = [(person, person % 20_000 - 9000, person // 20_000, 1) for person in range(40_000)]
    runs = PayRuns()
    assert not runs.add(frame(rows))
    assert runs._paid.nbytes <= pay_runs.LEAST_BYTES
