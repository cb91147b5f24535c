"""Scored inputs of companies that do not exist: sectors, sizes, heavy tails, missing columns, groups too small.

A company has one latent quality that all its metrics share in part; turnover and gaps come in pairs. For want of
real companies: it says how the methodology behaves, not how employers are.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from wm_api.benchmarks.fallback import Place
from wm_api.benchmarks.public_sources import Cell
from wm_api.scores.methodology import Methodology
from wm_api.scores.peers import peers_of
from wm_api.scores.results import Reading, ScoreInput

SECTIONS = ("C", "F", "G", "H", "I", "J", "K", "M", "N", "P", "Q", "S")
BANDS = ((250, "1-249"), (500, "250-499"), (1000, "500-999"), (5000, "1000-4999"), (20000, "5000-19999"))
LOADING = 0.45


@dataclass(frozen=True, slots=True)
class Shape:
    """Centre and spread between companies, standard error at 100 people, what must be pushed for it."""

    centre: float
    spread: float
    error: float
    needs: str
    twin: str | None = None


SHAPES: Mapping[str, Shape] = {
    "living_wage_share": Shape(82, 14, 3.8, "workforce"),
    "real_wage_growth_stayers": Shape(0.6, 1.8, 0.35, "column:base_rate_start"),
    "market_pay_ratio": Shape(1.0, 0.09, 0.02, "column:soc_code"),
    "gender_gap_median_hourly": Shape(9, 9, 3.5, "workforce"),
    "gender_gap_mean_hourly": Shape(11, 9, 3.0, "workforce", twin="gender_gap_median_hourly"),
    "adjusted_gender_gap": Shape(3, 3, 1.4, "column:job_level"),
    "variable_receipt_gap": Shape(4, 7, 4.0, "column:variable_pay_12m"),
    "benefit_access_rate": Shape(74, 16, 3.0, "kind:benefit_plans"),
    "employer_premium_share": Shape(76, 10, 1.0, "kind:benefit_enrolments"),
    "low_wage_benefit_parity": Shape(0.8, 0.13, 0.05, "kind:benefit_plans"),
    "turnover_rate": Shape(38, 18, 5.0, "workforce"),
    "voluntary_turnover_rate": Shape(25, 13, 4.0, "workforce", twin="turnover_rate"),
    "early_attrition_90d": Shape(13, 8, 4.0, "workforce"),
    "promotion_rate": Shape(7, 4, 2.0, "column:job_level"),
    "permanent_share": Shape(88, 10, 2.5, "workforce"),
    "overtime_hours_share": Shape(6, 4, 0.5, "kind:payroll"),
}
REPORTED = {
    "workforce": 1.0, "column:base_rate_start": 0.85, "column:soc_code": 0.8, "column:job_level": 0.9,
    "column:variable_pay_12m": 0.8, "kind:benefit_plans": 0.75, "kind:benefit_enrolments": 0.55, "kind:payroll": 0.7,
}  # fmt: skip


def companies(
    count: int, seed: int, cells: tuple[Cell, ...], methodology: Methodology
) -> tuple[list[ScoreInput], list[Place]]:
    """The same seed, the same companies."""
    rng, inputs, places = np.random.default_rng(seed), [], []
    peers = {}
    for number in range(count):
        place, people = _place(rng)
        if place not in peers:
            peers[place] = peers_of(cells, place, methodology)
        inputs.append(ScoreInput(_readings(rng, people, methodology), peers[place], f"{seed:032x}{number:032x}"))
        places.append(place)
    return inputs, places


def _place(rng: np.random.Generator) -> tuple[Place, int]:
    people = int(np.clip(np.exp(rng.normal(5.6, 1.3)), 20, 60000))
    band = next((name for below, name in BANDS if people < below), "20000+")
    section = (str(rng.choice(SECTIONS)),) if rng.random() < 0.95 else ()
    return Place(
        section, band if rng.random() < 0.9 else None, "government" if rng.random() < 0.1 else "private"
    ), people


def _readings(rng: np.random.Generator, people: int, methodology: Methodology) -> dict[str, Reading]:
    quality, pushed = rng.normal(), {name: rng.random() < share for name, share in REPORTED.items()}
    apart: dict[str, float] = {}
    readings = {}
    for rule in methodology.metrics:
        shape = SHAPES[rule.metric]
        own = rng.standard_t(4) / np.sqrt(2)
        apart[rule.metric] = own if shape.twin is None else 0.8 * apart[shape.twin] + 0.6 * own
        better = LOADING * quality + np.sqrt(1 - LOADING**2) * apart[rule.metric]
        value = shape.centre + shape.spread * better * (1 if rule.direction == "+" else -1)
        error = shape.error * np.sqrt(100 / people) * float(np.exp(rng.normal(0, 0.2)))
        if not pushed[shape.needs]:
            readings[rule.metric] = Reading("not_reported", reason=shape.needs)
        elif rng.random() < 12 / people:
            readings[rule.metric] = Reading("insufficient_n")
        else:
            low = -rule.upper if rule.direction == "0" else rule.lower
            zero = rng.random() < 0.02 and rule.direction != "+"
            readings[rule.metric] = Reading("ok", 0.0 if zero else float(np.clip(value, low, rule.upper)), float(error))
    return readings
