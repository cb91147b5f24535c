"""Contributed quartiles in a score: blended with the reference, moved by their error, and said with their weight."""

from collections.abc import Iterable
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from metrics.worked import DOCUMENT
from scores.test_properties import METHODOLOGY, PEERS, seeds, some_input
from wm_api.benchmarks.contributed.cells import Published
from wm_api.benchmarks.contributed.plan import METRIC_V1
from wm_api.benchmarks.contributed.tree import SECTORS
from wm_api.benchmarks.fallback import Place
from wm_api.benchmarks.public_sources import cells_of_editions, packaged_statistics
from wm_api.metrics.figures import Status
from wm_api.scores import inputs as pinned
from wm_api.scores.case import draws
from wm_api.scores.peers import peers_of
from wm_api.scores.quartiles import Contributed, Quartiles, as_read_by, blended
from wm_api.scores.results import Reading, ScoreInput
from wm_api.scores.scoring import score
from wm_api.scores.steps import knots, position

B4 = DOCUMENT["benchmarks"][3]
PUBLIC = cells_of_editions(packaged_statistics())
few = settings(deadline=None, max_examples=12, phases=[Phase.generate])
Three = tuple[float, float, float]


def in_order(values: Iterable[float]) -> Three:
    low, middle, high = sorted(values)
    return low, middle, high


three = st.lists(st.integers(0, 10**6).map(lambda each: each / 10**4), min_size=3, max_size=3).map(in_order)


def contributed(q25: float, q50: float, q75: float, groups: int = 100, error: float = 0.0) -> Contributed:
    return Contributed(q25, q50, q75, groups, error, f"contributed ({groups}+ groups, release 2027)", "section C")


def cell(metric: str, sector: str | None, band: str = "100-199") -> Published:
    scale = next(each.scale for each in METRIC_V1.statistics if each.name == metric)
    low, middle, high = (scale.lower + scale.range * share for share in (0.25, 0.5, 0.75))
    label = f"contributed ({band} groups, release 2027)"
    return Published(metric, sector, None, low, middle, high, band, scale.range / 20, label)


def test_b4_the_blend_of_the_worked_example() -> None:
    ours = contributed(*in_order(B4["contributed"]), groups=B4["n_band_lower"])
    found = blended(ours, Quartiles(*in_order(B4["reference"])), B4["prior_strength"])
    assert found.weight == B4["expected"]["weight_contributed"]
    assert (found.q25, found.q50, found.q75) == pytest.approx(tuple(B4["expected"]["quartiles"]), abs=1e-6)
    assert {rule.prior_strength for rule in METHODOLOGY.metrics} == {B4["prior_strength"]}


@given(three, three, st.sampled_from([50, 100, 200, 500]), st.floats(1, 500))
def test_blended_quartiles_lie_between_both_and_stay_in_order(
    ours: Three, theirs: Three, groups: int, prior: float
) -> None:
    found = blended(contributed(*ours, groups=groups), Quartiles(*theirs), prior)
    quartiles = (found.q25, found.q50, found.q75)
    assert list(quartiles) == sorted(quartiles)
    for each, one, other in zip(quartiles, ours, theirs, strict=True):
        assert min(one, other) <= each <= max(one, other)


@given(three, three)
def test_few_groups_give_the_reference_and_very_many_the_contributed(ours: Three, theirs: Three) -> None:
    few_groups = blended(contributed(*ours, groups=50), Quartiles(*theirs), 1e12)
    many = blended(contributed(*ours, groups=10**12), Quartiles(*theirs), 40)
    alone = blended(contributed(*ours), None, 40)
    assert (few_groups.q25, few_groups.q50, few_groups.q75) == theirs
    assert (many.q25, many.q50, many.q75) == (alone.q25, alone.q50, alone.q75) == ours
    assert (few_groups.weight, many.weight, alone.weight) == (0, 1, 1)


