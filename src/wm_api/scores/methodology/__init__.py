"""PURE: one signed data file a version, never edited once used; no threshold stands in code."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources

from wm_api.scores.methodology.signature import NotSigned, check

CURRENT = "sis-2026.1"
FILES = resources.files("wm_api.scores.methodology")
UNSIGNED = "The methodology {version} is not as it was signed: {why}. Install this version of wm-api again."


@dataclass(frozen=True, slots=True)
class MetricRule:
    """How one metric is read: weight in its area, direction, public bounds, goalposts, reachable step.

    `prior_strength`: of how many contributing groups a reference has the weight (domain.md 5.4); a version that does
    not say means 40.
    """

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
    prior_strength: float = 40


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


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is published of a version: `text` is its file, `signature` a detached JWS over the bytes."""

    version: str
    title: str
    sheet: Mapping[str, str]
    sha256: str
    text: str
    signature: str
    key: Mapping[str, str]


def versions() -> list[str]:
    """All that are shipped, the newest first."""
    names = (each.name for each in FILES.iterdir())
    return sorted((name.removesuffix(".jws") for name in names if name.endswith(".jws")), reverse=True)


@cache
def load_sheet(version: str) -> Sheet:
    """Raises FileNotFoundError for a version that is not there, NotSigned for a file that is not as it was signed."""
    raw = FILES.joinpath(f"{version}.json").read_bytes()
    jws = FILES.joinpath(f"{version}.jws").read_text().strip()
    try:
        key = check(raw, jws, json.loads(FILES.joinpath("keys.json").read_text()))
    except NotSigned as error:
        raise NotSigned(UNSIGNED.format(version=version, why=error)) from error
    parts = json.loads(raw)
    if parts["id"] != version:
        raise NotSigned(UNSIGNED.format(version=version, why=f"it is {parts['id']} under another name"))
    return Sheet(version, parts["title"], parts["sheet"], sha256(raw).hexdigest(), raw.decode(), jws, key)


def check_sheets() -> None:
    """The current version is there, and every shipped one is as it was signed; asked once at the start. Raises
    NotSigned.
    """
    shipped = versions()
    if CURRENT not in shipped:
        raise NotSigned(UNSIGNED.format(version=CURRENT, why=f"there is no {CURRENT}.jws"))
    for version in shipped:
        load_sheet(version)


@cache
def load_methodology(version: str = CURRENT) -> Methodology:
    """Raises FileNotFoundError for a version that is not there, NotSigned for a file that is not as it was signed."""
    sheet = load_sheet(version)
    parts = {name: each for name, each in json.loads(sheet.text).items() if name not in {"title", "sheet"}}
    rules = tuple(MetricRule(**rule) for rule in parts.pop("metrics"))
    grades = tuple(GradeRule(**rule) for rule in parts.pop("grades"))
    lists = {name: tuple(value) for name, value in parts.items() if isinstance(value, list)}
    return Methodology(**{**parts, **lists}, metrics=rules, grades=grades, sha256=sheet.sha256)
