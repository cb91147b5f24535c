"""Shares of contracts and hours, contingent work, training, and who is represented."""

from typing import Any

import pytest

from metrics.test_rules import inputs_of
from wm_api.metrics.distributions import wilson
from wm_api.metrics.figures import Figure, Status
from wm_api.metrics.formulas import FORMULAS

Rows = list[dict[str, Any]]


def figure(metric: str, rows: Rows, profile: str = "default", **changes: Any) -> Figure:
    return FORMULAS[metric](inputs_of(rows, **changes), profile)


def parts(found: Figure) -> dict[tuple[str | None, str], tuple[int | None, float | None]]:
    return {(part.dimension, part.group): (part.n, part.value) for part in found.groups}


@pytest.mark.parametrize(
    ("metric", "column", "cells", "expected"),
    [
        ("guaranteed_hours_share", "guaranteed_hours", [True, True, True, False, None], (75.0, 4, "guaranteed_hours_unknown")),
        ("collective_bargaining_coverage", "union_covered", ["yes", "no", "undisclosed", None], (50.0, 2, "union_covered_unknown")),
        ("permanent_share", "contract_type", ["permanent", "seasonal", None], (50.0, 2, "contract_unknown")),
    ],
)  # fmt: skip
def test_a_share_is_of_those_of_whom_it_is_known(
    metric: str, column: str, cells: list[Any], expected: tuple[float, int, str]
) -> None:
    found = figure(metric, [{column: cell} for cell in cells])
    value, n, reason = expected
    assert (found.value, found.n) == (value, n)
    assert [(part.group, part.n) for part in found.excluded] == [(reason, len(cells) - n)]
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == wilson(n * value / 100, n)
    silent = figure(metric, [{}])
    assert (silent.status, silent.reason) == (Status.NOT_REPORTED, f"column:{column}")


def test_contingent_work_is_a_share_of_full_time_equivalents_of_everybody() -> None:
    rows: Rows = [
        {"worker_type": "employee"},
        {"worker_type": None, "weekly_hours": "20.00"},
        {"worker_type": "intern", "weekly_hours": "20.00"},
        {"worker_type": "agency", "weekly_hours": "30.00"},
        {"worker_type": "contractor", "fte": "0.250"},
        {"worker_type": "agency", "termination_date": "2025-06-30"},
    ]
    found = figure("contingent_share", rows)
    assert found.value == pytest.approx(100 * (0.75 + 0.25) / 3)
    assert found.n == 5
    assert figure("contingent_share", [{"worker_type": "employee"}]).value == 0.0
    empty = figure("contingent_share", [{"worker_type": None}])
    assert (empty.status, empty.reason) == (Status.NOT_REPORTED, "column:worker_type")


def test_training_is_hours_over_the_average_headcount_leavers_too() -> None:
    rows: Rows = [
        {"training_hours_12m": "10.00", "termination_date": None},
        {"training_hours_12m": "5.00", "hire_date": "2025-07-02", "termination_date": None},
        {"training_hours_12m": "1.00", "termination_date": "2025-12-31"},
        {"training_hours_12m": None, "termination_date": None},
    ]
    found = figure("training_hours_per_employee", rows)
    assert found.value == pytest.approx(16 / (1 + 183 / 365 + 1))
    assert (found.basis, [(part.group, part.n) for part in found.excluded]) == (
        "person_days",
        [("training_unknown", 1)],
    )
    snapshot = figure("training_hours_per_employee", [{"training_hours_12m": "8.00"}, {"training_hours_12m": "0"}])
    assert (snapshot.value, snapshot.basis) == (4.0, "end")


PEOPLE: Rows = [
    {"gender": "F", "race_ethnicity": "black", "age_band": "u20", "top_management": True},
    {"gender": "F", "race_ethnicity": "white", "age_band": "40_50", "top_management": False},
    {"gender": "F", "race_ethnicity": None, "age_band": "51_59", "top_management": None},
    {"gender": "M", "race_ethnicity": "white", "age_band": "30_39", "top_management": True},
    {"gender": "X", "race_ethnicity": "unknown", "age_band": None, "top_management": False},
    {"gender": "U", "race_ethnicity": "white", "age_band": "25_29", "top_management": True},
]