def with_contributed(seed: int, error: float) -> ScoreInput:
    """Peers of half of the metrics, each blended or contributed alone."""
    draw, given_input = Random(seed), some_input(seed)
    mixed = dict(PEERS)
    for rule in METHODOLOGY.metrics:
        if draw.random() < 0.5:
            at = in_order(draw.uniform(rule.lower, rule.upper) for _ in range(3))
            part = contributed(*at, groups=draw.choice([50, 100]), error=error * (rule.upper - rule.lower))
            mixed[rule.metric] = blended(part, PEERS.get(rule.metric), rule.prior_strength)
    return replace(given_input, peers=mixed)


@few
@given(seeds)
def test_without_error_the_score_is_that_of_the_quartiles_as_they_are(seed: int) -> None:
    noisy, exact = (with_contributed(seed, error) for error in (0.05, 0.0))
    plain = {name: Quartiles(each.q25, each.q50, each.q75) for name, each in exact.peers.items()}
    as_they_are = score(replace(exact, peers=plain), METHODOLOGY)
    assert score(exact, METHODOLOGY) == as_they_are
    moved = score(noisy, METHODOLOGY)
    assert (moved.headline, moved.areas, moved.metrics) == (
        as_they_are.headline, as_they_are.areas, as_they_are.metrics,
    )  # fmt: skip


def test_the_error_of_contributed_quartiles_moves_the_draws_and_nothing_else() -> None:
    reading = {name: Reading("ok", each.q50, 0.0) for name, each in PEERS.items()}
    rest = {rule.metric: Reading("ok", rule.best, 0.0) for rule in METHODOLOGY.metrics if rule.metric not in PEERS}
    part = contributed(5.0, 10.0, 17.0, error=2.0)
    peers = {**PEERS, "gender_gap_median_hourly": blended(part, PEERS["gender_gap_median_hourly"], 40)}
    result = score(ScoreInput({**reading, **rest}, peers, "0" * 64), METHODOLOGY)
    still = score(ScoreInput({**reading, **rest}, PEERS, "0" * 64), METHODOLOGY)
    assert still.interval95 is not None
    assert still.interval95[0] == still.interval95[1]
    assert result.interval95 is not None
    assert result.interval95[0] < (result.headline or 0) < result.interval95[1]


@given(
    st.lists(st.floats(-20, 160), min_size=1, max_size=20),
    three,
    st.sampled_from([(0.0, 100.0, 1.0), (0.0, 45.0, 0.5), (-10.0, 10.0, 0.5)]),
    st.floats(-9, 9),
)
def test_a_position_is_linear_between_the_knots_as_they_lie_in_each_draw(
    values: list[float], at: Three, scale: Three, shift: float
) -> None:
    y, quartiles, ends = np.array(values), Quartiles(*at), [0.0, 25.0, 50.0, 75.0, 100.0]
    still = knots(quartiles, *scale, np.zeros(1))[:, 0]
    assert position(y, quartiles, *scale) == pytest.approx(np.interp(y, still, ends), abs=1e-9)
    moved = knots(quartiles, *scale, np.array([shift]))[:, 0]
    assert list(moved) == sorted(moved)
    shifts = np.full(y.size, shift)
    assert position(y, quartiles, *scale, shifts) == pytest.approx(np.interp(y, moved, ends), abs=1e-9)


def test_the_draws_of_peers_are_those_that_anybody_can_repeat() -> None:
    inputs = with_contributed(7, 0.02)
    name = next(n for n, each in inputs.peers.items() if each.error and n not in PEERS)
    rule, quartiles = METHODOLOGY.rule(name), inputs.peers[name]
    z = draws(inputs.seed, f"peers:{name}", 2000)
    shift = quartiles.error / 1.96 * z
    by_hand = [
        np.interp(quartiles.q50, knots(quartiles, rule.lower, rule.upper, rule.grid, shift[[at]])[:, 0], [0, 25, 50, 75, 100])
        for at in range(40)
    ]  # fmt: skip
    found = position(np.full(40, quartiles.q50), quartiles, rule.lower, rule.upper, rule.grid, shift[:40])
    assert found == pytest.approx(by_hand, abs=1e-9)


