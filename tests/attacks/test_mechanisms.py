"""Attacks on the noise itself (domain.md 7: A2, A3, A4, A9, A10): is it as private as the ledger says?"""

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from attacks import exact
from shared import SCALE, scaled
from wm_api.benchmarks.contributed import mechanisms, printing
from wm_api.benchmarks.contributed.plan import COUNT_EPS, LEAST, POINTS, SCORE_V1, Scale
from wm_api.benchmarks.contributed.tree import LEVELS

Mechanism = Callable[[Sequence[float], Scale, float], exact.Outcome]
many_draws = pytest.mark.skipif(SCALE < 25, reason="needs tens of thousands of draws: make attacks")
NEAR_THE_FLOOR = 7
"""From so many groups on, two hundred draws of the noise are sure to reach the floor."""
COARSE = Scale(0, 2, 1)
TIES = [0.0] * 3 + [0.5] * 8 + [1.0] * 8 + [1.5] * 6 + [2.0] * 6
"""Beside one more at 0.5 this pair has the whole of its declared eps as loss: no pair can have more."""
SPLIT = [0.0] * 4 + [0.5] * 6 + [2.0] * 4
"""What AQ-3 gives of these depends most on whether eps is split."""


def _unsplit(values: Sequence[float], scale: Scale, eps: float) -> exact.Outcome:
    """The planted mistake: eps for the median and eps again for the halves."""
    return mechanisms.aq3(values, scale, 2 * eps)


@pytest.mark.parametrize("eps", [0.5, 1.0, 2.0])
def test_a2_one_statistic_does_not_tell_whether_a_group_is_in_it(eps: float, told: Callable[[str], None]) -> None:
    """Worst neighbours: two candidates, and a group whose presence moves both the wrong way."""
    candidates, draws = (0.5, 1.5), scaled(20_000)
    line = (math.exp(eps) - 1) / (math.exp(eps) + 1)
    ours = _told(lambda values: mechanisms.private_median(values, candidates, eps), draws)
    naive = _told(lambda values: float(np.mean(values)), draws)  # the same attacker, of an exact mean
    told(f"A2, eps {eps}: advantage at least {ours:.3f}, the line is {line:.3f}; naive {naive:.3f}")
    assert ours <= line < naive


