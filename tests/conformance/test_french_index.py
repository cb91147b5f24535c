"""Steps, sums and rounding of our engine give the official values of the French index, where both do the same.

An indicator is worth the note of the highest threshold that its result reaches, as a score is in the band of the highest
cut that it reaches; the index is points over points that could be computed, as an area is over metrics with a value.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import nextafter
from typing import Any

import numpy as np
import pytest

from shared import SHARED, needs_shared
from wm_api.metrics.figures import published
from wm_api.scores.areas import area_scores
from wm_api.scores.judgements import star_of
from wm_api.scores.methodology import MetricRule, load_methodology

FOLDER = SHARED / "data" / "egapro_scoring"
COMBINED = "augmentations_et_promotions"
TABLE_OF = {
    "pourcentage": "augmentations_et_promotions_50_250",
    "nombre_salaries": "augmentations_et_promotions_50_250",
}
POINTS = {
    "remunerations": 40, "augmentations": 20, "augmentations_et_promotions": 35, "promotions": 15,
    "conges_maternite": 15, "hautes_remunerations": 10,
}  # fmt: skip
"""The most that an indicator can give; a company has raises and promotions apart, or both as one."""
METHODOLOGY = load_methodology()
pytestmark = needs_shared


def stated() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text())
    return found


def note(table: Sequence[Sequence[float]], result: float) -> float:
    """By the bands of our stars: one for each cut that is reached."""
    cuts = tuple(threshold for threshold, _ in table[1:])
    band = star_of(result, np.empty(0), (), None, replace(METHODOLOGY, star_cuts=cuts))
    return table[band - 1][1]


def index(notes: dict[str, float]) -> int | None:
    """An area of the indicators, of which three quarters of the points must be there; printed once, half up."""
    whole = ["remunerations", "conges_maternite", "hautes_remunerations"]
    whole += [COMBINED] if COMBINED in notes or "augmentations" not in notes else ["augmentations", "promotions"]
    rules = tuple(_rule(name, POINTS[name]) for name in whole)
    methodology = replace(METHODOLOGY, areas={"index": 1.0}, metrics=rules, area_share=0.75)
    scores = {name: np.array([100 * points / POINTS[name]]) for name, points in notes.items()}
    found = area_scores(scores, methodology, whole).get("index")
    return None if found is None else int(published(float(found[0]), 0))


def _rule(name: str, points: int) -> MetricRule:
    return replace(METHODOLOGY.metrics[0], metric=name, area="index", weight=float(points))


@pytest.mark.parametrize(
    ("table", "vectors"), [("remunerations", "remuneration_vectors"), ("conges_maternite", "maternity_vectors")]
)
def test_a_result_has_the_note_of_the_highest_threshold_that_it_reaches(table: str, vectors: str) -> None:
    thresholds, official = stated()["thresholds"][table], stated()[vectors]
    assert {result: note(thresholds, result) for result, _ in official} == dict(map(tuple, official))


def test_just_below_a_threshold_stands_the_note_before_it() -> None:
    for table in stated()["thresholds"].values():
        for (_, before), (threshold, points) in pairwise(table):
            assert note(table, threshold) == points
            assert note(table, nextafter(threshold, -1)) == before


def test_a_result_by_percent_and_by_people_has_the_note_of_one_table() -> None:
    compared = 0
    for vector in stated()["combined_vectors"]:
        for way in set(vector["notes"]) & set(TABLE_OF):
            result = vector["indicators"][COMBINED]["resultat" if way == "pourcentage" else way]
            assert note(stated()["thresholds"][TABLE_OF[way]], result) == vector["notes"][way]
            compared += 1
    assert compared == 4


def test_the_index_is_points_over_those_that_could_be_computed_rounded_half_up() -> None:
    for vector in stated()["index_vectors"]:
        notes = vector.get("notes") or {"remunerations": 0, COMBINED: 0, "hautes_remunerations": 0}
        assert sum(notes.values()) == vector["points"]
        assert sum(POINTS[name] for name in notes) == vector["points_calculables"]
        assert index(notes) == vector["index"]


def test_below_three_quarters_of_the_points_there_is_no_index() -> None:
    assert index({"remunerations": 40, COMBINED: 35}) == 100
    assert index({"remunerations": 40, "conges_maternite": 15, "hautes_remunerations": 10}) is None
