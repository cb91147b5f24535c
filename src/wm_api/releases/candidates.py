"""Who takes part on a day, with the newest score that is old enough. Read as wm_release, which sees nobody else."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts.models import Account
from wm_api.benchmarks.contributed.entries import AGE, Candidate
from wm_api.benchmarks.contributed.models import ContributorGroup
from wm_api.benchmarks.contributed.tree import region_of
from wm_api.references.sectors import sections_at
from wm_api.scores.models import Score, ScoreState

STANDING = (ScoreState.DRAFT.value, ScoreState.PUBLISHED.value)


async def candidates(session: AsyncSession, day: date) -> AsyncIterator[Candidate]:
    """One for each account; a score that was withdrawn or has too little data does not count."""
    newest = (
        select(
            ContributorGroup.name,
            ContributorGroup.employees,
            Account.created_at,
            Account.region,
            Score.headline,
            Score.record["account"].label("place"),
            Score.record["metrics"].label("metrics"),
            Score.result["areas"].label("areas"),
        )
        .join(Account, Account.id == Score.account_id)
        .join(ContributorGroup, ContributorGroup.account_id == Score.account_id)
        .where(Score.status == "ok", Score.state.in_(STANDING), Score.as_of <= day - AGE)
        .ext(distinct_on(Score.account_id))
        .order_by(Score.account_id, Score.as_of.desc(), Score.id.desc())
    )
    async for row in await session.stream(newest):
        place: Mapping[str, Any] = row.place or {}
        sections = sections_at(place)
        yield Candidate(
            row.name,
            row.created_at.date(),
            row.employees,
            sections[0] if len(sections) == 1 else None,
            region_of(place.get("country") or "", row.region),
            {"score": row.headline, **_areas(row.areas or ()), **_metrics(row.metrics or {})},
        )


def _areas(areas: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    return {f"area_{each['area']}": each["score"] for each in areas if each["score"] is not None}


def _metrics(readings: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    return {name: each["value"] for name, each in readings.items() if each["status"] == "ok"}
