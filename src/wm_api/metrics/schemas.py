"""Bodies of metrics."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field, model_validator

from wm_api.core.schemas import Instant, Output, Page
from wm_api.metrics import models
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.definition import Definition
from wm_api.metrics.doubts import Doubt
from wm_api.metrics.figures import Status
from wm_api.metrics.methods import Method, method_of

METHOD = "SHA-256 of the method that made it: equal hashes, one method. Null where it was made before this was kept."


class MetricSource(Output):
    standard: str = Field(description='"after ...": the article was not compared with the text itself.')
    article: str
    url: str


class MetricAnswer(Output):
    question: str = Field(examples=["overtime"])
    code: str
    text: str


class MetricMethod(Output):
    """How a profile reads the metric; what is hashed is in docs/methodology/figures.md."""

    profile: str
    answers: list[MetricAnswer]
    sha256: str

    @classmethod
    def of(cls, row: Method) -> "MetricMethod":
        told = row.answers.items()
        answers = [MetricAnswer(question=each.value, code=one.code, text=one.text) for each, one in told]
        return cls(profile=row.profile, answers=answers, sha256=row.sha256)


class MetricReference(Output):
    source: str = Field(examples=["bls_oews"])
    edition: str
    sha256: str = Field(description="Of its original.")


class MetricDefinition(Output):
    key: str
    name: str
    area: str
    unit: str
    direction: str = Field(examples=["higher"])
    profiles: list[str]
    decimals: int = Field(description="How to print; figures are unrounded.")
    minimum_n: int
    minimum_group_n: int | None
    conditions: list[str] = Field(
        description="What else a value needs, or of whom the least group is.",
        examples=[["10 people receive no variable pay."]],
    )
    formula: str
    source: MetricSource = Field(description="The first of `sources`.")
    sources: list[MetricSource]
    inputs: list[str] = Field(
        description="Record kinds and columns that it reads beyond the required ones; of alternatives one is enough.",
        examples=[["workforce.job_level"]],
    )
    references: list[str] = Field(description="Reference tables that it needs.", examples=[["consumer_prices"]])
    scored: bool = Field(description="Whether the current methodology scores it; else it is reported.")
    version: str
    methods: list[MetricMethod] = Field(description="One for each of `profiles`.")

    @classmethod
    def of(cls, row: Definition) -> "MetricDefinition":
        shown: dict[str, Any] = {
            name: getattr(row, name) for name in cls.model_fields if name not in {"source", "sources", "methods"}
        }
        sources = [MetricSource(standard=each.shown, article=each.article, url=each.url) for each in row.sources]
        methods = [MetricMethod.of(method_of(row, profile)) for profile in row.profiles]
        return cls.model_validate({**shown, "source": sources[0], "sources": sources, "methods": methods})


class MetricDefinitionList(Page):
    data: list[MetricDefinition]


class MetricInterval(Output):
    low: float
    high: float
    level: float


class MetricGroup(Output):
    group: str
    n: int | None
    value: float | None
    dimension: str | None = Field(description="The attribute, where a metric has groups of several.")
    interval: MetricInterval | None

    @model_validator(mode="before")
    @classmethod
    def _kept_before(cls, given: Any) -> Any:
        """Figures kept before groups had these fields."""
        return {"dimension": None, "interval": None, **given} if isinstance(given, dict) else given


class MetricExclusion(Output):
    reason: str = Field(examples=["no_hourly_pay"])
    n: int


class MetricValue(Output):
    """A figure with its status; never a silent 0. A metric with several parts has them in groups."""

    metric: str
    profile: str
    dimension: str | None
    as_of: date
    period_start: date | None
    period_end: date | None
    value: float | None
    unit: str
    decimals: int
    currency: str | None = Field(description="Of money in value or groups.")
    status: Status
    reason: str | None = Field(description="The column, kind or reference that is missing.")
    n: int | None
    groups: list[MetricGroup]
    excluded: list[MetricExclusion] = Field(description="People left out, by the first reason that holds.")
    interval: MetricInterval | None
    standard_error: float | None
    basis: str | None
    verdict: str | None = Field(
        description="Of an adjusted gap against 5 %: above_line, below_line or not_resolved.", examples=["below_line"]
    )
    warnings: list[Doubt] = Field(description="What looks wrong; the figure stands. docs/methodology/figures.md.")
    definition_version: str
    method_sha256: str | None = Field(description=METHOD)
    references: list[MetricReference] = Field(description="The editions of reference tables that the value rests on.")
    dataset_ids: list[UUID]
    computed_at: Instant

    @classmethod
    def of(cls, row: models.MetricValue) -> "MetricValue":
        definition, figure = CATALOGUE[row.metric], row.figure
        return cls.model_validate(
            {
                "metric": row.metric,
                "profile": row.profile,
                "dimension": None,
                "as_of": row.as_of,
                "period_start": row.period_start,
                "period_end": row.period_end,
                "value": row.value,
                "unit": definition.unit,
                "decimals": definition.decimals,
                "currency": figure.get("currency"),
                "status": row.status,
                "reason": row.reason,
                "n": row.n,
                "groups": figure["groups"],
                "excluded": [{"reason": each["group"], "n": each["n"]} for each in figure.get("excluded", ())],
                "interval": figure["interval"],
                "standard_error": figure["standard_error"],
                "basis": figure["basis"],
                "verdict": figure.get("verdict"),
                "warnings": figure.get("warnings", ()),
                "definition_version": definition.version,
                "method_sha256": row.method_sha256,
                "references": figure.get("references", ()),
                "dataset_ids": row.dataset_ids,
                "computed_at": row.computed_at,
            }
        )


class MetricValueList(Page):
    data: list[MetricValue]


class PreviewFigure(Output):
    """Rounded as `decimals` says; a status other than ok has value null and a reason."""

    value: float | None
    status: Status
    reason: str | None
    n: int | None
    groups: list[MetricGroup]


class PreviewMetric(Output):
    """A figure now and if the held dataset were accepted; null where the day has none."""

    metric: str
    name: str
    profile: str
    unit: str
    decimals: int
    now: PreviewFigure | None
    accepted: PreviewFigure | None


class PreviewHeadcount(Output):
    """People employed on the day."""

    now: int | None
    accepted: int | None


class PreviewDay(Output):
    as_of: date
    period_start: date
    period_end: date
    headcount: PreviewHeadcount
    metrics: list[PreviewMetric]


class Preview(Output):
    """What accepting a held dataset would change. After its commit it stays as it was."""

    dataset_id: UUID
    computed_at: Instant
    stale: bool = Field(description="What counts in the account has changed since; the effect may be another one.")
    conflict: str | None = Field(description="The code of the problem that a commit would have been refused with.")
    days: list[PreviewDay] = Field(description="Every day that it touches, the earliest first.")
