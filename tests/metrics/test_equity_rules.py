"""Rules of pay equity, one by one."""

from random import Random
from typing import Any

import pytest

from metrics.test_rules import inputs_of
from wm_api.metrics.figures import Figure, Interval, Status
from wm_api.metrics.formulas import FORMULAS
from wm_api.metrics.formulas.adjusted_gap import verdict_of
from wm_api.metrics.population import AccountFacts


def figure_of(metric: str, rows: list[dict[str, Any]], profile: str = "default", **changes: Any) -> Figure:
    return FORMULAS[metric](inputs_of(rows, **changes), profile)


def parts_of(figure: Figure) -> dict[tuple[str | None, str], float | None]:
    return {(part.dimension, part.group): part.value for part in figure.groups}


def test_gaps_of_variable_pay_leave_out_who_receives_none_and_who_is_paid_in_another_currency() -> None:
    amounts = [("F", "80.00"), ("F", "0"), ("M", "100.00"), ("M", "0"), ("M", "0")]
    rows = [{"gender": code, "variable_pay_12m": amount, "currency": "USD"} for code, amount in amounts]
    rows += [{"gender": "M", "variable_pay_12m": "9000.00", "currency": "MXN"}]
    figure = figure_of("gender_gap_mean_variable", rows)
    assert (figure.value, figure.n, figure.currency, figure.basis) == (20.0, 2, "USD", "recipients")
    assert [(part.group, part.n) for part in figure.excluded] == [("no_variable_pay", 3), ("other_currency", 1)]
    nobody = [{**row, "variable_pay_12m": "0"} for row in rows if row["gender"] == "F"] + rows[2:]
    assert figure_of("gender_gap_median_variable", nobody).status is Status.INSUFFICIENT_N


def test_gaps_of_variable_pay_ask_those_on_unpaid_leave_too_where_the_profile_says_so() -> None:
    rows = [
        {"gender": "F", "variable_pay_12m": "50.00", "pay_status": "leave_unpaid"},
        {"gender": "F", "variable_pay_12m": "100.00", "pay_status": "active"},
        {"gender": "M", "variable_pay_12m": "100.00", "pay_status": "active"},
    ]
    found = {each: figure_of("gender_gap_mean_variable", rows, each).value for each in ("default", "uk", "us")}
    assert found == {"default": 0.0, "uk": 25.0, "us": 25.0}


def category(code: str, women: int, men: int, of_women: str, of_men: str) -> list[dict[str, Any]]:
    rates = [("F", of_women)] * women + [("M", of_men)] * men
    return [{"worker_category": code, "gender": sex, "base_rate": rate} for sex, rate in rates]


def test_people_are_exposed_where_their_category_reaches_five_percent_and_small_ones_are_not_tested() -> None:
    rows = category("WIDE", 10, 10, "19.00", "20.00") + category("EVEN", 12, 18, "19.01", "20.00")
    rows += [*category("FEW", 2, 28, "10.00", "20.00"), {"worker_category": None}]
    figure = figure_of("category_gap_exposure_5pct", rows, least=True)
    parts = parts_of(figure)
    assert figure.value == pytest.approx(40.0)
    assert figure.n == 50
    assert parts[None, "untestable"] == pytest.approx(100 * 30 / 80)
    assert parts[None, "max_gap"] == pytest.approx(5.0)
    assert ("worker_category", "FEW") not in parts
    assert [(part.group, part.n) for part in figure.excluded] == [("no_category", 1)]


def test_a_category_is_exposed_by_variable_pay_alone_and_a_small_one_is_tested_but_not_shown() -> None:
    rows = category("C1", 3, 3, "20.00", "20.00")
    paid = [{**row, "variable_pay_12m": "1000.00" if row["gender"] == "M" else "900.00"} for row in rows]
    figure = figure_of("category_gap_exposure_5pct", paid, least=True)
    assert figure.value == 100.0
    assert {group for _, group in parts_of(figure)} == {"untestable", "F", "M"}
    assert figure_of("category_gap_exposure_5pct", rows, least=True).value == 0.0


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(5.1, 9.0, "above_line"), (-9.0, -5.1, "above_line"), (-4.9, 4.9, "below_line"), (4.0, 6.0, "not_resolved"),
     (-6.0, 1.0, "not_resolved"), (5.0, 9.0, "not_resolved"), (0.0, 5.0, "not_resolved")],
)  # fmt: skip
def test_a_verdict_needs_the_whole_interval_on_one_side_of_the_line(low: float, high: float, verdict: str) -> None:
    assert verdict_of(Interval(low, high)) == verdict


