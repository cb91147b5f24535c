"""Bodies of simulations. In whole numbers: what-if probing gets no finer than what is shared."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from wm_api.core.schemas import Input, Output
from wm_api.metrics.figures import published
from wm_api.scores import models
from wm_api.scores.results import ScoreResult


class SimulatedChange(Input):
    metric: str = Field(max_length=60, examples=["permanent_share"])
    value: float = Field(
        strict=True,
        allow_inf_nan=False,
        examples=[95.0],
        description="In the metric's unit, within the bounds of the methodology.",
    )


class ScoreSimulationRequest(Input):
    score_id: UUID
    changes: Annotated[list[SimulatedChange], Field(min_length=1, max_length=50)]


class SimulatedInterval(Output):
    low: int
    high: int
    level: float


class SimulatedStar(Output):
    star: int
    probability: float = Field(description="Share of all draws, at two places.")


class SimulatedArea(Output):
    area: str
    score: int | None
    weight: float
    status: str = Field(examples=["ok"])


class ScoreSimulation(Output):
    """What the score would be. Same peers, methodology and draws as the score; nothing is kept."""

    score_id: UUID
    base_headline: int
    headline: int
    interval: SimulatedInterval
    star: int
    star_probabilities: list[SimulatedStar]
    floors: list[str]
    areas: list[SimulatedArea]
    methodology_version: str
    remaining: int = Field(description="How many more the account may ask for in this window.")

    @classmethod
    def of(cls, row: models.Score, result: ScoreResult, remaining: int) -> "ScoreSimulation":
        low, high = result.interval95 or (0.0, 0.0)
        return cls.model_validate(
            {
                "score_id": row.id,
                "base_headline": _whole(row.headline or 0.0),
                "headline": _whole(result.headline or 0.0),
                "interval": {"low": _whole(low), "high": _whole(high), "level": 0.95},
                "star": result.star,
                "star_probabilities": [
                    {"star": star, "probability": float(published(share, 2))}
                    for star, share in enumerate(result.star_probability, start=1)
                ],
                "floors": list(result.floors),
                "areas": [
                    {
                        "area": each.area,
                        "score": None if each.score is None else _whole(each.score),
                        "weight": each.weight,
                        "status": each.status,
                    }
                    for each in result.areas
                ],
                "methodology_version": row.methodology,
                "remaining": remaining,
            }
        )


def _whole(value: float) -> int:
    return int(published(value, 0))
