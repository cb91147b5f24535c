"""PURE: from scores of metrics to areas and to one score (domain.md 6, steps 5 and 6)."""

from collections.abc import Iterable, Mapping
from math import fsum

import numpy as np

from wm_api.scores.methodology import Methodology
from wm_api.scores.steps import Array

TOLERANCE = 1e-12


def area_scores(scores: Mapping[str, Array], methodology: Methodology, applies: Iterable[str]) -> dict[str, Array]:
    """Weighted means of the metrics with a value; an area needs half of the weight that applies to it."""
    applying, areas = set(applies), {}
    for area in methodology.areas:
        rules = [rule for rule in methodology.metrics if rule.area == area and rule.metric in applying]
        held = [(rule.weight, scores[rule.metric]) for rule in rules if rule.metric in scores]
        total, weight = fsum(rule.weight for rule in rules), fsum(w for w, _ in held)
        if held and weight >= methodology.area_share * total - TOLERANCE:
            areas[area] = np.asarray(sum(w * s for w, s in held) / weight)
    return areas


def aggregate(areas: Mapping[str, Array], methodology: Methodology) -> Array:
    """Geometric: strength in one area does not buy weakness in another."""
    weights = [methodology.areas[area] for area in areas]
    logs = [
        methodology.areas[area] * np.log(np.maximum(score, methodology.area_floor)) for area, score in areas.items()
    ]
    return np.asarray(np.exp(sum(logs) / fsum(weights)))