def _told(mechanism: Callable[[Sequence[float]], float], draws: int) -> float:
    """Not below this: how much oftener he sees the sign of the group when it is there. Half of the draws choose it."""
    values = [0.0] * 5 + [1.0] * 3 + [2.0] * 5
    with_it, without = ([mechanism(each) for _ in range(draws)] for each in ([*values, 2.0], values))
    train, held = slice(0, draws // 2), slice(draws // 2, draws)
    sign = max(set(with_it[train]), key=lambda each: with_it[train].count(each) - without[train].count(each))
    inside, outside = with_it[held], without[held]
    return exact.at_least(inside.count(sign), len(inside)) - exact.at_most(outside.count(sign), len(outside))


def test_a3_the_worst_pair_of_neighbours_loses_the_declared_eps_and_the_planted_mistake_twice_that(
    told: Callable[[str], None],
) -> None:
    ours, planted = (exact.loss(*_pair(eps)) for eps in (1.5, 3.0))
    told(f"A3, worst pair: loses {ours:.3f} of 1.5; planted mistake {planted:.3f}")
    assert ours == pytest.approx(1.5, abs=0.01)
    assert planted == pytest.approx(3.0, abs=0.01)


def _pair(eps: float) -> tuple[dict[exact.Outcome, float], dict[exact.Outcome, float]]:
    candidates = COARSE.candidates
    return exact.quartile_chances(TIES, candidates, eps), exact.quartile_chances([*TIES, 0.5], candidates, eps)


def test_a3_the_library_draws_by_the_chances_that_were_worked_out() -> None:
    """So what is exact above is true of what is released; without the split of eps it would be found out."""
    draws = max(700, scaled(20_000))
    chances = exact.quartile_chances(SPLIT, COARSE.candidates, 1.5)
    allowed = 0.5 * math.sqrt(len(chances) / draws) + math.sqrt(-math.log(exact.SURE) / (2 * draws))
    for mechanism, fits in ((mechanisms.aq3, True), (_unsplit, False)):
        seen = Counter(mechanism(SPLIT, COARSE, 1.5) for _ in range(draws))
        off = sum(abs(seen[each] / draws - chance) for each, chance in chances.items()) / 2
        assert (off <= allowed) is fits


@many_draws
def test_a3_no_event_of_many_draws_shows_more_than_the_declared_eps(told: Callable[[str], None]) -> None:
    """The event is chosen on the first half of the draws, its chances are bounded on the second."""
    ours, planted = _shown(mechanisms.aq3), _shown(_unsplit)
    told(f"A3, events of {scaled(40_000)} draws: show at least {ours:.3f} of 1.5; planted mistake {planted:.3f}")
    assert ours <= 1.5 < planted


def _shown(mechanism: Mechanism) -> float:
    values, draws = [0.0] * 8 + [0.5] + [1.0] * 2 + [1.5] * 4, scaled(40_000)
    one, other = ([mechanism(each, COARSE, 1.5) for _ in range(draws)] for each in (values, [*values, 2.0]))
    half, shown = draws // 2, 0.0
    for these, those in ((one, other), (other, one)):
        first, second = Counter(these[:half]), Counter(those[:half])
        event = max(first, key=lambda each: exact.at_least(first[each], half) / exact.at_most(second[each], half))
        low, high = exact.at_least(these[half:].count(event), half), exact.at_most(those[half:].count(event), half)
        shown = max(shown, math.log(low / high) if low else 0.0)
    return shown


def test_a4_all_statistics_of_a_group_together_tell_no_more_than_the_path_may_cost(
    told: Callable[[str], None],
) -> None:
    """The joint likelihood ratio of the count, the score and the five areas in all three cells of its path."""
    rolls = random.Random(4)
    cells = {
        level: [[float(rolls.randint(0, 100)) for _ in range(60)] for _ in SCORE_V1.statistics] for level in LEVELS
    }
    draws = scaled(1_000)
    there = [_path_loss(cells, present=True) for _ in range(draws)]
    absent = [_path_loss(cells, present=False) for _ in range(draws)]
    rho, most = SCORE_V1.cost.rho, max(map(abs, [*there, *absent]))
    said = sum(each > 0 for each in there), sum(each > 0 for each in absent)
    advantage = exact.at_least(said[0], draws) - exact.at_most(said[1], draws)
    told(
        f"A4, {draws} releases: largest loss {most:.2f} of 9.5, mean {np.mean(there):.3f} of {rho:.3f}, "
        f"advantage at least {advantage:.3f} of {math.sqrt(rho / 2):.3f}; naive 1 (exact values tell)"
    )
    assert most <= 9.5
    assert exact.mean_at_most([-each for each in there]) >= -rho  # the mean loss is at most rho
    assert advantage <= math.sqrt(rho / 2)


def _path_loss(cells: dict[str, list[list[float]]], *, present: bool) -> float:
    """ln P(all that was drawn | the group is there) - ln P(it | the group is not)."""
    total = 0.0
    for level, columns in cells.items():
        count = mechanisms.noisy_count(60 + present, COUNT_EPS)
        total += COUNT_EPS * (abs(count - 60) - abs(count - 61))
        for statistic, values in zip(SCORE_V1.statistics, columns, strict=True):
            eps, mine = statistic.shares[level].eps, [100.0] if present else []
            total += _loss_of(statistic.mechanism, values, mine, eps)
    return total


def _loss_of(mechanism: str, values: list[float], mine: list[float], eps: float) -> float:
    grid, drawn = POINTS.candidates, [*values, *mine]
    if mechanism == "median":
        value = mechanisms.median(drawn, POINTS, eps)
        there, absent = (exact.log_chance_of_median(value, values, grid, eps, extra)[0] for extra in ([100.0], None))
    else:
        outcome = mechanisms.aq3(drawn, POINTS, eps)
        there, absent = (
            exact.log_chance_of_quartiles(outcome, values, grid, eps, extra)[0] for extra in ([100.0], None)
        )
    return float(there - absent)


def test_a9_one_member_more_or_less_hardly_moves_the_chance_to_be_published(told: Callable[[str], None]) -> None:
    gate, draws = SCORE_V1.statistics[0].shares["sector_region"].gate, scaled(20_000)
    ours = _moved(lambda n: printing.published(n, mechanisms.noisy_count(n, COUNT_EPS), gate), draws)
    naive = _moved(lambda n: printing.published(n, n, gate), draws)  # a gate that is put to the exact count
    told(f"A9: logarithm of the ratio at least {ours:.3f} of {COUNT_EPS}; naive {naive:.2f}")
    assert ours <= COUNT_EPS < naive


def _moved(is_published: Callable[[int], bool], draws: int) -> float:
    """Not below this: the logarithm of how much oftener a cell comes out, or does not, with one member more."""
    below, at, above = (sum(is_published(n) for _ in range(draws)) for n in (49, 50, 51))
    ratios = [
        exact.at_least(hits, draws) / exact.at_most(fewer, draws)
        for one, other in ((at, below), (above, at))
        for hits, fewer in ((one, other), (draws - other, draws - one))
    ]
    return math.log(max(ratios))


@pytest.mark.parametrize("count", range(10))
def test_a10_a_small_or_empty_cell_is_never_published(count: int, told: Callable[[str], None]) -> None:
    """Whatever the noise; a release without the floor publishes one whose noise reaches a gate that is as low."""
    draws = [mechanisms.noisy_count(count, COUNT_EPS) for _ in range(scaled(10_000))]
    assert not any(printing.published(count, noisy, gate) for noisy in [*draws, 10**6] for gate in (LEAST, 50))
    naive = [noisy >= LEAST for noisy in draws]
    told(f"A10, {count} groups: 0 of {len(draws)} published; naive {sum(naive)}")
    assert any(naive) or count < NEAR_THE_FLOOR
    quartiles = mechanisms.aq3([0.0] * count, POINTS, 1.5)
    assert all(0 <= each <= 100 for each in quartiles)
