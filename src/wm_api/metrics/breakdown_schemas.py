"""Bodies of metrics by entity and region."""

from datetime import date
from uuid import UUID

from pydantic import Field

from wm_api.core.schemas import Instant, Output, Page
from wm_api.metrics import models
from wm_api.metrics.breakdowns import Dimension
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import Status
from wm_api.metrics.schemas import MetricInterval


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
    dataset_ids: list[UUID]
    computed_at: Instant

    @classmethod
    def of(cls, row: models.MetricBreakdown) -> "MetricBreakdown":
        definition = CATALOGUE[row.metric]
        kept = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        told = {"unit": definition.unit, "decimals": definition.decimals, "definition_version": definition.version}
        return cls.model_validate({**kept, **told, "profile": "default"})


class MetricBreakdownList(Page):
    data: list[MetricBreakdown]
