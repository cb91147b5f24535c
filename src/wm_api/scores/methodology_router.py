"""Routes of /v1/methodologies, and of a score under one of them."""

import asyncio
from uuid import UUID

from fastapi import Request, Response

from wm_api.core.paging import page_of_items
from wm_api.core.problems import Gone, NotFound
from wm_api.core.transactions import transaction
from wm_api.core.web.declarations import ETAG, declare
from wm_api.core.web.dependencies import ResourcesDep
from wm_api.core.web.etags import tagged
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router
from wm_api.scores import methodology_schemas as schemas
from wm_api.scores import service, simulation
from wm_api.scores.inputs import under
from wm_api.scores.methodology import Sheet, load_sheet, versions
from wm_api.scores.router import ScoreReader

router = new_router("/v1", "scores")


def sheet_of(version: str) -> Sheet:
    if version not in versions():
        raise NotFound
    return load_sheet(version)


@router.get("/methodologies", operation_id="methodologies_list", summary="How scores are made, by version")
async def list_methodologies(page: PagingDep, response: Response) -> schemas.MethodologyList:
    """Newest first: aim, scope, sources, estimates, changes and basis of each."""
    response.headers["Cache-Control"] = "public, max-age=300"
    rows, next_cursor = page_of_items([load_sheet(version) for version in versions()], page)
    link_next(response, page, next_cursor)
    data = [schemas.MethodologySummary.of(row) for row in rows]
    return schemas.MethodologyList(data=data, next_cursor=next_cursor)


@router.get("/methodologies/{version}", operation_id="methodologies_get", summary="One methodology, with its signature")
async def get_methodology(version: str, response: Response) -> schemas.Methodology:
    """The document with every weight, bound and goalpost, its hash and the signature over it."""
    sheet = sheet_of(version)
    response.headers["Cache-Control"] = "public, max-age=300"
    return schemas.Methodology.of(sheet)


@router.get(
    "/scores/{score_id}/methodologies/{version}",
    operation_id="scores_get_under_methodology",
    summary="A score under another methodology",
    response_model=schemas.ScoreUnderMethodology,
    openapi_extra=declare(Gone, headers=[ETAG]),
)
async def get_under_methodology(
    score_id: UUID,
    version: str,
    principal: ScoreReader,
    resources: ResourcesDep,
    request: Request,
    response: Response,
) -> schemas.ScoreUnderMethodology | Response:
    """From the score's own record: the same figures, peers and draws. Nothing is kept; it counts as a simulation."""
    sheet = sheet_of(version)
    async with transaction(resources, principal.owner_id) as session:  # over before the draws: they take long
        row = await service.get_score(session, score_id)
        if "metrics" not in row.record:
            raise Gone
        await simulation.take_turn(session, resources.settings, principal.owner_id)
    result = await asyncio.to_thread(under, row.record, version)
    return tagged(request, response, schemas.ScoreUnderMethodology.of(row, sheet, result))
