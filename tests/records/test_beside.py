"""Rows of one dataset beside those of others, as arithmetic."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from wm_api.records.beside import DATES, meeting

DAY = date(2025, 1, 1)
Period = tuple[date, date]
periods = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 9)).map(
        lambda each: (DAY + timedelta(each[0]), DAY + timedelta(sum(each)))
    ),
    max_size=12,
    unique=True,
)


def frame(rows: list[Period]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(DATES, pl.Date), orient="row")


@given(periods, periods)
@settings(max_examples=100, deadline=None)
def test_a_period_meets_another_that_shares_a_day_and_is_not_the_same(own: list[Period], other: list[Period]) -> None:
    met = [one for one in own if any(one != each and one[0] <= each[1] and one[1] >= each[0] for each in other)]
    assert set(meeting(frame(own), frame(other)).rows()) == set(met)
