"""Like-for-like: what changed over a year among the people who were there on both days."""

from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from metrics.test_properties import inputs_of, people, seeds
from wm_api.metrics.figures import Status
from wm_api.metrics.like_for_like import COMPARED, like_for_like, matched
from wm_api.metrics.population import MetricInputs
from wm_api.metrics.suppression import LEAST
from wm_api.records.facts import Facts

YEAR_BEFORE = Facts(kind="workforce", as_of=date(2024, 12, 31))
couple = settings(deadline=None, max_examples=3, phases=[Phase.generate])
OF_THE_DAY = ("living_wage_share", "living_wage_gap_depth")
OF_PLACES = ("pay_p90_p10_ratio", "pay_ratio_top_median")
"""Between places of a sorted list: twins move them."""


def staff(seed: int, count: int = 60) -> list[dict[str, Any]]:
    """People of both days: hired before the first and still there."""
    rows = people(seed, count)
    return [
        {**row, "employee_key": f"p{number}", "hire_date": "2020-01-02", "termination_date": None}
        for number, row in enumerate(rows)
    ]


def before(rows: list[dict[str, Any]]) -> MetricInputs:
    return replace(inputs_of(rows, least=True), facts=YEAR_BEFORE)


def now(rows: list[dict[str, Any]]) -> MetricInputs:
    return inputs_of(rows, least=True)


@couple
@given(seeds)
def test_of_the_same_records_nothing_changed(seed: int) -> None:
    rows = staff(seed)
    found = like_for_like(now(rows), before(rows))
    assert found["median_hourly_pay"].status is Status.OK
    for name in COMPARED:
        if found[name].status is Status.OK:
            assert found[name].change == 0.0


@couple
@given(seeds)
def test_joiners_leavers_and_sold_entities_change_nothing(seed: int) -> None:
    rows = [{**row, "establishment_code": "S1", "variable_pay_12m": None} for row in staff(seed)]
    raised = [{**row, "base_rate": f"{1.05 * float(row['base_rate']):.4f}"} for row in rows]
    joined = [{**row, "employee_key": f"j{row['employee_key']}", "base_rate": "99.00"} for row in rows[:20]]
    left = [{**row, "employee_key": f"l{row['employee_key']}", "base_rate": "9.00"} for row in rows[:20]]
    sold = [{**row, "employee_key": f"s{row['employee_key']}", "establishment_code": "S2"} for row in rows[:20]]
    moved = [{**row, "establishment_code": "S1"} for row in sold]  # their site is there no more
    alone = like_for_like(now(raised), before(rows))
    assert like_for_like(now(raised + joined + moved), before(rows + left + sold)) == alone
    pay = alone["median_hourly_pay"]
    assert pay.value == pytest.approx(1.05 * (pay.before or 0))
    assert pay.change == pytest.approx(0.05 * (pay.before or 0))


@couple
@given(seeds)
def test_the_order_of_rows_and_a_twin_company_change_no_rate(seed: int) -> None:
    rows, random = staff(seed), Random(seed)
    later = [{**row, "contract_type": random.choice(["permanent", "fixed_term"])} for row in rows]
    found = like_for_like(now(later), before(rows))
    shuffled = like_for_like(now(random.sample(later, len(later))), before(random.sample(rows, len(rows))))
    assert shuffled == found
    twins = [[*each, *({**row, "employee_key": f"t{row['employee_key']}"} for row in each)] for each in (later, rows)]
    doubled = like_for_like(now(twins[0]), before(twins[1]))
    for name in set(COMPARED) - set(OF_PLACES):
        if found[name].status is Status.OK:
            assert doubled[name].change == pytest.approx(found[name].change, abs=1e-9)
            assert doubled[name].n == 2 * (found[name].n or 0)


def test_too_few_people_of_both_days_have_a_status_and_no_figure() -> None:
    rows = staff(1)
    others = [{**row, "employee_key": f"o{row['employee_key']}"} for row in rows[5:]]
    found = like_for_like(now(rows), before(rows[:5] + others))
    assert matched(now(rows), before(rows[:5] + others)).height < LEAST
    assert found["permanent_share"].status is Status.INSUFFICIENT_N
    assert {each.value for each in found.values() if each.status is not Status.OK} == {None}
