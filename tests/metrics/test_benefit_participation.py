"""Who takes part in a benefit, what is paid into retirement, and how many days of leave there are."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from metrics.benefit_files import (
    FACTS,
    FIGURES,
    MEDICAL,
    Rows,
    benefits,
    counts,
    enrolment,
    figure,
    inputs_of,
    with_benefits,
)
from metrics.test_properties import few, people, seeds
from metrics.worked import typed
from wm_api.metrics.benefit_access import HEADLINE
from wm_api.metrics.figures import Status
from wm_api.metrics.formulas import FORMULAS
from wm_api.metrics.payroll import summarise_payroll


def test_who_waived_ended_or_is_covered_elsewhere_does_not_take_part() -> None:
    rows = [
        enrolment(0, None, None),
        enrolment(1, None, None, status="waived"),
        enrolment(2, None, None, coverage_to="2025-12-30"),
        enrolment(3, None, None, coverage_from="2026-01-01", eligible_from="2025-01-01"),
        enrolment(4, None, None, status="offered"),
    ]
    found = figure("benefit_participation_rate", inputs_of([{}] * 5, [MEDICAL], rows))
    taken = figure("benefit_take_up_rate", inputs_of([{}] * 5, [MEDICAL], rows))
    assert (found.value, found.n, found.basis) == (
        4.0,
        5,
        "enrolments",
    )  # a fifth of 20: the other four are not offered
    assert (taken.value, taken.n) == (20.0, 5)


def test_two_plans_of_one_type_are_one_participation() -> None:
    plans: Rows = [MEDICAL, {**MEDICAL, "plan_code": "PPO"}]
    rows = [enrolment(0, None, None), enrolment(0, None, None, plan_code="PPO")]
    groups = figure("benefit_participation_rate", inputs_of([{}] * 2, plans, rows)).groups
    assert {part.group: part.value for part in groups}["medical"] == 50.0


def test_nobody_enrols_in_leave_so_access_is_participation_unless_rows_say_more() -> None:
    plans: Rows = [{"plan_code": "VAC", "benefit_type": "vacation", "min_weekly_hours": "30.00"}]
    workforce: Rows = [{}, {}, {"weekly_hours": "20.00"}, {}]
    by_access = figure("benefit_participation_rate", inputs_of(workforce, plans))
    assert (by_access.value, by_access.basis) == (15.0, "access")
    rows: Rows = [{"employee_key": "k0", "plan_code": "VAC"}]
    assert figure("benefit_participation_rate", inputs_of(workforce, plans, rows)).value == 5.0


def test_a_benefit_that_people_have_access_to_and_no_row_speaks_of_is_not_reported() -> None:
    plans: Rows = [MEDICAL, {"plan_code": "VAC", "benefit_type": "vacation"}]
    for metric in ("benefit_participation_rate", "benefit_take_up_rate"):
        found = figure(metric, inputs_of([{}] * 3, plans, [{"employee_key": "k0", "plan_code": "VAC"}]))
        assert (found.status, found.reason) == (Status.NOT_REPORTED, "kind:benefit_enrolments")
    unreachable: Rows = [{**MEDICAL, "min_weekly_hours": "60.00"}]
    found = figure("benefit_participation_rate", inputs_of([{}] * 3, unreachable))
    assert (found.status, found.value) == (Status.OK, 0.0)  # nobody can be enrolled


def test_in_profile_us_a_plan_that_costs_people_nothing_needs_no_enrolment() -> None:
    plans: Rows = [
        {"plan_code": "DB", "benefit_type": "retirement_db", "contributory": False, "waiting_days": 365},
        {**MEDICAL, "contributory": True},
    ]
    inputs = inputs_of([{}, {"hire_date": "2025-11-01"}], plans, [enrolment(0, None, None)])
    us = FORMULAS["benefit_participation_rate"](inputs, "us")
    assert {part.group: part.value for part in us.groups}["retirement"] == 100.0
    assert us.value == pytest.approx(100 * (1 + 2) / 10)
    assert figure("benefit_participation_rate", inputs).status is Status.NOT_REPORTED  # default asks for rows


def payroll(rows: Rows) -> Any:
    period = {"currency": "USD", "period_start": "2025-12-01", "period_end": "2025-12-31", "pay_base": "4000.00"}
    return summarise_payroll([typed("payroll", [{**period, **row} for row in rows])], FACTS.window())


def test_contributions_to_retirement_are_a_share_of_all_base_pay() -> None:
    rows: Rows = [
        {"employee_key": "k0", "employer_retirement_contribution": "240.00"},
        {"employee_key": "k1"},
        {"employee_key": "k2", "employer_retirement_contribution": "900.00", "currency": "CAD"},
        {"employee_key": "gone", "employer_retirement_contribution": "900.00"},
    ]
    found = figure("retirement_contribution_rate", replace(inputs_of([{}] * 3, None), payroll=payroll(rows)))
    assert (found.value, found.n, found.basis) == (3.0, 2, "payroll")
    assert [(part.group, part.n) for part in found.excluded] == [("other_currency", 1)]


def test_contributions_that_a_run_takes_back_do_not_count() -> None:
    first = {"employee_key": "k0", "employer_retirement_contribution": "240.00", "run_no": 1}
    wrong = {**first, "run_no": 2, "employer_retirement_contribution": "777.00"}
    for stated in ("777.00", None):
        back = {
            **wrong,
            "run_no": 3,
            "reverses_run_no": 2,
            "pay_base": "-4000.00",
            "employer_retirement_contribution": stated,
        }
        found = figure(
            "retirement_contribution_rate", replace(inputs_of([{}], None), payroll=payroll([first, wrong, back]))
        )
        assert found.value == 6.0


def test_without_payroll_contributions_are_those_of_enrolments_over_a_year_of_base_pay() -> None:
    plans: Rows = [{"plan_code": "DC", "benefit_type": "retirement_dc"}, MEDICAL]
    rows = [
        enrolment(0, "2080.00", None, plan_code="DC"),
        enrolment(1, None, None, plan_code="DC"),
        enrolment(2, "9999.00", None),
    ]
    inputs = inputs_of([{}] * 4, plans, rows)
    found = figure("retirement_contribution_rate", inputs)
    assert found.value == pytest.approx(100 * 2080 / (3 * 20 * 2080))
    assert (found.n, found.basis) == (3, "enrolments")
    assert [(part.group, part.n) for part in found.excluded] == [("contribution_unknown", 1)]
    silent = figure("retirement_contribution_rate", replace(inputs, enrolments=typed("benefit_enrolments", rows[1:])))
    assert (silent.status, silent.reason) == (Status.NOT_REPORTED, "column:employer_contribution_annual")
    none = figure("retirement_contribution_rate", inputs_of([{}], [MEDICAL], rows[2:]))
    assert none.value == 0.0  # the list of plans is whole: there is no plan to pay into


def test_days_of_leave_are_weighed_by_full_time_share_and_the_best_plan_of_a_type_counts() -> None:
    plans: Rows = [
        {"plan_code": "V1", "benefit_type": "vacation", "leave_days_per_year": "20.00", "min_weekly_hours": "30.00"},
        {"plan_code": "V2", "benefit_type": "vacation", "leave_days_per_year": "12.00"},
        {"plan_code": "S", "benefit_type": "sick_leave", "leave_days_per_year": "10.00", "waiting_days": 365},
        {"plan_code": "P", "benefit_type": "parental_leave", "leave_days_per_year": "90.00"},
    ]
    workforce: Rows = [{}, {"weekly_hours": "10.00"}, {"hire_date": "2025-06-01"}]
    inputs = inputs_of(workforce, plans)
    found = figure("paid_leave_days_per_fte", inputs)
    assert found.value == pytest.approx((1 * 30 + 0.25 * 22 + 1 * 20) / 2.25)
    parts = {part.group: part.value for part in found.groups}
    assert parts["holidays"] == 0.0
    assert parts["sick_leave"] == pytest.approx(1.25 * 10 / 2.25)
    us = FORMULAS["paid_leave_days_per_fte"](inputs, "us")
    assert us.value == pytest.approx((1 * 30 + 0.25 * 22 + 1 * 30) / 2.25)
    row: Rows = [{"employee_key": "k0", "plan_code": "V2"}]  # a row says which plan; the rules are not asked
    assert figure("paid_leave_days_per_fte", inputs_of(workforce[:1], plans, row)).value == 22.0


def test_days_that_a_plan_does_not_say_are_not_known_and_no_plan_is_no_day() -> None:
    plans: Rows = [{"plan_code": "V", "benefit_type": "vacation"}]
    silent = figure("paid_leave_days_per_fte", inputs_of([{}], plans))
    assert (silent.status, silent.reason) == (Status.NOT_REPORTED, "column:leave_days_per_year")
    sick = {"plan_code": "S", "benefit_type": "sick_leave", "leave_days_per_year": "5.00", "min_weekly_hours": "30.00"}
    some = figure("paid_leave_days_per_fte", inputs_of([{}, {}], [{**plans[0], "min_weekly_hours": "60.00"}, sick]))
    assert some.value == 5.0
    unknown = figure("paid_leave_days_per_fte", inputs_of([{}, {}], [*plans, sick]))
    assert (unknown.status, [(part.group, part.n) for part in unknown.excluded]) == (
        Status.INSUFFICIENT_N,
        [("leave_unknown", 2)],
    )
    assert figure("paid_leave_days_per_fte", inputs_of([{}], [MEDICAL])).value == 0.0


@few
@given(seeds)
def test_who_takes_part_has_access_and_take_up_is_participation_of_access(seed: int) -> None:
    rows = people(seed)
    plans, enrolments = benefits(seed, sorted({row["employee_key"] for row in rows}))
    told: Rows = [{"employee_key": rows[0]["employee_key"], "plan_code": each["plan_code"]} for each in plans]
    inputs = with_benefits([{**row, "termination_date": None} for row in rows], plans, [*enrolments, *told])
    for profile in ("default", "us"):
        access, part, up = (FORMULAS[name](inputs, profile) for name in FIGURES[:3])
        assert part.status is Status.OK
        granted, taken = (counts(figure) for figure in (access, part))
        assert all(taken[name] <= granted[name] for name in HEADLINE)
        shares = {each.group: each.value for each in up.groups if each.group in HEADLINE and each.n}
        assert shares == {name: pytest.approx(100 * taken[name] / granted[name]) for name in HEADLINE if granted[name]}
