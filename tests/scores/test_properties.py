"""What must hold for every score."""

import math
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from metrics.worked import DOCUMENT
from wm_api.scores.explanations import printed, stepped
from wm_api.scores.methodology import load_methodology
from wm_api.scores.quartiles import Quartiles
from wm_api.scores.results import Guards, Reading, ScoreInput, ScoreResult
from wm_api.scores.scoring import score

METHODOLOGY = load_methodology()
S1: dict[str, Any] = DOCUMENT["scoring"][0]
PEERS = {name: Quartiles(*each["peer_quartiles"]) for name, each in S1["metrics"].items() if "peer_quartiles" in each}
few = settings(deadline=None, max_examples=12, phases=[Phase.generate])
seeds = st.integers(0, 2**32)


def some_input(seed: int) -> ScoreInput:
    draw, metrics = Random(seed), {}
    for rule in METHODOLOGY.metrics:
        low = -rule.upper if rule.direction == "0" else rule.lower
        value = Reading(
            "ok", draw.uniform(low, rule.upper), draw.choice([0.0, draw.uniform(0, (rule.upper - rule.lower) / 10)])
        )
        missing = Reading(draw.choice(["not_reported", "not_applicable", "insufficient_n"]), reason="column:x")
        metrics[rule.metric] = value if draw.random() < 0.85 else missing
    gap = draw.uniform(-9, 9)
    guards = Guards(previous_star=draw.choice([None, 1, 3, 5]), adjusted_gap_interval=(gap - 2, gap + 2))
    return ScoreInput(metrics, PEERS, f"{seed:064x}", guards)


def area_values(result: ScoreResult) -> dict[str, float]:
    return {area.area: area.score for area in result.areas if area.score is not None}


@few
@given(seeds)
def test_a_score_adds_up_and_lies_between_its_areas(seed: int) -> None:
    result = score(some_input(seed), METHODOLOGY)
    if result.headline is None:
        assert (result.status, result.star, result.interval95, result.counterfactuals) == (
            "insufficient_data",
            None,
            None,
            (),
        )
        return
    values = area_values(result)
    assert min(values.values()) - 1e-6 <= result.headline <= max(*values.values(), METHODOLOGY.area_floor) + 1e-6
    assert 50 + math.fsum(result.area_contributions.values()) == pytest.approx(result.headline, abs=1e-5)
    shares = [each.contribution for each in result.metrics if each.contribution is not None]
    assert math.fsum(shares) == pytest.approx(math.fsum(result.area_contributions.values()), abs=1e-4)
    assert sum(result.printed_contributions.values()) == pytest.approx(round(result.headline - 50, 1), abs=0.051)
    assert result.interval95 is not None
    assert result.interval80 is not None
    assert 0 <= result.interval95[0] <= result.interval80[0] <= result.interval80[1] <= result.interval95[1] <= 100
    assert math.fsum(result.star_probability) == pytest.approx(1, abs=1e-5)
    assert result.star in range(1, 4 if result.floors else 6)


@few
@given(seeds)
def test_the_order_in_which_metrics_and_peers_come_changes_no_digit(seed: int) -> None:
    given_input = some_input(seed)
    turned = ScoreInput(
        dict(reversed(list(given_input.metrics.items()))),
        dict(reversed(list(PEERS.items()))),
        given_input.seed,
        given_input.guards,
    )
    assert score(given_input, METHODOLOGY) == score(turned, METHODOLOGY)


def test_what_is_not_reported_widens_the_interval_and_what_does_not_apply_does_not_lower_coverage() -> None:
    names = ("value", "standard_error")
    metrics = {name: Reading(each["status"], *map(each.get, names)) for name, each in S1["metrics"].items()}

    def changed(status: str) -> ScoreResult:
        readings = {**metrics, "overtime_hours_share": Reading(status, reason="kind:payroll")}
        return score(ScoreInput(readings, PEERS, S1["seed"]), METHODOLOGY)

    gone, hidden, small = changed("not_applicable"), changed("not_reported"), changed("insufficient_n")
    assert gone.coverage > hidden.coverage == small.coverage
    assert gone.headline == hidden.headline == small.headline
    assert hidden.interval95 is not None
    assert small.interval95 is not None
    assert hidden.interval95[0] < small.interval95[0] < small.interval95[1] < hidden.interval95[1]


