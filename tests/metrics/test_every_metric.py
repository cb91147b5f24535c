"""What must hold of each metric of the catalogue: order, batches of files, columns, currency, gender, twins, the calendar."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import pytest

from metrics.whole_company import SEVERAL, WITHOUT, Company, Rows, company
from wm_api.metrics.benefit_access import ENROLMENT
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import Figure, Status
from wm_api.metrics.methods import method_sha256
from wm_api.metrics.service import UNREAD, UNREAD_OF_PAYROLL
from wm_api.records.kinds import KINDS as RECORDS

SEEDS = (3, 11, 2026)
Change = Callable[[Company, Random], Company]
Figures = dict[str, dict[str, Figure]]
EACH = pytest.mark.parametrize("metric", CATALOGUE)
MONEY = ("base_rate", "base_rate_start", "guaranteed_allowance_annual", "variable_pay_12m", "total_pay_12m")
IN_MONEY = ("median_hourly_pay", "market_pay_ratio", "entry_wage_to_minimum_ratio")
"""Twice the pay is twice the figure."""
AGAINST_A_LINE = ("living_wage_share", "living_wage_gap_depth")
BY_PLACE = ("pay_p90_p10_ratio", "entry_wage_to_minimum_ratio", "pay_ratio_top_median", "pay_quarter_female_share")
"""Between places of a sorted list, or of one person against all others: twins move them a little."""
IN_QUARTERS = ("low_wage_benefit_parity",)
GAPS = ("gender_gap_mean_hourly", "gender_gap_median_hourly", "gender_gap_mean_variable", "gender_gap_median_variable")
IN_LOGS = ("adjusted_gender_gap",)
DIFFERENCES = ("variable_receipt_gap", "promotion_rate_gap")
OF_RATIOS = ("leadership_representation_ratio", "representation_share")
"""Groups of all attributes, each with its own n."""
OF_WOMEN = ("representation_share", "leadership_representation_ratio")
"""A value that is that of women: of swapped codes it is what men had."""
NO_INTERVAL = (
    *(
        "entry_wage_to_minimum_ratio",
        "pay_ratio_top_median",
        "pay_p90_p10_ratio",
        "gini_pay",
        "pay_quarter_female_share",
    ),
    *("category_gap_exposure_5pct", "quits_rate_monthly"),
)
"""domain.md 3.5 has no rule for them."""


@cache
def base(seed: int) -> Figures:
    return company(seed, 300).figures()


def shuffled(given: Company, draw: Random) -> Company:
    kinds = ("workforce", "payroll", "plans", "enrolments")
    return given.with_rows(**{kind: draw.sample(rows := getattr(given, kind), len(rows)) for kind in kinds})


def wider(given: Company, draw: Random) -> Company:
    """Columns that no figure reads, and all of them in another order."""
    more: dict[str, dict[str, Any]] = {
        "workforce": {"isco_code": "1120", "eeo1_category": "1.1", "is_manager": True, "spell_no": 1},
        "payroll": {
            "pay_date": "2025-12-31", "run_type": "regular", "hours_scheduled": "38.00", "gross_pay": "9.00", "pay_severance": "99.00",
            "pay_arrears": "5.00", "pay_other": "3.00", "pay_reimbursement": "8.00", "pay_in_kind": "2.00",
        },
        "plans": {"oop_max_single": "4000.00", "replacement_rate": "0.6000", "vesting_months": 12},
        "enrolments": {"waive_reason": "cost"},
    }  # fmt: skip
    assert set(more["workforce"]) == set(UNREAD)
    assert set(more["payroll"]) == set(UNREAD_OF_PAYROLL)
    assert set(more["enrolments"]) == {column.name for column in RECORDS["benefit_enrolments"].columns} - set(ENROLMENT)
    return given.with_rows(
        **{
            kind: [dict(reversed({**row, **extra}.items())) for row in getattr(given, kind)]
            for kind, extra in more.items()
        }
    )


def swapped(given: Company, _: Random) -> Company:
    other = {"F": "M", "M": "F"}
    return given.with_rows(
        workforce=[{**row, "gender": other.get(row["gender"], row["gender"])} for row in given.workforce]
    )


def doubled(given: Company, _: Random) -> Company:
    def twice(rows: Rows, named: Callable[[str], bool]) -> Rows:
        return [{k: f"{2 * float(v):.2f}" if named(k) and v is not None else v for k, v in row.items()} for row in rows]

    return given.with_rows(
        workforce=twice(given.workforce, MONEY.__contains__),
        payroll=twice(
            given.payroll, lambda name: name.startswith("pay_") or name == "employer_retirement_contribution"
        ),
        enrolments=twice(given.enrolments, lambda name: name.endswith("_annual")),
    )


def twinned(given: Company, _: Random) -> Company:
    def twins(rows: Rows) -> Rows:
        return [*rows, *({**row, "employee_key": f"t{row['employee_key']}"} for row in rows)]

    return given.with_rows(
        workforce=twins(given.workforce), payroll=twins(given.payroll), enrolments=twins(given.enrolments)
    )


def moved(given: Company, _: Random) -> Company:
    """28 years later: the same weekdays and leap years."""

    def dated(rows: Rows) -> Rows:
        return [
            {
                k: f"{int(v[:4]) + 28}{v[4:]}" if isinstance(v, str) and v[4:5] == v[7:8] == "-" else v
                for k, v in row.items()
            }
            for row in rows
        ]

    return replace(
        given,
        workforce=dated(given.workforce),
        payroll=dated(given.payroll),
        enrolments=dated(given.enrolments),
        years=28,
    )


def renamed(given: Company, draw: Random) -> Company:
    keys = sorted({row["employee_key"] for row in given.workforce})
    other = dict(zip(keys, draw.sample([f"n{number}" for number in range(len(keys))], len(keys)), strict=True))

    def told(rows: Rows) -> Rows:
        return [{**row, "employee_key": other[row["employee_key"]]} for row in rows]

    return given.with_rows(
        workforce=told(given.workforce), payroll=told(given.payroll), enrolments=told(given.enrolments)
    )


@cache
def after(change: Change, seed: int) -> Figures:
    return change(company(seed, 300), Random(seed)).figures()


def pairs(metric: str, change: Change) -> list[tuple[Figure, Figure]]:
    return [
        (one, after(change, seed)[metric][profile]) for seed in SEEDS for profile, one in base(seed)[metric].items()
    ]  # fmt: skip


def parts(figure: Figure) -> dict[tuple[str | None, str], float | None]:
    return {(part.dimension, part.group): part.value for part in figure.groups}


def close(one: Figure, other: Figure) -> None:
    assert (other.status, other.reason, other.n, other.excluded) == (one.status, one.reason, one.n, one.excluded)
    assert other.value == (None if one.value is None else pytest.approx(one.value, rel=1e-8, abs=1e-8))
    assert parts(other) == {
        key: None if value is None else pytest.approx(value, rel=1e-8, abs=1e-8) for key, value in parts(one).items()
    }


@EACH
def test_each_metric_has_a_figure_to_be_tested_with(metric: str) -> None:
    expected = {Status.NOT_APPLICABLE} if metric in WITHOUT else {Status.OK}
    assert {each.status for seed in SEEDS for each in base(seed)[metric].values()} == expected
    assert list(base(SEEDS[0])[metric]) == list(CATALOGUE[metric].profiles)


@EACH
def test_the_order_of_the_rows_of_all_files_changes_no_digit(metric: str) -> None:
    for one, other in pairs(metric, shuffled):
        assert one == other


@EACH
def test_columns_that_no_figure_reads_and_the_order_of_columns_change_no_digit(metric: str) -> None:
    for one, other in pairs(metric, wider):
        assert one == other


@EACH
def test_other_names_of_the_same_people_change_nothing(metric: str) -> None:
    for one, other in pairs(metric, renamed):
        close(one, other)


@EACH
def test_a_whole_calendar_later_nothing_is_different(metric: str) -> None:
    for one, other in pairs(metric, moved):
        close(one, other)


def turned(metric: str, figure: Figure) -> float:
    """The value of the same company with the codes of women and men swapped."""
    value = figure.value or 0.0
    if metric in {*GAPS, *IN_LOGS}:  # (M - F) / M read the other way round
        return 100 * (1 - 1 / (1 - value / 100))
    if metric in DIFFERENCES:
        return -value
    if metric == "turnover_gap":
        return 1 / value
    return (parts(figure)["gender", "M"] or 0.0) if metric in OF_WOMEN else value


@EACH
def test_women_and_men_swapped_turn_the_sign_of_gaps_and_nothing_else(metric: str) -> None:
    for one, other in pairs(metric, swapped):
        assert (other.status, other.n, other.excluded) == (one.status, one.n, one.excluded)
        if metric not in SEVERAL:
            assert other.value == (one.value and pytest.approx(turned(metric, one), rel=1e-8, abs=1e-8))
        counts = [{part.group: (part.n, part.value) for part in each.groups} for each in (one, other)]
        if metric not in OF_RATIOS:
            assert [counts[0].get(code) for code in "FM"] == [counts[1].get(code) for code in "MF"]


def test_the_quarters_of_women_are_what_is_left_of_those_of_men_but_for_a_place_that_cannot_be_shared() -> None:
    for one, other in pairs("pay_quarter_female_share", swapped):
        place = 1.1 * 400 / (one.n or 1) if one.basis == "whole_people" else 1e-9
        for quarter in ("Q1", "Q2", "Q3", "Q4"):
            women, men = (parts(each)[None, quarter] or 0.0 for each in (one, other))
            assert women + men == pytest.approx(100, abs=place)


@EACH
def test_twice_the_pay_doubles_what_is_money_and_leaves_rates_gaps_and_shares(metric: str) -> None:
    for one, other in pairs(metric, doubled):
        assert (other.status, other.n) == (one.status, one.n)
        if metric in AGAINST_A_LINE:
            assert ((other.value or 0) >= (one.value or 0)) == (CATALOGUE[metric].direction == "higher")
        elif one.value is not None:
            factor = 2 if metric in IN_MONEY else 1
            assert other.value == pytest.approx(factor * one.value, rel=1e-8, abs=1e-8)


@EACH
def test_a_company_merged_with_itself_has_the_same_figures_of_twice_the_people(metric: str) -> None:
    for one, other in pairs(metric, twinned):
        assert other.status is one.status
        assert abs((other.n or 0) - 2 * (one.n or 0)) <= 1  # person-years are rounded
        assert {part.group: part.n for part in other.excluded} == {
            part.group: 2 * (part.n or 0) for part in one.excluded
        }
        if one.value is not None and metric not in BY_PLACE:
            near = 0.02 if metric in IN_QUARTERS else 1e-8
            assert other.value == pytest.approx(one.value, rel=near, abs=1e-8)
        if one.standard_error and other.standard_error and metric not in {*IN_QUARTERS, *BY_PLACE}:
            assert other.standard_error <= one.standard_error


@EACH
def test_profiles_of_one_method_read_one_figure(metric: str) -> None:
    for seed in SEEDS:
        found = base(seed)[metric]
        for profile, figure in found.items():
            alike = [each for each in found if method_sha256(metric, each) == method_sha256(metric, profile)]
            assert {found[each].value for each in alike} == {figure.value}


@EACH
def test_an_interval_stands_where_the_design_has_a_rule_and_holds_the_value(metric: str) -> None:
    for seed in SEEDS:
        for figure in base(seed)[metric].values():
            ruled = figure.status is Status.OK and metric not in NO_INTERVAL
            assert (figure.interval is not None) == (figure.standard_error is not None) == ruled
            if figure.interval is not None and figure.value is not None:
                assert figure.interval.low - 1e-9 <= figure.value <= figure.interval.high + 1e-9


OF_FULL_PAY = {
    key for key, each in CATALOGUE.items() if each.area in {"pay", "equity"}
} - {"real_wage_growth_stayers", "entry_wage_to_minimum_ratio"}  # fmt: skip
OF_THE_DAY = {
    *OF_FULL_PAY, "benefit_access_rate", "benefit_participation_rate", "paid_leave_days_per_fte", "low_wage_benefit_parity",
    "representation_share", "disclosure_rate", "permanent_share", "guaranteed_hours_share", "collective_bargaining_coverage",
}  # fmt: skip
"""Metrics of everybody employed on the day: who is not in the figure is among those left out, with the reason."""


@pytest.mark.parametrize("metric", sorted(OF_THE_DAY))
def test_everybody_of_the_day_is_counted_or_counted_out(metric: str) -> None:
    for seed in SEEDS:
        people = company(seed, 300).inputs().people().height
        for profile, figure in base(seed)[metric].items():
            untested = next((part.n or 0 for part in figure.groups if part.group == "untestable"), 0)
            assert (figure.n or 0) + untested + sum(part.n or 0 for part in figure.excluded) == people, profile


OF_EVERYBODY = {"hire_date", "termination_date", "worker_type", "pay_status", "weekly_hours"}
"""Who counts and how much they work: read for all metrics, whether they name it or not."""
OF_HOURLY_PAY = {"variable_pay_12m"}
RUNS = {"run_no", "reverses_run_no"}
KINDS = {"workforce": "workforce", "payroll": "payroll", "plans": "benefit_plans", "enrolments": "benefit_enrolments"}
REQUIRED = {column.name for kind in RECORDS.values() for column in kind.columns if column.required}
PAID = {key for key, each in CATALOGUE.items() if each.area in {"pay", "equity"}} | {"low_wage_benefit_parity"}


def unnamed(kind: str, column: str) -> set[str]:
    """The metrics that may read a column without naming it."""
    if kind == "workforce":
        return set(CATALOGUE) if column in OF_EVERYBODY else PAID if column in OF_HOURLY_PAY else set()
    return set(CATALOGUE) if column in RUNS else PAID if kind == "payroll" else set()


OPTIONAL = [
    (kind, name)
    for kind in KINDS
    for name in sorted({name for row in getattr(company(SEEDS[0]), kind) for name in row} - REQUIRED - {"hire_date"})
]


@pytest.mark.parametrize(("kind", "column"), OPTIONAL)
def test_a_column_that_is_not_pushed_is_missed_by_the_metrics_that_name_it_alone(kind: str, column: str) -> None:
    given = company(SEEDS[0], 300)
    rows = [{name: cell for name, cell in row.items() if name != column} for row in getattr(given, kind)]
    found, told = given.with_rows(**{kind: rows}).figures(("default",)), f"{KINDS[kind]}.{column}"
    for metric, before in base(SEEDS[0]).items():
        figure = found[metric]["default"]
        names = {told, KINDS[kind]} & set(CATALOGUE[metric].inputs) or metric in unnamed(kind, column)
        assert names or figure == before["default"], metric
        if figure.status is Status.NOT_REPORTED:
            assert figure.reason in {f"column:{column}", "frequency:week"}
            assert told in CATALOGUE[metric].inputs
