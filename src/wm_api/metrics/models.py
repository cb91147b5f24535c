"""Tables of computed figures."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from wm_api.core.database import AccountOwned, Base


class MetricValue(AccountOwned, Base):
    """One figure of one day and profile, with the datasets that it rests on."""

    __tablename__ = "metric_values"
    __table_args__ = (Index("uq_metric_values_day", "account_id", "as_of", "profile", "metric", unique=True),)
    metric: Mapped[str]
    profile: Mapped[str]
    as_of: Mapped[date]
    period_start: Mapped[date]
    period_end: Mapped[date]
    value: Mapped[float | None]
    status: Mapped[str]
    reason: Mapped[str | None]
    n: Mapped[int | None]
    figure: Mapped[dict[str, Any]]
    method_sha256: Mapped[str | None]
    dataset_ids: Mapped[list[Any]]
    operation_id: Mapped[UUID]
    computed_at: Mapped[datetime]


class MetricBreakdown(AccountOwned, Base):
    """One metric of one day, in profile default, by the groups of one dimension."""

    __tablename__ = "metric_breakdowns"
    __table_args__ = (Index("uq_metric_breakdowns_day", "account_id", "as_of", "dimension", "metric", unique=True),)
    metric: Mapped[str]
    dimension: Mapped[str]
    as_of: Mapped[date]
    period_start: Mapped[date]
    period_end: Mapped[date]
    status: Mapped[str]
    reason: Mapped[str | None]
    groups: Mapped[list[Any]]
    method_sha256: Mapped[str | None]
    dataset_ids: Mapped[list[Any]]
    operation_id: Mapped[UUID]
    computed_at: Mapped[datetime]


class LikeForLike(AccountOwned, Base):
    """How one metric of a day changed over a year among the people of both days."""

    __tablename__ = "like_for_like"
    __table_args__ = (Index("uq_like_for_like_day", "account_id", "as_of", "metric", unique=True),)
    metric: Mapped[str]
    as_of: Mapped[date]
    compared_with: Mapped[date | None]
    status: Mapped[str]
    reason: Mapped[str | None]
    n: Mapped[int | None]
    before: Mapped[float | None]
    value: Mapped[float | None]
    change: Mapped[float | None]
    currency: Mapped[str | None]
    method_sha256: Mapped[str | None]
    dataset_ids: Mapped[list[Any]]
    operation_id: Mapped[UUID]
    computed_at: Mapped[datetime]
