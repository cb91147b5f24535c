"""Scores for tests of what comes after them: computed once by the service, then given to other companies as drafts."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from companies import Company, published_score, sign_up
from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.scores.models import Score

COPIED = ("status", "headline", "star", "record", "result", "digest", "benchmark_release_id", "methodology")
_computed: dict[str, Score] = {}


async def computed_score(company: Company, resources: Resources) -> Score:
    """What the service makes of a pushed file; a worker must run."""
    if "score" not in _computed:
        first = await sign_up(company.http)
        score_id = UUID(await published_score(first))
        async with transaction(resources, UUID(first.id)) as session:
            _computed["score"] = (await session.scalars(select(Score).where(Score.id == score_id))).one()
    return _computed["score"]


async def draft_like(company: Company, resources: Resources, model: Score, as_of: date | None = None) -> str:
    """A draft of the company's own, with the model's figures."""
    own = Score(account_id=UUID(company.id), id=new_id(), state="draft", dataset_ids=[])
    for name in COPIED:
        setattr(own, name, getattr(model, name))
    own.as_of, own.computed_at = as_of or model.as_of, clock.now()
    async with transaction(resources, UUID(company.id)) as session:
        session.add(own)
    return str(own.id)


async def publication(company: Company, resources: Resources, as_of: date | None = None) -> str:
    """A published score of the company; its id."""
    score_id = await draft_like(company, resources, await computed_score(company, resources), as_of)
    await company.call("POST", f"/v1/scores/{score_id}/publication")
    return score_id
