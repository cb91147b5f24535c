"""The noise of a release: it comes from the library, costs what is declared, and is near enough to be of use."""

import math
import random
from statistics import fmean, quantiles

import pytest

from shared import scaled
from wm_api.benchmarks.contributed import mechanisms, printing
from wm_api.benchmarks.contributed.plan import METRIC_V1, POINTS, SCORE_V1, Scale


def _scores(count: int, seed: int = 1) -> list[float]:
    rolls = random.Random(seed)
    return [min(100.0, max(0.0, rolls.gauss(60, 12))) for _ in range(count)]


def test_a_count_is_off_by_whole_numbers_and_not_by_much() -> None:
    drawn = [mechanisms.noisy_count(60, 0.5) for _ in range(scaled(20_000))]
    assert all(isinstance(each, int) for each in drawn)
    assert abs(fmean(drawn) - 60) < 6 * 2.8 / len(drawn) ** 0.5
    assert 1.8 < (fmean((each - 60) ** 2 for each in drawn)) ** 0.5 < 3.8  # sqrt(2 a) / (1 - a) = 2.80


def test_quartiles_are_candidates_in_order() -> None:
    for statistic in (*SCORE_V1.statistics[:1], *METRIC_V1.statistics):
        low, middle, high = mechanisms.aq3(_scores(60), statistic.scale, 0.5)
        assert {low, middle, high} <= set(statistic.scale.candidates)
        assert low <= middle <= high


def test_an_empty_or_equal_half_still_gives_quartiles() -> None:
    assert mechanisms.aq3([], POINTS, 1.0)[0] <= 100
    low, middle, high = mechanisms.aq3([0.0] * 200, POINTS, 1.5)
    assert (low, middle) == (0.0, 0.0)
    assert high <= 5


def test_beside_a_published_parent_only_what_is_near_is_looked_at() -> None:
    parent = (20.0, 30.0, 40.0)
    for _ in range(20):
        low, middle, high = mechanisms.aq3(_scores(80), POINTS, 0.5, parent)
        assert middle <= 45
        assert low <= 35
        assert high <= 55
    assert mechanisms.median(_scores(80), POINTS, 1.0, 0.0) <= 15


@pytest.mark.parametrize("spread", [8, 12, 20])
def test_the_printed_error_holds_for_95_of_100_quartiles_at_the_gate(spread: int) -> None:
    """Whatever the spread: of values that lie far apart nothing is printed, or a larger error."""
    share, rolls, held, printed = SCORE_V1.statistics[0].shares["sector_region"], random.Random(spread), [], 0
    for _ in range(scaled(10_000)):
        scores = [min(100.0, max(0.0, rolls.gauss(60, spread))) for _ in range(share.gate)]
        drawn = mechanisms.aq3(scores, POINTS, share.eps)
        error = printing.error_of(POINTS, share, "50-99", drawn)
        if printing.near_enough(POINTS, error):
            printed += 1
            true = quantiles(scores, n=4, method="inclusive")
            held += [abs(one - other) <= error for one, other in zip(drawn, true, strict=True)]
    assert printed <= scaled(10_000) / 4 if spread == 20 else printed >= scaled(10_000) / 4
    assert fmean(held or [True]) >= 0.95 - (math.log(1e8) / (2 * max(1, printed))) ** 0.5


def test_the_library_states_the_cost_that_the_ledger_is_told() -> None:
    measurement = mechanisms._median_among(POINTS.candidates, 0.75)
    assert measurement.map(d_in=1) == pytest.approx(0.75**2 / 8)
    assert mechanisms._count_at(0.5).map(d_in=1) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="costs more"):
        mechanisms._must_cost(0.6, 0.5)


def test_one_candidate_needs_no_noise() -> None:
    assert mechanisms.private_median([3.0], Scale(5, 5, 1).candidates, 1.0) == 5.0