@few
@given(seeds)
def test_a_record_gives_back_the_blend_and_scores_without_one_are_recorded_as_ever(seed: int) -> None:
    inputs = with_contributed(seed, 0.03)
    record = pinned.record_of([], {}, METHODOLOGY, "0", inputs.metrics, inputs.peers, inputs.guards)
    assert pinned.input_of(record).peers == inputs.peers
    assert as_read_by(inputs.peers, METHODOLOGY) == inputs.peers
    plain = pinned.record_of([], {}, METHODOLOGY, "0", inputs.metrics, PEERS, inputs.guards)
    assert {frozenset(each) for each in plain["peers"].values()} == {
        frozenset({"q25", "q50", "q75", "declared", "label"})
    }


def test_the_label_says_what_of_it_is_contributed_and_what_the_reference_is() -> None:
    place = Place(("C",), "250-499", None)
    cells = [cell("voluntary_turnover_rate", None), cell("voluntary_turnover_rate", "C", "50-99")]
    cells += [cell("permanent_share", None, "200-499")]
    found = peers_of(PUBLIC, place, METHODOLOGY, cells)
    assert found["voluntary_turnover_rate"].label == (
        "56 % contributed (50-99 groups, release 2027; section C), 44 % US separations 2021 (section C, manufacturing)"
    )
    assert found["permanent_share"].label == ("contributed (200-499 groups, release 2027; all groups; sector dropped)")
    assert found["voluntary_turnover_rate"].declared
    assert found["voluntary_turnover_rate"].of_peers
    assert found["turnover_rate"].label == "US separations 2021 (section C, manufacturing)"
    assert not found["turnover_rate"].of_peers
    record = pinned.record_of([], {}, METHODOLOGY, "0", {}, found, some_input(1).guards)
    assert pinned.compared_with(record) == (
        "56 % contributed (50-99 groups, release 2027); UK employers, returns 2021-22; "
        "US separations 2021; US wages by occupation, May 2025; contributed (200-499 groups, release 2027)"
    )


def test_which_metrics_have_peers_depends_on_the_releases_and_never_on_the_company() -> None:
    """A cell of one sector alone counts where there is a reference as well, which everybody has."""
    cells = [cell("promotion_rate", "C"), cell("voluntary_turnover_rate", "C"), cell("permanent_share", None)]
    places = [Place((sector,), "250-499", None) for sector in SECTORS] + [Place((), None, None)]
    found = [peers_of(PUBLIC, place, METHODOLOGY, cells) for place in places]
    assert len({frozenset(each) for each in found}) == 1
    assert "promotion_rate" not in found[0]
    assert "permanent_share" in found[0]
    assert peers_of(PUBLIC, places[2], METHODOLOGY, cells)["voluntary_turnover_rate"].weight > 0
    assert peers_of(PUBLIC, places[0], METHODOLOGY, cells)["voluntary_turnover_rate"].weight == 0


def test_of_a_blend_the_part_on_a_declared_spread_is_that_of_its_reference() -> None:
    place = Place(("C",), "250-499", None)
    metrics = {rule.metric: Reading(Status.OK.value, rule.lower, 0.0) for rule in METHODOLOGY.metrics}

    def share(*cells: Published) -> float:
        peers = peers_of(PUBLIC, place, METHODOLOGY, cells)
        record = pinned.record_of([], {}, METHODOLOGY, "0", metrics, peers, some_input(1).guards)
        return pinned.declared_share(record) or 0.0

    weight = METHODOLOGY.weight("voluntary_turnover_rate")
    assert share() - share(cell("voluntary_turnover_rate", "C")) == pytest.approx(weight * 100 / 140, abs=2e-6)
