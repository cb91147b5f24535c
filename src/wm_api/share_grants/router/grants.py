"""Routes of /v1/share-grants: designate, list, read."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response, Security

from wm_api.core.principal import Principal, Scope
from wm_api.core.problems import NotFound, SecretNotReplayable
from wm_api.core.web.auth import require, require_person
from wm_api.core.web.declarations import ETAG, LOCATION, declare
from wm_api.core.web.dependencies import ResourcesDep, SessionDep, WriteSession
from wm_api.core.web.etags import tagged
from wm_api.core.web.idempotency import made_secret
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router
from wm_api.share_grants import schemas
from wm_api.share_grants.errors import GranteeNotEligible, GrantExpiryTooLong
from wm_api.share_grants.models import GrantState
from wm_api.share_grants.router.shown import shown_all, shown_one
from wm_api.share_grants.service import grants as service
from wm_api.share_grants.service.receipts import issue_receipt

router = new_router("/v1/share-grants", "share-grants")
GrantGiver = Annotated[Principal, Security(require_person, scopes=[Scope.SHARES_WRITE])]
GrantLister = Annotated[Principal, Security(require, scopes=[Scope.SHARES_READ])]


@router.post(
    "",
    status_code=201,
    operation_id="share_grants_create",
    summary="Designate a company",
    openapi_extra=declare(NotFound, GranteeNotEligible, GrantExpiryTooLong, SecretNotReplayable, headers=[LOCATION]),
)
async def create_grant(
    body: schemas.ShareGrantCreate,
    principal: GrantGiver,
    request: Request,
    resources: ResourcesDep,
    session: WriteSession,
    response: Response,
) -> schemas.ShareGrantMade:
    """Pending until a person of the designated company accepts. Only persons grant."""
    grant, token = await service.create(session, principal, body)
    await issue_receipt(session, resources, grant, "created")
    if token is not None:
        made_secret(request, "share_grant", grant.row.id)
        response.headers["Cache-Control"] = "no-store"
    response.headers["Location"] = f"/v1/share-grants/{grant.row.id}"
    return schemas.ShareGrantMade(**dict(await shown_one(session, grant)), acceptance_token=token)


@router.get("", operation_id="share_grants_list", summary="List share grants")
async def list_grants(
    principal: GrantLister,
    session: SessionDep,
    page: PagingDep,
    response: Response,
    direction: Annotated[Literal["given", "received"], Query()] = "given",
    state: Annotated[GrantState | None, Query()] = None,
) -> schemas.ShareGrantList:
    """Given by this account, or received by it; newest first."""
    rows, next_cursor = await service.list_grants(session, principal.owner_id, direction, page, state)
    link_next(response, page, next_cursor)
    return schemas.ShareGrantList(data=await shown_all(session, rows), next_cursor=next_cursor)


@router.get(
    "/{grant_id}",
    operation_id="share_grants_get",
    summary="Read one share grant",
    response_model=schemas.ShareGrant,
    openapi_extra=declare(headers=[ETAG]),
)
async def get_grant(
    grant_id: UUID, _: GrantLister, session: SessionDep, request: Request, response: Response
) -> schemas.ShareGrant | Response:
    """Either side."""
    return tagged(request, response, await shown_one(session, await service.get(session, grant_id)))
