"""What must hold for every company: figures do not depend on order, keys, batches, units of money or other people."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from metrics.whole_company import attributes
from metrics.worked import typed
from wm_api.metrics.figures import Figure, Status
from wm_api.metrics.formulas import compute
from wm_api.metrics.payroll import summarise_payroll
from wm_api.metrics.persons import numbered
from wm_api.metrics.population import AccountFacts, MetricInputs, References
from wm_api.records.facts import Facts

FACTS = Facts(kind="workforce", as_of=date(2025, 12, 31))
REFERENCES = References(
    {"11-1021": 40.0, "29-1141": 46.9}, {2023: 100.0, 2024: 103.0, 2025: 106.0}, {"48113": 22.0}, {"US USD": 7.25}
)
OF_MONEY = ("market_pay_ratio", "entry_wage_to_minimum_ratio", "median_hourly_pay")
OF_A_LINE = ("living_wage_share", "living_wage_gap_depth")
OF_SIZES = ("category_gap_exposure_5pct",)
"""A category of two women cannot be tested, one of four can."""
OF_PLACES = ("pay_p90_p10_ratio", "entry_wage_to_minimum_ratio", "pay_ratio_top_median")
"""Between places of a sorted list, or of one person against all others: a second company like the first moves them."""
RELATIVE = ("gender_gap_mean_hourly", "gender_gap_median_hourly", "adjusted_gender_gap")
few = settings(deadline=None, max_examples=5, phases=[Phase.generate])
seeds = st.integers(0, 2**32)


def people(seed: int, count: int = 60) -> list[dict[str, Any]]:
    """Rows of a workforce file with ties, part-timers, leavers, second jobs and unknown cells."""
    draw, rows = Random(seed), []
    for number in range(count):
        hired = date(2015, 1, 1) + timedelta(days=draw.randint(0, 3900))
        end = min(hired + timedelta(days=draw.randint(0, 3000)), date(2026, 6, 1)) if draw.random() < 0.4 else None
        rows.append(
            {
                "employee_key": f"k{draw.randint(0, 20) if draw.random() < 0.2 else 1000 + number}",
                "hire_date": hired.isoformat(),
                "termination_date": end and end.isoformat(),
                "termination_reason": end and draw.choice(["voluntary_quit", "layoff", "transfer_out", "unknown"]),
                "base_rate": draw.choice(["0", "18.00", "22.50", "31.20", "31.20", "44.10"]),
                "base_rate_start": draw.choice([None, "17.50", "22.00", "30.00"]),
                "base_rate_unit": "hour",
                "currency": draw.choice(["USD", "USD", "USD", "USD", "CAD"]),
                "weekly_hours": draw.choice(["20.00", "37.50", "40.00"]),
                "gender": draw.choice("FMFMFMXU"),
                "job_level": draw.choice([1, 2, 3]),
                "contract_type": draw.choice([None, "permanent", "permanent", "fixed_term"]),
                "promotions_in_window": draw.choice([None, 0, 0, 1]),
                "variable_pay_12m": draw.choice([None, "0", "0", "900.00", "1500.00"]),
                "pay_status": draw.choice(["active", "active", "active", "leave_unpaid"]),
                "worker_category": draw.choice([None, "C1", "C2"]),
                "race_ethnicity": draw.choice(["white", "white", "black", "asian", "unknown"]),
                "performance_band": draw.choice([None, 1, 2, 3]),
                "soc_code": draw.choice(["11-1021", "29-1141", "29-1141", "11-9199"]),
                "work_county": "48113",
                **attributes(draw, 9),
            }
        )
    return rows


def inputs_of(rows: list[dict[str, Any]], payroll: pl.DataFrame | None = None, **changes: Any) -> MetricInputs:
    frame = typed("workforce", rows)
    return MetricInputs(
        frame, FACTS, payroll, REFERENCES, AccountFacts("US"), least=changes.pop("least", False), **changes
    )


def both(inputs: MetricInputs) -> dict[str, dict[str, Figure]]:
    compared = ("default", "uk", "eu", "us")
    return {profile: compute(replace(inputs, cache={}, paid_cache={}), profile) for profile in compared}


def values(figures: Mapping[str, Figure]) -> dict[str, list[float | None]]:
    return {name: [each.value, *(part.value for part in each.groups)] for name, each in figures.items()}


@few
@given(seeds)
def test_the_order_of_rows_changes_no_digit(seed: int) -> None:
    rows, random = people(seed), Random(seed + 1)
    shuffled = random.sample(rows, len(rows))
    assert both(inputs_of(rows)) == both(inputs_of(shuffled))


@few
@given(seeds)
def test_numbers_in_the_place_of_keys_change_no_digit(seed: int) -> None:
    rows = people(seed)
    stored = typed("workforce", rows)
    hashes = [sha256(key.encode()).digest() for key in stored.get_column("employee_key")]
    stored = stored.with_columns(pl.Series("employee_key", hashes, pl.Binary))
    read = numbered(stored)
    assert read.schema["employee_key"] == pl.UInt64
    assert (read.get_column("employee_key").arg_sort() == stored.get_column("employee_key").arg_sort()).all()
    assert both(replace(inputs_of(rows), workforce=read)) == both(replace(inputs_of(rows), workforce=stored))


@few
@given(seeds)
def test_paying_everybody_twice_leaves_gaps_shares_and_growth_and_doubles_what_is_money(seed: int) -> None:
    rows = people(seed)
    money = ("base_rate", "base_rate_start", "variable_pay_12m")
    twice = [{**row, **{n: row[n] and f"{2 * float(row[n]):.2f}" for n in money}} for row in rows]
    one, other = compute(inputs_of(rows)), compute(inputs_of(twice))
    for name, figure in one.items():
        if name in OF_A_LINE:
            continue
        assert other[name].status is figure.status
        if figure.value is not None:
            factor = 2 if name in OF_MONEY else 1
            assert other[name].value == pytest.approx(factor * figure.value, rel=1e-9, abs=1e-9)
    quarters = [compute(inputs_of(each))["pay_quarter_female_share"].groups for each in (rows, twice)]
    assert quarters[0] == quarters[1]
    share, depth = ([figures[name].value or 0 for figures in (one, other)] for name in OF_A_LINE)
    assert share[1] >= share[0]
    assert depth[1] <= depth[0]


@few
@given(seeds)
def test_a_company_merged_with_itself_has_the_same_rates_and_gaps(seed: int) -> None:
    rows = people(seed, 300)  # of few a regression or a quarter cannot be told, of twice as many it can
    twins = [*rows, *({**row, "employee_key": f"t{row['employee_key']}"} for row in rows)]
    one, two = compute(inputs_of(rows)), compute(inputs_of(twins))
    for name, figure in one.items():
        if name in OF_SIZES:
            continue
        assert two[name].status is figure.status
        if figure.value is not None and name not in OF_PLACES:
            assert two[name].value == pytest.approx(figure.value, rel=1e-9, abs=1e-9)
    if one["pay_quarter_female_share"].status is Status.OK and (one["pay_quarter_female_share"].n or 0) % 4 == 0:
        assert values(two)["pay_quarter_female_share"] == pytest.approx(values(one)["pay_quarter_female_share"])


OUTSIDE: list[dict[str, Any]] = [
    {"worker_type": "contractor"},
    {"worker_type": "agency"},
    {"worker_type": "intern"},
    {"hire_date": "2010-01-01", "termination_date": "2024-12-30", "termination_reason": "voluntary_quit"},
]


@pytest.mark.parametrize("change", OUTSIDE, ids=lambda change: "-".join(map(str, change.values())))
@few
@given(seed=seeds)
def test_somebody_outside_the_population_changes_nothing(change: dict[str, Any], seed: int) -> None:
    rows = people(seed)
    rows = [{**row, "worker_type": "employee", "currency": "USD"} for row in rows]
    more = [*rows, {**rows[0], "employee_key": "outside", "base_rate": "900.00", **change}]
    before, after = both(inputs_of(rows)), both(inputs_of(more))
    for profile, figures in before.items():
        others = {name for name in figures if name != "contingent_share"}  # which is about them
        assert {name: figures[name] for name in others} == {name: after[profile][name] for name in others}


@few
@given(seeds)
def test_quarters_hold_everybody_and_all_women(seed: int) -> None:
    rows = people(seed)
    for profile, figures in both(inputs_of(rows)).items():
        figure = figures["pay_quarter_female_share"]
        if figure.status is Status.OK:
            parts = {part.group: part for part in figure.groups}
            quarters = [parts[f"Q{number}"] for number in range(1, 5)]
            assert sum(part.n or 0 for part in quarters) == figure.n
            women = [(part.value or 0) * (part.n or 0) / 100 for part in quarters]
            assert sum(women) == pytest.approx(parts["F"].n)
            if profile == "uk":
                assert women == pytest.approx([round(count) for count in women])


@few
@given(seeds)
def test_a_figure_is_never_a_silent_0_and_lies_in_its_interval(seed: int) -> None:
    rows = people(seed)
    for figures in both(inputs_of(rows)).values():
        for name, figure in figures.items():
            several = name == "pay_quarter_female_share"
            assert (figure.value is not None) == (figure.status is Status.OK and not several)
            if figure.interval is not None and figure.value is not None:
                assert figure.interval.low - 1e-9 <= figure.value <= figure.interval.high + 1e-9
            if figure.status not in {Status.NOT_REPORTED, Status.NOT_APPLICABLE}:
                assert figure.n is not None
                assert {"F", "M"} <= {part.group for part in figure.groups}


@few
@given(seeds)
def test_under_the_least_group_there_is_a_status_and_no_figure(seed: int) -> None:
    rows = people(seed)
    nine = [{**row, "currency": "USD"} for row in rows[:9]]
    for figures in both(inputs_of(nine, least=True)).values():
        disclosed = figures.pop("disclosure_rate", None)  # of anybody
        assert disclosed is None or (disclosed.status is Status.OK) == bool(disclosed.n)
        missing = {Status.INSUFFICIENT_N, Status.NOT_REPORTED, Status.NOT_APPLICABLE}
        assert {figure.status for figure in figures.values()} <= missing
        assert all(figure.value is None for figure in figures.values())


def payrolls(seed: int) -> list[dict[str, Any]]:
    draw, rows = Random(seed), []
    for person in range(8):
        for month in range(1, draw.randint(2, 7)):
            end = date(2025, month + 1, 1) - timedelta(days=1)
            rows.append(
                {
                    "employee_key": f"k{person}", "currency": draw.choice(["USD", "USD", "CAD"]), "frequency": "month", "run_no": 1,
                    "period_start": date(2025, month, 1).isoformat(), "period_end": end.isoformat(),
                    "hours_regular": draw.choice(["160.00", "148.33", "80.10"]),
                    "hours_overtime": draw.choice(["0", "3.30", "12.25"]),
                    "pay_base": f"{draw.randint(150_000, 700_000) / 100:.2f}",
                    "pay_bonus": draw.choice([None, "0.10", "1200.00"]),
                    "bonus_months": draw.choice([None, 3, 12]),
                }
            )  # fmt: skip
            if draw.random() < 0.4:
                alone = {
                    "pay_base": "0",
                    "hours_regular": None,
                    "hours_overtime": None,
                    "pay_bonus": "500.00",
                    "bonus_months": 6,
                }
                rows.append({**rows[-1], **alone, "run_no": 2})
    return rows


@few
@given(seeds, st.integers(1, 9))
def test_payroll_in_other_batches_and_another_order_gives_the_same_sums(seed: int, size: int) -> None:
    rows, random = payrolls(seed), Random(seed + 1)
    window = FACTS.window()
    whole = summarise_payroll([typed("payroll", rows)], window)
    shuffled = random.sample(rows, len(rows))
    frame = typed("payroll", shuffled)
    parts = [frame.slice(start, size) for start in range(0, frame.height, size)]
    split = summarise_payroll(parts, window)
    assert whole is not None
    assert split is not None
    assert split.sort("employee_key").equals(whole.sort("employee_key"))


@few
@given(seeds)
def test_a_run_that_is_reversed_and_paid_again_counts_once(seed: int) -> None:
    rows, random = payrolls(seed), Random(seed + 1)
    window, plain = FACTS.window(), summarise_payroll([typed("payroll", rows)], FACTS.window())
    row = random.choice([each for each in rows if each["run_no"] == 1])
    blank = {"hours_regular": None, "hours_overtime": None}
    minus = {name: row[name] and f"-{row[name]}" for name in ("pay_base", "pay_bonus")}
    wrong = {**row, "run_no": 7, "pay_base": "99999.00", "hours_regular": "200.00"}
    undone = {
        **wrong,
        "run_no": 8,
        "reverses_run_no": 7,
        "pay_base": "-99999.00",
        "pay_bonus": minus["pay_bonus"],
        **blank,
    }
    batches = [typed("payroll", [wrong, *rows]), typed("payroll", [undone])]
    again = summarise_payroll(batches, window)
    assert plain is not None
    assert again is not None
    assert again.sort("employee_key").equals(plain.sort("employee_key"))
