"""Who is paid under the legal minimum: by place, day, currency, unit and hours of a row."""

from datetime import date

import pytest

from extracts import as_csv, taken, workforce_row
from wm_api.records.facts import Facts
from wm_api.records.legal_minimum import COLUMNS, LegalMinimum, below_minimum, in_force
from wm_api.references.tables import legal_minima, packaged_table

DAY = date(2025, 12, 31)
HERE = {"base_rate_unit": "hour", "currency": "USD", "schedule_type": "full_time"}
OREGON = LegalMinimum("US-OR", "USD", 15.05, date(2025, 7, 1), date(2026, 6, 30))


def below(cells: dict[str, str], home: str = "US", minima: tuple[LegalMinimum, ...] = ()) -> bool:
    """Whether the second of three people is marked; the others are paid well."""
    rows = [workforce_row(at, **dict.fromkeys(cells, "") | HERE | {"base_rate": "40.00"}) for at in range(3)]
    rows[1] |= cells
    facts = Facts(kind="workforce", as_of=DAY)
    frame = taken(as_csv(rows), facts).frame
    marked = below_minimum(frame, facts, in_force((*legal_minima(packaged_table("legal_minimum")), *minima), DAY), home)
    assert not any(marked.gather([0, 2]))
    return bool(marked[1])


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"base_rate": "7.24"}, True),
        ({"base_rate": "7.25"}, False),
        ({"base_rate": "0"}, False),
        ({"base_rate": "15079.99", "base_rate_unit": "year"}, False),  # 7.249995 is 7.25 in cents
        ({"base_rate": "15000.00", "base_rate_unit": "year"}, True),
        ({"base_rate": "1256.67", "base_rate_unit": "month"}, False),
        ({"base_rate": "1250.00", "base_rate_unit": "month"}, True),
        ({"base_rate": "1250.00", "base_rate_unit": "month", "weekly_hours": "20"}, False),
        ({"base_rate": "1250.00", "base_rate_unit": "month", "schedule_type": "part_time"}, False),
        ({"base_rate": "7.24", "worker_type": "apprentice"}, False),
        ({"base_rate": "7.24", "worker_type": "intern"}, False),
        ({"base_rate": "7.24", "worker_type": "employee"}, True),
        ({"base_rate": "7.24", "pay_basis": "commission"}, False),
        ({"base_rate": "7.24", "pay_basis": "hourly"}, True),
        ({"base_rate": "7.24", "termination_date": "2025-12-30"}, False),
        ({"base_rate": "7.24", "termination_date": "2025-12-31"}, True),
        ({"base_rate": "7.24", "work_country": "DE"}, False),  # dollars are not compared with euros
        ({"base_rate": "12.81", "work_country": "DE", "currency": "EUR"}, True),
        ({"base_rate": "12.82", "work_country": "DE", "currency": "EUR"}, False),
        ({"base_rate": "1.00", "work_country": "FR", "currency": "EUR"}, False),  # no table of France is loaded
        (
            {"base_rate": "3500", "base_rate_unit": "month", "base_rate_basis": "full_time_equivalent", "fte": "0.2"},
            True,  # a fifth of the pay for forty hours
        ),
    ],
)
def test_an_employee_under_the_minimum_of_the_place_is_marked(cells: dict[str, str], told: bool) -> None:
    assert below(cells) is told


@pytest.mark.parametrize(
    ("home", "cells", "told"),
    [
        ("DE", {"base_rate": "12.81", "currency": "EUR"}, True),
        ("FR", {"base_rate": "12.81", "currency": "EUR"}, False),
        ("US-OR", {"base_rate": "15.04"}, True),
        ("US-OR", {"base_rate": "15.04", "work_region": "US-TX"}, False),
        ("US-OR", {"base_rate": "15.04", "work_country": "US"}, False),
        ("DE", {"base_rate": "7.24", "work_region": "US-TX"}, True),
    ],
)
def test_the_row_s_place_comes_before_the_account_s_and_a_region_s_law_above_the_country_s(
    home: str, cells: dict[str, str], told: bool
) -> None:
    assert below(cells, home, (OREGON,)) is told


def test_a_snapshot_without_hire_dates_and_the_columns_of_the_rule_alone_are_enough() -> None:
    rows = [workforce_row(at, base_rate="7.24") for at in range(3)]
    facts = Facts(kind="workforce", as_of=DAY)
    frame = taken(
        as_csv([{name: cell for name, cell in row.items() if name != "hire_date"} for row in rows]), facts
    ).frame
    needed = frame.select(name for name in COLUMNS if name in frame.columns)
    assert below_minimum(needed, facts, in_force(legal_minima(packaged_table("legal_minimum")), DAY), "US").all()


def test_of_every_packaged_place_one_line_holds_a_day_and_only_then() -> None:
    lines = legal_minima(packaged_table("legal_minimum"))
    for line in lines:
        assert in_force(lines, line.since)[f"{line.place} {line.currency}"] == line.hourly
        alike = [each for each in lines if each.place == line.place and each.holds_on(line.since)]
        assert alike == [line]
    assert in_force(lines, date(2009, 7, 23)) == {}
    assert in_force(lines, date(2024, 7, 1)) == {"US USD": 7.25, "DE EUR": 12.41}
    assert in_force(lines, date(2028, 1, 1)) == {"US USD": 7.25}
