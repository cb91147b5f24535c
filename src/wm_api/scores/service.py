"""Scores: publish, withdraw, list. How a draft is made is in `drafts.py`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core import clock
from wm_api.core.paging import Paging, page_of
from wm_api.core.principal import Actor
from wm_api.core.problems import NotFound, StateConflict
from wm_api.datasets.models import Dataset
from wm_api.datasets.service import datasets
from wm_api.datasets.service.history import LIVE
from wm_api.events import service as events
from wm_api.events.models import EventType
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.metrics.figures import published
from wm_api.scores import beside
from wm_api.scores.errors import ScoreIncomplete
from wm_api.scores.inputs import compared_with
from wm_api.scores.models import Score, ScorePublication, ScoreState

KEPT = ("datasets", "benchmark_release", "contributed_release", "methodology", "code_version")
"""What stays of a record when a dataset is deleted: nothing that a figure could be computed from."""


async def list_scores(
    session: AsyncSession,
    state: str | None,
    as_of: date | None,
    page: Paging,
    days: tuple[date | None, date | None] = (None, None),
) -> tuple[Sequence[Score], str | None]:
    """Newest first; `days` are the first and the last that a score may be of."""
    rows = select(Score)
    if days[0] is not None:
        rows = rows.where(Score.as_of >= days[0])
    if days[1] is not None:
        rows = rows.where(Score.as_of <= days[1])
    if state is not None:
        rows = rows.where(Score.state == state)
    if as_of is not None:
        rows = rows.where(Score.as_of == as_of)
    return await page_of(session, rows, Score.id, page)


async def get_score(session: AsyncSession, score_id: UUID, *, lock: bool = False) -> Score:
    """`lock`: for an act on it. The account's lock comes first, as where drafts are kept: acts come one by one."""
    if lock:
        await datasets.lock_account(session)
    rows = select(Score).where(Score.id == score_id)
    row = await session.scalar(rows.with_for_update() if lock else rows)
    if row is None:
        raise NotFound
    return row


async def score_before(session: AsyncSession, row: Score) -> Score | None:
    """The published score that it is compared with."""
    return await session.scalar(select(Score).where(Score.id == row.previous_id)) if row.previous_id else None


async def ended_inputs(session: AsyncSession, rows: Sequence[Score]) -> frozenset[UUID]:
    """Of all datasets that these scores rest on those that do not count any more."""
    ids = {UUID(each) for row in rows for each in row.dataset_ids}
    return frozenset(await session.scalars(select(Dataset.id).where(Dataset.id.in_(ids), ~LIVE)))


async def publish(session: AsyncSession, actor: Actor, row: Score, company: str) -> Score:
    """A person's act, on a locked score; of a day the newest alone stays readable.

    Raises ScoreIncomplete, StateConflict.
    """
    if row.state != ScoreState.DRAFT:
        raise StateConflict(state=row.state, allowed=[ScoreState.DRAFT.value])
    if row.status != "ok":
        raise ScoreIncomplete(lifts=[name for name, _ in row.result["lifts"]])
    older = await session.scalars(select(Score).where(Score.as_of == row.as_of, Score.state == ScoreState.PUBLISHED))
    superseded = list(older)
    for each in superseded:
        each.state = ScoreState.SUPERSEDED.value
    row.state, row.published_at, row.published_by = ScoreState.PUBLISHED.value, clock.now(), actor.id
    await _end_publication(session, ScorePublication.as_of == row.as_of, row.published_at)
    session.add(
        ScorePublication(
            account_id=row.account_id,
            id=row.id,
            as_of=row.as_of,
            company=company,
            document={**shared_document(row), "beside": await beside.shared(session, row)},
            published_at=row.published_at,
        )
    )
    await session.flush()
    for each in superseded:
        await events.append(session, actor, EventType.SCORE_SUPERSEDED, ("score", each.id), state=each.state)
    await events.append(
        session, actor, EventType.SCORE_PUBLISHED, ("score", row.id), state=row.state, previous_state="draft"
    )
    return row


def shared_document(row: Score) -> dict[str, Any]:
    """All that may ever leave: score and areas in whole numbers, metrics as printed. Each grant takes its part."""
    result = row.result
    low, high = result["interval95"]
    return {
        "headline": _whole(result["headline"]),
        "star": result["star"],
        "interval": {"low": _whole(low), "high": _whole(high), "level": 0.95},
        "data_grade": result["data_grade"],
        "areas": [
            {
                "area": area["area"],
                "score": None if area["score"] is None else _whole(area["score"]),
                "weight": area["weight"],
                "status": area["status"],
            }
            for area in result["areas"]
        ],
        "metrics": [
            {
                "metric": each["metric"],
                "profile": "default",
                "value": _printed(each["metric"], each["value"]),
                "status": each["status"],
            }
            for each in result["metrics"]
        ],
        "methodology_version": row.methodology,
        "benchmark_label": compared_with(row.record),
        "restates": str(row.restates) if row.restates else None,
    }


def _whole(value: float) -> int:
    return int(published(value, 0))


def _printed(metric: str, value: float | None) -> float | None:
    return None if value is None else float(published(value, CATALOGUE[metric].decimals)) + 0.0  # no -0.0


async def withdraw(session: AsyncSession, actor: Actor, row: Score) -> Score:
    """No longer visible to anybody it was shared with. Raises StateConflict."""
    if row.state != ScoreState.PUBLISHED:
        raise StateConflict(state=row.state, allowed=[ScoreState.PUBLISHED.value])
    row.state, row.withdrawn_at = ScoreState.WITHDRAWN.value, clock.now()
    await _end_publication(session, ScorePublication.id == row.id, row.withdrawn_at)
    await events.append(
        session, actor, EventType.SCORE_WITHDRAWN, ("score", row.id), state=row.state, previous_state="published"
    )
    return row


async def _end_publication(session: AsyncSession, which: ColumnElement[bool], at: datetime) -> None:
    """A grantee is answered that it is gone."""
    standing = update(ScorePublication).where(which, ScorePublication.withdrawn_at.is_(None))
    await session.execute(standing.values(withdrawn_at=at, document={}))


async def withdraw_scores_of(session: AsyncSession, actor: Actor, dataset_id: UUID) -> int:
    """Everything computed from a deleted dataset is withdrawn, drafts included; ids and hashes alone are kept."""
    rows = select(Score).where(Score.dataset_ids.contains([str(dataset_id)])).order_by(Score.id)
    found = (await session.scalars(rows.with_for_update())).all()
    for row in found:
        row.result, row.figures, row.headline, row.star = {}, None, None, None
        row.record = {name: row.record[name] for name in KEPT if name in row.record}
    standing = [row for row in found if row.state != ScoreState.WITHDRAWN]
    for row in standing:
        was, row.state, row.withdrawn_at = row.state, ScoreState.WITHDRAWN.value, clock.now()
        await _end_publication(session, ScorePublication.id == row.id, row.withdrawn_at)
        await events.append(
            session, actor, EventType.SCORE_WITHDRAWN, ("score", row.id), state=row.state, previous_state=was
        )
    return len(standing)
