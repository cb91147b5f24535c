"""Companies that have published a score and granted it to one reader, made through the contract.

One company pushes a file and the worker computes its score. The others get a draft with the same figures, because
sixty-three more files would show nothing about reading; what follows (publish, grant, accept) is theirs.
"""

import asyncio

import httpx

from companies import Company, active_grant, grant_token, sign_up
from score_drafts import publication
from wm_api.core.resources import opened
from wm_api.core.settings import Settings

Granted = list[tuple[str, str]]
Reads = list[list[str]]


async def granting(url: str, settings: Settings, count: int) -> tuple[Company, Granted]:
    """The reader, and (score, grant) of each granting company."""
    async with opened(settings) as resources, httpx.AsyncClient(base_url=url, timeout=120, trust_env=False) as http:
        reader, granted = await sign_up(http), []
        for _ in range(count):
            company = await sign_up(http)
            granted.append((await publication(company, resources), await active_grant(company, reader)))
        return reader, granted


def reads_of(url: str, reader: Company, granted: Granted) -> Reads:
    """Path and fresh token of each grant."""

    async def tokens() -> Reads:
        async with httpx.AsyncClient(base_url=url, timeout=120, trust_env=False) as reader.http:
            made = [(score, await grant_token(reader, grant)) for score, grant in granted]
        return [[f"/v1/shared/scores/{score}", token["Authorization"].removeprefix("Bearer ")] for score, token in made]

    return asyncio.run(tokens())
