"""Bodies of benchmark releases."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field, model_validator

from wm_api.benchmarks import models
from wm_api.core.schemas import Instant, Output, Page


class ReleaseSource(Output):
    title: str
    url: str
    licence: str
    reference_period: str
    source: str | None = Field(
        description="Name of the source; null in releases from before editions.", examples=["uk_gpg"]
    )
    edition: str | None = Field(description="Edition of the source.", examples=["2021-22"])
    sha256: str | None = Field(description="Of the original file that the edition was read from, in hex.")
    label: str | None = Field(description="What a comparison with it says.")

    @model_validator(mode="before")
    @classmethod
    def _kept_before(cls, given: Any) -> Any:
        """Releases from before editions say less."""
        return (
            {**dict.fromkeys(("source", "edition", "sha256", "label")), **given} if isinstance(given, dict) else given
        )


class ReleasePrivacy(Output):
    """The privacy that a release of contributed statistics has spent."""

    unit: str
    epsilon: float
    delta: float


class BenchmarkRelease(Output):
    """A frozen set of reference values."""

    id: UUID
    name: str
    source: Literal["public", "contributed"]
    label: str
    published_at: Instant
    sha256: str
    supersedes: UUID | None = Field(description="The release that this one takes the place of.")
    privacy: ReleasePrivacy | None = Field(description="Null for public statistics.")
    sources: list[ReleaseSource]

    @classmethod
    def of(cls, row: models.BenchmarkRelease) -> "BenchmarkRelease":
        kept = set(cls.model_fields) - {"supersedes", "privacy"}
        shown: dict[str, Any] = {name: getattr(row, name) for name in kept}
        return cls.model_validate({**shown, "supersedes": None, "privacy": None})


class BenchmarkReleaseList(Page):
    data: list[BenchmarkRelease]


class BenchmarkCell(Output):
    """A cell that is not released is absent, not empty."""

    metric: str
    profile: str
    level: str
    sector: str | None
    region: str | None
    size_band: str | None
    industry: str | None
    ownership: str | None = Field(description="Of the employers: private or government.")
    part: str | None = Field(
        description="What of the metric it is of; null: the value that is compared, of a gap its size.",
        examples=["signed"],
    )
    contributors_band: str | None = Field(description="How many companies contributed; null for public statistics.")
    p10: float | None
    p25: float | None
    p50: float | None
    p75: float | None
    p90: float | None
    unit: str
    label: str

    @classmethod
    def of(cls, row: models.BenchmarkCell) -> "BenchmarkCell":
        """Public statistics are of no region."""
        of_all = {"region": None, "contributors_band": None}
        shown: dict[str, Any] = {name: getattr(row, name) for name in set(cls.model_fields) - set(of_all)}
        return cls.model_validate({**shown, **of_all})


class BenchmarkCellList(Page):
    data: list[BenchmarkCell]
