"""Living wages of a day: household and prices fixed by the methodology, county before state."""

from datetime import date

import polars as pl
import pytest

from wm_api.references.sources import LIVING_WAGE, PRICES
from wm_api.references.tables import FAMILY, ONE_ADULT, living_wages, packaged_table, prices_of, prices_on

WAGES = pl.DataFrame(
    [
        ("48001", *FAMILY, 20.0), ("48003", *FAMILY, 22.0), ("48005", *FAMILY, 30.0), ("48001", *ONE_ADULT, 15.0),
        ("06001", *FAMILY, 28.0),
    ],
    schema=dict(LIVING_WAGE), orient="row",
)  # fmt: skip
INDEX = pl.DataFrame(
    [
        *[(2022, f"{month:02d}", 100.0) for month in range(1, 7)], (2022, "year", 104.0), (2023, "12", 120.0),
        (2024, "01", 125.0),
    ],
    schema=dict(PRICES), orient="row",
)  # fmt: skip


def test_wages_are_moved_from_the_prices_of_the_edition_to_those_of_the_day() -> None:
    day = date(2023, 12, 31)
    assert living_wages(WAGES, INDEX, "2022-H1", day, FAMILY) == pytest.approx(
        {"48001": 24.0, "48003": 26.4, "48005": 36.0, "06001": 33.6, "48": 26.4, "06": 33.6}
    )
    assert living_wages(WAGES, INDEX, "2022-H1.1", day, ONE_ADULT) == pytest.approx({"48001": 18.0, "48": 18.0})
    of_the_year = living_wages(WAGES, INDEX, "2022", day, ONE_ADULT)
    assert of_the_year == pytest.approx({"48001": 15.0 * 120 / 104, "48": 15.0 * 120 / 104})


@pytest.mark.parametrize(
    ("edition", "day"), [("2021", date(2023, 12, 31)), ("2023-H2", date(2024, 1, 1)), ("2022", date(2021, 12, 31))]
)
def test_where_prices_are_not_known_there_is_no_living_wage(edition: str, day: date) -> None:
    assert living_wages(WAGES, INDEX, edition, day, FAMILY) is None


def test_a_day_has_the_prices_of_its_month_or_of_the_last_month_that_is_published() -> None:
    assert [prices_on(INDEX, day) for day in (date(2022, 1, 1), date(2023, 11, 30), date(2026, 1, 1))] == [
        100.0,
        100.0,
        125.0,
    ]
    packaged = packaged_table("us_cpi_u")
    assert prices_on(packaged, date(2025, 10, 15)) == 324.8  # no index was published for October 2025
    assert prices_of(packaged, "2022-H1") == 288.347
    assert prices_of(packaged, "2022-04") == pytest.approx(289.109)
