"""Bodies of share grants and shared scores."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from wm_api.core.principal import ActorType
from wm_api.core.schemas import Actor, Email, GivenInstant, Input, Instant, Output, Page, Text
from wm_api.scores.beside import Verification
from wm_api.share_grants.models import GrantState

Detail = Literal["headline", "areas", "metrics"]
Purpose = Literal["supplier_assessment", "investment", "lending", "insurance", "contracting", "reporting", "other"]
Scores = Literal["latest", "all", "listed"]


class GranteeCreate(Input):
    """One of the two."""

    account_id: UUID | None = None
    email: Email | None = None

    @model_validator(mode="after")
    def one_of_the_two(self) -> "GranteeCreate":
        if (self.account_id is None) == (self.email is None):
            raise ValueError("give account_id or email")
        return self


class ScoreScope(Input):
    scores: Scores = "latest"
    score_ids: Annotated[list[UUID], Field(default_factory=list, max_length=100)]


class ShareGrantCreate(Input):
    grantee: GranteeCreate
    score_scope: ScoreScope = ScoreScope(scores="latest", score_ids=[])
    detail: Detail
    purpose: Purpose
    purpose_note: Text | None = None
    expires_at: GivenInstant


class GrantAcceptance(Input):
    acceptance_token: Annotated[str, Field(max_length=200)] | None = None


class GrantRevocation(Input):
    """The reason is kept in your receipt; the other side does not see it."""

    reason: Text | None = None


class Grantor(Output):
    account_id: UUID
    name: str


class Grantee(Output):
    account_id: UUID | None
    name: str | None
    email: str | None


class ScoreScopeShown(Output):
    scores: Scores
    score_ids: list[UUID]


class ShareGrant(Output):
    """Which company may see which score, in what detail, for what purpose, until when."""

    id: UUID
    grantor: Grantor
    grantee: Grantee
    state: GrantState
    score_scope: ScoreScopeShown
    detail: Detail
    purpose: Purpose
    purpose_note: str | None
    expires_at: Instant
    version: int
    created_at: Instant
    created_by: Actor
    accepted_at: Instant | None
    ended_at: Instant | None
    first_read_at: Instant | None
    receipt_id: UUID | None = Field(description="Your side's latest receipt of this grant.")


class ShareGrantMade(ShareGrant):
    acceptance_token: str | None = Field(description="For a grant to an e-mail; shown once.")


class ShareGrantList(Page):
    data: list[ShareGrant]


class GrantToken(Output):
    token: str
    token_type: Literal["Bearer"]
    expires_in: int
    grant: ShareGrant


class Company(Output):
    id: UUID
    name: str


class SharedInterval(Output):
    low: int
    high: int
    level: float


class SharedArea(Output):
    area: str
    score: int | None
    weight: float
    status: str


class SharedMetric(Output):
    metric: str
    profile: str
    value: float | None
    unit: str
    status: str


class SharedBeside(Output):
    """What stands beside the score and is not in it. Rounded."""

    declared_share: float | None = Field(
        description="Of the weight the part that rests on spreads which are declared, not measured."
    )
    verification: Verification = Field(description="How the data were verified.")
    perimeter: Literal["complete", "partial"] | None = Field(
        description="Whether the files hold the whole company, as was said with them."
    )
    contingent_share: int | None = Field(
        description="Full-time equivalents of agency workers and contractors in percent of all. Not over a few people."
    )
    contingent_status: str = Field(examples=["ok"])
    withdrawn_scores: int = Field(description="Published scores that the company had withdrawn by then.")


class SharedScore(Output):
    """Exactly what the grant allows: areas are null below `areas`, metrics below `metrics`."""

    score_id: UUID
    grant_id: UUID
    company: Company
    as_of: date
    headline: int | None
    star: int | None
    interval: SharedInterval | None
    data_grade: str | None
    beside: SharedBeside | None = Field(description="Null in scores published before it was kept.")
    areas: list[SharedArea] | None
    metrics: list[SharedMetric] | None
    methodology_version: str
    benchmark_label: str
    published_at: Instant
    restates: UUID | None
    grant_expires_at: Instant


class SharedScoreList(Page):
    data: list[SharedScore]


class Reader(Output):
    account_id: UUID
    type: ActorType
    id: UUID | None


class AccessEntry(Output):
    at: Instant
    reader: Reader
    action: str
    score_id: UUID | None
    status: int
    network: str


class AccessLog(Page):
    data: list[AccessEntry]
