"""PURE: what a report shows of a score. Each figure is rounded once here (decision 32); page, charts, PDF and sentences
are made of these alone.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

AREAS = {
    "pay": "Pay level",
    "equity": "Pay equity",
    "benefits": "Benefits",
    "retention": "Retention",
    "job_quality": "Job quality",
}
FLOORS = {
    "floor_minimum_wage": "somebody is paid less than the legal minimum",
    "floor_living_wage": "too few people are paid a living wage",
    "floor_adjusted_gap": "the adjusted pay gap is beyond the line, whatever chance may explain",
}
VERIFIED = {
    "self": "The data are the company's own word: nobody else has checked them.",
    "provider_signed": "The data are signed by the provider of the company's payroll system.",
    "reconciled": "Every file came with totals of people or pay and agrees with them; nobody else has checked it.",
    "assured": "The data were assured by an independent auditor.",
}
QUARTERS = ("worst", "second worst", "second best", "best")
MIDDLE = 50


@dataclass(frozen=True, slots=True)
class Span:
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Area:
    """`points` are its part of the distance between the score and 50; None where they are not shown."""

    key: str
    weight: int
    score: Decimal | None
    points: Decimal | None = None

    @property
    def name(self) -> str:
        return AREAS[self.key]

    def verb(self, plain: str) -> str:
        """In the number of the name."""
        return plain if self.name.endswith("s") else f"{plain}s"


@dataclass(frozen=True, slots=True)
class Peers:
    """Quartiles of those who are compared with; `declared` where the methodology states the spread, of a blend that of
    its reference. `contributed` is the share of contributed figures in percent, `error` what their noise may make of
    each quartile (95 %). Public statistics are called by their name, and not peers.
    """

    label: str
    declared: bool
    q25: Decimal
    q50: Decimal
    q75: Decimal
    contributed: Decimal = Decimal(0)
    error: Decimal = Decimal(0)
    are_peers: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a figure lies among peers: 0 to 100, higher is better. `counted` is the figure without what noise adds."""

    counted: Decimal
    position: int
    low: int
    high: int

    @property
    def quarter(self) -> str:
        return QUARTERS[min(self.position // 25, 3)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """`against_others` and `against_goal` are the parts of its score, 0 to 100 each; half and half where both are."""

    key: str
    name: str
    area: str
    unit: str
    status: str
    value: Decimal | None
    reason: str | None = None
    points: Decimal | None = None
    against_others: Decimal | None = None
    against_goal: Decimal | None = None
    peers: Peers | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A published score of the past, or the score itself."""

    day: date
    score: Decimal
    likely: Span


@dataclass(frozen=True, slots=True)
class Change:
    """Points by what moved the score since one that was published: they add to the difference as both are printed.
    `references`: whether the own data were read with other editions of reference tables.
    """

    day: date
    before: Decimal
    own_data: Decimal
    benchmark: Decimal
    methodology: Decimal
    references: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One reachable step and the points that it would bring, between `likely` in four of five draws."""

    name: str
    unit: str
    start: Decimal
    end: Decimal
    points: Decimal
    likely: Span


@dataclass(frozen=True, slots=True)
class Lift:
    """A column or kind that is missing, and the share of the score's weight that waits for it, in percent."""

    kind: str
    name: str
    weight: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What is not in the score: shares in percent, findings by code, published scores that were withdrawn."""

    verification: str
    perimeter: str | None
    declared: Decimal | None
    contingent: Decimal | None
    findings: tuple[str, ...] = ()
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class Origin:
    """What anybody needs to ask for the same score again."""

    methodology: str
    benchmark: str
    score_id: str
    digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Empty or None is what a reader does not see, or what is not known. `interval` holds 95 of 100 draws, `likely` 80.

    `band` is the star of the score itself, `star` what is given, `cap` what a floor leaves at most.
    `quarters` are women in each pay quarter, in percent, lowest first.
    """

    company: str
    day: date
    state: str
    headline: Decimal | None
    interval: Span | None
    star: int | None
    data_grade: str | None
    origin: Origin
    likely: Span | None = None
    band: int | None = None
    cap: int | None = None
    cuts: tuple[int, ...] = ()
    floors: tuple[str, ...] = ()
    coverage: Decimal | None = None
    beside: Beside | None = None
    areas: tuple[Area, ...] = ()
    metrics: tuple[Metric, ...] = ()
    trend: tuple[Moment, ...] = ()
    change: Change | None = None
    quarters: tuple[Decimal, ...] = ()
    steps: tuple[Step, ...] = ()
    lifts: tuple[Lift, ...] = ()

    @property
    def placed(self) -> tuple[Metric, ...]:
        """Those that are compared with others."""
        return tuple(each for each in self.metrics if each.place is not None)

    @property
    def parts(self) -> bool:
        """Whether it is shown what makes each figure's points."""
        return any(area.points is not None for area in self.areas)

    @property
    def among_peers(self) -> bool:
        """Whether every comparison is with peers."""
        return all(each.peers is not None and each.peers.are_peers for each in self.placed)
