"""Every figure of the worked examples that these formulas can express; what is left out is listed with its reason."""

from calendar import monthrange
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import exp
from typing import Any

import polars as pl
import pytest

from metrics.worked import DOCUMENT, EXAMPLES, FILE, inputs_of
from shared import SHARED, needs_shared
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.estimates import median_of
from wm_api.metrics.figures import Figure, published
from wm_api.metrics.formulas import FORMULAS
from wm_api.metrics.formulas.category_gaps import category_gaps
from wm_api.metrics.formulas.pay_quarters import quarter_sizes, women_by_quarter

BENEFITS = {"benefit_access_rate", "benefit_participation_rate", "benefit_take_up_rate"}
NOT_TESTED = {
    ("E10", "midrank_percentile"): "used on public employer-level files only, which no part of this version does",
}

CASES = [
    (identity, expected)
    for identity, example in EXAMPLES.items()
    for expected in example.get("expected", [])
    if expected.get("metric") in FORMULAS and expected["metric"] not in BENEFITS
]


def name_of(case: Any) -> str:
    return (
        case
        if isinstance(case, str)
        else "-".join(filter(None, map(case.get, ("metric", "profile", "basis", "variant"))))
    )


each_case = pytest.mark.parametrize(("identity", "expected"), CASES, ids=name_of)


def values_of(figure: Figure, expected: dict[str, Any]) -> list[float | None]:
    """The headline; of a variant its part; of a figure of several parts those."""
    parts = {part.group: part.value for part in figure.groups}
    if expected.get("variant") in parts:
        return [parts[expected["variant"]]]
    return [figure.value] if figure.value is not None else [parts[name] for name in parts if name.startswith("Q")]


@each_case
def test_the_formula_gives_the_worked_figure(identity: str, expected: dict[str, Any]) -> None:
    options = {"basis": expected["basis"]} if "basis" in expected else {}
    figure = FORMULAS[expected["metric"]](inputs_of(EXAMPLES[identity]), expected["profile"], **options)
    assert figure.status == expected["status"]
    if expected["published"] is None:
        assert figure.value is None
        return
    values = values_of(figure, expected)
    printed = expected["published"] if isinstance(expected["published"], list) else [expected["published"]]
    assert [float(published(value or 0.0, expected["decimals"])) for value in values] == printed
    if "exact" in expected:
        exact = expected["exact"] if isinstance(expected["exact"], list) else [expected["exact"]]
        assert values == pytest.approx([float(Fraction(text)) for text in exact], rel=1e-12)
    wrong = [
        w["published"] for w in EXAMPLES[identity].get("wrong", []) if w.get("metric") in {None, expected["metric"]}
    ]
    assert printed not in wrong
    assert expected["published"] not in wrong


@each_case
def test_with_least_groups_on_the_service_answers_its_status(identity: str, expected: dict[str, Any]) -> None:
    figure = FORMULAS[expected["metric"]](inputs_of(EXAMPLES[identity], least=True), expected["profile"])
    assert figure.status.value == expected["production_status"]
    assert (figure.value is None) == (figure.status != "ok")


def test_every_example_is_tested_or_listed_with_its_reason() -> None:
    known = {(identity, expected["metric"]) for identity, expected in CASES} | NOT_TESTED.keys()
    known |= {(identity, metric) for identity in ("E6a", "E6b") for metric in BENEFITS}
    stated = {
        (identity, expected.get("metric") or expected["function"])
        for identity, example in EXAMPLES.items()
        for expected in example.get("expected", [])
    }
    assert {pair for pair in known if pair[0].startswith("E")} == stated
    assert [identity for identity, example in EXAMPLES.items() if "expected" not in example] == ["E3"]
    assert [each["id"] for each in DOCUMENT["scoring"]] == ["S1", "S2", "S3", "S4"]
    tested_benchmarks = {"B1", "B2", "B3", "B4"}
    assert {each["id"] for each in DOCUMENT["benchmarks"]} == tested_benchmarks
    assert not {metric for _, metric in NOT_TESTED} & CATALOGUE.keys()


def test_the_women_of_each_quarter_are_as_worked() -> None:
    people = inputs_of(EXAMPLES["E1"]).people()
    pay, women = people.get_column("r"), people.get_column("gender") == "F"
    for expected in EXAMPLES["E1"]["expected"]:
        counts = women_by_quarter(pay, women, whole=expected["tie_rule"] == "whole_people")
        assert counts == [Fraction(text) for text in expected["women_by_quarter"]]
        assert quarter_sizes(people.height) == expected["quarter_sizes"]


