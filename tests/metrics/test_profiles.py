"""Five readings of the same people: each line of the table changes what it names, and nothing else."""

import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from metrics.test_rules import inputs_of
from metrics.worked import EXAMPLES
from metrics.worked import inputs_of as worked_inputs
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import published
from wm_api.metrics.formulas import FORMULAS, compute
from wm_api.metrics.profiles import LINES, NONE, PROFILES, Question, answer

MODULES = Path(__file__).resolve().parents[2] / "src/wm_api/metrics"
RUN = {"period_start": "2025-12-01", "period_end": "2025-12-31", "currency": "USD", "frequency": "month"}


def rates(paid: dict[str, Any], profile: str) -> tuple[float, float]:
    person = inputs_of([{}], [{**RUN, "employee_key": "k0", **paid}]).people(profile).row(0, named=True)
    return person["r0"], person["r"]


def test_profiles_eu_and_esrs_read_all_pay_over_all_hours_and_the_others_leave_overtime_out() -> None:
    paid = {"pay_base": "1600.00", "hours_regular": "80.00", "pay_overtime": "600.00", "hours_overtime": "20.00"}
    paid |= {"pay_commission": "100.00", "pay_tips": "50.00"}
    for profile in ("eu", "esrs"):
        assert rates(paid, profile) == pytest.approx((2200 / 100, 2350 / 100))
    for profile in ("default", "us"):
        assert rates(paid, profile) == pytest.approx((1600 / 80, 1700 / 80))


def test_overtime_pay_whose_hours_nobody_states_is_left_out_rather_than_paid_for_no_time() -> None:
    paid = {"pay_base": "1600.00", "hours_regular": "80.00", "pay_overtime": "600.00"}
    assert rates(paid, "eu") == pytest.approx((20.0, 20.0))


def test_what_is_a_mistake_in_one_profile_is_the_reading_of_another() -> None:
    wrong = next(each for each in EXAMPLES["E3"]["wrong"] if each["mistake"] == "all pay over all hours")
    people = worked_inputs(EXAMPLES["E3"]).people("eu")
    person = people.row(by_predicate=pl.col("employee_key") == wrong["employee_key"], named=True)
    assert f"{published(person['r'], 4)}" == wrong["r"]


def people_of_all_kinds() -> list[dict[str, Any]]:
    kinds = [
        ("F", "active", "18.00"),
        ("M", "active", "20.00"),
        ("F", "leave_unpaid", "9.00"),
        ("X", "active", "15.00"),
    ]
    return [{"gender": sex, "pay_status": status, "base_rate": rate} for sex, status, rate in kinds for _ in range(10)]


def test_who_is_on_unpaid_leave_is_in_the_gaps_of_eu_esrs_and_us_alone() -> None:
    inputs = inputs_of(people_of_all_kinds())
    found = {each: FORMULAS["gender_gap_mean_hourly"](inputs, each) for each in PROFILES}
    assert {name: figure.value for name, figure in found.items()} == pytest.approx(
        {"default": 10.0, "uk": 10.0, "eu": 32.5, "esrs": 32.5, "us": 32.5}
    )
    assert {name: figure.n for name, figure in found.items()} == {
        "default": 30, "uk": 30, "eu": 40, "esrs": 40, "us": 40,
    }  # fmt: skip


def test_beside_the_gap_stand_what_the_profile_names_gender_x_or_gross_annual_pay() -> None:
    half = [{**row, "weekly_hours": "20.00" if row["gender"] == "F" else "40.00"} for row in people_of_all_kinds()]
    shown = {}
    for profile in PROFILES:
        groups = FORMULAS["gender_gap_mean_hourly"](inputs_of(half), profile).groups
        shown[profile] = {part.group: part.value for part in groups if part.group.startswith("gap_of")}
    assert {name: set(parts) for name, parts in shown.items()} == {
        "default": {"gap_of_X"}, "us": {"gap_of_X"}, "uk": set(), "esrs": set(), "eu": {"gap_of_gross_annual"},
    }  # fmt: skip
    assert shown["eu"]["gap_of_gross_annual"] == pytest.approx(100 * (1 - (13.5 * 20) / (20 * 40)))


def test_gross_annual_pay_is_that_of_a_whole_year_where_payroll_covers_a_month() -> None:
    paid = {"pay_base": "1600.00", "hours_regular": "80.00", "pay_overtime": "300.00", "hours_overtime": "10.00"}
    person = inputs_of([{}], [{**RUN, "employee_key": "k0", **paid}]).people("eu").row(0, named=True)
    assert person["gross_annual"] == pytest.approx(12 * 1900)


def test_esrs_has_no_gap_of_variable_pay() -> None:
    names = {name for name, each in CATALOGUE.items() if Question.VARIABLE_GAP in each.questions}
    assert names == {"gender_gap_mean_variable", "gender_gap_median_variable", "variable_receipt_gap"}
    assert not names & compute(inputs_of([{}]), "esrs").keys()
    assert names <= compute(inputs_of([{}]), "eu").keys()


def test_a_metric_has_default_and_the_profiles_that_read_one_of_its_questions_in_another_way() -> None:
    inputs = inputs_of(people_of_all_kinds())
    for definition in CATALOGUE.values():
        assert definition.profiles[0] == "default"
        for profile in set(PROFILES) - set(definition.profiles):
            codes = {answer(each, profile).code for each in definition.questions}
            assert codes <= {answer(each, "default").code for each in definition.questions} | {NONE}
        if not definition.questions:
            assert definition.profiles == ("default",)
    for name in ("early_attrition_90d", "permanent_share", "overtime_hours_share", "promotion_rate"):
        assert len({FORMULAS[name](inputs, profile).value for profile in PROFILES}) == 1


def test_formulas_read_the_table_and_never_the_name_of_a_profile() -> None:
    named = re.compile("|".join(f"[\"']{name}[\"']" for name in PROFILES if name != "default"))
    files = [*MODULES.glob("formulas/*.py"), *(MODULES / f"{name}.py" for name in ("population", "hourly_pay"))]
    assert len(files) > 10
    assert [file.name for file in files if named.search(file.read_text())] == []


@pytest.mark.parametrize("question", Question)
def test_every_line_has_an_answer_in_words_for_every_profile(question: Question) -> None:
    assert set(LINES[question]) <= set(PROFILES)
    for profile in PROFILES:
        text = answer(question, profile).text
        assert re.fullmatch(r"[0-9A-Z][^.]{9,}\.", text)
    codes: dict[str, str] = {}
    for each in LINES[question].values():
        assert codes.setdefault(each.text, each.code) == each.code
