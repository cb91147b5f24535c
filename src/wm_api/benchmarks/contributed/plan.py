"""PURE: what a release may draw: statistics, their privacy and their gates by level (domain.md 5.3.7)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from wm_api.benchmarks.contributed.budget import Charge, Spent, paths_of
from wm_api.benchmarks.contributed.tree import Node

COUNT_EPS = 0.5
LEAST = 10
"""A cell of fewer groups is never published, whatever the noise."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Public bounds of a statistic, and the grid that its values are printed on."""

    lower: float
    upper: float
    grid: float

    @property
    def candidates(self) -> tuple[float, ...]:
        return _on_grid(self)

    @property
    def range(self) -> float:
        return self.upper - self.lower

    def clamp(self, value: float) -> float:
        return min(max(value, self.lower), self.upper)


@cache
def _on_grid(scale: Scale) -> tuple[float, ...]:
    steps = round(scale.range / scale.grid)
    return tuple(round(scale.lower + scale.grid * step, 9) for step in range(steps + 1))


@dataclass(frozen=True, slots=True)
class Share:
    """The privacy of one statistic in one cell, and the noisy count from which it is published."""

    eps: float
    gate: int


@dataclass(frozen=True, slots=True)
class Statistic:
    """`size`: the size of a figure counts, not its sign."""

    name: str
    mechanism: str
    unit: str
    scale: Scale
    shares: Mapping[str, Share]
    size: bool = False

    def value(self, figure: float) -> float:
        return self.scale.clamp(abs(figure) if self.size else figure)


@dataclass(frozen=True, slots=True)
class Plan:
    name: str
    levels: tuple[str, ...]
    statistics: tuple[Statistic, ...]

    def charges(self, nodes: Iterable[Node]) -> list[Charge]:
        """All that a release of these cells can cost: every count, and every statistic as if it were published."""
        charges = []
        for node in nodes:
            charges.append(Charge(node.key, "count", "count", COUNT_EPS))
            for statistic in self.statistics:
                share = statistic.shares[node.level]
                charges.append(Charge(node.key, statistic.name, statistic.mechanism, share.eps))
        return charges

    @property
    def cost(self) -> Spent:
        """Of one path from the root to a leaf."""
        leaf = Node("A", "GB") if "sector_region" in self.levels else Node("A")
        nodes = [node for node in (Node(), Node("A"), leaf) if node.level in self.levels]
        return paths_of(self.charges(dict.fromkeys(nodes)))[leaf.key]


POINTS = Scale(0, 100, 1)
_SCORE = {"all": Share(0.5, 150), "sector": Share(1.0, 75), "sector_region": Share(1.5, 50)}
_AREA = {"all": Share(0.25, 240), "sector": Share(0.5, 120), "sector_region": Share(0.25, 240)}
"""A median has no quartiles beside it that say how far apart the values lie: its gate allows for it (ADR 18)."""
_METRIC = {"all": Share(0.5, 150), "sector": Share(0.7, 108)}
AREAS = ("pay", "equity", "benefits", "retention", "job_quality")
_PERCENT = "percent"

SCORE_V1 = Plan(
    "score_v1",
    ("all", "sector", "sector_region"),
    (
        Statistic("score", "aq3", "points", POINTS, _SCORE),
        *(Statistic(f"area_{area}", "median", "points", POINTS, _AREA) for area in AREAS),
    ),
)
METRIC_V1 = Plan(
    "metric_v1",
    ("all", "sector"),
    (
        Statistic("living_wage_share", "aq3", _PERCENT, Scale(0, 100, 1), _METRIC),
        Statistic("real_wage_growth_stayers", "aq3", _PERCENT, Scale(-10, 10, 0.5), _METRIC),
        Statistic("adjusted_gender_gap", "aq3", _PERCENT, Scale(0, 20, 0.5), _METRIC, size=True),
        Statistic("voluntary_turnover_rate", "aq3", _PERCENT, Scale(0, 120, 1), _METRIC),
        Statistic("early_attrition_90d", "aq3", _PERCENT, Scale(0, 60, 1), _METRIC),
        Statistic("promotion_rate", "aq3", _PERCENT, Scale(0, 40, 0.5), _METRIC),
        Statistic("permanent_share", "aq3", _PERCENT, Scale(0, 100, 1), _METRIC),
    ),
)
PLANS = {plan.name: plan for plan in (SCORE_V1, METRIC_V1)}
OF_METRICS = (METRIC_V1.name,)
"""Plans whose statistics companies' metrics are compared with."""
