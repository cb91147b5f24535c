"""A7 of domain.md 7: eight releases, four leavers and joiners between any two, and a reader of the full history."""

import random
from collections.abc import Callable
from statistics import fmean

import numpy as np
import pytest

from attacks import exact, histories
from attacks.companies import score
from attacks.histories import GRID, LEAVERS, LEAVES, PRIOR, RELEASES, Shadows, leavers, log_chance, members
from shared import SCALE, scaled
from wm_api.benchmarks.contributed import mechanisms
from wm_api.benchmarks.contributed.budget import Charge
from wm_api.benchmarks.contributed.plan import POINTS

EPS, NEAR = 1.5, 2
GUESS = max(float(PRIOR[max(0, at - NEAR) : at + NEAR + 1].sum()) for at in range(len(GRID)))
"""How often the best guess of a score that nobody has seen is near it."""
MADE_UP, ASKED = (5_000, LEAVES) if SCALE >= 25 else (1_000, LEAVES[:2])
"""What Bayes' rule is given: histories of a cell, and the cells whose leavers are asked for."""


def _near(belief: exact.Numbers) -> int:
    """The guess that is near most often."""
    return max(range(len(GRID)), key=lambda at: belief[max(0, at - NEAR) : at + NEAR + 1].sum())


def test_a7_the_full_history_of_eight_releases_does_not_place_a_leaver(told: Callable[[str], None]) -> None:
    """Both attackers know what is published; trials are whole histories, for leavers of one hang together."""
    rolls, gone, squares, bayes = random.Random(7), leavers(), [], []
    asked = [number for number in gone if members()[number].leaf in ASKED]
    shadows = {at % 2: Shadows(leaf, MADE_UP) for at, leaf in enumerate(LEAVES[:2])}
    for _ in range(scaled(100)):
        scores = np.asarray([score(rolls) for _ in members()])
        releases = histories.history(scores.tolist())
        beliefs = [of for at, leaf in enumerate(ASKED) for of in shadows[at % 2].beliefs(releases, leaf)]
        squares.append(_hits(np.round(histories.from_quartiles(releases)[gone]), scores[gone]))
        bayes.append(_hits(np.asarray([_near(belief) for belief in beliefs]), scores[asked]))
    told(
        f"A7: within {NEAR} points by least squares {np.mean(squares):.3f}, by Bayes' rule {np.mean(bayes):.3f} of "
        f"{len(gone)} leavers of {len(bayes)} histories; a guess {GUESS:.3f}, the line {GUESS + 0.05:.3f}"
    )
    for hits in (squares, bayes):
        assert -exact.mean_at_most([-each for each in hits]) <= GUESS + 0.05


def _hits(guesses: exact.Numbers, scores: exact.Numbers) -> float:
    return float(np.mean(np.abs(guesses - scores) <= NEAR))


def test_a7_the_same_least_squares_determine_every_leaver_of_an_exact_tree(told: Callable[[str], None]) -> None:
    rolls, gone, trials = random.Random(7), leavers(), scaled(100)
    for _ in range(trials):
        scores = np.asarray([score(rolls) for _ in members()])
        assert np.abs(histories.exact_tree(scores.tolist())[gone] - scores[gone]).max() < 0.5
    told(
        f"A7, naive: 4 of 4 leavers are determined between any two of eight releases, in {trials} of {trials} histories"
    )


def test_four_leave_and_four_join_between_any_two_releases() -> None:
    for step in range(RELEASES - 1):
        assert sum(each.last == step for each in members()) == LEAVERS
        assert sum(each.first == step + 1 for each in members()) == LEAVERS


def test_the_made_up_histories_are_weighed_by_the_chances_that_the_library_is_held_to() -> None:
    """With and without a published parent; and of one member, whatever score he may have had."""
    shadows, outcomes = Shadows(LEAVES[0], 3), ((50.0, 61.0, 70.0), (61.0, 61.0, 61.0), (0.0, 40.0, 100.0))
    inside = np.flatnonzero([each.is_in(0) for each in shadows.inside])
    for outcome in outcomes:
        for row, weighed in enumerate(log_chance(shadows.under[0], shadows.upto[0], outcome, None)):
            values = shadows.scores[row, inside].astype(float).tolist()
            chance = exact.log_chance_of_quartiles(outcome, values, GRID, EPS, None)[0]
            assert weighed == pytest.approx(chance, rel=1e-4)
        others = shadows.scores[1, inside[inside != 0]].astype(float).tolist()
        belief = exact.posterior(exact.log_chance_of_quartiles(outcome, others, GRID, EPS, GRID), PRIOR)
        assert shadows.beside(np.array([1]), 0, [(outcome, None)])[0] == pytest.approx(belief, rel=1e-3)
    far, near = (log_chance(shadows.under[0], shadows.upto[0], outcomes[0], of) for of in (None, (52.0, 60.0, 68.0)))
    assert (near > far).all()  # fewer candidates, each of more chance


def test_a7_who_knows_all_others_of_unchanged_scores_is_held_to_what_the_budget_allows(
    told: Callable[[str], None],
) -> None:
    """Stronger than the page's attacker: eight releases, 49 known scores, and no score ever changes."""
    rolls, hits, naive, trials = random.Random(7), 0, 0, scaled(2_000)
    for _ in range(trials):
        stayers, leaver = [score(rolls) for _ in range(49)], score(rolls)
        known = [[*stayers[release:], *(score(rolls) for _ in range(release))] for release in range(RELEASES)]
        outcomes = [mechanisms.aq3([*others, leaver], POINTS, EPS) for others in known]
        seen = [exact.log_chance_of_quartiles(*each, GRID, EPS, GRID) for each in zip(outcomes, known, strict=True)]
        hits += abs(_near(exact.posterior(np.sum(seen, axis=0), PRIOR)) - leaver) <= NEAR
        naive += abs(50 * fmean([*known[-1], leaver]) - sum(known[-1]) - leaver) <= NEAR
    allowed = exact.most_often(GUESS, RELEASES * Charge("", "", "aq3", EPS).rho)
    told(
        f"A7, all 49 others known, no score changes: within {NEAR} points {hits / trials:.3f} of {trials}, a guess "
        f"{GUESS:.3f}; the budget of eight releases allows {allowed:.3f}; naive {naive / trials:.3f}"
    )
    assert exact.at_least(hits, trials) <= allowed < 1
    assert naive == trials