def test_extra_places_go_to_the_quarters_in_the_stated_order() -> None:
    for n, sizes in EXAMPLES["E1"]["quarter_sizes_for_n"].items():
        assert quarter_sizes(int(n)) == sizes


def test_the_gaps_rest_on_the_worked_middles() -> None:
    mean, median = EXAMPLES["E2a"]["expected"]
    for expected, name in ((mean, "mean"), (median, "median")):
        groups = FORMULAS[expected["metric"]](inputs_of(EXAMPLES["E2a"]), "default").groups
        found = {part.group: part.value for part in groups}
        worked = {code: float(Fraction(expected[f"{name}_{code.lower()}"])) for code in ("F", "M")}
        assert found == pytest.approx(worked)
    receipt = EXAMPLES["E2b"]["expected"][2]["receipt"]
    groups = FORMULAS["variable_receipt_gap"](inputs_of(EXAMPLES["E2b"]), "uk").groups
    assert {part.group: part.value for part in groups} == {code: float(share) for code, share in receipt.items()}


@pytest.mark.parametrize(
    "expected", EXAMPLES["E3"]["expected_people"], ids=lambda e: f"{e['employee_key']}-{e['profile']}"
)
def test_hourly_pay_is_as_worked(expected: dict[str, Any]) -> None:
    people = inputs_of(EXAMPLES["E3"]).people(expected["profile"])
    person = people.row(by_predicate=pl.col("employee_key") == expected["employee_key"], named=True)
    assert [f"{published(person[rate], 4)}" for rate in ("r", "r0")] == [expected["r"], expected["r0"]]
    assert f"{published(person['r'], 4)}" not in {
        wrong["r"] for wrong in EXAMPLES["E3"]["wrong"] if wrong["employee_key"] == expected["employee_key"]
    }


def test_the_headcounts_behind_turnover_are_as_worked() -> None:
    inputs, worked = inputs_of(EXAMPLES["E4"]), EXAMPLES["E4"]["intermediate"]
    window, employment = inputs.facts.window(), inputs.employment
    assert employment.person_days(window).get_column("days").sum() == worked["person_days"]
    left = employment.separations(window).filter(pl.col("why") != "transfer_out")
    assert left.height == worked["separations"]
    assert left.filter(pl.col("why") == "voluntary_quit").height == worked["voluntary"]
    for expected in EXAMPLES["E4"]["expected"]:
        if "average_headcount" in expected:
            average = employment.average(window, expected["basis"])
            assert average == pytest.approx(float(Fraction(expected["average_headcount"])), rel=1e-15)


def test_a_rate_says_what_it_is_on_the_other_bases() -> None:
    for metric in ("turnover_rate", "voluntary_turnover_rate"):
        worked = {each["basis"]: each["exact"] for each in EXAMPLES["E4"]["expected"] if each["metric"] == metric}
        groups = FORMULAS[metric](inputs_of(EXAMPLES["E4"]), "default").groups
        beside = {part.group: part.value for part in groups if part.dimension == "basis"}
        assert beside == {
            name: pytest.approx(float(Fraction(worked[name]))) for name in worked if name != "person_days"
        }


def test_the_headcounts_of_month_ends_and_the_cohort_are_as_worked() -> None:
    inputs, worked = inputs_of(EXAMPLES["E4"]), EXAMPLES["E4"]["intermediate"]
    ends = [date(2024, 12, 31), *(date(2025, month, monthrange(2025, month)[1]) for month in range(1, 13))]
    assert [inputs.employment.on(day) for day in ends] == worked["month_end_headcount"]
    assert inputs.employment.on(date(2025, 1, 1)) == worked["cohort"]
    assert FORMULAS["retention_rate_12m"](inputs, "default").n == worked["cohort_without_transfers"]


def test_the_rates_behind_the_gap_in_promotions_are_as_worked() -> None:
    expected = EXAMPLES["E5"]["expected"][1]
    parts = {part.group: part for part in FORMULAS["promotion_rate_gap"](inputs_of(EXAMPLES["E5"]), "default").groups}
    assert (parts["F"].n, parts["M"].n) == (120, 150)
    worked = {"M": expected["rate_m"], "F": expected["rate_f"], "ratio_F_to_M": expected["ratio_f_to_m"]}
    assert {name: parts[name].value for name in worked} == {
        name: pytest.approx(float(Fraction(text))) for name, text in worked.items()
    }


