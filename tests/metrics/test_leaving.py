"""Who quits, who is retained, and what the profiles count as turnover."""

from dataclasses import replace
from datetime import date
from math import comb
from typing import Any

import polars as pl
import pytest

from metrics.test_rules import inputs_of
from wm_api.metrics.distributions import binomial
from wm_api.metrics.figures import Figure, Status
from wm_api.metrics.formulas import FORMULAS, compute
from wm_api.metrics.population import Snapshot
from wm_api.records.facts import Facts

REASONS = ("voluntary_quit", "involuntary_cause", "layoff", "retirement", "death", "end_of_fixed_term", "transfer_out")
Rows = list[dict[str, Any]]


def left(day: str, reason: str = "voluntary_quit", **row: str) -> dict[str, Any]:
    return {"termination_date": day, "termination_reason": reason, **row}


def figure(metric: str, rows: Rows, profile: str = "default", **changes: Any) -> Figure:
    return FORMULAS[metric](inputs_of(rows, **changes), profile)


STAYING: Rows = [{"termination_date": None, "termination_reason": None}] * 20


def test_each_profile_counts_the_separations_that_its_standard_names() -> None:
    rows = [*STAYING, *(left("2025-12-31", reason) for reason in (*REASONS, "unknown"))]
    events = {profile: figure("turnover_rate", rows, profile) for profile in ("default", "us", "esrs")}
    counted = {profile: round((each.value or 0) * 28 / 100) for profile, each in events.items()}
    assert counted == {"default": 7, "us": 8, "esrs": 5}
    silent = figure("turnover_rate", [{"termination_date": None}, {"termination_date": "2025-06-30"}], "esrs")
    assert (silent.status, silent.reason) == (Status.NOT_REPORTED, "column:termination_reason")


@pytest.mark.parametrize("metric", ["voluntary_turnover_rate", "quits_rate_monthly", "turnover_gap", "turnover_rate"])
def test_separations_without_a_reason_are_never_read_as_no_quits(metric: str) -> None:
    """They are counted out; where more than a quarter have none, there is no figure."""
    profile = "esrs" if metric == "turnover_rate" else "default"
    blank = [{"termination_date": "2025-06-30", "termination_reason": None}]
    staying = [{**row, "gender": code} for row in STAYING for code in "FM"]
    some = [*staying, *(left("2025-06-30", gender=code) for code in "FMM"), *blank]
    assert figure(metric, some, profile).status is Status.OK
    assert [(part.group, part.n) for part in figure(metric, some, profile).excluded] == [("reason_unknown", 1)]
    silent = figure(metric, [*some, *blank], profile)
    assert (silent.status, silent.reason, silent.value) == (Status.NOT_REPORTED, "column:termination_reason", None)


def test_profile_us_takes_the_mean_of_twelve_counts_on_the_12th() -> None:
    rows = [*STAYING[:10], left("2025-06-12"), left("2025-01-11")]
    found = figure("turnover_rate", rows, "us")
    assert found.basis == "monthly"
    assert found.value == pytest.approx(100 * 2 / (10 + 6 / 12))


def test_quits_are_counted_by_month_over_those_employed_on_the_12th() -> None:
    rows = [*STAYING[:9], left("2025-03-31"), left("2025-03-05"), left("2025-05-20", "layoff")]
    found = figure("quits_rate_monthly", rows)
    rates = {3: 200 / 11}  # who left on the 5th is not there on the 12th; who left on the 31st is
    assert found.value == pytest.approx(sum(rates.values()) / 12)
    assert found.basis == "12_months"


def test_a_month_that_the_window_cuts_has_no_rate() -> None:
    facts = Facts(kind="workforce", as_of=date(2025, 12, 31), window_start=date(2025, 10, 2))
    rows = [*STAYING[:9], left("2025-10-20"), left("2025-11-20")]
    found = figure("quits_rate_monthly", rows)
    cut = FORMULAS["quits_rate_monthly"](replace(inputs_of(rows), facts=facts), "default")
    assert found.value == pytest.approx((100 / 11 + 100 / 10) / 12)
    assert cut.value == pytest.approx((100 / 10 + 0) / 2)
    assert cut.basis == "2_months"
    short = replace(facts, window_start=date(2025, 12, 2))
    assert FORMULAS["quits_rate_monthly"](replace(inputs_of(rows), facts=short), "default").status is Status.UNDEFINED


def test_without_a_reason_quits_and_their_gap_name_the_column() -> None:
    for metric in ("quits_rate_monthly", "turnover_gap"):
        found = figure(metric, [{"termination_date": "2025-06-30"}])
        assert (found.status, found.reason) == (Status.NOT_REPORTED, "column:termination_reason")


def test_the_gap_of_turnover_is_a_ratio_of_rates_with_the_interval_of_clopper_and_pearson() -> None:
    women = [{**STAYING[0], "gender": "F"}] * 20 + [left("2025-12-31", gender="F")] * 6
    men = [{**STAYING[0], "gender": "M"}] * 38 + [left("2025-12-31", gender="M")] * 2
    found = figure("turnover_gap", [*women, *men])
    assert found.value == pytest.approx((6 / 26) / (2 / 40))
    assert found.interval is not None
    low, high = binomial(6, 8)
    exposure = 40 / 26
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (low / (1 - low) * exposure, high / (1 - high) * exposure)
    )
    assert figure("turnover_gap", [*women, *men[:38]]).status is Status.UNDEFINED  # no man quit
    assert figure("turnover_gap", [*women, *men[-9:]], least=True).status is Status.INSUFFICIENT_N


