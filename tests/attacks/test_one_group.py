"""Attacks on one group by somebody who knows all others (domain.md 7: A1, A8, A11, A12), each beside a naive release."""

import random
from collections.abc import Callable
from datetime import date
from statistics import fmean, median

import numpy as np
import pytest

from attacks import exact
from attacks.companies import score
from attacks.histories import GRID, PRIOR
from shared import scaled
from wm_api.benchmarks.contributed import mechanisms
from wm_api.benchmarks.contributed.entries import Candidate, Entry, entries_of
from wm_api.benchmarks.contributed.plan import PLANS, POINTS

EPS = 1.5
MIDDLE = 84.0
AREAS = {each.name: 50.0 for each in PLANS["score_v1"].statistics}


def _others(rolls: random.Random, count: int) -> list[float]:
    return [score(rolls) for _ in range(count)]


def _belief(outcomes: list[exact.Outcome], others: list[list[float]]) -> exact.Numbers:
    """Of an attacker who knows the others and the mechanism, after one release or several."""
    seen = [exact.log_chance_of_quartiles(*each, GRID, EPS, GRID) for each in zip(outcomes, others, strict=True)]
    return exact.posterior(np.sum(seen, axis=0), PRIOR)


@pytest.mark.parametrize("count", [50, 100, 300])
def test_a1_who_knows_all_others_learns_next_to_nothing_of_a_leaver(count: int, told: Callable[[str], None]) -> None:
    """The release after he left has no part in it: only the one before can tell."""
    rolls, gain, off_naive, off = random.Random(count), [], [], []
    prior_guess = exact.median_guess(PRIOR, GRID)
    for _ in range(scaled(1_500)):
        others, leaver = _others(rolls, count - 1), score(rolls)
        guess = exact.median_guess(_belief([mechanisms.aq3([*others, leaver], POINTS, EPS)], [others]), GRID)
        naive = count * fmean([*others, leaver]) - (count - 1) * fmean(others)
        by_prior = abs(leaver - prior_guess)
        off.append((abs(leaver - guess), by_prior))
        gain.append(abs(leaver - guess) - 0.9 * by_prior)
        off_naive.append(abs(leaver - naive))
    mean, prior = np.mean(off, axis=0)
    told(f"A1, {count} groups: off by {mean:.2f}, a guess by {prior:.2f}; naive: at most {max(off_naive):.2g}")
    assert exact.mean_at_most(gain) >= 0
    assert max(off_naive) <= 0.5


def test_a8_who_owns_all_others_is_further_off_than_a_guess(told: Callable[[str], None]) -> None:
    """His groups stand at both ends, so that the exact median would be the target."""
    own = [0.0] * 25 + [100.0] * 25
    rolls, off, by_prior = random.Random(8), [], []
    for _ in range(scaled(5_000)):
        target = score(rolls)
        off.append(abs(mechanisms.median([*own, target], POINTS, EPS / 2) - target))
        by_prior.append(abs(target - exact.median_guess(PRIOR, GRID)))
        assert median([*own, target]) == target
    told(f"A8: off by {np.mean(off):.2f}, a guess by {np.mean(by_prior):.2f}; naive: 0")
    assert exact.mean_at_most([each - 2 * prior for each, prior in zip(off, by_prior, strict=True)]) >= 0


def _advantage(one: list[exact.Outcome], other: list[exact.Outcome], eps: float) -> float:
    """Not below this: how much oftener the target is said to be there when it is (likelihood ratio)."""
    middle = [float(value) for value in range(36, 85)]

    def said(outcome: exact.Outcome) -> bool:
        there, absent = exact.log_chance_of_quartiles(outcome, middle, GRID, eps, [100.0, 0.0])
        return bool(there > absent)

    return exact.at_least(sum(map(said, one)), len(one)) - exact.at_most(sum(map(said, other)), len(other))


def test_a12_an_outlier_is_not_seen_among_groups_in_the_middle(told: Callable[[str], None]) -> None:
    """Whether the target stands at the upper or at the lower end: two steps apart, a leaver and a joiner."""
    middle, draws = [float(value) for value in range(36, 85)], scaled(5_000)
    high = [mechanisms.aq3([*middle, 100.0], POINTS, EPS) for _ in range(draws)]
    low = [mechanisms.aq3([*middle, 0.0], POINTS, EPS) for _ in range(draws)]
    line = (np.exp(EPS) - 1) / (np.exp(EPS) + 1)
    advantage = _advantage(high, low, EPS)
    seen = [sum(max([*middle, end]) > MIDDLE for _ in range(draws)) for end in (100.0, 0.0)]  # a release of extremes
    naive = exact.at_least(seen[0], draws) - exact.at_most(seen[1], draws)
    told(f"A12: advantage at least {advantage:.3f}, the line is {line:.3f}; naive {naive:.3f}")
    assert advantage <= line
    assert naive > line


def test_a11_a_group_of_nearly_all_employees_weighs_as_any_other(told: Callable[[str], None]) -> None:
    """A release does not change with its size; a mean that is weighted by employees tells its score within 1 %."""
    rolls, day = random.Random(11), date(2027, 1, 15)
    scores = [score(rolls) for _ in range(60)]

    def entered(largest: int) -> list[Entry]:
        return entries_of(
            (
                Candidate(f"g{at}", date(2025, 1, 1), 100 if at else largest, "C", "DE", {**AREAS, "score": each})
                for at, each in enumerate(scores)
            ),
            PLANS["score_v1"],
            day,
        )

    assert entered(1_000) == entered(600_000)
    assert len(entered(600_000)) == len(scores)
    weights = [600_000, *[100] * (len(scores) - 1)]
    naive = abs(np.average(scores, weights=weights) - scores[0])
    told(f"A11: the release does not change with the size; naive: off by {naive:.2f}")
    assert naive <= 1.0
