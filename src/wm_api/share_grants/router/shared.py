"""Routes of /v1/shared: what the holder of a grant token reads."""

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response, Security

from wm_api.core.principal import Principal, Scope
from wm_api.core.problems import Gone, NotFound
from wm_api.core.web.auth import require_grant
from wm_api.core.web.declarations import ETAG, declare
from wm_api.core.web.dependencies import DriverDep
from wm_api.core.web.etags import tagged_json
from wm_api.core.web.network import network_of
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router
from wm_api.scores.methodology import load_methodology
from wm_api.scores.report.answers import FORMS, Chart, ChartName, answered
from wm_api.share_grants import schemas
from wm_api.share_grants.errors import GrantInactive
from wm_api.share_grants.report import report_of
from wm_api.share_grants.service import shared as service

router = new_router("/v1/shared/scores", "shared")
GrantReader = Annotated[Principal, Security(require_grant, scopes=[Scope.SHARED_READ])]


@router.get(
    "",
    operation_id="shared_scores_list",
    summary="Read the shared scores",
    openapi_extra=declare(GrantInactive, NotFound),
)
async def list_shared(
    principal: GrantReader, open_: DriverDep, request: Request, page: PagingDep, response: Response
) -> schemas.SharedScoreList:
    """Exactly what the grant allows; each read is in the owner's access log."""
    data, next_cursor = await service.read_scores(open_, principal, network_of(request), page)
    link_next(response, page, next_cursor)
    response.headers["Cache-Control"] = "no-store"
    return schemas.SharedScoreList(data=data, next_cursor=next_cursor)


@router.get(
    "/{score_id}",
    operation_id="shared_scores_get",
    summary="Read one shared score",
    response_model=schemas.SharedScore,
    openapi_extra=declare(GrantInactive, Gone, headers=[ETAG]),
)
async def get_shared(score_id: UUID, principal: GrantReader, open_: DriverDep, request: Request) -> Response:
    """404 outside the grant's scope, 410 when it was withdrawn, 403 when the grant has ended. A 304 is a read, too."""
    found = await service.read_score(open_, principal, score_id, network_of(request))
    return tagged_json(request, found, "no-store")


@router.get(
    "/{score_id}/report",
    operation_id="shared_scores_get_report",
    summary="One shared score as people read it",
    response_class=Response,
    responses=dict(FORMS),
    openapi_extra=declare(GrantInactive, Gone),
)
async def get_shared_report(
    score_id: UUID, principal: GrantReader, open_: DriverDep, request: Request, chart: ChartName = Chart.SCORE
) -> Response:
    """The figures of the shared score and no others, as page, chart or PDF. A read like any other: it is on record."""
    found = await service.read_score(open_, principal, score_id, network_of(request))
    try:
        methodology = load_methodology(found.methodology_version)
    except (FileNotFoundError, ValueError) as error:
        raise Gone from error
    return await answered(request, report_of(found, methodology), chart, "no-store")
