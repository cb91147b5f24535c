"""Bodies of benchmark releases."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field, model_validator

from wm_api.benchmarks import models
from wm_api.benchmarks.contributed.budget import DELTA, epsilon_of
from wm_api.benchmarks.contributed.plan import PLANS
from wm_api.benchmarks.fallback import Found
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

    unit: str = Field(examples=["one verified group of companies"])
    epsilon: float = Field(description="At most, for a group, over all cells that it is in.")
    delta: float

    @classmethod
    def of_plan(cls, plan: str) -> "ReleasePrivacy":
        epsilon = round(epsilon_of(PLANS[plan].cost.rho), 2)
        return cls(unit="one verified group of companies", epsilon=epsilon, delta=DELTA)


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
        """What a contributed release has spent follows from its plan, which is public."""
        kept = set(cls.model_fields) - {"supersedes", "privacy"}
        shown: dict[str, Any] = {name: getattr(row, name) for name in kept}
        privacy = None if row.plan is None else ReleasePrivacy.of_plan(row.plan)
        return cls.model_validate({**shown, "supersedes": None, "privacy": privacy})


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
    contributors_band: str | None = Field(
        description="How many groups contributed, with noise; null for public statistics.", examples=["100-199"]
    )
    error: float | None = Field(
        description="What each contributed value may be off by (95 %), in the unit; null for public statistics."
    )
    p10: float | None
    p25: float | None
    p50: float | None
    p75: float | None
    p90: float | None
    unit: str
    label: str

    @classmethod
    def of(cls, row: models.BenchmarkCell) -> "BenchmarkCell":
        return cls.model_validate({name: getattr(row, name) for name in cls.model_fields})


class BenchmarkCellList(Page):
    data: list[BenchmarkCell]


class ReferenceBeside(Output):
    """A published figure of workers, not of employers: to be shown beside, and read in the metric's `profile`."""

    part: str = Field(description="The benefit, as the group of the metric is named.", examples=["sick_leave"])
    profile: str
    value: float
    unit: str
    level: str
    industry: str | None
    ownership: str | None
    label: str = Field(description="What it is of, and which levels were dropped.")

    @classmethod
    def of(cls, found: Found) -> "ReferenceBeside":
        cell = found.cell
        kept = {name: getattr(cell, name) for name in ("part", "profile", "unit", "level", "industry", "ownership")}
        return cls.model_validate({**kept, "value": cell.p50, "label": found.label})


class BenchmarkBeside(Output):
    metric: str
    benchmark_release_id: UUID
    data: list[ReferenceBeside]
