"""Rules of who counts and of what is known, one by one."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from metrics.worked import typed
from wm_api.metrics.employment import employment_of
from wm_api.metrics.figures import Status
from wm_api.metrics.formulas import FORMULAS, compute
from wm_api.metrics.formulas.pay_level import price_index
from wm_api.metrics.payroll import summarise_payroll
from wm_api.metrics.payroll_rows import year_units
from wm_api.metrics.population import AccountFacts, MetricInputs, References, Snapshot, snapshot_of, snapshot_rows
from wm_api.records.facts import Facts

FACTS = Facts(kind="workforce", as_of=date(2025, 12, 31))
BASE = {
    "hire_date": "2020-01-01", "base_rate": "20.00", "base_rate_unit": "hour", "currency": "USD", "weekly_hours": "40.00", "gender": "F",
}  # fmt: skip


def inputs_of(rows: list[dict[str, Any]], payroll: list[dict[str, Any]] | None = None, **changes: Any) -> MetricInputs:
    numbered = [{**BASE, "employee_key": f"k{number}", **row} for number, row in enumerate(rows)]
    summed = summarise_payroll([typed("payroll", payroll)], FACTS.window()) if payroll else None
    given = {"references": References(), "account": AccountFacts("US"), "least": False, **changes}
    return MetricInputs(typed("workforce", numbered), FACTS, summed, **given)


def test_a_person_with_two_jobs_counts_once_with_the_sum_of_hours_and_pay() -> None:
    jobs = [
        {"employee_key": "a", "weekly_hours": "10.00", "base_rate": "40.00", "gender": "M", "job_level": 3},
        {"employee_key": "a", "weekly_hours": "30.00", "base_rate": "20.00", "gender": "F", "job_level": 1},
    ]
    person = inputs_of(jobs).people().row(0, named=True)
    assert (person["hours"], person["r0"], person["gender"], person["job_level"]) == (40.0, 25.0, "U", 1)
    assert inputs_of(jobs).people().height == 1


def test_pay_in_another_currency_is_counted_out_of_pay_but_not_of_heads() -> None:
    rows = [{"gender": code, "contract_type": "permanent"} for code in "FFFMMM"]
    mixed = [*rows, {"gender": "M", "contract_type": "permanent", "currency": "MXN", "base_rate": "9000.00"}]
    figures = compute(inputs_of(mixed))
    gap = figures["gender_gap_mean_hourly"]
    assert (gap.value, gap.n, gap.currency) == (0.0, 6, "USD")
    assert [(part.group, part.n) for part in gap.excluded] == [("other_currency", 1)]
    assert figures["permanent_share"].n == 7


def test_people_on_unpaid_leave_or_without_pay_are_counted_out_with_the_reason() -> None:
    rows = [{"gender": "F"}, {"gender": "M"}, {"pay_status": "leave_unpaid"}, {"base_rate": "0", "gender": "M"}]
    gap = FORMULAS["gender_gap_median_hourly"](inputs_of(rows), "default")
    assert [(part.group, part.n) for part in gap.excluded] == [("leave_without_full_pay", 1), ("no_hourly_pay", 1)]


def test_profile_uk_counts_everybody_in_who_receives_a_bonus() -> None:
    rows = [{"gender": code, "variable_pay_12m": "100.00", "pay_status": "leave_unpaid"} for code in "FM"]
    rows += [{"gender": code, "variable_pay_12m": "0", "pay_status": "active"} for code in "FM"]
    shares = {p: FORMULAS["variable_receipt_gap"](inputs_of(rows), p).groups[0].value for p in ("default", "uk")}
    assert shares == {"default": 0.0, "uk": 50.0}


def test_an_unknown_cell_is_never_read_as_nothing() -> None:
    rows = [{"gender": code, "variable_pay_12m": amount} for code in "FM" for amount in ("0", "50.00", None, None)]
    figure = FORMULAS["variable_receipt_gap"](inputs_of(rows), "default")
    assert ([part.value for part in figure.groups], figure.n) == ([50.0, 50.0], 4)
    assert [(part.group, part.n) for part in figure.excluded] == [("variable_pay_unknown", 4)]
    promotions: list[dict[str, Any]] = [
        {"promotions_in_window": 1, "termination_date": None},
        {"promotions_in_window": None},
    ]
    assert FORMULAS["promotion_rate"](inputs_of(promotions), "default").value == 100.0


def test_a_person_without_a_pay_run_is_not_read_as_one_who_received_nothing() -> None:
    run = {"period_start": "2025-12-01", "period_end": "2025-12-31", "currency": "USD", "pay_base": "100.00"}
    rows = [{"gender": code} for code in "FFFMMM"]
    paid = [{**run, "employee_key": f"k{n}", "pay_bonus": bonus} for n, bonus in ((0, "9.00"), (1, "0"), (3, "9.00"))]
    figure = FORMULAS["variable_receipt_gap"](inputs_of(rows, paid), "default")
    assert (figure.value, figure.n, [part.value for part in figure.groups]) == (50.0, 3, [50.0, 100.0])
    assert [(part.group, part.n) for part in figure.excluded] == [("no_payroll", 3)]


def test_a_snapshot_without_hire_dates_names_the_column_that_is_missing() -> None:
    rows: list[dict[str, Any]] = [
        {"employee_key": f"k{n}", **{k: v for k, v in BASE.items() if k != "hire_date"}, "base_rate_start": "19.00"}
        for n in range(4)
    ]
    for row in rows:
        row["promotions_in_window"] = 0
    references = References(consumer_prices={2024: 1.0, 2025: 1.0})
    inputs = MetricInputs(typed("workforce", rows), FACTS, None, references, AccountFacts("US"), least=False)
    figures = compute(inputs)
    for metric in ("turnover_rate", "voluntary_turnover_rate", "early_attrition_90d"):
        assert (figures[metric].status, figures[metric].reason) == (Status.NOT_REPORTED, "column:termination_date")
    assert figures["real_wage_growth_stayers"].reason == "column:hire_date"
    assert (figures["promotion_rate"].status, figures["promotion_rate"].basis) == (Status.OK, "end")


def test_overtime_that_no_file_states_is_not_reported_rather_than_none() -> None:
    row = {
        "employee_key": "k0",
        "period_start": "2025-01-01",
        "period_end": "2025-01-31",
        "currency": "USD",
        "pay_base": "3000.00",
    }
    both = {"hours_regular": "160.00", "hours_overtime": "8.00"}
    for absent, name in (("hours_overtime", "column:hours_overtime"), ("hours_regular", "column:hours_regular")):
        stated = {**row, **{key: value for key, value in both.items() if key != absent}}
        assert FORMULAS["overtime_hours_share"](inputs_of([{}], [stated]), "default").reason == name
    found = FORMULAS["overtime_hours_share"](inputs_of([{}], [{**row, **both}]), "default")
    assert found.value == pytest.approx(100 * 8 / 168)
    stranger = [{**row, **both}, {**row, "employee_key": "nobody", "hours_regular": "1.00", "hours_overtime": "99.00"}]
    assert FORMULAS["overtime_hours_share"](inputs_of([{}], stranger), "default").value == found.value


def test_constant_hours_of_exempt_staff_are_not_actual_hours() -> None:
    row = {"currency": "USD", "pay_base": "3000.00", "hours_overtime": "0"}
    months = [{"period_start": f"2025-0{n}-01", "period_end": f"2025-0{n}-28"} for n in (1, 2, 3)]
    payroll = [{**row, **month, "employee_key": "k0", "hours_regular": "173.33"} for month in months]
    payroll += [
        {**row, **month, "employee_key": "k1", "hours_regular": f"{150 + n}.00", "hours_overtime": "10.00"}
        for n, month in enumerate(months)
    ]
    figure = FORMULAS["overtime_hours_share"](
        inputs_of([{"overtime_exempt": "exempt"}, {"overtime_exempt": "nonexempt"}], payroll), "default"
    )
    assert (figure.n, [(p.group, p.n) for p in figure.excluded]) == (1, [("constant_exempt_hours", 1)])
    assert figure.value == pytest.approx(100 * 30 / 483)


@pytest.mark.parametrize(
    ("start", "end", "units"),
    [("2025-02-01", "2025-02-28", 26), ("2025-01-01", "2025-01-15", 13), ("2025-01-16", "2025-01-31", 13), ("2025-02-16", "2025-02-28", 13),
     ("2025-01-06", "2025-01-12", 6), ("2025-01-06", "2025-01-19", 12), ("2025-01-06", "2025-02-02", 24), ("2025-01-01", "2025-12-31", 312),
     ("2025-01-01", "2025-03-31", 77)],
)  # fmt: skip
def test_a_pay_period_without_a_frequency_is_known_by_its_calendar(start: str, end: str, units: int) -> None:
    frame = pl.DataFrame({"period_start": [date.fromisoformat(start)], "period_end": [date.fromisoformat(end)]})
    assert year_units(frame).to_list() == [units]


def test_a_promotion_needs_a_higher_level_and_three_percent_more_by_the_hour() -> None:
    same: dict[str, Any] = {
        "promotions_in_window": 1,
        "job_level_start": 1,
        "base_rate_start": "20.00",
        "termination_date": None,
    }
    cases: list[tuple[dict[str, Any], float]] = [
        ({"job_level": 2, "base_rate": "20.60"}, 100.0),
        ({"job_level": 1, "base_rate": "22.00"}, 0.0),
        ({"job_level": 2, "base_rate": "20.50"}, 0.0),
        ({"job_level": 2, "base_rate": "40000.00", "base_rate_start": "40000.00", "base_rate_unit": "year", "weekly_hours": "36.00", "weekly_hours_start": "40.00"}, 100.0),
    ]  # fmt: skip
    for change, expected in cases:
        assert FORMULAS["promotion_rate"](inputs_of([{**same, **change}]), "default").value == pytest.approx(expected)


def test_most_of_a_job_code_raised_on_one_day_is_a_regrading() -> None:
    raised = {
        "promotions_in_window": 1,
        "job_code": "J7",
        "last_level_change_date": "2025-07-01",
        "termination_date": None,
    }
    alone = {**raised, "job_code": "J8", "last_level_change_date": "2025-03-01"}
    rows = [raised] * 4 + [{**raised, "promotions_in_window": 0, "last_level_change_date": None}] + [alone]
    assert FORMULAS["promotion_rate"](inputs_of(rows), "default").value == pytest.approx(100 / 6)


def test_a_second_job_that_ends_is_no_separation_and_a_move_without_a_day_between_is_one_stay() -> None:
    spells: list[dict[str, Any]] = [
        {"employee_key": "a", "hire_date": "2020-01-01", "termination_date": None},
        {"employee_key": "a", "hire_date": "2024-01-01", "termination_date": "2025-06-30"},
        {"employee_key": "b", "hire_date": "2020-01-01", "termination_date": "2025-03-31"},
        {"employee_key": "b", "hire_date": "2025-04-01", "termination_date": None},
        {"employee_key": "c", "hire_date": "2020-01-01", "termination_date": "2025-03-31"},
        {"employee_key": "c", "hire_date": "2025-04-02", "termination_date": None},
    ]
    inputs = inputs_of([{**each, "spell_no": n + 1} for n, each in enumerate(spells)])
    stays = employment_of(inputs.spells, inputs.day)
    assert stays.separations(FACTS.window()).get_column("employee_key").to_list() == ["c"]
    assert stays.hires(FACTS.window()).get_column("employee_key").to_list() == ["c"]


def test_attrition_that_nobody_has_been_seen_long_enough_for_is_not_zero() -> None:
    late = [{"hire_date": "2025-12-01", "termination_date": None}] * 25
    assert FORMULAS["early_attrition_90d"](inputs_of(late), "default").status is Status.INSUFFICIENT_N


def test_nobody_employed_in_the_window_is_undefined_not_zero() -> None:
    gone = [{"hire_date": "2020-01-01", "termination_date": "2024-01-01"}]
    assert FORMULAS["turnover_rate"](inputs_of(gone), "default").status is Status.UNDEFINED


def test_unknown_reasons_bound_the_voluntary_rate_from_above() -> None:
    left = [
        {"termination_date": "2025-12-31", "termination_reason": why}
        for why in ("voluntary_quit", "unknown", None, *["layoff"] * 5)
    ]
    figure = FORMULAS["voluntary_turnover_rate"](inputs_of(left), "default")
    assert (figure.value, figure.groups[-1].group, figure.groups[-1].value) == (12.5, "upper_bound", 37.5)
    assert [(part.group, part.n) for part in figure.excluded] == [("reason_unknown", 2)]


def test_gender_x_has_its_own_gap_from_ten_people_on() -> None:
    rows = [{"gender": code} for code in "FM"] + [{"gender": "X", "base_rate": "18.00"}] * 10
    groups = {part.group: part.value for part in FORMULAS["gender_gap_mean_hourly"](inputs_of(rows), "default").groups}
    assert groups["X"] == 18.0
    assert groups["gap_of_X"] == pytest.approx(10.0)
    for fewer, profile in ((rows[:-1], "default"), (rows, "uk")):
        groups_of = FORMULAS["gender_gap_mean_hourly"](inputs_of(fewer), profile).groups
        assert {part.group for part in groups_of} == {"F", "M"}


def test_prices_lie_on_the_line_through_the_middles_of_known_years() -> None:
    table = {2024: 100.0, 2025: 110.0}
    assert price_index(table, date(2025, 1, 1)) == pytest.approx(105.0, abs=0.03)
    assert price_index(table, date(2025, 12, 31)) == pytest.approx(115.0, abs=0.03)
    assert price_index(table, date(2024, 1, 1)) == pytest.approx(95.0, abs=0.03)
    assert price_index(table, date(2026, 1, 1)) is None


def test_market_pay_takes_the_major_group_where_the_occupation_has_no_median() -> None:
    table = {"11-1021": 40.0, "29-0000": 10.0}
    rows = [{"soc_code": code} for code in ("11-1021", "29-9999")] + [{"soc_code": "55-1011"}]
    figure = FORMULAS["market_pay_ratio"](inputs_of(rows, references=References(market_pay_p50=table)), "default")
    assert figure.value == pytest.approx(1.0)
    assert figure.n == 2
    assert [(part.group, part.n) for part in figure.excluded] == [("no_occupation", 1)]
    abroad = inputs_of(
        [{"soc_code": "11-1021", "work_country": c} for c in (None, "US", "CA")], references=References(table)
    )
    assert FORMULAS["market_pay_ratio"](abroad, "default").n == 2
    for account in ("GB", "DE"):
        elsewhere = inputs_of(rows, references=References(table), account=AccountFacts(account))
        assert FORMULAS["market_pay_ratio"](elsewhere, "default").reason == "no_reference"


def test_women_and_men_who_share_no_level_have_no_adjusted_gap() -> None:
    rows = [{"gender": "FM"[n % 2], "job_level": 1 + n % 2, "base_rate": f"{20 + n % 7}.00"} for n in range(100)]
    assert FORMULAS["adjusted_gender_gap"](inputs_of(rows), "default").status is Status.UNDEFINED
    mixed = [*rows, {"gender": "F", "job_level": 2, "base_rate": "21.00"}]
    assert FORMULAS["adjusted_gender_gap"](inputs_of(mixed), "default").status is Status.OK


def test_an_earlier_day_has_its_employees_once_with_a_gender_that_is_agreed() -> None:
    rows = [
        {"employee_key": "twice", "gender": "F"},
        {"employee_key": "twice", "gender": "M"},
        {"employee_key": "agency", "worker_type": "agency"},
        {"employee_key": "gone", "termination_date": "2025-12-30"},
        {"employee_key": "last day", "termination_date": "2025-12-31"},
        {"employee_key": "to come", "hire_date": "2026-01-01"},
    ]
    frame = inputs_of(rows).workforce
    people = snapshot_of(snapshot_rows(part, FACTS.reference_day) for part in frame.iter_slices(1))
    assert dict(people.iter_rows()) == {"twice": "U", "last day": "F"}


def test_a_few_people_seen_for_a_few_days_have_no_turnover_and_nobody_on_either_day_is_undefined() -> None:
    before = pl.DataFrame({"employee_key": [f"k{n}" for n in range(30)], "gender": ["F"] * 30})
    month = Snapshot(date(2025, 11, 30), before)
    few = FORMULAS["turnover_rate"](inputs_of([{}] * 20, previous=month, least=True), "default")
    assert (few.status, few.n, few.value) == (Status.INSUFFICIENT_N, 2, None)
    assert FORMULAS["turnover_rate"](inputs_of([{}] * 20, previous=month), "default").value == pytest.approx(
        100 * 10 / 25 * 365.25 / 31
    )
    nobody = inputs_of([{"worker_type": "agency"}], previous=Snapshot(date(2024, 12, 31), before.clear()))
    assert FORMULAS["turnover_rate"](nobody, "default").status is Status.UNDEFINED


def test_a_title_without_a_level_is_no_promotion_and_a_regrading_is_seen_of_all_who_hold_the_job() -> None:
    raised = {
        "promotions_in_window": 1,
        "job_code": "J7",
        "last_level_change_date": "2025-07-01",
        "termination_date": None,
    }
    others = [{**raised, "promotions_in_window": None, "last_level_change_date": None}] * 2
    figure = FORMULAS["promotion_rate"](inputs_of([raised] * 4 + others), "default")
    assert figure.value == pytest.approx(100.0)  # four of six: no regrading
    title = {**raised, "job_code": "J8", "job_level": 2, "job_level_start": 2}
    assert FORMULAS["promotion_rate"](inputs_of([title]), "default").value == 0.0


def test_a_return_without_a_spell_number_is_a_stay_of_its_own_by_its_hire_date() -> None:
    spells: list[dict[str, Any]] = [
        {"employee_key": "a", "hire_date": "2025-06-01", "termination_date": None},
        {"employee_key": "a", "hire_date": "2020-01-01", "termination_date": "2025-03-31"},
    ]
    inputs = inputs_of(spells)
    stays = inputs.employment.stays.sort("hire_date")
    assert stays.get_column("end").to_list() == [date(2025, 3, 31), None]
    assert FORMULAS["turnover_rate"](inputs, "default").value == pytest.approx(100 / ((90 + 214) / 365))
    assert inputs.people().height == 1


def test_who_left_before_the_window_decides_nothing_not_even_the_currency_of_pay() -> None:
    rows: list[dict[str, Any]] = [{"gender": code, "termination_date": None} for code in "FM"]
    gone = {"currency": "CAD", "hire_date": "2010-01-01", "termination_date": "2024-12-30"}
    agency = {"currency": "MXN", "worker_type": "agency", "termination_date": None}
    plain, more = inputs_of([{**row, "worker_type": "employee"} for row in rows]), inputs_of(
        [*({**row, "worker_type": "employee"} for row in rows), *[{**gone, "worker_type": "employee"}] * 3, *[agency] * 3]
    )  # fmt: skip
    assert more.currency == "USD"
    before, after = ({**compute(each), "contingent_share": None} for each in (plain, more))  # which is about the agency
    assert before == after


def test_who_was_hired_inside_the_last_pay_period_has_the_rate_in_profile_uk() -> None:
    run = {"period_start": "2025-12-01", "period_end": "2025-12-31", "currency": "USD", "frequency": "month"}
    rows = [{"hire_date": "2025-12-01"}, {"hire_date": "2025-12-16"}]
    paid = [{**run, "employee_key": f"k{n}", "pay_base": amount} for n, amount in ((0, "4000.00"), (1, "2000.00"))]
    people = inputs_of(rows, paid).people("uk").sort("employee_key")
    assert people.get_column("r0").to_list() == pytest.approx([4000 * 7 / 30.44 / 40, 20.0])
