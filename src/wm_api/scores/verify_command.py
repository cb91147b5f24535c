"""`wm-api verify-score`: compute a score once more from what it pins, and say what is equal."""

import sys
from collections.abc import Mapping
from importlib.metadata import version
from uuid import UUID

from sqlalchemy import select

from wm_api.core.encryption import Tampered
from wm_api.core.problems import NotFound
from wm_api.core.resources import Resources, opened
from wm_api.core.settings import Settings
from wm_api.core.transactions import transaction
from wm_api.events import service as events
from wm_api.scores.methodology.signature import NotSigned
from wm_api.scores.models import Score
from wm_api.scores.verification import InputDeleted, Verification, verify

GONE: Mapping[type[Exception], str] = {
    InputDeleted: "A dataset that the score rests on was deleted: nobody can compute it any more.",
    Tampered: "What is stored of a dataset is not what was stored when it was pushed: the score cannot be computed.",
    NotFound: "A benchmark release that the score pins is not here: the score cannot be computed.",
    FileNotFoundError: "The methodology that the score pins is not in this version of wm-api: it cannot be computed.",
    NotSigned: "The file of the methodology that the score pins is not as it was signed: it cannot be computed.",
}
"""Why there is nothing to compare."""


async def verify_score(settings: Settings, score_id: UUID) -> tuple[bool, list[str]]:
    """Whether all is equal, and a line for each part. As the worker, who may see which accounts there are."""
    async with opened(settings, settings.worker_url) as resources:
        account_id = await _owner(resources, score_id)
        if account_id is None:
            return False, ["There is no such score."]
        try:
            found = await verify(resources, account_id, score_id, _tell)
        except tuple(GONE) as why:
            return False, [next(text for kind, text in GONE.items() if isinstance(why, kind))]
    return all(found.parts.values()), _lines(found)


def _lines(found: Verification) -> list[str]:
    """The last one is the verdict."""
    lines = [f"{name:<24}{'equal' if equal else 'DIFFERS'}" for name, equal in found.parts.items()]
    if found.beyond:
        lines.append(f"{found.beyond} figures that are computed today are not in the score.")
    if (now := version("wm-api")) != found.made_by:
        lines.append(f"It was computed by wm-api {found.made_by}; this is {now}.")
    differ = [name for name, equal in found.parts.items() if not equal]
    if not differ:
        return [*lines, "The score is what its inputs give."]
    return [*lines, f"The score is not what its inputs give: {len(differ)} of {len(found.parts)} parts differ."]


def _tell(what: str) -> None:
    """To whoever sits before a terminal: a large company takes a minute."""
    if sys.stderr.isatty():
        sys.stderr.write(f"{what}\n")


async def _owner(resources: Resources, score_id: UUID) -> UUID | None:
    """Account by account, each in a transaction bound to it: no look across accounts at scores is there."""
    async with transaction(resources, None) as session:
        accounts = list(await events.accounts(session))
    for account_id in accounts:
        async with transaction(resources, account_id) as session:
            if await session.scalar(select(Score.id).where(Score.id == score_id)) is not None:
                return account_id
    return None
