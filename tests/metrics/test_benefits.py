"""Who has access to a benefit, who pays the premiums, and what the lowest paid have."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.benefit_files import (
    FIGURES,
    MEDICAL,
    TYPES,
    Rows,
    benefits,
    counts,
    enrolment,
    figure,
    inputs_of,
    with_benefits,
)
from metrics.test_properties import few, people, seeds
from wm_api.metrics.benefit_access import HEADLINE
from wm_api.metrics.figures import Figure, Status
from wm_api.metrics.formulas import FORMULAS, compute
from wm_api.metrics.population import MetricInputs


def rates(inputs: MetricInputs, profile: str = "default") -> dict[str, float | None]:
    return {part.group: part.value for part in FORMULAS["benefit_access_rate"](inputs, profile).groups}


def test_a_type_that_is_not_in_the_list_is_offered_to_nobody_and_the_headline_is_the_mean_of_five() -> None:
    plans: Rows = [
        MEDICAL,
        {"plan_code": "401K", "benefit_type": "retirement_dc"},
        {"plan_code": "D", "benefit_type": "dental"},
    ]
    found = figure("benefit_access_rate", inputs_of([{}] * 4, plans))
    values = {part.group: part.value for part in found.groups}
    assert (found.value, found.basis) == (40.0, "rule")
    assert values["vacation"] == values["sick_leave"] == values["parental_or_family_leave"] == 0.0
    assert (values["retirement"], values["retirement_dc"], values["dental"]) == (100.0, 100.0, 100.0)


@pytest.mark.parametrize(
    ("person", "plan", "expected"),
    [
        ({"weekly_hours": "29.99"}, {"min_weekly_hours": "30.00"}, 0.0),
        ({"weekly_hours": "30.00"}, {"min_weekly_hours": "30.00"}, 100.0),
        ({"contract_type": "fixed_term"}, {"eligible_contract": "permanent_only"}, 0.0),
        ({"contract_type": "fixed_term"}, {"eligible_contract": "all"}, 100.0),
        ({"hire_date": "2025-10-03"}, {"waiting_days": 90}, 0.0),
        ({"hire_date": "2025-10-02"}, {"waiting_days": 90}, 100.0),
        ({"hire_date": "2025-12-01", "original_hire_date": "2020-01-01"}, {"waiting_days": 90}, 100.0),
    ],
)
def test_access_by_rule_looks_at_hours_contract_and_service(
    person: dict[str, str], plan: dict[str, Any], expected: float
) -> None:
    assert rates(inputs_of([person], [{**MEDICAL, **plan}]))["medical"] == expected
    if "waiting_days" in plan:
        assert rates(inputs_of([person], [{**MEDICAL, **plan}]), "us")["medical"] == 100.0


def test_one_of_several_plans_of_a_type_is_enough() -> None:
    plans: Rows = [
        {**MEDICAL, "min_weekly_hours": "40.00"},
        {**MEDICAL, "plan_code": "LOW", "min_weekly_hours": "10.00"},
    ]
    assert rates(inputs_of([{"weekly_hours": "20.00"}], plans))["medical"] == 100.0


@pytest.mark.parametrize(
    ("row", "default", "us"),
    [
        ({"status": "offered"}, 100.0, 100.0),
        ({"status": "waived"}, 100.0, 100.0),
        ({"eligible_from": "2026-01-01"}, 0.0, 100.0),
        ({"eligible_from": "2025-12-31"}, 100.0, 100.0),
        ({"coverage_from": "2025-01-01", "coverage_to": "2025-12-30"}, 0.0, 0.0),
        ({"plan_code": "OTHER"}, 0.0, 0.0),
    ],
)
def test_a_row_of_enrolments_gives_access_whatever_the_rules_say(
    row: dict[str, str], default: float, us: float
) -> None:
    plans = [{**MEDICAL, "min_weekly_hours": "60.00"}]
    inputs = inputs_of([{}], plans, [{"employee_key": "k0", "plan_code": "MED", **row}])
    assert (rates(inputs)["medical"], rates(inputs, "us")["medical"]) == (default, us)


def test_a_figure_says_whether_rows_or_rules_decided() -> None:
    plans: Rows = [{**MEDICAL, "min_weekly_hours": "30.00"}]
    offer: Rows = [{"employee_key": "k0", "plan_code": "MED"}]
    for hours, enrolments, basis in (
        ("40.00", None, "rule"),
        ("20.00", offer, "offer"),
        ("40.00", offer, "offer_and_rule"),
    ):
        found = figure("benefit_access_rate", inputs_of([{"weekly_hours": hours}] * 2, plans, enrolments))
        assert found.basis == basis


def test_a_person_of_whom_a_rule_cannot_be_told_is_left_out_and_counted() -> None:
    plans: Rows = [{**MEDICAL, "eligible_contract": "permanent_only"}, {"plan_code": "VAC", "benefit_type": "vacation"}]
    found = figure("benefit_access_rate", inputs_of([{}, {"contract_type": None}], plans))
    parts = {part.group: (part.n, part.value) for part in found.groups}
    assert (found.n, found.value, [(part.group, part.n) for part in found.excluded]) == (
        1,
        40.0,
        [("eligibility_unknown", 1)],
    )
    assert (parts["medical"], parts["vacation"]) == ((1, 100.0), (2, 100.0))


def test_of_a_plan_code_that_repeats_the_latest_year_that_has_begun_counts() -> None:
    years: Rows = [
        {**MEDICAL, "plan_year": year, "min_weekly_hours": hours}
        for year, hours in ((2024, "0"), (2025, "50"), (2026, "0"))
    ]
    assert rates(inputs_of([{}], years))["medical"] == 0.0
    assert rates(inputs_of([{}], [years[2]]))["medical"] == 100.0


def test_what_was_not_pushed_is_named() -> None:
    for plans, enrolments, expected in (
        (None, None, ["kind:benefit_plans", "kind:benefit_enrolments", "kind:benefit_plans"]),
        (None, [{"employee_key": "k0", "plan_code": "MED"}], ["kind:benefit_plans"] * 3),
    ):
        figures = compute(inputs_of([{}], plans, enrolments))
        names = ("benefit_access_rate", "employer_premium_share", "low_wage_benefit_parity")
        assert [figures[name].reason for name in names] == expected
        assert {figures[name].status for name in names} == {Status.NOT_REPORTED}


def test_the_share_of_premiums_is_a_ratio_of_sums_over_medical_enrolments_in_force() -> None:
    plans: Rows = [MEDICAL, {"plan_code": "DEN", "benefit_type": "dental"}]
    rows = [
        enrolment(0, "9000.00", "1000.00"),
        enrolment(1, "3000.00", "2000.00"),
        enrolment(2, "0.00", "5000.00", status="waived"),
        enrolment(3, "0.00", "5000.00", plan_code="DEN"),
        enrolment(4, "0.00", "5000.00", coverage_to="2025-06-30"),
        enrolment(5, "0.00", "5000.00", currency="CAD"),
        enrolment(6, "4000.00", None),
        enrolment(99, "0.00", "5000.00"),
    ]
    found = figure("employer_premium_share", inputs_of([{}] * 8, plans, rows))
    assert (found.value, found.n, found.basis) == (80.0, 2, "amounts")
    assert [(part.group, part.n) for part in found.excluded] == [("premium_unknown", 2)]
    r, pairs = 0.8, ((9000, 10000), (3000, 5000))
    assert found.standard_error == pytest.approx(100 * (2 * sum((y - r * x) ** 2 for y, x in pairs)) ** 0.5 / 15000)


def test_without_amounts_the_plan_s_shares_by_tier_stand_for_each_enrolment() -> None:
    plans: Rows = [{**MEDICAL, "employer_premium_share_single": "0.9000", "employer_premium_share_family": "0.6000"}]
    rows = [
        {"employee_key": f"k{n}", "plan_code": "MED", "tier": tier}
        for n, tier in enumerate(("single", "plus_one", "family", None))
    ]
    found = figure("employer_premium_share", inputs_of([{}] * 4, plans, rows))
    assert (round(found.value or 0, 9), found.n, found.basis) == (70.0, 3, "plan_shares")
    silent = figure("employer_premium_share", inputs_of([{}], [MEDICAL], rows[:1]))
    assert (silent.status, silent.reason) == (Status.NOT_REPORTED, "column:employer_contribution_annual")


def test_parity_compares_the_quarters_that_are_paid_least_and_most() -> None:
    rows = [
        {"base_rate": f"{10 + n}.00", "weekly_hours": "20.00" if n in {0, 1, 2, 11} else "40.00"} for n in range(12)
    ]
    plans: Rows = [{**MEDICAL, "min_weekly_hours": "30.00"}, {"plan_code": "VAC", "benefit_type": "vacation"}]
    found = figure("low_wage_benefit_parity", inputs_of(rows, plans))
    parts = {part.group: (part.n, part.value) for part in found.groups}
    assert parts["Q1"] == (3, 20.0)
    assert (parts["Q4"][0], round(parts["Q4"][1] or 0, 9)) == (3, round(100 * 5 / 15, 9))
    assert found.value == pytest.approx(0.6)
    assert figure("low_wage_benefit_parity", inputs_of(rows, plans, least=True)).status is Status.INSUFFICIENT_N
    nothing = figure("low_wage_benefit_parity", inputs_of(rows, [{"plan_code": "D", "benefit_type": "dental"}]))
    assert (nothing.status, nothing.value) == (Status.UNDEFINED, None)


def test_more_for_the_lowest_paid_is_parity_and_no_more() -> None:
    rows = [{"base_rate": f"{10 + n}.00", "weekly_hours": "20.00" if n > 8 else "40.00"} for n in range(12)]
    plans: Rows = [{**MEDICAL, "min_weekly_hours": "30.00"}, {"plan_code": "VAC", "benefit_type": "vacation"}]
    assert figure("low_wage_benefit_parity", inputs_of(rows, plans)).value == 1.0


def answered(inputs: MetricInputs) -> dict[str, Figure]:
    return {
        f"{name} {profile}": FORMULAS[name](replace(inputs, cache={}), profile)
        for name in FIGURES
        for profile in ("default", "us")
    }


@few
@given(seeds)
def test_the_order_of_people_plans_and_enrolments_changes_no_digit(seed: int) -> None:
    rows, random = people(seed), Random(seed + 1)
    plans, enrolments = benefits(seed, sorted({row["employee_key"] for row in rows}))
    shuffled = [random.sample(each, len(each)) for each in (rows, plans, enrolments)]
    assert answered(with_benefits(rows, plans, enrolments)) == answered(with_benefits(*shuffled))


def granted(inputs: MetricInputs, profile: str = "default") -> dict[str, int]:
    return counts(FORMULAS["benefit_access_rate"](inputs, profile))


@few
@given(seeds, st.sampled_from([name for name in TYPES if name != "dental"]))
def test_one_more_plan_or_offer_takes_access_from_nobody_and_ignoring_the_wait_neither(seed: int, benefit: str) -> None:
    rows = people(seed)
    keys = sorted({row["employee_key"] for row in rows})
    plans, enrolments = benefits(seed, keys)
    plain = with_benefits(rows, plans, enrolments)
    more = with_benefits(rows, [*plans, {"plan_code": "NEW", "benefit_type": benefit}], enrolments)
    offer = with_benefits(rows, plans, [*enrolments, {"employee_key": keys[0], "plan_code": plans[0]["plan_code"]}])
    before = granted(plain)
    for other in (granted(more), granted(offer), granted(plain, "us")):
        assert all(other[name] >= before[name] for name in HEADLINE)
    assert granted(more)[next(name for name, types in HEADLINE.items() if benefit in types)] > 0


@few
@given(seeds)
def test_benefit_figures_lie_in_their_ranges_and_intervals_and_are_never_a_silent_0(seed: int) -> None:
    rows = people(seed)
    plans, enrolments = benefits(seed, sorted({row["employee_key"] for row in rows}))
    for name, each in answered(with_benefits(rows, plans, enrolments)).items():
        assert (each.value is not None) == (each.status is Status.OK)
        if each.value is not None and each.interval is not None:
            most = {"low_wage_benefit_parity": 1, "paid_leave_days_per_fte": 3 * 22.5}.get(name.split()[0], 100)
            assert 0 <= each.value <= most
            assert each.interval.low - 1e-9 <= each.value <= each.interval.high + 1e-9
        if each.status is not Status.NOT_REPORTED:
            assert {"F", "M"} <= {part.group for part in each.groups}
