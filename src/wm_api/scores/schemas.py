"""Bodies of scores."""

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from wm_api.core.principal import ActorType
from wm_api.core.schemas import Actor, Instant, Output, Page
from wm_api.scores import changes, inputs, models
from wm_api.scores.case import places
from wm_api.scores.quartiles import Blend, Quartiles


class ScoreInterval(Output):
    low: float
    high: float
    level: float


class ScoreArea(Output):
    area: str
    score: float | None
    weight: float
    status: str = Field(examples=["ok"])


class MethodologyRef(Output):
    version: str
    sha256: str


class DatasetRef(Output):
    id: UUID
    sha256: str


class Score(Output):
    """The Social Impact Score of a day. Unrounded; what is shared is rounded."""

    id: UUID
    as_of: date
    state: models.ScoreState
    status: str = Field(examples=["ok"], description="ok, or insufficient_data: see the explanation's lifts.")
    headline: float | None
    star: int | None
    intervals: list[ScoreInterval]
    data_grade: str | None
    coverage: float | None
    floors: list[str]
    areas: list[ScoreArea]
    methodology: MethodologyRef
    benchmark_release_id: UUID = Field(description="Of public statistics.")
    contributed_release_id: UUID | None = Field(
        description="Of contributed statistics, which are blended with the public ones; null before there are any."
    )
    datasets: list[DatasetRef]
    ended_datasets: list[UUID] = Field(
        description="Those of its datasets that count no longer: corrected, undone or deleted. A published score keeps "
        "its figures; a new draft of the day restates it, or, where the day has no data left, it waits to be withdrawn."
    )
    restates: UUID | None
    digest: str = Field(description="SHA-256 over all that it was computed from and every step.")
    computed_at: Instant
    published_at: Instant | None
    published_by: Actor | None

    @classmethod
    def of(cls, row: models.Score, ended: frozenset[UUID]) -> "Score":
        """`ended`: datasets that count no longer, at least those of this score."""
        result, pinned = row.result, row.record
        intervals = [
            {"low": result[name][0], "high": result[name][1], "level": level}
            for name, level in (("interval95", 0.95), ("interval80", 0.8))
            if result.get(name)
        ]
        return cls.model_validate(
            {
                **{name: getattr(row, name) for name in ("id", "as_of", "state", "status", "headline", "star")},
                "intervals": intervals,
                "data_grade": result.get("data_grade"),
                "coverage": result.get("coverage"),
                "floors": list(result.get("floors", ())),
                "areas": result.get("areas", []),
                "methodology": {"version": pinned["methodology"]["id"], "sha256": pinned["methodology"]["sha256"]},
                "benchmark_release_id": row.benchmark_release_id,
                "contributed_release_id": inputs.contributed_release(pinned),
                "datasets": pinned["datasets"],
                "ended_datasets": [each["id"] for each in pinned["datasets"] if UUID(each["id"]) in ended],
                "restates": row.restates,
                "digest": row.digest,
                "computed_at": row.computed_at,
                "published_at": row.published_at,
                "published_by": Actor(type=ActorType.USER, id=row.published_by) if row.published_by else None,
            }
        )


class ScoreList(Page):
    data: list[Score]


class BenchmarkPart(Output):
    p25: float
    p50: float
    p75: float
    declared: bool = Field(description="The spread is declared by the methodology.")
    label: str


class ContributedPart(Output):
    """What many groups contributed, under differential privacy."""

    p25: float
    p50: float
    p75: float
    weight: float = Field(description="In the quartiles that the score used; 1 where there is no reference.")
    error: float = Field(description="What each of these quartiles may be off by (95 %), in the unit.")
    groups: int = Field(description="At least so many contributed, with noise.")
    label: str


class ExplainedBenchmark(BenchmarkPart):
    """The cell as the score used it: each quartile is weight x contributed + (1 - weight) x reference."""

    contributed: ContributedPart | None = Field(description="Null where the comparison is with a reference alone.")
    reference: BenchmarkPart | None = Field(description="Null where the comparison is with contributed figures alone.")
    error: float = Field(description="What each quartile may be off by (95 %), by the noise in contributed ones.")


