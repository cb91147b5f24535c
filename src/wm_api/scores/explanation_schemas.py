"""Bodies of explanations, and of what changed between two scores."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from wm_api.core.schemas import Output
from wm_api.scores import changes, inputs, models
from wm_api.scores.case import places
from wm_api.scores.quartiles import Blend, Quartiles


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
    peer: float | None = Field(description="What the comparison gives, 0 to 100; null without one.")
    standard: float | None = Field(description="What the goalposts give, 0 to 100; null without them.")
    score: float | None = Field(description="Of the area or metric: half and half where both are there.")


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
    references_changed: bool = Field(
        description="Whether metrics read other editions of reference tables: what that moved is part of `own_data`."
    )
    benchmark: float = Field(description="Other peers: a newer release, or another place of the account among them.")
    methodology: float = Field(
        description="Another methodology; also what another version of the service makes of the same figures."
    )


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
    others = changes.other_references(old, new)
    change = ScoreChange(from_score_id=old.id, references_changed=others, **asdict(found))
    return {"change": change, "change_reason": None}


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
        return cls(
            score_id=row.id,
            baseline=50.0,
            contributions=[*_of_areas(result), *_of_metrics(result, peers)],
            counterfactuals=[CounterfactualChange(**each) for each in result.get("counterfactuals", [])],
            **compared(before, row),
            lifts=[Lift(name=name, weight=weight) for name, weight in result.get("lifts", [])],
            declared_share=inputs.declared_share(row.record),
        )


def _of_areas(result: dict[str, Any]) -> Iterator[Contribution]:
    scores = {each["area"]: each["score"] for each in result.get("areas", ())}
    for area, points in result.get("area_contributions", {}).items():
        yield Contribution(
            area=area,
            metric=None,
            points=points,
            value=None,
            status="ok",
            reason=None,
            benchmark=None,
            position=None,
            peer=None,
            standard=None,
            score=scores[area],
        )


def _of_metrics(result: dict[str, Any], peers: dict[str, Any]) -> Iterator[Contribution]:
    for each in result.get("metrics", []):
        yield Contribution(
            area=each["area"],
            metric=each["metric"],
            points=each["contribution"],
            value=each["value"],
            status=each["status"],
            reason=each["reason"],
            benchmark=_benchmark(peers.get(each["metric"])),
            **{name: each[name] for name in ("position", "peer", "standard", "score")},
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
