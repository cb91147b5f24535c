"""Who counts in a release and as what (domain.md 5.3.1 and 5.3.3): a group once, of its size, age and whole vector."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from wm_api.benchmarks.contributed.entries import AGE, Candidate, Entry, by_cell, entries_of
from wm_api.benchmarks.contributed.plan import METRIC_V1, SCORE_V1
from wm_api.benchmarks.contributed.tree import Node

DAY = date(2027, 1, 15)
FIGURES = {statistic.name: 40.0 for statistic in SCORE_V1.statistics}
ONE = Candidate("one", date(2026, 1, 1), 120, "C", "GB", FIGURES)


def entered(*candidates: Candidate) -> list[Entry]:
    return entries_of(candidates, SCORE_V1, DAY)


def test_a_group_of_several_accounts_counts_once_with_its_largest() -> None:
    """Otherwise a group would have as many votes as accounts, and its budget would be spent as many times."""
    small, large = (replace(ONE, employees=n, figures=dict.fromkeys(FIGURES, float(n))) for n in (60, 90))
    for order in ((small, large), (large, small)):
        assert [entry.values[0] for entry in entered(*order)] == [90.0]
    assert len(entered(ONE, replace(ONE, group="two"))) == 2


@pytest.mark.parametrize(("days", "counts"), [(90, True), (89, False)])
def test_a_group_counts_from_its_ninetieth_day(days: int, *, counts: bool) -> None:
    assert bool(entered(replace(ONE, since=DAY - timedelta(days=days)))) is counts


@pytest.mark.parametrize(("employees", "counts"), [(50, True), (49, False)])
def test_a_group_counts_from_fifty_employees(employees: int, *, counts: bool) -> None:
    assert bool(entered(replace(ONE, employees=employees))) is counts


def test_three_months_are_no_less_than_any_three() -> None:
    ends = [(date(2027, month, 1), date(2027 + month // 10, (month + 2) % 12 + 1, 1)) for month in range(1, 13)]
    assert max(after - before for before, after in ends) == AGE


@pytest.mark.parametrize("lacking", FIGURES)
def test_a_group_enters_with_its_whole_vector_or_not_at_all(lacking: str) -> None:
    """One count serves the whole cell only if all are in it with every statistic."""
    figures = {name: value for name, value in FIGURES.items() if name != lacking}
    assert entered(replace(ONE, figures=figures)) == []


def test_a_value_beyond_the_public_bounds_counts_as_the_bound_and_a_gap_by_its_size() -> None:
    statistics = {each.name: at for at, each in enumerate(METRIC_V1.statistics)}
    figures = dict.fromkeys(statistics, -30.0)
    (low,) = entries_of([replace(ONE, figures=figures)], METRIC_V1, DAY)
    (high,) = entries_of([replace(ONE, figures=dict.fromkeys(statistics, 500.0))], METRIC_V1, DAY)
    for name, at in statistics.items():
        scale = METRIC_V1.statistics[at].scale
        assert low.values[at] == (20.0 if name == "adjusted_gender_gap" else scale.lower)
        assert high.values[at] == scale.upper
    (gap,) = entries_of([replace(ONE, figures={**figures, "adjusted_gender_gap": -7.5})], METRIC_V1, DAY)
    assert gap.values[statistics["adjusted_gender_gap"]] == 7.5


def test_the_order_of_the_snapshot_says_nothing_of_who_is_who() -> None:
    others = [replace(ONE, group=f"g{n}", region=region) for n, region in enumerate(("GB", "DE", "FR"))]
    assert entered(*others) == entered(*others[::-1])


def test_a_group_is_in_each_cell_of_its_path_and_without_a_sector_in_the_root_alone() -> None:
    entries = entered(ONE, replace(ONE, group="two", sector=None), replace(ONE, group="three", region=None))
    cells = {node.key: len(inside) for node, inside in by_cell(entries, SCORE_V1).items()}
    assert cells == {"all": 3, "all/C": 2, "all/C/GB": 1}
    assert Node("C", "GB") not in by_cell(entries, METRIC_V1)
