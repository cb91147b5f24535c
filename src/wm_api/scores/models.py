"""Tables of scores and their publications."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from wm_api.core.database import AccountOwned, Base


class ScoreState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Score(AccountOwned, Base):
    """`record` is what it was computed from, `result` every step; the digest covers both.

    `figures` are all metrics of the day by profile, also those that are not scored; null in scores older than that.
    `previous_id` is the score published before, when this one was computed: the newest of this day or an earlier one.
    """

    __tablename__ = "scores"
    __table_args__ = (
        Index("uq_scores_draft", "account_id", "as_of", unique=True, postgresql_where=text("state = 'draft'")),
        ForeignKeyConstraint(
            ["account_id", "previous_id"], ["scores.account_id", "scores.id"], name="fk_scores_previous"
        ),
    )
    as_of: Mapped[date]
    state: Mapped[str]
    status: Mapped[str]
    headline: Mapped[float | None]
    star: Mapped[int | None]
    record: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]
    figures: Mapped[dict[str, Any] | None]
    digest: Mapped[str]
    benchmark_release_id: Mapped[UUID]
    methodology: Mapped[str]
    dataset_ids: Mapped[list[Any]]
    restates: Mapped[UUID | None]
    previous_id: Mapped[UUID | None]
    computed_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    published_by: Mapped[UUID | None]
    withdrawn_at: Mapped[datetime | None]


class ScorePublication(AccountOwned, Base):
    """What a grantee may see at most, frozen when a person published it. Its schema has no rows of people."""

    __tablename__ = "score_publications"
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "id"], ["scores.account_id", "scores.id"], name="fk_score_publications_score"
        ),
    )
    as_of: Mapped[date]
    company: Mapped[str]
    document: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class SimulationCount(Base):
    """How many simulations the account has asked for in the window of its last one."""

    __tablename__ = "simulation_counts"
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    window_start: Mapped[datetime]
    count: Mapped[int]
