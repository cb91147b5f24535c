"""PURE: stars, floors and the data grade (domain.md 6, steps 9 to 11)."""

from collections.abc import Mapping

import numpy as np

from wm_api.scores.case import value_of
from wm_api.scores.methodology import Methodology
from wm_api.scores.results import Guards, Reading, ScoreInput
from wm_api.scores.steps import Array


def star_shares(both: Array, methodology: Methodology) -> list[float]:
    """The share of draws in each band."""
    bands = np.searchsorted(np.array(methodology.star_cuts), both, side="right") + 1
    return [float((bands == star).mean()) for star in range(1, len(methodology.star_cuts) + 2)]


def star_of(
    headline: float, both: Array, floors: tuple[str, ...], previous: int | None, methodology: Methodology
) -> int:
    """The band of the score; later it moves towards it as far as enough draws lie beyond every cut on the way. A floor
    caps it.
    """
    cuts = methodology.star_cuts
    band = int(np.searchsorted(np.array(cuts), headline, side="right")) + 1
    star = band if previous is None else previous
    while star < band and (both >= cuts[star - 1]).mean() >= methodology.hysteresis:
        star += 1
    while star > band and (both < cuts[star - 2]).mean() >= methodology.hysteresis:
        star -= 1
    return min(star, methodology.capped_star) if floors else star


def floors_of(inputs: ScoreInput, ok: Mapping[str, Reading], methodology: Methodology) -> tuple[str, ...]:
    """Each is named and caps the star."""
    living, peers = ok.get("living_wage_share"), inputs.peers.get("living_wage_share")
    below = living is not None and value_of(living) < methodology.living_wage_line
    below = below and (peers is None or value_of(living) < peers.q25)  # type: ignore[arg-type]
    interval = inputs.guards.adjusted_gap_interval
    apart = interval is not None and interval[0] * interval[1] > 0
    beyond = apart and min(map(abs, interval or ())) > methodology.adjusted_gap_line
    floors = {
        "floor_minimum_wage": inputs.guards.below_legal_minimum,
        "floor_living_wage": below,
        "floor_adjusted_gap": beyond,
    }
    return tuple(name for name, holds in floors.items() if holds)


def data_grade(guards: Guards, coverage: float, methodology: Methodology) -> str:
    """Beside the score, never in it; the worst column decides. Without a declared headcount at best C."""
    undeclared = methodology.grades[-1].headcount
    distance = undeclared if guards.headcount_ratio is None else abs(1 - guards.headcount_ratio)
    for rule in methodology.grades:
        fits = (
            distance <= rule.headcount,
            guards.quarantined_share <= rule.quarantined,
            guards.gender_known_share >= rule.gender_known,
            guards.months_since_window_end <= rule.months,
            coverage >= rule.coverage,
        )
        if all(fits):
            return rule.grade
    return "D"
