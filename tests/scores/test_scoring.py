"""The scoring engine against the worked examples, to the last recorded place."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import Figure, Status, published
from wm_api.scores.areas import aggregate
from wm_api.scores.case import draws
from wm_api.scores.explanations import contributions
from wm_api.scores.inputs import digest_of, document_of, readings_of
from wm_api.scores.judgements import star_of
from wm_api.scores.methodology import load_methodology
from wm_api.scores.quartiles import Quartiles
from wm_api.scores.results import Guards, Reading, ScoreInput
from wm_api.scores.scoring import score
from wm_api.scores.steps import metric_steps, position

METHODOLOGY = load_methodology()
EXAMPLES = json.loads((Path(__file__).resolve().parents[1] / "worked_examples.json").read_text())
S1, S2, S3, S4 = EXAMPLES["scoring"]
B3 = EXAMPLES["benchmarks"][2]


def s1_input(**changes: Reading) -> ScoreInput:
    metrics = {
        name: Reading(
            each["status"],
            each["value"],
            each["standard_error"],
            "kind:benefit_enrolments" if each["value"] is None else None,
        )
        for name, each in S1["metrics"].items()
    }
    peers = {
        name: Quartiles(*each["peer_quartiles"]) for name, each in S1["metrics"].items() if "peer_quartiles" in each
    }
    return ScoreInput(metrics | changes, peers, S1["seed"])


def test_a_definition_says_scored_of_just_what_the_methodology_scores() -> None:
    assert {name for name, each in CATALOGUE.items() if each.scored} == {rule.metric for rule in METHODOLOGY.metrics}


def test_a_score_reads_the_scored_metrics_alone() -> None:
    figures = {name: Figure(Status.OK, 1.0, 100, standard_error=0.1) for name in CATALOGUE}
    others = {name: figure if CATALOGUE[name].scored else Figure(Status.OK, 7.0) for name, figure in figures.items()}
    scored = readings_of(figures, METHODOLOGY)
    assert scored.keys() == {name for name, each in CATALOGUE.items() if each.scored}
    assert len(scored) == 16
    assert readings_of(others, METHODOLOGY) == scored


def test_s1_the_whole_score() -> None:
    result, expected = score(s1_input(), METHODOLOGY), S1["expected"]
    assert result.headline == pytest.approx(expected["score"], abs=1e-6)
    assert result.interval95 == pytest.approx(expected["interval95"], abs=1e-6)
    assert result.interval80 == pytest.approx(expected["interval80"], abs=1e-6)
    assert result.coverage == pytest.approx(expected["coverage"])
    assert (result.star, list(result.star_probability)) == (
        expected["star"],
        list(expected["star_probability"].values()),
    )
    assert {a.area: a.score for a in result.areas} == pytest.approx(expected["areas"], abs=1e-6)
    assert result.area_contributions == pytest.approx(expected["area_contributions"], abs=1e-6)
    assert result.printed_contributions == expected["published_area_contributions"]
    assert (published(result.headline or 0, 1), published(result.headline or 0, 0)) == (
        Decimal(str(expected["published_score"])),
        expected["shared_score"],
    )
    assert list(result.floors) == expected["floors"]
    shares = {m.metric: m.contribution for m in result.metrics if m.contribution is not None}
    assert shares == pytest.approx(expected["metric_contributions"], abs=1e-6)
    step = next(each for each in result.counterfactuals if each.metric == "living_wage_share")
    assert (step.start, step.end) == (84.0, 89.0)
    assert (step.points, step.low, step.high) == pytest.approx((0.90219, 0.855896, 0.948786), abs=1e-6)
    assert result.lifts == (("kind:benefit_enrolments", 0.051),)


@pytest.mark.parametrize("name", [name for name, each in S1["metrics"].items() if "expected" in each])
def test_s1_every_step_of_every_metric(name: str) -> None:
    result = next(each for each in score(s1_input(), METHODOLOGY).metrics if each.metric == name)
    expected = S1["metrics"][name]["expected"]
    pairs = {
        "folded": "folded_value",
        "position": "position",
        "shrinkage": "k",
        "peer": "peer",
        "standard": "standard",
        "score": "score",
    }
    for ours, theirs in pairs.items():
        value = getattr(result, ours)
        assert (value is None) == (expected[theirs] is None)
        assert value is None or value == pytest.approx(expected[theirs], abs=1.1e-6)


def test_s1_the_draws_are_those_that_anybody_can_repeat() -> None:
    assert draws(S1["seed"], "living_wage_share", 2000)[:3] == pytest.approx(
        S1["first_draws"]["living_wage_share"], abs=1e-6
    )


def test_s2_more_noise_pulls_to_the_middle() -> None:
    rule = METHODOLOGY.rule("gender_gap_median_hourly")
    rule = type(rule)(
        **{**{f: getattr(rule, f) for f in rule.__dataclass_fields__}, "direction": "-", "worst": None, "best": None}
    )
    for case in S2["expected"]:
        steps = metric_steps(np.array([4.0]), case["standard_error"], rule, Quartiles(*S2["peer_quartiles"]))
        assert steps.peer is not None
        assert (steps.shrinkage, float(steps.peer[0])) == pytest.approx((case["k"], case["peer"]), abs=1e-6)


def test_s3_strength_in_one_area_does_not_buy_weakness_in_another() -> None:
    weights = dict(zip(METHODOLOGY.areas, S3["weights"], strict=True))
    even = type(METHODOLOGY)(
        **{**{f: getattr(METHODOLOGY, f) for f in METHODOLOGY.__dataclass_fields__}, "areas": weights}
    )
    areas = {name: np.array([float(value)]) for name, value in zip(weights, S3["areas"], strict=True)}
    assert float(aggregate(areas, even)[0]) == pytest.approx(S3["expected"]["geometric"], abs=1e-6)


def test_s4_contributions_add_up() -> None:
    parts = contributions(S4["areas"], S4["weights"])
    assert parts == pytest.approx(S4["expected"]["contributions"], abs=1e-6)
    assert 50 + sum(parts.values()) == pytest.approx(S4["expected"]["score"], abs=1e-6)


def test_b3_a_position_comes_from_published_quartiles_only() -> None:
    place = position(np.array([62.0]), Quartiles(*B3["quartiles"]), B3["bounds"][0], B3["bounds"][1], 1)
    assert float(place[0]) == B3["expected"]["exact"]


def test_a_rerun_gives_identical_bytes_whatever_the_order_of_metrics() -> None:
    one, other = s1_input(), s1_input()
    turned = ScoreInput(dict(reversed(list(other.metrics.items()))), other.peers, other.seed)
    digests = {digest_of({}, document_of(score(each, METHODOLOGY))) for each in (one, turned)}
    assert len(digests) == 1


@settings(deadline=None, max_examples=20)
@given(st.floats(0, 100), st.floats(0.1, 20))
def test_a_better_value_never_lowers_the_score(value: float, more: float) -> None:
    def headline(share: float) -> float:
        result = score(s1_input(permanent_share=Reading("ok", min(share, 100.0), 1.0)), METHODOLOGY)
        return result.headline or 0.0

    assert headline(value + more) >= headline(value) - 1e-6


def test_too_little_data_is_no_score_and_names_what_would_lift_it() -> None:
    missing = {
        name: Reading("not_reported", reason="kind:benefit_plans")
        for name in ("benefit_access_rate", "low_wage_benefit_parity")
    }
    missing |= {
        name: Reading("not_reported", reason="column:termination_date")
        for name in ("turnover_rate", "voluntary_turnover_rate", "early_attrition_90d")
    }
    result = score(s1_input(**missing), METHODOLOGY)
    assert (result.status, result.headline) == ("insufficient_data", None)
    assert result.lifts[0] == ("column:termination_date", 0.18)


def test_a_floor_caps_the_star_and_is_named() -> None:
    given_input = s1_input()
    guards = Guards(adjusted_gap_interval=(5.5, 9.0))
    result = score(ScoreInput(given_input.metrics, given_input.peers, given_input.seed, guards), METHODOLOGY)
    assert (result.star, result.floors) == (3, ("floor_adjusted_gap",))


def test_a_star_stays_until_enough_draws_lie_beyond_the_cut() -> None:
    given_input: Any = s1_input()
    guards = Guards(previous_star=5)
    result = score(ScoreInput(given_input.metrics, given_input.peers, given_input.seed, guards), METHODOLOGY)
    assert result.star == 4


@pytest.mark.parametrize(
    ("draws_at", "headline", "previous", "star"),
    [
        ({28: 56, 40: 44}, 28.0, 3, 2),  # all beyond the first cut, few beyond the second
        ({28: 80, 40: 20}, 28.0, 3, 1),
        ({50: 30, 70: 70}, 62.0, 2, 3),
        ({50: 20, 70: 80}, 62.0, 2, 4),
        ({50: 79, 70: 21}, 62.0, 3, 3),
        ({70: 100}, 50.0, 3, 3),  # never beyond the band of the score
    ],
)
def test_a_star_passes_every_cut_with_as_many_draws(
    draws_at: dict[float, int], headline: float, previous: int, star: int
) -> None:
    both = np.repeat(list(draws_at), list(draws_at.values())).astype(float)
    assert star_of(headline, both, (), previous, METHODOLOGY) == star
