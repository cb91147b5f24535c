"""Bodies of restatements: old and new side by side."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from wm_api.core.schemas import Instant, Output
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import Status
from wm_api.scores import models, restatement
from wm_api.scores.explanation_schemas import Compared, compared
from wm_api.scores.schemas import ScoreArea, ScoreInterval


class RestatedScore(Output):
    """One side. Unrounded."""

    id: UUID
    state: models.ScoreState
    status: str = Field(examples=["ok"])
    headline: float | None
    star: int | None
    interval: ScoreInterval | None
    data_grade: str | None
    areas: list[ScoreArea]
    methodology_version: str
    benchmark_release_id: UUID
    computed_at: Instant
    published_at: Instant | None

    @classmethod
    def of(cls, row: models.Score) -> "RestatedScore":
        result, ends = row.result, row.result.get("interval95")
        shown = ("id", "state", "status", "headline", "star", "benchmark_release_id", "computed_at", "published_at")
        return cls.model_validate(
            {
                **{name: getattr(row, name) for name in shown},
                "interval": {"low": ends[0], "high": ends[1], "level": 0.95} if ends else None,
                "data_grade": result.get("data_grade"),
                "areas": result.get("areas", []),
                "methodology_version": row.methodology,
            }
        )


class RestatedDataset(Output):
    """What took the place of what. `removed`: deleted; `added`: it took no place."""

    kind: str
    as_of: date | None
    period_start: date | None
    period_end: date | None
    old: UUID | None
    new: UUID | None
    reason: Literal["superseded", "amended", "reverted", "removed", "added"]

    @classmethod
    def of(cls, change: restatement.Change) -> "RestatedDataset":
        row = change.new or change.old
        dated = {name: getattr(row, name) for name in ("kind", "as_of", "period_start", "period_end")}
        sides = {name: each.id if each else None for name, each in (("old", change.old), ("new", change.new))}
        return cls.model_validate({**dated, **sides, "reason": change.reason})


class RestatedReading(Output):
    value: float | None
    status: Status
    reason: str | None

    @classmethod
    def of(cls, reading: Mapping[str, Any] | None) -> "RestatedReading | None":
        return None if reading is None else cls(**{name: reading[name] for name in cls.model_fields})


class RestatedMetric(Output):
    """A metric whose value or status differs; a side is null where that score did not have it."""

    metric: str
    profile: str
    unit: str
    decimals: int = Field(description="How to print; figures are unrounded.")
    old: RestatedReading | None
    new: RestatedReading | None

    @classmethod
    def of(cls, moved: restatement.Moved) -> "RestatedMetric":
        definition, sides = CATALOGUE[moved.metric], [RestatedReading.of(each) for each in (moved.old, moved.new)]
        return cls(
            metric=moved.metric,
            profile=moved.profile,
            unit=definition.unit,
            decimals=definition.decimals,
            old=sides[0],
            new=sides[1],
        )


class Restatement(Compared):
    """A published score and the one that restates it. `change` is between the two."""

    as_of: date
    old: RestatedScore
    new: RestatedScore
    causes: list[
        Literal["datasets", "benchmark_release", "contributed_release", "methodology", "account", "references"]
    ] = Field(
        description="What differs of all that the two were computed from; `account` are facts such as the industry,"
        " `references` editions of reference tables that metrics read."
    )
    datasets: list[RestatedDataset]
    metrics: list[RestatedMetric]

    @classmethod
    def of(cls, found: restatement.Restatement) -> "Restatement":
        return cls.model_validate(
            {
                "as_of": found.new.as_of,
                "old": RestatedScore.of(found.old),
                "new": RestatedScore.of(found.new),
                "causes": list(found.causes),
                "datasets": [RestatedDataset.of(each) for each in found.changes],
                "metrics": [RestatedMetric.of(each) for each in found.moved],
                **compared(found.old, found.new),
            }
        )
