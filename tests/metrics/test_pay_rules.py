"""Rules of pay level and structure, one by one."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.test_rules import inputs_of
from wm_api.metrics.estimates import gini_of
from wm_api.metrics.figures import Figure, Status
from wm_api.metrics.formulas import FORMULAS
from wm_api.metrics.population import References


def figure_of(metric: str, rows: list[dict[str, Any]], profile: str = "default", **changes: Any) -> Figure:
    return FORMULAS[metric](inputs_of(rows, **changes), profile)


def test_median_pay_is_money_of_an_hour_with_an_interval_from_order_statistics() -> None:
    rows = [{"base_rate": f"{rate}.00"} for rate in range(10, 31)]
    figure = figure_of("median_hourly_pay", rows, least=True)
    assert (figure.value, figure.n, figure.currency) == (20.0, 21, "USD")
    j = 6  # floor(11 - 0.98 sqrt(21))
    assert figure.standard_error == pytest.approx(((30 - j + 1) - (10 + j - 1)) / 3.92)


def test_the_depth_weighs_each_person_by_hours_and_what_is_above_the_line_fills_no_gap() -> None:
    wage = References(living_wage={"48113": 20.0})
    rows = [{"base_rate": "10.00", "weekly_hours": "10.00"}, {"base_rate": "90.00", "weekly_hours": "30.00"}]
    placed = [{**row, "work_county": "48113"} for row in rows]
    figure = figure_of("living_wage_gap_depth", [*placed, {"work_county": "06037"}], references=wage)
    assert figure.value == pytest.approx(100 * 10 * 10 / (20 * 10 + 20 * 30))
    assert [(part.group, part.n) for part in figure.excluded] == [("no_place", 1)]
    allowed = [{**placed[0], "guaranteed_allowance_annual": "5200.00"}]  # 10 more an hour
    assert figure_of("living_wage_gap_depth", allowed, references=wage).value == 0.0
    nothing = figure_of("living_wage_gap_depth", placed, references=References())
    assert (nothing.status, nothing.reason) == (Status.NOT_APPLICABLE, "no_reference")


def test_entry_pay_is_held_against_the_minimum_of_each_place_at_level_one_only() -> None:
    minimum = References(legal_minima={"US USD": 10.0, "US-CA USD": 16.0, "GB USD": 12.0})
    rows: list[dict[str, Any]] = [{"job_level": 1, "base_rate": "20.00", "work_region": None}] * 19
    rows += [{"job_level": 1, "base_rate": "16.00", "work_region": "US-CA"}, {"job_level": 2, "base_rate": "11.00"}]
    figure = figure_of("entry_wage_to_minimum_ratio", rows, references=minimum)
    assert figure.n == 20
    assert figure.value == pytest.approx(1.0 + 0.95 * 1.0)  # 0.95 of the way from the lowest to the next
    elsewhere = [{"job_level": 1, "work_country": "GB", "base_rate": "18.00"}]
    assert figure_of("entry_wage_to_minimum_ratio", elsewhere, references=minimum).value == pytest.approx(1.5)
    abroad = [{"job_level": 1, "work_country": "FR"}]
    for people, references in ((rows, References()), (abroad, minimum)):
        assert figure_of("entry_wage_to_minimum_ratio", people, references=references).reason == "no_reference"


def test_top_pay_is_held_against_the_others_at_full_time_over_a_whole_year() -> None:
    rows: list[dict[str, Any]] = [
        {"total_pay_12m": "300000.00"},
        {"total_pay_12m": "30000.00", "weekly_hours": "20.00"},
        {"total_pay_12m": "15000.00", "hire_date": "2025-10-20"},  # 73 days: a fifth of a year
        {"total_pay_12m": "50000.00"},
        {"total_pay_12m": None},
    ]
    figure = figure_of("pay_ratio_top_median", rows)
    parts = {part.group: part.value for part in figure.groups}
    assert parts["median_of_others"] == pytest.approx(60_000)  # of 50,000, 60,000 and 75,000
    assert figure.value == pytest.approx(5.0)
    assert (figure.basis, figure.n) == ("total_pay_12m", 4)
    assert [(part.group, part.n) for part in figure.excluded] == [("total_pay_unknown", 1)]


def test_in_profile_us_the_highest_of_top_management_stands_for_the_chief_executive() -> None:
    rows = [
        {"base_rate": "500.00", "top_management": "false"},
        {"base_rate": "200.00", "top_management": "true"},
        {"base_rate": "50.00", "top_management": "false"},
    ]
    assert figure_of("pay_ratio_top_median", rows).value == pytest.approx(500 / 125)
    assert figure_of("pay_ratio_top_median", rows, "us").value == pytest.approx(200 / 275)
    assert figure_of("pay_ratio_top_median", [{}] * 3, "us").reason == "column:top_management"
    nobody = [{"top_management": "false"}] * 3
    assert figure_of("pay_ratio_top_median", nobody, "us").status is Status.UNDEFINED


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(1, 1e6), min_size=2, max_size=40))
def test_the_gini_coefficient_is_half_the_mean_difference_over_the_mean(pay: list[float]) -> None:
    differences = sum(abs(one - other) for one in pay for other in pay) / len(pay) ** 2
    expected = differences / (2 * sum(pay) / len(pay))
    assert gini_of(pl.Series(pay)) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_equal_pay_has_no_inequality_and_one_person_with_everything_has_nearly_all() -> None:
    assert gini_of(pl.Series([7.0] * 9)) == pytest.approx(0.0, abs=1e-15)
    assert gini_of(pl.Series([0.0] * 9 + [5.0])) == pytest.approx(0.9)
    assert gini_of(pl.Series([0.0, 0.0])) is None


def test_who_changed_the_job_without_a_day_between_is_a_stayer_and_who_came_back_is_none() -> None:
    moved: list[dict[str, Any]] = [
        {"employee_key": "a", "hire_date": "2020-01-01", "termination_date": "2025-05-31", "base_rate_start": "10.00"},
        {"employee_key": "a", "hire_date": "2025-06-01", "termination_date": None, "base_rate_start": "10.00"},
    ]
    back = [{**row, "employee_key": "b"} for row in moved]
    back[1]["hire_date"] = "2025-06-03"
    abroad: dict[str, Any] = {
        "hire_date": "2020-01-01",
        "termination_date": None,
        "base_rate_start": "10.00",
        "currency": "CAD",
    }
    rows = [{**row, "currency": "USD"} for row in [*moved, *back]] + [abroad]
    prices = References(consumer_prices={2024: 100.0, 2025: 100.0, 2026: 100.0})
    figure = FORMULAS["real_wage_growth_stayers"](inputs_of(rows, references=prices), "default")
    assert figure.n == 1
    assert figure.value == pytest.approx(100.0)
    assert [(part.group, part.n) for part in figure.excluded] == [("other_currency", 1)]


def test_an_allowance_that_payroll_has_in_hourly_pay_counts_once_towards_a_living_wage() -> None:
    run = {"employee_key": "k0", "currency": "USD", "period_start": "2025-12-01", "period_end": "2025-12-31"}
    run |= {"pay_base": "3200.00", "hours_regular": "160.00"}
    person = {"work_county": "48113", "guaranteed_allowance_annual": "4160.00"}  # 2 an hour
    dearer = References(living_wage={"48113": 25.0})
    for allowance in (None, "160.00", "320.00"):  # of the two an hour payroll has none, one, both
        inputs = inputs_of([person], [{**run, "pay_allowance": allowance}], references=dearer)
        assert FORMULAS["living_wage_gap_depth"](inputs, "default").value == pytest.approx(12.0)
    more = inputs_of([person], [{**run, "pay_allowance": "480.00"}], references=dearer)
    assert FORMULAS["living_wage_gap_depth"](more, "default").value == pytest.approx(8.0)
