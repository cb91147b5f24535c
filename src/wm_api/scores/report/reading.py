"""What a report is made of, read in a few queries."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts.service import accounts
from wm_api.core.problems import Gone
from wm_api.metrics.models import MetricValue
from wm_api.scores import service
from wm_api.scores.beside import beside_of
from wm_api.scores.inputs import methodology_of
from wm_api.scores.models import Score, ScoreState
from wm_api.scores.report.facts import Report
from wm_api.scores.report.own import Past, report_of

EARLIER = 11
"""Published scores that a trend shows before the one that is read."""
QUARTERS = ("Q1", "Q2", "Q3", "Q4")


async def read_report(session: AsyncSession, score_id: UUID) -> Report:
    """Raises NotFound; Gone where the data of the score were deleted, or its methodology is no longer there."""
    row = await service.get_score(session, score_id)
    if not row.result:
        raise Gone
    account = await accounts.get_account(session, row.account_id)
    past = Past(await _earlier(session, row), await service.score_before(session, row))
    quarters, said = await _quarters(session, row), (await beside_of(session, [row]))[row.id]
    try:
        methodology = methodology_of(row.record)
    except (FileNotFoundError, ValueError) as error:
        raise Gone from error
    return await asyncio.to_thread(report_of, row, account.name, methodology, past, quarters, said)


async def _earlier(session: AsyncSession, row: Score) -> Sequence[Score]:
    """Published scores of earlier days, the oldest first."""
    earlier = select(Score).where(Score.state == ScoreState.PUBLISHED, Score.as_of < row.as_of)
    rows = await session.scalars(earlier.order_by(Score.as_of.desc()).limit(EARLIER))
    return rows.all()[::-1]


async def _quarters(session: AsyncSession, row: Score) -> Sequence[float]:
    """Women in each pay quarter, where the figures of the day still rest on what the score rests on."""
    figure = await session.scalar(
        select(MetricValue.figure).where(
            MetricValue.as_of == row.as_of,
            MetricValue.metric == "pay_quarter_female_share",
            MetricValue.profile == "default",
            MetricValue.status == "ok",
            MetricValue.dataset_ids == row.dataset_ids,
        )
    )
    shares = {each["group"]: each["value"] for each in figure["groups"]} if figure else {}
    return [shares[quarter] for quarter in QUARTERS] if all(quarter in shares for quarter in QUARTERS) else []