class Contribution(Output):
    area: str
    metric: str | None
    points: float | None
    value: float | None
    status: str
    reason: str | None
    benchmark: ExplainedBenchmark | None
    position: float | None


class CounterfactualChange(Output):
    """A step that is within reach, and the points that it would bring."""

    model_config = ConfigDict(populate_by_name=True)
    metric: str
    start: float = Field(alias="from")
    end: float = Field(alias="to")
    points: float
    low: float
    high: float


class ScoreChange(Output):
    """Why the headline moved since an earlier score, in points that add up to the difference of the two headlines."""

    from_score_id: UUID
    own_data: float
    benchmark: float = Field(description="Other peers: a newer release, or another place of the account among them.")
    methodology: float


class Compared(Output):
    change: ScoreChange | None
    change_reason: str | None = Field(
        description="Why there is no `change`.", json_schema_extra={"x-extensible-enum": [*changes.Unexplained]}
    )


def compared(old: models.Score | None, new: models.Score) -> dict[str, Any]:
    """The fields of `Compared`."""
    found = changes.since(old, new)
    if old is None or isinstance(found, changes.Unexplained):
        return {"change": None, "change_reason": found}
    return {"change": ScoreChange(from_score_id=old.id, **asdict(found)), "change_reason": None}


class Lift(Output):
    name: str = Field(description="column:... or kind:... that would lift coverage.")
    weight: float


class Explanation(Compared):
    """Baseline and points of the areas add up to the headline, before rounding. `change` is since the score published
    before.
    """

    score_id: UUID
    baseline: float
    contributions: list[Contribution]
    counterfactuals: list[CounterfactualChange]
    lifts: list[Lift]
    declared_share: float | None = Field(
        description="Of the weight with a value the part that rests on spreads which the methodology declares, "
        "because a release has the centre alone. It belongs beside the data grade."
    )

    @classmethod
    def of(cls, row: models.Score, before: models.Score | None) -> "Explanation":
        result, peers = row.result, row.record.get("peers", {})
        areas = [
            Contribution(
                area=area,
                metric=None,
                points=points,
                value=None,
                status="ok",
                reason=None,
                benchmark=None,
                position=None,
            )
            for area, points in result.get("area_contributions", {}).items()
        ]
        metrics = [
            Contribution(
                area=each["area"],
                metric=each["metric"],
                points=each["contribution"],
                value=each["value"],
                status=each["status"],
                reason=each["reason"],
                benchmark=_benchmark(peers.get(each["metric"])),
                position=each["position"],
            )
            for each in result.get("metrics", [])
        ]
        return cls(
            score_id=row.id,
            baseline=50.0,
            contributions=[*areas, *metrics],
            counterfactuals=[CounterfactualChange(**each) for each in result.get("counterfactuals", [])],
            **compared(before, row),
            lifts=[Lift(name=name, weight=weight) for name, weight in result.get("lifts", [])],
            declared_share=inputs.declared_share(row.record) if "metrics" in row.record else None,
        )


def _benchmark(peer: dict[str, Any] | None) -> ExplainedBenchmark | None:
    if peer is None:
        return None
    used = Quartiles.of(peer)
    reference = used.blend.reference if used.blend else used
    return ExplainedBenchmark(
        **_part(used),
        error=places(used.error),
        contributed=_contributed(used.blend) if used.blend else None,
        reference=BenchmarkPart(**_part(reference)) if reference else None,
    )


def _part(of: Quartiles) -> dict[str, Any]:
    return {"p25": of.q25, "p50": of.q50, "p75": of.q75, "declared": of.declared, "label": of.label}


def _contributed(blend: Blend) -> ContributedPart:
    of = blend.contributed
    return ContributedPart(
        p25=of.q25, p50=of.q50, p75=of.q75, weight=blend.weight, error=of.error, groups=of.groups, label=of.named
    )
