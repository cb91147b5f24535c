"""The floor: Starlette and asyncpg, nothing else. One indexed SELECT and one INSERT in a transaction, then the answer.

No tokens, no row policies, no contract. Environment: BARE_URL, BARE_PORT, BARE_POOL.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

TABLES = """
CREATE TABLE bare_publications (id uuid PRIMARY KEY, account_id uuid NOT NULL, document jsonb NOT NULL);
CREATE TABLE bare_reads (
  account_id uuid NOT NULL, id uuid NOT NULL, grantor_id uuid NOT NULL, score_id uuid NOT NULL, action text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (account_id, id));
CREATE INDEX bare_reads_grantor ON bare_reads (grantor_id, score_id, id);
"""
FIND = "SELECT account_id, document FROM bare_publications WHERE id = $1"
KEEP = "INSERT INTO bare_reads (account_id, id, grantor_id, score_id, action) VALUES ($1, $2, $3, $4, 'read')"
READER = UUID(int=1)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    size = int(os.environ["BARE_POOL"])
    async with asyncpg.create_pool(os.environ["BARE_URL"], min_size=size, max_size=size) as app.state.pool:
        yield


async def read(request: Request) -> Response:
    score_id = UUID(request.path_params["score_id"])
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(FIND, score_id)
        await connection.execute(KEEP, READER, uuid4(), row["account_id"], score_id)
    return Response(row["document"], media_type="application/json")


app = Starlette(routes=[Route("/scores/{score_id}", read)], lifespan=lifespan)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["BARE_PORT"]), access_log=False, log_level="warning")
