"""PURE: one data file a version, never edited once used; no threshold stands in code."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources

CURRENT = "sis-2026.1"


@dataclass(frozen=True, slots=True)
class MetricRule:
    """How one metric is read: weight in its area, direction, public bounds, goalposts, reachable step."""

    metric: str
    area: str
    weight: float
    direction: str
    lower: float
    upper: float
    grid: float
    worst: float | None
    best: float | None
    step: float
    declared_spread: float | None


@dataclass(frozen=True, slots=True)
class GradeRule:
    grade: str
    headcount: float
    quarantined: float
    gender_known: float
    months: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Methodology:
    id: str
    sha256: str
    areas: Mapping[str, float]
    metrics: tuple[MetricRule, ...]
    required_areas: tuple[str, ...]
    least_areas: int
    least_coverage: float
    area_share: float
    area_floor: float
    star_cuts: tuple[float, ...]
    hysteresis: float
    capped_star: int
    draws: int
    missing_bounds: tuple[float, float]
    adjusted_gap_line: float
    living_wage_line: float
    grades: tuple[GradeRule, ...]

    def rule(self, metric: str) -> MetricRule:
        return next(rule for rule in self.metrics if rule.metric == metric)

    def weight(self, metric: str) -> float:
        """Weight in the whole score."""
        rule = self.rule(metric)
        return self.areas[rule.area] * rule.weight


@cache
def load_methodology(version: str = CURRENT) -> Methodology:
    """Raises FileNotFoundError for a version that is not there."""
    raw = resources.files("wm_api.scores.methodology").joinpath(f"{version}.json").read_bytes()
    parts = json.loads(raw)
    parts.pop("title")
    parts.pop("sheet")
    rules = tuple(MetricRule(**rule) for rule in parts.pop("metrics"))
    grades = tuple(GradeRule(**rule) for rule in parts.pop("grades"))
    lists = {name: tuple(value) for name, value in parts.items() if isinstance(value, list)}
    return Methodology(**{**parts, **lists}, metrics=rules, grades=grades, sha256=sha256(raw).hexdigest())