def test_the_swing_of_weekly_hours_has_the_worked_variation() -> None:
    figure, expected = (
        FORMULAS["hours_volatility_4wk"](inputs_of(EXAMPLES["E11"]), "default"),
        EXAMPLES["E11"]["expected"],
    )
    cv = next(part.value for part in figure.groups if part.group == "cv")
    assert float(published(cv or 0.0, 1)) == expected[0]["cv_percent"]


def test_the_adjusted_gap_has_the_worked_error_and_interval() -> None:
    figure, expected = (
        FORMULAS["adjusted_gender_gap"](inputs_of(EXAMPLES["E8"]), "default"),
        EXAMPLES["E8"]["expected"][1],
    )
    assert figure.interval is not None
    assert [round(figure.interval.low, 2), round(figure.interval.high, 2)] == expected["ci95"]
    assert round((figure.standard_error or 0) / (100 - (figure.value or 0)), 6) == expected["hc3_se"]
    assert figure.verdict == "not_resolved"


def test_the_adjusted_gap_stands_beside_the_worked_raw_gap_and_its_parts() -> None:
    example = EXAMPLES["E8"]
    figure, expected = FORMULAS["adjusted_gender_gap"](inputs_of(example), "default"), example["expected"][1]
    found = {(part.dimension, part.group): part.value or 0 for part in figure.groups}
    assert published(found[None, "raw_gap"], 1) == Decimal(str(example["expected"][0]["published"]))
    assert round(found[None, "raw_log_gap"] / 100, 5) == expected["raw_log_gap"]
    for name, worked in expected["decompositions"].items():
        explained, unexplained = found[name, "explained"] / 100, found[name, "unexplained"] / 100
        assert (round(explained, 5), round(unexplained, 5)) == (worked["explained"], worked["unexplained"])
        assert round(100 * (1 - exp(-unexplained)), 2) == worked["unexplained_percent"]
        assert explained + unexplained == pytest.approx(found[None, "raw_log_gap"] / 100, abs=1e-14)


def test_categories_have_the_worked_gaps_and_none_can_be_tested() -> None:
    inputs, expected = inputs_of(EXAMPLES["E8"]), EXAMPLES["E8"]["expected"][2]
    gaps = category_gaps(inputs.people())
    rows = {row["worker_category"]: row for row in gaps.iter_rows(named=True)}
    assert {code: float(published(row["gap"], 1)) for code, row in rows.items()} == expected["category_gaps"]
    assert {code: {"M": row["n_M"], "F": row["n_F"]} for code, row in rows.items()} == expected["category_n"]
    groups = FORMULAS["category_gap_exposure_5pct"](inputs, "default").groups
    assert {part.group: part.value for part in groups}["untestable"] == expected["untestable_share"]


def test_the_spread_of_pay_rests_on_the_worked_deciles() -> None:
    groups = FORMULAS["pay_p90_p10_ratio"](inputs_of(EXAMPLES["E7"]), "default").groups
    found, expected = {part.group: part.value for part in groups}, EXAMPLES["E7"]["expected"][3]
    worked = {name: float(expected[f"annual_{name.lower()}"]) / (52 * 40) for name in ("P90", "P10")}
    assert {name: found[name] for name in worked} == pytest.approx(worked, rel=1e-12)


@pytest.mark.parametrize("identity", ["E6a", "E6b"])
def test_benefits_are_as_worked(identity: str) -> None:
    example = EXAMPLES[identity]
    for expected in example["expected"]:
        formula, profile = FORMULAS[expected["metric"]], expected["profile"]
        figure = formula(inputs_of(example), profile)
        medical = next(part.value for part in figure.groups if part.group == expected["benefit_type"])
        assert figure.status == expected["status"]
        assert (medical is None) == (expected["status"] == "undefined")
        assert medical is None or medical == pytest.approx(float(Fraction(expected["exact"])), rel=1e-15)
        offered = 1 if expected["metric"] == "benefit_take_up_rate" else 5  # of the headline; four are not offered
        assert medical is None or figure.value == pytest.approx(medical / offered)
        assert formula(inputs_of(example, least=True), profile).status == expected["production_status"]


def test_a_median_is_linear_between_the_middle_two() -> None:
    assert median_of(pl.Series([12.0, 14.0, 20.0, 30.0])) == 17.0


@needs_shared
def test_the_copy_of_the_examples_is_the_design_s() -> None:
    assert FILE.read_bytes() == (SHARED / "design" / "worked-examples.json").read_bytes()
