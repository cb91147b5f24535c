"""What stands beside a score and never in it: whose its data are, and what a score alone would not show (domain.md 6.11
and 6.18). Read from the datasets that the score pins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.datasets.models import Dataset
from wm_api.metrics.figures import Status, published
from wm_api.metrics.models import MetricValue
from wm_api.metrics.suppression import LEAST
from wm_api.scores.inputs import declared_share
from wm_api.scores.models import Score, ScoreState

SIZE = "size_band_differs"
GUARDS = ("bulk_regrade", SIZE, "stale_copy", "title_only_promotion")
"""Findings that tell of a figure made to look better."""
CONTINGENT = "contingent_share"


class Verification(StrEnum):
    """How the data were verified. Nothing gives `provider_signed` or `assured` in this version."""

    SELF = "self"
    PROVIDER_SIGNED = "provider_signed"
    RECONCILED = "reconciled"
    ASSURED = "assured"


@dataclass(frozen=True, slots=True)
class Beside:
    """`perimeter`: complete, partial, None where it was not said; `contingent_share` in percent."""

    declared_share: float | None
    verification: Verification
    perimeter: str | None
    contingent_share: float | None
    contingent_status: str
    findings: tuple[str, ...] = ()


async def beside_of(session: AsyncSession, rows: Sequence[Score]) -> dict[UUID, Beside]:
    """By score, with one question to the database."""
    ids = {UUID(each) for row in rows for each in row.dataset_ids}
    found = select(Dataset.id, Dataset.kind, Dataset.facts, Dataset.report["findings"].label("findings"))
    known = {each.id: each for each in await session.execute(found.where(Dataset.id.in_(ids)))}
    pinned = {row.id: [known[each] for each in map(UUID, row.dataset_ids) if each in known] for row in rows}
    return {row.id: _beside(row, pinned[row.id]) for row in rows}


def _beside(row: Score, datasets: Sequence[Row[Any]]) -> Beside:
    contingent = (row.figures or {}).get("default", {}).get(CONTINGENT, {})
    codes = {each["code"] for dataset in datasets for each in dataset.findings or ()}
    if row.record.get("guards", {}).get("size_band_fits") is False:
        codes.add(SIZE)
    return Beside(
        declared_share(row.record),
        Verification.RECONCILED if datasets and all(map(_reconciled, datasets)) else Verification.SELF,
        _perimeter({each.facts.get("perimeter") for each in datasets if each.kind in {"workforce", "payroll"}}),
        contingent.get("value"),
        contingent.get("status", Status.NOT_REPORTED.value),
        tuple(code for code in GUARDS if code in codes),
    )


def _reconciled(dataset: Row[Any]) -> bool:
    """Whether its sender gave totals of people or pay (of plans: how many), which an accepted file holds."""
    expected = dataset.facts.get("expectations") or {}
    names = ("rows",) if dataset.kind == "benefit_plans" else ("headcount", "gross")
    return any(expected.get(name) is not None for name in names)


def _perimeter(told: set[str | None]) -> str | None:
    if "partial" in told:
        return "partial"
    return "complete" if told == {"complete"} else None


async def shared(session: AsyncSession, row: Score) -> dict[str, Any]:
    """As it may leave: rounded, and no share over a few people; with the published scores that were withdrawn."""
    own = (await beside_of(session, [row]))[row.id]
    share = own.contingent_share
    small = share is not None and not await _many(session, row)
    withdrawn = select(func.count()).where(Score.state == ScoreState.WITHDRAWN, Score.published_at.is_not(None))
    return {
        "declared_share": None if own.declared_share is None else float(published(own.declared_share, 2)),
        "verification": own.verification.value,
        "perimeter": own.perimeter,
        "contingent_share": None if small or share is None else int(published(share, 0)),
        "contingent_status": Status.SUPPRESSED.value if small else own.contingent_status,
        "withdrawn_scores": (await session.scalars(withdrawn)).one(),
    }


async def _many(session: AsyncSession, row: Score) -> bool:
    """Whether nobody or enough people are contingent, and enough are not, by the figure of the same datasets."""
    figure = await session.scalar(
        select(MetricValue.figure).where(
            MetricValue.as_of == row.as_of,
            MetricValue.metric == CONTINGENT,
            MetricValue.profile == "default",
            MetricValue.dataset_ids == row.dataset_ids,
        )
    )
    if figure is None:
        return False
    count = next((each["n"] for each in figure["groups"] if each["group"] == "contingent"), None)
    return count is not None and (count == 0 or min(count, figure["n"] - count) >= LEAST)
