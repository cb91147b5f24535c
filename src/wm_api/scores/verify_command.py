"""`wm-api verify-score`: compute a score once more from what it pins, and say what is equal."""

from uuid import UUID

from sqlalchemy import select

from wm_api.core.resources import Resources, opened
from wm_api.core.settings import Settings
from wm_api.core.transactions import transaction
from wm_api.events import service as events
from wm_api.scores.models import Score
from wm_api.scores.verification import InputDeleted, verify


async def verify_score(settings: Settings, score_id: UUID) -> tuple[bool, list[str]]:
    """Whether all is equal, and a line for each part. As the worker, who may see which accounts there are."""
    async with opened(settings, settings.worker_url) as resources:
        account_id = await _owner(resources, score_id)
        if account_id is None:
            return False, ["There is no such score."]
        try:
            found = await verify(resources, account_id, score_id)
        except InputDeleted:
            return False, ["A dataset that the score rests on was deleted: nobody can compute it any more."]
    lines = [f"{name:<24}{'equal' if equal else 'DIFFERS'}" for name, equal in found.parts.items()]
    if found.beyond:
        lines.append(f"{found.beyond} figures that are computed today are not in the score.")
    whole = all(found.parts.values())
    return whole, [*lines, "The score is what its inputs give." if whole else "The score is not what its inputs give."]


async def _owner(resources: Resources, score_id: UUID) -> UUID | None:
    """Account by account, each in a transaction bound to it: no look across accounts at scores is there."""
    async with transaction(resources, None) as session:
        accounts = list(await events.accounts(session))
    for account_id in accounts:
        async with transaction(resources, account_id) as session:
            if await session.scalar(select(Score.id).where(Score.id == score_id)) is not None:
                return account_id
    return None
