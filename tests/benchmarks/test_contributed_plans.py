"""Plans of contributed releases keep their caps, whatever is drawn; and cost what the design says."""

import json
import math
import random
from pathlib import Path

import pytest

from shared import scaled
from wm_api.benchmarks.contributed import budget, printing
from wm_api.benchmarks.contributed.plan import (
    COUNT_EPS,
    METRIC_V1,
    PLANS,
    POINTS,
    SCORE_V1,
    Plan,
    Scale,
    Share,
    Statistic,
)
from wm_api.benchmarks.contributed.tree import LEVELS, REGIONS, SECTORS, Node, node_of, nodes, path_of, region_of
from wm_api.scores.methodology import load_methodology

WORKED = {
    each["id"]: each
    for each in json.loads((Path(__file__).parents[1] / "worked_examples.json").read_text())["benchmarks"]
}


@pytest.mark.parametrize("line", WORKED["B1"]["plans"], ids=lambda line: line["plan"])
def test_b1_a_plan_costs_along_a_path_what_was_declared(line: dict[str, object]) -> None:
    plan, expected = PLANS[str(line["plan"])], line["expected"]
    assert isinstance(expected, dict)
    assert plan.cost.rho == expected["rho"]
    assert plan.cost.eps == pytest.approx(expected["pure_epsilon"], abs=1e-12)
    assert round(budget.epsilon_of(plan.cost.rho), 2) == expected["epsilon_at_delta_1e6"]
    budget.check(plan.charges(nodes(plan.levels)[:500]))


def test_b1_the_caps_are_those_of_the_design() -> None:
    assert WORKED["B1"]["caps"] == {
        "epsilon_per_statistic": budget.MOST_EPS_OF_STATISTIC,
        "pure_epsilon_per_release": budget.MOST_EPS,
        "rho_per_release": budget.MOST_RHO,
        "rho_per_year": budget.MOST_RHO_OF_YEAR,
    }


def test_the_gates_follow_from_the_privacy_of_each_statistic() -> None:
    """The count times eps reaches 75 for quartiles and 60 for a median (ADR 18)."""
    for plan in PLANS.values():
        for statistic in plan.statistics:
            needed = {"aq3": 75, "median": 60}[statistic.mechanism]
            for share in statistic.shares.values():
                assert share.gate == max(50, math.ceil(needed / share.eps - 1e-9))


def test_bounds_and_grids_are_those_of_the_methodology() -> None:
    for statistic in METRIC_V1.statistics:
        rule = load_methodology().rule(statistic.name)
        assert (rule.lower, rule.upper, rule.grid) == (
            statistic.scale.lower, statistic.scale.upper, statistic.scale.grid,
        )  # fmt: skip
        assert statistic.size == (rule.direction == "0")
    assert {f"area_{area}" for area in load_methodology().areas} | {"score"} == {s.name for s in SCORE_V1.statistics}


def _random_plan(rolls: random.Random) -> Plan:
    levels = LEVELS[: rolls.randint(1, 3)]
    statistics = tuple(
        Statistic(
            f"s{number}",
            rolls.choice(["aq3", "median"]),
            "points",
            POINTS,
            {level: Share(rolls.choice([0.1, 0.25, 0.5, 1.0, 1.5, 1.6]), 50) for level in levels},
        )
        for number in range(rolls.randint(1, 8))
    )
    return Plan("random", levels, statistics)


def test_no_random_tree_and_plan_passes_the_caps() -> None:
    """What `check` lets through stays under every cap on every path, in the release and in the year; counted anew."""
    rolls, let_through = random.Random(5), 0
    for _ in range(scaled(10_000)):
        plan, before = _random_plan(rolls), rolls.choice([0.0, 0.1, 0.6])
        places = [(rolls.choice(SECTORS[:4]), rolls.choice(REGIONS[:4])) for _ in range(rolls.randint(1, 6))]
        cells = {node for place in places for node in path_of(*place) if node.level in plan.levels}
        charges = plan.charges(sorted(cells, key=lambda node: node.key))
        try:
            budget.check(charges, {node.key: before for node in cells})
        except budget.OverBudget:
            continue
        let_through += 1
        for place in places:
            path = {node.key for node in path_of(*place)}
            mine = [charge for charge in charges if charge.cell in path]
            assert all(charge.eps <= 1.5 for charge in mine)
            assert sum(charge.eps for charge in mine) <= 9.5 + 1e-6
            assert (
                sum({"count": 0.5, "median": 0.125, "aq3": 0.0625}[c.mechanism] * c.eps**2 for c in mine)
                <= min(0.83, 0.85 - before) + 1e-6
            )
    assert let_through > scaled(10_000) / 10


