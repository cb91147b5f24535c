"""A6 of domain.md 7: can the score of a group be worked out from everything that is published of 300?

One linear program (`reconstruction`) reads ours and its controls: exact means of a cube of filters, which it must
solve; and exact quartiles of the small cells of that cube, so that it is known to see through the kind of figure that
ours are. Ours has two walls, and each is put to it alone: the noise in those small cells, and the tree without noise.
"""

from collections.abc import Callable, Sequence

import pytest
from tools.population.utility import draw

from attacks.companies import Group, by_cell, exact_cube, groups
from attacks.reconstruction import DETERMINED, NARROW, Fact, Mean, Program, exact_quartiles, noisy_quartiles
from shared import SCALE
from wm_api.benchmarks.contributed import mechanisms
from wm_api.benchmarks.contributed.entries import Entry
from wm_api.benchmarks.contributed.entries import by_cell as entered
from wm_api.benchmarks.contributed.plan import POINTS, SCORE_V1

COUNT, MEMBERS = 300, groups(300, seed=6)
SCORES = [each.score for each in MEMBERS]
CUBE = exact_cube(MEMBERS)
SMALL, TOO_NEAR = (12, 20) if SCALE >= 25 else (6, 10)
"""Groups at most of the small cells, and how many scores their exact quartiles must give within 20 points."""


def _released(members: Sequence[Group]) -> list[Fact]:
    """By the code that makes releases, of the score: counts, gates, parents and what is not printed."""
    entries = [Entry(each.sector, each.region, (each.score,) * len(SCORE_V1.statistics)) for each in members]
    drawn, facts = draw(SCORE_V1, entered(entries, SCORE_V1)), list[Fact]()
    for node, inside in by_cell(members).items():
        told = drawn.get((node.key, "score"))
        if told is not None and told.p25 is not None and told.p75 is not None:
            eps = SCORE_V1.statistics[0].shares[node.level].eps
            facts += noisy_quartiles(inside, (told.p25, told.p50, told.p75), eps)
    return facts


def _small() -> list[list[int]]:
    return [inside for inside, _ in CUBE if len(inside) <= SMALL]


def _widths(program: Program) -> list[float]:
    return [high - low for low, high in program.ranges(range(COUNT)).values()]


def _true_widths(facts: Sequence[Fact]) -> list[float]:
    """Of what is published without noise: the range of each score must hold the score."""
    ranges = Program(COUNT, facts).ranges(range(COUNT))
    assert all(low - 0.01 <= SCORES[each] <= high + 0.01 for each, (low, high) in ranges.items())
    return [high - low for low, high in ranges.values()]


@pytest.mark.parametrize("trusting", [False, True])
def test_a6_no_score_is_determined_by_all_that_is_published(told: Callable[[str], None], *, trusting: bool) -> None:
    """He allows for the noise, or takes what was drawn for as exact as it can be."""
    facts = _released(MEMBERS)
    assert len(facts) >= 3  # those of the root; each other cell may be kept back by chance
    program = Program(COUNT, facts)
    if trusting:
        program.trust()
    widths = _widths(program)
    how = "taken for exact" if trusting else "with its noise allowed for"
    told(f"A6, {how}: {len(facts)} quartiles; of {COUNT} scores the best known is within {min(widths):.1f} points")
    assert not any(width < DETERMINED for width in widths)
    assert min(widths) >= NARROW


def test_a6_the_same_program_determines_twenty_scores_or_more_of_an_exact_cube(told: Callable[[str], None]) -> None:
    """The short form reads its small cells alone, and asks for ten."""
    cells, least = (COUNT, 20) if SCALE >= 25 else (12, 10)
    means = [Mean(tuple(inside), mean) for inside, mean in CUBE if len(inside) <= cells]
    widths = _true_widths(means)
    determined, near = (sum(width < most for width in widths) for most in (DETERMINED, NARROW))
    told(
        f"A6, naive: of {COUNT} scores {determined} are determined by {len(means)} exact means, {near} within {NARROW}"
    )
    assert determined >= least


def test_a6_the_same_program_sees_through_exact_quartiles_of_small_cells(told: Callable[[str], None]) -> None:
    """So that no range of ours is narrow for what ours are, and not because the program reads no quartiles."""
    facts = [fact for inside in _small() for fact in exact_quartiles(inside, SCORES)]
    widths = _true_widths(facts)
    determined, near = (sum(width < most for width in widths) for most in (DETERMINED, NARROW))
    told(
        f"A6, exact quartiles of {len(_small())} cells of 3 to {SMALL}: {determined} determined, {near} within {NARROW}"
    )
    assert determined >= 1
    assert near >= TOO_NEAR


def test_a6_noise_alone_or_the_tree_alone_leaves_every_range_wide(told: Callable[[str], None]) -> None:
    """Small cells with noise, of which nobody releases one; and all cells of the tree, without noise and gate."""
    eps = SCORE_V1.statistics[0].shares["sector_region"].eps
    values = [[SCORES[each] for each in inside] for inside in _small()]
    drawn = [mechanisms.aq3(each, POINTS, eps) for each in values]
    noisy = [fact for cell in zip(_small(), drawn, strict=True) for fact in noisy_quartiles(*cell, eps)]
    exact = [fact for inside in by_cell(MEMBERS).values() for fact in exact_quartiles(inside, SCORES)]
    widths = min(_widths(Program(COUNT, noisy))), min(_true_widths(exact))
    told(f"A6, noise alone: within {widths[0]:.1f}; the tree alone, exact: within {widths[1]:.1f}")
    assert min(widths) >= NARROW
