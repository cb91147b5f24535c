"""Routes that need no credential: health, keys, problems."""

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from typing import Literal

from fastapi import Request, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from wm_api.core.paging import page_of_items
from wm_api.core.problems import NotFound, problems_by_code
from wm_api.core.resources import Resources
from wm_api.core.schemas import Output, Page
from wm_api.core.transactions import transaction
from wm_api.core.web.declarations import ETAG, declare
from wm_api.core.web.dependencies import ResourcesDep
from wm_api.core.web.etags import tagged
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router

router = new_router("", "service")
PUBLIC = "public, max-age=300"


class Health(Output):
    status: Literal["ok"]


class Check(Output):
    name: str
    ok: bool


class Readiness(Output):
    """`degraded`: without Redis everything works, only later."""

    status: Literal["ready", "degraded", "unready"]
    checks: list[Check]


class JsonWebKey(Output):
    kty: str
    crv: str
    x: str
    y: str
    kid: str
    alg: str
    use: str


class JsonWebKeys(Output):
    keys: list[JsonWebKey]


class ProblemPage(Output):
    """What a problem code means and what to do."""

    code: str
    status: int
    title: str
    meaning: str
    remedy: str


class ProblemPages(Page):
    data: list[ProblemPage]


@router.get("/healthz", operation_id="health_get", summary="Is the process alive?")
async def healthz() -> Health:
    """Always 200 while the process answers."""
    return Health(status="ok")


@router.get(
    "/readyz",
    operation_id="readiness_get",
    summary="Can it do its work?",
    responses={503: {"model": Readiness, "description": "Without database, migrations or store."}},
)
async def readyz(resources: ResourcesDep, response: Response) -> Readiness:
    """503 without database, migrations or store; `degraded` without Redis."""
    checks = [
        Check(name="database", ok=await _database(resources)),
        Check(name="store", ok=await _store(resources)),
        Check(name="redis", ok=await resources.wakeups.ping()),
    ]
    needed = all(check.ok for check in checks[:2])
    response.status_code = 200 if needed else 503
    status: Literal["ready", "degraded", "unready"] = "unready"
    if needed:
        status = "ready" if checks[2].ok else "degraded"
    return Readiness(status=status, checks=checks)


async def _database(resources: Resources) -> bool:
    try:
        async with transaction(resources, None) as session:
            return await session.scalar(text("SELECT to_regclass('public.share_grants') IS NOT NULL")) is True
    except (SQLAlchemyError, OSError):
        return False


async def _store(resources: Resources) -> bool:
    try:
        await resources.storage.read("readyz")
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


@router.get(
    "/.well-known/jwks.json",
    operation_id="jwks_get",
    summary="The public signing keys",
    response_model=JsonWebKeys,
    openapi_extra=declare(headers=[ETAG]),
)
async def jwks(resources: ResourcesDep, request: Request, response: Response) -> JsonWebKeys | Response:
    """For checking tokens and receipts offline."""
    response.headers["Cache-Control"] = PUBLIC
    return tagged(request, response, JsonWebKeys.model_validate(resources.signing_keys.jwks()))


def _pages() -> Sequence[ProblemPage]:
    return [
        ProblemPage(code=code, status=each.status, title=each.title, meaning=each.meaning, remedy=each.remedy)
        for code, each in problems_by_code().items()
    ]


@router.get("/problems", operation_id="problems_list", summary="Every problem code")
async def list_problems(page: PagingDep, response: Response) -> ProblemPages:
    """What each means and what to do."""
    response.headers["Cache-Control"] = PUBLIC
    rows, next_cursor = page_of_items(_pages(), page)
    link_next(response, page, next_cursor)
    return ProblemPages(data=list(rows), next_cursor=next_cursor)


@router.get("/problems/{code}", operation_id="problems_get", summary="One problem code")
async def get_problem(code: str, response: Response) -> ProblemPage:
    """What it means and what to do."""
    page = next((page for page in _pages() if page.code == code), None)
    if page is None:
        raise NotFound
    response.headers["Cache-Control"] = PUBLIC
    return page


@router.get(
    "/v1/openapi.json",
    operation_id="contract_get",
    summary="This contract",
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
    response_class=Response,
    openapi_extra=declare(headers=[ETAG]),
)
async def contract(request: Request) -> Response:
    """Byte-equal to the committed file."""
    contract: bytes = await asyncio.to_thread(request.app.state.contract)
    headers = {"Cache-Control": PUBLIC, "ETag": f'"{sha256(contract).hexdigest()[:32]}"'}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(contract, media_type="application/json", headers=headers)