@few
@given(seeds)
def test_more_noise_never_moves_a_peer_score_away_from_the_middle(seed: int) -> None:
    draw = Random(seed)
    value = draw.uniform(0, 150)

    def peer(se: float) -> float:
        metrics = {**some_input(seed).metrics, "turnover_rate": Reading("ok", value, se)}
        result = score(ScoreInput(metrics, PEERS, "0" * 64), METHODOLOGY)
        return next(each.peer for each in result.metrics if each.metric == "turnover_rate") or 0.0

    distances = [abs(peer(se) - 50) for se in (0.0, 1.0, 5.0, 25.0)]
    assert distances == sorted(distances, reverse=True)


@given(st.dictionaries(st.sampled_from("abcde"), st.floats(-30, 30), min_size=1))
def test_printed_parts_add_to_the_printed_score(parts: dict[str, float]) -> None:
    total = 50 + math.fsum(parts.values())
    found = printed(parts, total)
    assert round(50 + sum(found.values()), 6) == pytest.approx(math.floor(total * 10 + 0.5) / 10, abs=1e-6)
    assert all(abs(found[name] - parts[name]) < 0.1 + 1e-9 for name in parts)


def test_a_step_moves_a_gap_towards_zero_and_never_beyond() -> None:
    rule = METHODOLOGY.rule("gender_gap_mean_hourly")
    assert [stepped(value, rule) for value in (9.0, -9.0, 1.0, -1.0, 0.0)] == [7.0, -7.0, 0.0, 0.0, 0.0]
    assert stepped(99.0, METHODOLOGY.rule("permanent_share")) == 100.0


def test_a_step_is_one_step_and_never_back_wherever_the_value_lies() -> None:
    gap, turnover, ratio = (
        METHODOLOGY.rule(n) for n in ("gender_gap_mean_hourly", "turnover_rate", "market_pay_ratio")
    )
    assert [stepped(value, gap) for value in (58.5, -58.5)] == [56.5, -56.5]
    assert [stepped(value, turnover) for value in (190.0, 2.0, 0.0)] == [187.0, 0.0, 0.0]
    assert [stepped(value, ratio) for value in (0.4, 1.59, 1.8)] == [pytest.approx(0.45), 1.6, 1.8]


def test_in_an_area_at_fifty_what_one_metric_gives_another_takes() -> None:
    """As in an area close to it: nobody is told that 80 and 23 do nothing."""
    names = ("value", "standard_error")
    metrics = {name: Reading(each["status"], *map(each.get, names)) for name, each in S1["metrics"].items()}

    metrics |= {"permanent_share": Reading("ok", 90.0, 1.0), "overtime_hours_share": Reading("not_applicable")}
    metrics |= {"promotion_rate": Reading("ok", 12 * (50 - 0.4 / 0.45 * 30) / 100, 0.1)}
    result = score(ScoreInput(metrics, PEERS, S1["seed"]), METHODOLOGY)
    found = {each.metric: each.contribution or 0.0 for each in result.metrics}
    area = next(each for each in result.areas if each.area == "job_quality")
    assert area.score == pytest.approx(50, abs=1e-6)
    assert found["permanent_share"] > 1
    assert found["permanent_share"] == pytest.approx(-found["promotion_rate"], abs=1e-5)


def test_quartiles_that_a_grid_made_equal_have_the_spread_of_their_knots() -> None:
    """The least noise does not make every company the median."""

    def peer(se: float) -> float:
        metrics = {**some_input(1).metrics, "permanent_share": Reading("ok", 60.0, se)}
        found = score(ScoreInput(metrics, {"permanent_share": Quartiles(100, 100, 100)}, "0" * 64), METHODOLOGY)
        return next(each.peer for each in found.metrics if each.metric == "permanent_share") or 0.0

    assert peer(1e-6) == pytest.approx(peer(0.0), abs=1e-6)
    assert peer(0.0) < 16
