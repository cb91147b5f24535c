"""The same attacks on what releases are made with: not the mechanisms alone, but the count, gate and draw of a cell."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from attacks import exact
from shared import scaled
from wm_api.benchmarks.contributed import printing
from wm_api.benchmarks.contributed.drawing import Due, drawn, due
from wm_api.benchmarks.contributed.entries import Entry
from wm_api.benchmarks.contributed.plan import COUNT_EPS, METRIC_V1, PLANS, SCORE_V1, Plan, Scale
from wm_api.benchmarks.contributed.tree import Node

LEAF, COARSE = Node("C", "GB"), Scale(0, 100, 5)
AT = {"all": Node(), "sector": Node("C"), "sector_region": LEAF}
DRAWN = [
    (plan, at, level)
    for plan in PLANS.values()
    for at in range(2)  # the statistics behind them are drawn as the second
    for level in plan.levels
]


def _entries(plan: Plan, count: int) -> list[Entry]:
    return [Entry("C", "GB", (60.0,) * len(plan.statistics))] * count


def _names(plan: Plan, node: Node, count: int) -> set[str]:
    return {each.statistic.name for each in due(plan, node, _entries(plan, count))}


def test_a9_a_cell_comes_out_as_often_as_the_noise_that_was_charged_for_lets_it() -> None:
    """Three groups under its gate; with half of the noise it would come out four times less."""
    gate, draws = SCORE_V1.statistics[0].shares["sector_region"].gate, max(1_000, scaled(20_000))
    hits = sum("score" in _names(SCORE_V1, LEAF, gate - 3) for _ in range(draws))
    charged, half = (_chance_to_lack(3, eps) for eps in (COUNT_EPS, 2 * COUNT_EPS))
    assert exact.at_least(hits, draws) <= charged <= exact.at_most(hits, draws)
    assert half < exact.at_least(hits, draws)


def _chance_to_lack(groups: int, eps: float) -> float:
    """That the noise of a count is so many or more: what a cell that lacks so many needs."""
    a = float(np.exp(-eps))
    return a**groups / (1 + a)


def test_a9_one_count_serves_all_statistics_of_a_cell() -> None:
    """At their gate the five areas come out together or not at all: several counts would cost several times."""
    seen = {len(_names(SCORE_V1, Node(), SCORE_V1.statistics[1].shares["all"].gate)) for _ in range(scaled(5_000))}
    assert seen == {1, 6}


def test_a9_the_band_is_that_of_the_noisy_count() -> None:
    bands = {due(METRIC_V1, Node(), _entries(METRIC_V1, 199))[0].band for _ in range(scaled(5_000))}
    assert bands == {"100-199", "200-499"}


@pytest.mark.parametrize("count", range(10))
def test_a10_no_statistic_of_a_small_cell_is_drawn(count: int) -> None:
    gates = {level: replace(share, gate=1) for level, share in SCORE_V1.statistics[0].shares.items()}
    low = replace(SCORE_V1, statistics=(replace(SCORE_V1.statistics[0], shares=gates),))
    assert not any(due(plan, LEAF, _entries(plan, count)) for plan in (SCORE_V1, low) for _ in range(50))


@pytest.mark.parametrize(("plan", "at", "level"), DRAWN)
def test_a3_a_value_is_drawn_with_the_eps_that_is_charged(plan: Plan, at: int, level: str) -> None:
    """All groups stand at one end; how often the middle, and the upper quartile, stands there too says what eps was."""
    statistic = replace(plan.statistics[at], scale=COARSE)
    eps, draws = statistic.shares[level].eps, max(600, scaled(10_000))
    of_one = eps if statistic.mechanism == "median" else eps / 2
    values = [0.0] * round(4 / of_one)
    of = Due(AT[level], statistic, "500+", values)
    found = [drawn(of, None) for _ in range(draws)]
    chances, doubled = (_at_the_end(of, by) for by in (eps, 2 * eps))
    for name, chance in chances.items():
        hits = sum(each is not None and getattr(each, name) == 0.0 for each in found)
        low, high = exact.at_least(hits, draws), exact.at_most(hits, draws)
        assert low <= chance <= high
        assert not low <= doubled[name] <= high


def _at_the_end(of: Due, eps: float) -> Mapping[str, float]:
    """The chances that each is printed and is 0, in closed form."""
    candidates = of.statistic.scale.candidates
    if of.statistic.mechanism == "median":
        return {"p50": float(np.exp(exact.log_chances(of.values, candidates, eps)[0, 0]))}
    printed = {
        outcome: chance
        for outcome, chance in exact.quartile_chances(of.values, candidates, eps).items()
        if printing.near_enough(of.statistic.scale, printing.error_of(of.statistic.scale, of.share, of.band, outcome))
    }
    return {
        name: sum(chance for outcome, chance in printed.items() if outcome[place] == 0.0)
        for place, name in ((1, "p50"), (2, "p75"))
    }
