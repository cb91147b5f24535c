"""Bodies of metrics by entity and region, and over a year."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from wm_api.core.database import Base
from wm_api.core.schemas import Instant, Output, Page
from wm_api.metrics import models
from wm_api.metrics.breakdowns import Dimension
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import Status
from wm_api.metrics.profiles import DEFAULT
from wm_api.metrics.schemas import METHOD, MetricInterval


def _kept(row: Base, body: type[Output]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in body.model_fields if hasattr(row, name)}


def _told(metric: str) -> dict[str, Any]:
    definition = CATALOGUE[metric]
    told = {"unit": definition.unit, "decimals": definition.decimals, "definition_version": definition.version}
    return {**told, "profile": DEFAULT}


class MetricGroupFigure(Output):
    """One group. `suppressed`: it is too small, or a small one would follow from it; neither value nor n is said."""

    group: str = Field(
        description="Its code; (none): no code is given; (others): those beyond the 50 largest.", examples=["US-TX"]
    )
    status: Status
    reason: str | None
    value: float | None
    n: int | None
    currency: str | None
    interval: MetricInterval | None


class MetricBreakdown(Output):
    """One metric by entity or region. A person is in one group, so the groups add up to the whole."""

    metric: str
    profile: str
    dimension: Dimension
    as_of: date
    period_start: date
    period_end: date
    unit: str
    decimals: int
    status: Status = Field(description="`not_reported`: the records have no such column.")
    reason: str | None = Field(examples=["column:establishment_code"])
    groups: list[MetricGroupFigure]
    definition_version: str
    method_sha256: str | None = Field(description=METHOD)
    dataset_ids: list[UUID]
    computed_at: Instant

    @classmethod
    def of(cls, row: models.MetricBreakdown) -> "MetricBreakdown":
        return cls.model_validate({**_kept(row, cls), **_told(row.metric)})


class LikeForLike(Output):
    """A metric of the people who were there on both days, in entities that both days have, and how it changed."""

    metric: str
    profile: str
    as_of: date
    compared_with: date | None = Field(description="The day nearest to a year before; null where there is none.")
    unit: str
    decimals: int
    currency: str | None
    status: Status
    reason: str | None = Field(
        description="no_day_a_year_before, keys_not_linked, perimeter_differs, or what the metric lacks.",
        examples=["no_day_a_year_before"],
    )
    n: int | None = Field(description="People of both days.")
    before: float | None
    value: float | None
    change: float | None = Field(description="`value` less `before`, in `unit`.")
    definition_version: str
    method_sha256: str | None = Field(description=METHOD)
    dataset_ids: list[UUID]
    computed_at: Instant

    @classmethod
    def of(cls, row: models.LikeForLike) -> "LikeForLike":
        return cls.model_validate({**_kept(row, cls), **_told(row.metric)})


class LikeForLikeList(Page):
    data: list[LikeForLike]


class MetricBreakdownList(Page):
    data: list[MetricBreakdown]
