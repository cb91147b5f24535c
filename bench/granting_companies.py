"""Companies that have published a score and granted it to one reader, made through the contract.

One company pushes a file and the worker computes its score. The others get a score with the same inputs and result,
because sixty-three more files would show nothing about reading; what follows (publish, grant, accept) is theirs.
"""

import asyncio
from uuid import UUID

import httpx
from sqlalchemy import select

from companies import Company, active_grant, published_score, sign_up
from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.scores.models import Score

COPIED = ("as_of", "status", "headline", "star", "record", "result", "digest", "benchmark_release_id", "methodology")


async def granting(http: httpx.AsyncClient, resources: Resources, count: int) -> tuple[Company, list[tuple[str, str]]]:
    """The reader, and (score, grant) of each granting company."""
    reader, first = await sign_up(http), await sign_up(http)
    score_id = await published_score(first)
    model = await _score(resources, first, score_id)
    granted = [(score_id, await active_grant(first, reader))]
    gate = asyncio.Semaphore(4)

    async def one_more() -> tuple[str, str]:
        async with gate:
            company = await sign_up(http)
            own = await _like(resources, company, model)
            await company.call("POST", f"/v1/scores/{own}/publication")
            return own, await active_grant(company, reader)

    return reader, [*granted, *await asyncio.gather(*(one_more() for _ in range(count - 1)))]


async def _score(resources: Resources, company: Company, score_id: str) -> Score:
    async with transaction(resources, UUID(company.id)) as session:
        return (await session.scalars(select(Score).where(Score.id == UUID(score_id)))).one()


async def _like(resources: Resources, company: Company, model: Score) -> str:
    """A draft of the company's own."""
    values = {name: getattr(model, name) for name in COPIED}
    own = Score(account_id=UUID(company.id), id=new_id(), state="draft", dataset_ids=[], **values)
    own.computed_at = clock.now()
    async with transaction(resources, UUID(company.id)) as session:
        session.add(own)
    return str(own.id)
