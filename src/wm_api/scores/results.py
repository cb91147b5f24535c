"""PURE: what goes into a score and what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wm_api.scores.quartiles import Quartiles


@dataclass(frozen=True, slots=True)
class Reading:
    """A metric as it enters: status, value and standard error at 9 significant digits."""

    status: str
    value: float | None = None
    standard_error: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Guards:
    """What floors and data grade need besides the metrics."""

    below_legal_minimum: bool = False
    adjusted_gap_interval: tuple[float, float] | None = None
    headcount_ratio: float | None = None
    quarantined_share: float = 0.0
    gender_known_share: float = 1.0
    months_since_window_end: float = 0.0
    previous_star: int | None = None
    size_band_fits: bool | None = None
    """Whether the size that the account states holds the people of the day; None where it states none."""


@dataclass(frozen=True, slots=True)
class ScoreInput:
    metrics: Mapping[str, Reading]
    peers: Mapping[str, Quartiles]
    seed: str
    guards: Guards = field(default_factory=Guards)


@dataclass(frozen=True, slots=True)
class AreaResult:
    area: str
    weight: float
    status: str
    score: float | None


@dataclass(frozen=True, slots=True)
class MetricResult:
    metric: str
    area: str
    status: str
    reason: str | None
    value: float | None
    standard_error: float | None
    folded: float | None = None
    position: float | None = None
    shrinkage: float | None = None
    peer: float | None = None
    standard: float | None = None
    alpha: float | None = None
    score: float | None = None
    contribution: float | None = None


@dataclass(frozen=True, slots=True)
class Counterfactual:
    metric: str
    start: float
    end: float
    points: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreResult:
    """Every step at 6 places. What draws give is there only where the score is."""

    status: str = "insufficient_data"
    headline: float | None = None
    star: int | None = None
    star_probability: tuple[float, ...] = ()
    interval95: tuple[float, float] | None = None
    interval80: tuple[float, float] | None = None
    coverage: float
    data_grade: str
    floors: tuple[str, ...] = ()
    areas: tuple[AreaResult, ...]
    area_contributions: Mapping[str, float] = field(default_factory=dict)
    printed_contributions: Mapping[str, float] = field(default_factory=dict)
    metrics: tuple[MetricResult, ...]
    counterfactuals: tuple[Counterfactual, ...] = ()
    lifts: tuple[tuple[str, float], ...]
