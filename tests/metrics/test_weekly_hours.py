"""Hours by the week: whole blocks, partial weeks, proxies; and advancement over two years."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given

from metrics.test_properties import few, seeds
from metrics.test_rules import BASE
from metrics.worked import paid, typed
from wm_api.metrics.figures import Figure, Status
from wm_api.metrics.formulas import FORMULAS
from wm_api.metrics.population import AccountFacts, MetricInputs, References
from wm_api.records.facts import Facts

FIRST = date(2025, 1, 6)  # a Monday
FACTS = Facts(kind="workforce", as_of=date(2025, 3, 2), window_start=FIRST)  # eight weeks
Rows = list[dict[str, Any]]


def weeks(hours: Sequence[str | None], key: str = "k0", **row: Any) -> Rows:
    """A weekly row from the first Monday on; None is a week without a row."""
    days = [FIRST + timedelta(days=7 * number) for number in range(len(hours))]
    return [
        {
            "employee_key": key, "currency": "USD", "frequency": "week", "pay_base": "100.00", "hours_regular": each,
            "period_start": f"{day}", "period_end": f"{day + timedelta(days=6)}", **row,
        }
        for day, each in zip(days, hours, strict=True)
        if each is not None
    ]  # fmt: skip


def inputs_of(people: Rows, payroll: Rows, **changes: Any) -> MetricInputs:
    rows = [{**BASE, "employee_key": f"k{number}", **row} for number, row in enumerate(people)]
    summed, hours = paid([typed("payroll", payroll)], FACTS.window())
    account = AccountFacts("US")
    return MetricInputs(
        typed("workforce", rows), FACTS, summed, References(), account, weeks=hours, **{"least": False, **changes}
    )


def figure(metric: str, people: Rows, payroll: Rows, **changes: Any) -> Figure:
    return FORMULAS[metric](inputs_of(people, payroll, **changes), "default")


def swing(people: Rows, payroll: Rows) -> float | None:
    return figure("hours_volatility_4wk", people, payroll).value


def test_a_person_s_swing_is_the_mean_of_whole_blocks_and_the_figure_the_median_person() -> None:
    payroll = [
        *weeks(["40.00", "30.00", "40.00", "40.00", "40.00", "40.00", "40.00", "20.00"], "k0"),
        *weeks(["10.00", "10.00", "10.00", "10.00", "40.00", "20.00"], "k1"),
        *weeks(["40.00", "40.00", "40.00"], "k2"),
    ]
    found = figure("hours_volatility_4wk", [{}, {}, {}], payroll)
    assert found.value == pytest.approx(((25 + 50) / 2 + 0) / 2)
    assert (found.n, [(part.group, part.n) for part in found.excluded]) == (2, [("no_whole_block", 1)])


def test_leave_is_no_swing_and_overtime_is_worked() -> None:
    holiday = weeks(["40.00", "40.00", "40.00"]) + weeks([None, None, None, "8.00"], hours_paid_leave="32.00")
    assert swing([{}], holiday) == 0.0
    overtime = weeks(["40.00"] * 3) + weeks([None, None, None, "40.00"], hours_overtime="10.00")
    assert swing([{}], overtime) == pytest.approx(20.0)
    assert figure("long_hours_share", [{}], overtime).value == pytest.approx(25.0)


def test_two_runs_of_one_week_are_one_week_and_a_reversed_run_is_none() -> None:
    rows = weeks(["40.00"] * 4)
    again = [{**rows[3], "run_no": 2, "hours_regular": "10.00"}]
    assert swing([{}], [*rows, *again]) == pytest.approx(20.0)
    back = {**again[0], "run_no": 3, "reverses_run_no": 2, "pay_base": "-100.00", "hours_regular": None}
    assert swing([{}], [*rows, *again, back]) == 0.0


@pytest.mark.parametrize(
    ("person", "blocks"),
    [
        ({"hire_date": "2025-01-06"}, 2),
        ({"hire_date": "2025-01-08"}, 1),
        ({"termination_date": "2025-03-02"}, 2),
        ({"termination_date": "2025-02-28"}, 1),
        ({"hire_date": "2025-01-08", "termination_date": "2025-02-28"}, 0),
    ],
)
def test_a_week_in_which_somebody_comes_or_goes_is_partial(person: dict[str, str], blocks: int) -> None:
    hours = ["40.00", "20.00", "40.00", "40.00", "40.00", "40.00", "40.00", "40.00"]
    found = figure("hours_volatility_4wk", [person], weeks(hours))
    expected = {2: 25.0, 1: 50.0 if "termination_date" in person else 0.0, 0: None}[blocks]
    assert found.value == expected
    long = figure("long_hours_share", [person], weeks(["50.00", *hours[1:]]))
    assert long.value == pytest.approx(
        0.0 if person.get("hire_date") == "2025-01-08" else 100 / (8 if blocks == 2 else 7)
    )


def test_only_hourly_staff_swing_and_constant_hours_of_exempt_staff_are_a_proxy() -> None:
    payroll = [row for key in ("k0", "k1", "k2") for row in weeks(["50.00"] * 4, key)]
    people: Rows = [
        {"pay_basis": "hourly"},
        {"pay_basis": "salaried"},
        {"pay_basis": None, "overtime_exempt": "exempt"},
    ]
    found = figure("hours_volatility_4wk", people, payroll)
    assert (found.value, found.n, [(part.group, part.n) for part in found.excluded]) == (
        0.0,
        1,
        [("constant_exempt_hours", 1)],
    )
    long = figure("long_hours_share", people, payroll)
    assert (long.value, long.n) == (100.0, 2)


def test_what_the_hours_of_a_week_need_is_named() -> None:
    monthly = {"period_start": "2025-02-01", "period_end": "2025-02-28", "frequency": "month"}
    rows = weeks(["40.00"])
    for payroll, reason in (
        ([{**rows[0], **monthly}], "frequency:week"),
        ([{name: value for name, value in rows[0].items() if name != "hours_regular"}], "column:hours_regular"),
        ([{**rows[0], "hours_source": "scheduled"}], "frequency:week"),
    ):
        for metric in ("hours_volatility_4wk", "long_hours_share"):
            found = figure(metric, [{}], payroll)
            assert (found.status, found.reason) == (Status.NOT_REPORTED, reason)
    nothing = FORMULAS["long_hours_share"](replace(inputs_of([{}], rows), payroll=None, weeks=()), "default")
    assert nothing.reason == "kind:payroll"
    shifts = FORMULAS["schedule_notice_14d_share"](inputs_of([{}], rows), "default")
    assert (shifts.status, shifts.reason) == (Status.NOT_APPLICABLE, "no_input_kind")


@few
@given(seeds)
def test_the_order_of_rows_and_batches_changes_no_week(seed: int) -> None:
    draw = Random(seed)
    payroll = [
        row
        for key in range(12)
        for row in weeks([draw.choice([None, "0", "18.25", "37.50", "52.00"]) for _ in range(8)], f"k{key}", currency=draw.choice(["USD", "CAD"]))
    ]  # fmt: skip
    people: Rows = [{"hire_date": f"{FIRST - timedelta(days=draw.randint(-30, 300))}"} for _ in range(12)]
    first, shuffled = inputs_of(people, payroll), draw.sample(payroll, len(payroll))
    frame = typed("payroll", shuffled)
    summed, hours = paid([frame.slice(at, 7) for at in range(0, frame.height, 7)], FACTS.window())
    other = replace(inputs_of(people, payroll), payroll=summed, weeks=hours)
    for metric in ("hours_volatility_4wk", "long_hours_share"):
        assert FORMULAS[metric](first, "default") == FORMULAS[metric](other, "default")


PRICES = {2022: 100.0, 2023: 100.0, 2024: 100.0, 2025: 100.0}
START = {
    "job_level": 1,
    "job_level_start": 1,
    "base_rate": "20.00",
    "base_rate_start": "20.00",
    "termination_date": None,
}


def advancement(rows: Rows, start: date = date(2024, 1, 1), prices: dict[int, float] | None = None) -> Figure:
    facts = Facts(kind="workforce", as_of=date(2025, 12, 31), window_start=start)
    table = References(consumer_prices=PRICES if prices is None else prices)
    inputs = replace(inputs_of([{**START, **row} for row in rows], weeks(["40.00"])), facts=facts, references=table)
    return FORMULAS["frontline_advancement_24m"](inputs, "default")


def test_advancement_is_a_higher_level_or_a_tenth_more_pay_beyond_prices() -> None:
    rows: Rows = [
        {"job_level": 2},
        {"base_rate": "22.00"},
        {"base_rate": "21.99"},
        {"job_level_start": 3, "job_level": 4},
        {"hire_date": "2024-06-01", "job_level_start": None, "base_rate_start": None},
        {"termination_date": "2025-06-30"},
        {"base_rate_start": None},
    ]
    found = advancement(rows)
    assert (found.value, found.n) == (pytest.approx(200 / 3), 3)  # type: ignore[comparison-overlap]
    assert {part.group: (part.n, part.value) for part in found.groups}["with_leavers"] == (4, 50.0)
    assert [(part.group, part.n) for part in found.excluded] == [("level_or_pay_unknown", 1)]
    dearer = advancement(rows, prices={**PRICES, 2025: 104.0, 2024: 102.0})
    assert dearer.value == pytest.approx(100 / 3)


def test_advancement_needs_two_years_and_prices() -> None:
    short, unpriced = advancement([{}], start=date(2025, 1, 1)), advancement([{}], prices={})
    assert (short.status, short.reason) == (Status.NOT_REPORTED, "window:24_months")
    assert (unpriced.status, unpriced.reason) == (Status.NOT_APPLICABLE, "no_reference")