def levels(count: int = 400) -> list[dict[str, Any]]:
    """Women are fewer at the higher level; at each level they are paid 4 % less."""
    draw, rows = Random(7), []
    for number in range(count):
        woman, level = number % 2, 1 + (draw.random() < (0.2 if number % 2 else 0.8))
        rate = 20 * 1.5 ** (level - 1) * (0.96 if woman else 1.0) * (1 + draw.uniform(-0.01, 0.01))
        race = draw.choice(["white", "black"])
        rated = {"performance_band": 1 + draw.randrange(3), "race_ethnicity": race}
        rows.append({"gender": "MF"[woman], "job_level": level, "base_rate": f"{rate:.2f}", **rated})
    return rows


def test_level_is_an_outcome_too_so_the_gap_is_shown_without_it_and_with_the_rating() -> None:
    figure = figure_of("adjusted_gender_gap", levels(), least=True)
    parts = {(part.dimension, part.group): part for part in figure.groups}
    assert figure.value == pytest.approx(4.0, abs=0.3)
    assert figure.verdict == "below_line"
    without = parts["controls", "without_level"]
    assert without.value is not None
    assert without.value > 20
    assert without.interval is not None
    assert without.interval.low < without.value < without.interval.high
    assert parts["controls", "with_rating"].value == pytest.approx(figure.value, abs=0.2)


def test_the_coefficients_of_men_say_nothing_of_a_level_that_no_man_has() -> None:
    rows = [*levels(), {"gender": "F", "job_level": 3, "base_rate": "50.00"}]
    names = {part.dimension for part in figure_of("adjusted_gender_gap", rows).groups}
    assert {"pooled_with_group", "neumark_pooled"} <= names
    assert "male_coefficients" not in names


def test_the_gap_by_race_is_the_largest_in_size_of_the_groups_that_are_large_enough() -> None:
    rows = levels()
    for row in rows[:40]:
        row |= {"race_ethnicity": "asian", "base_rate": f"{float(row['base_rate']) * 1.1:.2f}"}
    rows += [{**rows[0], "race_ethnicity": "aian"}] * 29 + [{**rows[0], "race_ethnicity": "unknown"}]
    figure = figure_of("adjusted_race_gap", rows, least=True)
    parts = {part.group: part.value for part in figure.groups if part.dimension == "race_ethnicity"}
    assert set(parts) == {"asian", "black", "white"}
    assert figure.value == parts["asian"] == pytest.approx(-10, abs=1.5)
    assert (figure.verdict, figure.n) == ("above_line", 429)
    assert [(part.group, part.n) for part in figure.excluded] == [("race_or_control_unknown", 1)]


def test_race_is_read_of_accounts_of_the_united_states_only() -> None:
    figure = figure_of("adjusted_race_gap", levels(), account=AccountFacts("FR"))
    assert (figure.status, figure.reason) == (Status.NOT_APPLICABLE, "country")
    alike = [{**row, "race_ethnicity": "white"} for row in levels()]
    assert figure_of("adjusted_race_gap", alike).status is Status.INSUFFICIENT_N


def test_the_adjusted_gap_is_of_hourly_pay_with_variable_pay_as_the_raw_gap_beside_it() -> None:
    rows = [{**row, "base_rate": "20.00"} for row in levels()]
    for row in rows:
        row["variable_pay_12m"] = "4160.00" if row["gender"] == "M" else "0"  # 2 an hour
    figure = figure_of("adjusted_gender_gap", rows, least=True)
    assert figure.value == pytest.approx(100 * (1 - 20 / 22))
    assert parts_of(figure)[None, "raw_gap"] == pytest.approx(figure_of("gender_gap_mean_hourly", rows).value)


def test_who_is_on_leave_is_counted_out_of_variable_pay_with_the_reason() -> None:
    rows = [{"gender": code, "variable_pay_12m": "100.00", "pay_status": "active"} for code in "FMFM"]
    rows += [{**rows[0], "pay_status": "leave_unpaid"}]
    for metric in ("gender_gap_mean_variable", "gender_gap_median_variable", "variable_receipt_gap"):
        assert [(part.group, part.n) for part in figure_of(metric, rows).excluded] == [("leave_without_full_pay", 1)]
        assert figure_of(metric, rows, "uk").excluded == ()
