"""Bodies of methodologies, and of a score as another methodology gives it."""

from dataclasses import asdict
from uuid import UUID

from pydantic import Field

from wm_api.core.schemas import Output, Page
from wm_api.scores import models
from wm_api.scores.methodology import CURRENT, Sheet
from wm_api.scores.results import ScoreResult
from wm_api.scores.schemas import MethodologyRef, ScoreArea, ScoreInterval


class MethodologySheet(Output):
    """What the score is for, and what it rests on."""

    aim: str
    scope: str
    sources: str
    estimates: str
    changes: str
    basis: str


class PublicKey(Output):
    """A JWK (RFC 7517)."""

    kty: str
    crv: str
    x: str
    y: str
    kid: str
    alg: str
    use: str


class MethodologySummary(Output):
    version: str
    title: str
    current: bool = Field(description="New scores are made with it.")
    sheet: MethodologySheet
    sha256: str = Field(description="Of the document; scores pin it.")

    @classmethod
    def of(cls, sheet: Sheet) -> "MethodologySummary":
        return cls.model_validate({**asdict(sheet), "current": sheet.version == CURRENT})


class MethodologyList(Page):
    data: list[MethodologySummary]


class Methodology(MethodologySummary):
    """A version, which never changes."""

    document: str = Field(description="The file with all weights, bounds and goalposts, as it was signed.")
    signature: str = Field(description="Detached JWS (RFC 7515, appendix F), ES256, over the bytes of `document`.")
    key: PublicKey = Field(description="It signed this version alone.")

    @classmethod
    def of(cls, sheet: Sheet) -> "Methodology":
        summary = MethodologySummary.of(sheet).model_dump()
        return cls.model_validate(
            {**summary, "document": sheet.text, "signature": sheet.signature, "key": dict(sheet.key)}
        )


class ScoreUnderMethodology(Output):
    """What a score would be under another methodology. Unrounded; nothing is kept."""

    score_id: UUID
    methodology: MethodologyRef
    status: str = Field(examples=["ok"])
    headline: float | None
    difference: float | None = Field(description="Its headline less that of the score.")
    star: int | None
    intervals: list[ScoreInterval]
    data_grade: str
    coverage: float
    floors: list[str]
    areas: list[ScoreArea]

    @classmethod
    def of(cls, row: models.Score, sheet: Sheet, result: ScoreResult) -> "ScoreUnderMethodology":
        both = result.headline is not None and row.headline is not None
        ends = ((result.interval95, 0.95), (result.interval80, 0.8))
        return cls.model_validate(
            {
                **{name: getattr(result, name) for name in ("status", "headline", "star", "data_grade", "coverage")},
                "score_id": row.id,
                "methodology": {"version": sheet.version, "sha256": sheet.sha256},
                "difference": round((result.headline or 0.0) - (row.headline or 0.0), 6) if both else None,
                "intervals": [{"low": each[0], "high": each[1], "level": level} for each, level in ends if each],
                "floors": list(result.floors),
                "areas": [asdict(each) for each in result.areas],
            }
        )