def test_representation_is_a_share_of_those_known_by_attribute() -> None:
    found = figure("representation_share", PEOPLE)
    assert (found.value, found.n, found.basis) == (60.0, 5, "women")
    assert [(part.group, part.n) for part in found.excluded] == [("gender_unknown", 1)]
    shown = parts(found)
    assert (shown["gender", "F"], shown["gender", "X"]) == ((3, 60.0), (1, 20.0))
    assert (shown["race_ethnicity", "white"], shown["race_ethnicity", "black"]) == ((3, 75.0), (1, 25.0))
    assert "U" not in {group for _, group in shown}


def test_ages_are_banded_as_each_profile_has_them() -> None:
    ages = {
        profile: {group: n for (name, group), (n, _) in parts(figure("representation_share", PEOPLE, profile)).items() if name == "age_band"}
        for profile in ("default", "us", "esrs")
    }  # fmt: skip
    assert ages == {
        "default": {"25_29": 1, "30_39": 1, "40_50": 1, "51_59": 1, "u20": 1},
        "us": {"40_and_over": 2, "under_40": 3},
        "esrs": {"30_to_50": 2, "over_50": 1, "under_30": 2},
    }


def test_leaders_are_compared_with_everybody_by_attribute() -> None:
    found = figure("leadership_representation_ratio", PEOPLE)
    shown = parts(found)
    assert found.value == pytest.approx((1 / 2) / (3 / 5))
    assert found.n == 2
    assert shown["race_ethnicity", "white"][1] == pytest.approx((2 / 3) / (3 / 4))
    assert shown["gender", "X"] == (0, 0.0)
    men = figure("leadership_representation_ratio", [{"gender": "M", "top_management": True}])
    assert (men.status, men.value) == (Status.UNDEFINED, None)
    assert figure("leadership_representation_ratio", PEOPLE, least=True).status is Status.INSUFFICIENT_N
    assert figure("leadership_representation_ratio", [{}]).reason == "column:top_management"


def test_disclosure_is_that_of_the_attribute_known_least() -> None:
    found = figure("disclosure_rate", PEOPLE)
    shown = {group: value for (_, group), (_, value) in parts(found).items() if value is not None}
    assert shown == {
        name: pytest.approx(100 * n / 6) for name, n in (("gender", 5), ("race_ethnicity", 4), ("age_band", 5))
    }
    assert found.value == pytest.approx(100 * 4 / 6)


def test_availability_has_no_table_to_compare_with() -> None:
    found = figure("availability_ratio", PEOPLE)
    assert (found.status, found.reason) == (Status.NOT_APPLICABLE, "no_reference")


def test_a_gap_in_promotions_leaves_out_titles_and_regradings_and_whose_are_unknown() -> None:
    rise = {"job_level": 2, "job_level_start": 1, "base_rate": "22.00", "base_rate_start": "20.00"}
    still = {"job_level": 1, "job_level_start": 1, "base_rate_start": "20.00", "promotions_in_window": 0}
    rows: Rows = [
        {**rise, "gender": "M", "promotions_in_window": 1},
        {**still, "gender": "M", "promotions_in_window": 1},
        {**rise, "gender": "F", "promotions_in_window": 1, "base_rate": "20.50"},
        {**still, "gender": "F"},
        {**still, "gender": "F", "promotions_in_window": None},
    ]
    found = figure("promotion_rate_gap", rows)
    assert found.value == pytest.approx(100 * (1 / 2 - 0 / 2))
    assert [(part.group, part.n) for part in found.excluded] == [("promotions_unknown", 1)]
    assert figure("promotion_rate_gap", rows, least=True).status is Status.INSUFFICIENT_N
    assert figure("promotion_rate_gap", [row for row in rows if row["gender"] == "F"]).value is None
