"""Bodies of scores."""

from dataclasses import asdict
from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from wm_api.core.principal import ActorType
from wm_api.core.schemas import Actor, Instant, Output, Page
from wm_api.scores import inputs, models
from wm_api.scores.beside import Beside, Verification


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


class StarProbability(Output):
    star: int
    probability: float = Field(description="Share of all draws.")


class ScoreBeside(Output):
    """What stands beside a score and is not in it."""

    declared_share: float | None = Field(
        description="Of the weight with a value the part that rests on spreads which the methodology declares, "
        "because a release has the centre alone."
    )
    verification: Verification = Field(
        description="How the data were verified. self: the account's word. reconciled: every file came with totals of "
        "people or pay, and holds them. provider_signed and assured: not yet."
    )
    perimeter: Literal["complete", "partial"] | None = Field(
        description="Whether the files hold the whole company, as was said with them; null where it was not."
    )
    contingent_share: float | None = Field(
        description="Full-time equivalents of agency workers and contractors in percent of all: they are in no score."
    )
    contingent_status: str = Field(examples=["ok"], description="Of the contingent share.")
    findings: list[str] = Field(
        description="Codes of findings that tell of a figure made to look better.", examples=[["title_only_promotion"]]
    )


class Score(Output):
    """The Social Impact Score of a day. Unrounded; what is shared is rounded."""

    id: UUID
    as_of: date
    state: models.ScoreState
    status: str = Field(examples=["ok"], description="ok, or insufficient_data: see the explanation's lifts.")
    headline: float | None
    star: int | None
    intervals: list[ScoreInterval]
    star_probabilities: list[StarProbability] = Field(description="Empty without a score.")
    data_grade: str | None
    beside: ScoreBeside
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
    def of(cls, row: models.Score, ended: frozenset[UUID], beside: Beside) -> "Score":
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
                "star_probabilities": [
                    {"star": star, "probability": share}
                    for star, share in enumerate(result.get("star_probability", ()), start=1)
                ],
                "beside": asdict(beside),
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
