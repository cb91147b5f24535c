"""The engine against an implementation of the page that shares nothing with it, over companies of every kind."""

import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from scores.by_the_page import Company
from scores.test_properties import PEERS
from wm_api.scores.methodology import FILES, MetricRule, load_methodology
from wm_api.scores.quartiles import Contributed, Quartiles, blended
from wm_api.scores.results import Guards, Reading, ScoreInput, ScoreResult
from wm_api.scores.scoring import score

DRAWS = 60
METHODOLOGY = replace(load_methodology(), draws=DRAWS)
PAGE: dict[str, Any] = json.loads(FILES.joinpath("sis-2026.1.json").read_text()) | {"draws": DRAWS}
KINDS = ("whole", "missing", "extreme", "contributed")
MISSING = {"whole": 0.04, "missing": 0.2, "extreme": 0.08, "contributed": 0.08}


def value_of(draw: Random, rule: MetricRule, kind: str) -> Reading:
    lowest = -rule.upper if rule.direction == "0" else rule.lower
    x, se = draw.uniform(lowest, rule.upper), (rule.upper - rule.lower) / draw.choice([3, 10, 50]) * draw.random()
    if kind == "extreme":
        ends = [lowest, rule.upper, 0.0, rule.lower - 3, 1.3 * rule.upper, rule.best, rule.worst]
        x = draw.choice([each for each in ends if each is not None])
    if draw.random() < MISSING[kind]:
        return Reading(
            draw.choice(["not_reported", "not_applicable", "insufficient_n", "undefined"]), reason="column:x"
        )
    return Reading("ok", float(f"{x:.9g}"), float(f"{draw.choice([0.0, se]):.9g}"))


def contributed(draw: Random, rule: MetricRule) -> Contributed:
    """On the metric's grid, so that two or all three may be equal."""
    q25, q50, q75 = sorted(rule.grid * round(draw.uniform(rule.lower, rule.upper) / rule.grid) for _ in range(3))
    quartiles = draw.choice([(q25, q50, q75), (q50, q50, q50), (q25, q50, q50)])
    error = round(0.05 * draw.random() * (rule.upper - rule.lower), 6)
    return Contributed(*quartiles, draw.choice([50, 100, 200, 500]), error, "contributed (release 1)", "all groups")


def company(seed: int) -> tuple[ScoreInput, Company]:
    """As the engine reads it, and as the page."""
    draw = Random(seed)
    kind = draw.choice(KINDS)
    metrics = {rule.metric: value_of(draw, rule, kind) for rule in METHODOLOGY.metrics}
    peers: dict[str, Quartiles] = {}
    plain: dict[str, tuple[float, float, float, float]] = {}
    for rule in METHODOLOGY.metrics:
        known, name = PEERS.get(rule.metric), rule.metric
        reference = () if known is None else (known.q25, known.q50, known.q75)
        if kind == "contributed" and draw.random() < 0.6:
            part = contributed(draw, rule)
            peers[name] = blended(part, known, rule.prior_strength)
            w = round(part.groups / (part.groups + 40), 6) if reference else 1.0
            ours = (part.q25, part.q50, part.q75)
            low, middle, high = (w * a + (1 - w) * b for a, b in zip(ours, reference or ours, strict=True))
            plain[name] = (low, middle, high, w * part.error)
        elif known is not None and draw.random() < 0.95:
            peers[name], plain[name] = known, (known.q25, known.q50, known.q75, 0.0)
    gap, star, below = draw.uniform(-9, 9), draw.choice([None, 1, 2, 3, 4, 5]), draw.random() < 0.1
    guards = Guards(below_legal_minimum=below, adjusted_gap_interval=(gap - 2, gap + 2), previous_star=star)
    read = {n: (each.status, each.value or 0.0, each.standard_error or 0.0) for n, each in metrics.items()}
    text = f"{seed:064x}"
    return ScoreInput(metrics, peers, text, guards), Company(PAGE, read, plain, text, (gap - 2, gap + 2), below, star)


def near(expected: object, within: float = 3e-6) -> Any:
    """Our figures have six places."""
    return pytest.approx(expected, abs=within)


@settings(deadline=None, max_examples=20, phases=[Phase.explicit, Phase.generate])
@given(st.integers(0, 2**32))
@example(27)
@example(45)
def test_the_engine_gives_what_the_page_says(seed: int) -> None:
    inputs, page = company(seed)
    found = score(inputs, METHODOLOGY)
    assert found.coverage == near(page.coverage)
    assert {each.metric: each.score for each in found.metrics if each.score is not None} == near(page.scores)
    assert {each.area: each.score for each in found.areas if each.score is not None} == near(page.areas(page.scores))
    assert (found.headline is None) == (page.headline is None)
    if page.headline is not None:
        complete(found, page)
        for each in Random(seed).sample(found.counterfactuals, 2):
            assert (each.end, each.points, each.low, each.high) == near(page.step(each.metric))


def complete(found: ScoreResult, page: Company) -> None:
    """All that a score with a headline says besides."""
    assert found.headline == near(page.headline)
    assert found.interval95 == near(page.interval(0.025))
    assert found.interval80 == near(page.interval(0.1))
    assert (found.star, list(found.floors)) == (page.star, page.floors)
    assert found.area_contributions == near(page.contributions(page.areas(page.scores)))
    parts = {each.metric: each.contribution for each in found.metrics if each.contribution is not None}
    assert parts == near(page.metric_contributions(), 1e-5)
    assert found.printed_contributions == near(page.printed(), 1e-9)


def test_the_companies_are_of_every_kind() -> None:
    """Else equal answers would say little."""
    pages = [company(seed)[1] for seed in range(150)]
    assert {each.headline is None for each in pages} == {True, False}
    told = {kind: sum(each[0] == kind for page in pages for each in page.metrics.values()) for kind in
            ("ok", "not_reported", "not_applicable", "insufficient_n", "undefined")}  # fmt: skip
    assert min(told.values()) > 20
    assert any(q25 == q75 for page in pages for q25, _, q75, _ in page.peers.values())
    assert any(error for page in pages for *_, error in page.peers.values())
    assert {name for page in pages for name in page.floors} == {
        "floor_minimum_wage", "floor_living_wage", "floor_adjusted_gap",
    }  # fmt: skip