def test_the_tree_is_the_same_whoever_is_there() -> None:
    assert len(nodes(SCORE_V1.levels)) == 1 + 21 + 21 * len(REGIONS)
    assert nodes(METRIC_V1.levels) == (Node(), *(Node(sector) for sector in SECTORS))
    assert [node.key for node in path_of("C", region_of("US", "US-TX"))] == ["all", "all/C", "all/C/US-R3"]
    assert [node.level for node in path_of("C", "GB")] == list(LEVELS)
    assert path_of(None, "GB") == (Node(),)
    assert region_of("US", None) is None
    assert all(node_of(node.key) == node for node in nodes(SCORE_V1.levels))
    with pytest.raises(ValueError, match="path"):
        node_of("sector/C")


def test_b2_the_gate_publishes_as_often_as_was_worked_out() -> None:
    """P(n + k >= gate) for the two-sided geometric distribution, in closed form, and the hard floor."""
    a = math.exp(-COUNT_EPS)
    for n, expected in ((int(n), chance) for n, chance in WORKED["B2"]["expected"].items()):
        need = WORKED["B2"]["gate"] - n
        chance = a**need / (1 + a) if need > 0 else 1 - a ** (1 - need) / (1 + a)
        assert (chance if n >= WORKED["B2"]["hard_floor"] else 0.0) == pytest.approx(expected, rel=1e-4)
    assert not printing.published(9, 5000, 50)
    assert printing.published(10, 50, 50)
    assert not printing.published(500, 49, 50)


def test_a_count_is_shown_as_its_band_alone() -> None:
    assert [printing.band_of(n) for n in (50, 99, 100, 199, 200, 499, 500, 10**6)] == [
        "50-99", "50-99", "100-199", "100-199", "200-499", "200-499", "500+", "500+",
    ]  # fmt: skip
    assert printing.least_of("200-499") == 200
    with pytest.raises(ValueError, match="no band"):
        printing.band_of(49)


def test_values_are_rounded_half_up_to_their_grid() -> None:
    assert [printing.on_grid(value, POINTS) for value in (2.5, 3.5, 2.49)] == [3.0, 4.0, 2.0]
    assert [printing.on_grid(value, Scale(-10, 10, 0.5)) for value in (0.25, 0.74, -1.3)] == [0.5, 0.5, -1.5]


def test_the_error_is_five_points_at_the_gate_and_less_with_more_groups() -> None:
    assert printing.error_of(POINTS, Share(1.5, 50), "50-99") == 5.0
    assert printing.error_of(POINTS, Share(1.0, 75), "50-99") == 5.0
    quartiles = (48.0, 55.0, 63.0)
    assert round(printing.error_of(POINTS, Share(1.5, 50), "100-199", quartiles), 2) == WORKED["B3"]["quartile_error"]
    wide = printing.error_of(Scale(0, 40, 0.5), Share(0.5, 150), "500+")
    assert wide == pytest.approx(math.hypot(0.6, 0.25), abs=1e-6)


def test_quartiles_far_apart_have_a_larger_error_and_none_is_printed_that_is_too_large() -> None:
    share = Share(1.5, 50)
    near, far = ((60.0 - half, 60.0, 60.0 + half) for half in (9.0, 11.0))
    assert printing.error_of(POINTS, share, "50-99", near) == 5.0
    assert printing.error_of(POINTS, share, "50-99", far) == pytest.approx(
        math.hypot(10 / 1.5 * 22 / 25, 0.5), abs=1e-6
    )
    assert printing.near_enough(POINTS, 5.0)
    assert not printing.near_enough(POINTS, printing.error_of(POINTS, share, "50-99", far))
    assert printing.near_enough(POINTS, printing.error_of(POINTS, share, "100-199", far))