@pytest.mark.parametrize(("count", "n"), [(0, 12), (3, 40), (6, 8), (12, 12), (250, 1000)])
def test_the_binomial_interval_leaves_a_fortieth_on_each_side(count: int, n: int) -> None:
    def at_least(probability: float, least: int) -> float:
        return sum(comb(n, k) * probability**k * (1 - probability) ** (n - k) for k in range(least, n + 1))

    low, high = binomial(count, n)
    assert (low == 0.0) == (count == 0)
    assert (high == 1.0) == (count == n)
    assert count == 0 or at_least(low, count) == pytest.approx(0.025, rel=1e-9)
    assert count == n or 1 - at_least(high, count + 1) == pytest.approx(0.025, rel=1e-9)


def test_who_comes_back_is_retained_but_not_without_a_break_and_who_is_transferred_is_left_out() -> None:
    rows: Rows = [
        STAYING[0],
        left("2025-03-31", employee_key="back"),
        {**STAYING[0], "employee_key": "back", "hire_date": "2025-06-01"},
        left("2025-08-31"),
        left("2025-08-31", "transfer_out"),
        left("2024-12-31"),
        {**STAYING[0], "hire_date": "2025-02-01"},
    ]
    found = figure("retention_rate_12m", rows)
    assert found.value == pytest.approx(200 / 3)
    assert found.n == 3
    assert {part.group: part.value for part in found.groups}["continuous"] == pytest.approx(100 / 3)


def test_the_year_of_retention_is_the_last_of_a_longer_window_and_a_shorter_one_has_none() -> None:
    rows: Rows = [STAYING[0], left("2024-06-30"), left("2025-06-30")]
    for start, expected in ((date(2024, 1, 1), 50.0), (date(2025, 1, 1), 50.0)):
        facts = Facts(kind="workforce", as_of=date(2025, 12, 31), window_start=start)
        found = FORMULAS["retention_rate_12m"](replace(inputs_of(rows), facts=facts), "default")
        assert (found.value, found.n) == (expected, 2)
        assert found.period_start == (None if start.year == 2025 else date(2025, 1, 1))
    short = Facts(kind="workforce", as_of=date(2025, 12, 31), window_start=date(2025, 7, 1))
    found = FORMULAS["retention_rate_12m"](replace(inputs_of(rows), facts=short), "default")
    assert (found.status, found.reason) == (Status.NOT_REPORTED, "window:12_months")


@pytest.mark.parametrize(
    ("day", "known"), [(date(2024, 12, 31), True), (date(2025, 1, 14), True), (date(2025, 3, 1), False)]
)
def test_of_snapshots_a_year_apart_retention_is_who_is_there_on_both(day: date, known: bool) -> None:
    before = Snapshot(day, pl.DataFrame({"employee_key": ["k0", "k1", "gone"], "gender": ["F", "F", "M"]}))
    found = figure("retention_rate_12m", [{}, {}, {}], previous=before)
    assert found.status is (Status.OK if known else Status.NOT_REPORTED)
    assert not known or found.value == pytest.approx(200 / 3)
    assert not known or found.basis == "two_points"


def test_who_was_transferred_or_has_no_hire_date_is_counted_out_of_what_follows_people_over_time() -> None:
    rows: list[dict[str, Any]] = [{"hire_date": "2020-01-01", "termination_date": None, "promotions_in_window": 0}] * 3
    rows += [{**rows[0], "termination_date": "2025-06-30", "termination_reason": "transfer_out"}]
    rows += [{**rows[0], "hire_date": None}, {**rows[0], "hire_date": None, "termination_date": "2024-06-30"}]
    figures = compute(inputs_of(rows))
    left = {name: [(part.group, part.n) for part in each.excluded] for name, each in figures.items()}
    assert left["retention_rate_12m"] == [("transferred", 1), ("hire_date_unknown", 1)]
    for metric in ("turnover_rate", "voluntary_turnover_rate", "quits_rate_monthly", "turnover_gap", "promotion_rate"):
        assert left[metric] == [("hire_date_unknown", 1)]
    assert (figures["retention_rate_12m"].n, figures["retention_rate_12m"].value) == (3, 100.0)


def test_quits_by_month_stand_on_person_years_of_women_and_of_men() -> None:
    rows = [{"gender": code, "hire_date": "2020-01-01", "termination_date": None} for code in "FFFM"]
    rows += [
        {
            "gender": "M",
            "hire_date": "2020-01-01",
            "termination_date": "2025-06-30",
            "termination_reason": "voluntary_quit",
        }
    ]
    figure = FORMULAS["quits_rate_monthly"](inputs_of(rows), "default")
    assert [(part.group, part.n) for part in figure.groups] == [("F", 3), ("M", 2)]
    assert figure.n == 4
