"""Routes of /v1/share-grants."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response, Security

from wm_api.core.principal import ActorType, Principal, Scope
from wm_api.core.problems import NotFound
from wm_api.core.schemas import Actor
from wm_api.core.web.auth import require, require_person
from wm_api.core.web.dependencies import ResourcesDep, SessionDep, WriteSession
from wm_api.core.web.etags import tagged
from wm_api.core.web.idempotency import made_secret
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router
from wm_api.share_grants import schemas
from wm_api.share_grants.service import grants as service
from wm_api.share_grants.service import shared

router = new_router("/v1/share-grants", "share-grants")
GrantGiver = Annotated[Principal, Security(require_person, scopes=[Scope.SHARES_WRITE])]
GrantLister = Annotated[Principal, Security(require, scopes=[Scope.SHARES_READ])]
TokenMaker = Annotated[Principal, Security(require, scopes=[Scope.SHARED_READ])]


def shown(grant: service.Grant) -> schemas.ShareGrant:
    row, answer = grant.row, grant.answer
    accepted = answer is not None and answer.answer != "declined"
    return schemas.ShareGrant.model_validate(
        {
            "id": row.id,
            "grantor": {"account_id": row.account_id, "name": row.grantor_name},
            "grantee": {
                "account_id": grant.grantee_id,
                "name": answer.grantee_name if answer else None,
                "email": row.grantee_email,
            },
            "state": grant.state,
            "score_scope": row.scope,
            "detail": row.detail,
            "purpose": row.purpose,
            "purpose_note": row.purpose_note,
            "expires_at": row.expires_at,
            "version": row.version,
            "created_at": row.created_at,
            "created_by": Actor(type=ActorType.USER, id=row.created_by),
            "accepted_at": answer.answered_at if answer and accepted else None,
            "ended_at": row.revoked_at or (answer.ended_at if answer else None),
            "first_read_at": answer.first_read_at if answer else None,
        }
    )


@router.post("", status_code=201, operation_id="share_grants_create", summary="Designate a company")
async def create_grant(
    body: schemas.ShareGrantCreate,
    principal: GrantGiver,
    request: Request,
    session: WriteSession,
) -> schemas.ShareGrantMade:
    """Pending until a person of the designated company accepts. Only persons grant."""
    grant, token = await service.create(session, principal, body)
    if token is not None:
        made_secret(request, "share_grant", grant.row.id)
    return schemas.ShareGrantMade.model_validate({**shown(grant).model_dump(), "acceptance_token": token})


@router.get("", operation_id="share_grants_list", summary="List share grants")
async def list_grants(
    principal: GrantLister,
    session: SessionDep,
    page: PagingDep,
    response: Response,
    direction: Annotated[Literal["given", "received"], Query()] = "given",
) -> schemas.ShareGrantList:
    """Given by this account, or received by it."""
    rows, next_cursor = await service.list_grants(session, principal.owner_id, direction, page)
    link_next(response, page, next_cursor)
    return schemas.ShareGrantList(data=[shown(row) for row in rows], next_cursor=next_cursor)


@router.get(
    "/{grant_id}", operation_id="share_grants_get", summary="Read one share grant", response_model=schemas.ShareGrant
)
async def get_grant(
    grant_id: UUID, _: GrantLister, session: SessionDep, request: Request, response: Response
) -> schemas.ShareGrant | Response:
    """Either side."""
    return tagged(request, response, shown(await service.get(session, grant_id)))


@router.post("/{grant_id}/acceptance", operation_id="share_grants_accept", summary="Accept a share grant")
async def accept_grant(
    grant_id: UUID,
    body: schemas.GrantAcceptance,
    principal: GrantGiver,
    session: WriteSession,
) -> schemas.ShareGrant:
    """By a person of the grantee; a grant to an e-mail needs its acceptance token and that address."""
    return shown(await service.accept(session, principal, grant_id, body.acceptance_token))


@router.post("/{grant_id}/decline", operation_id="share_grants_decline", summary="Decline, or give back")
async def decline_grant(grant_id: UUID, principal: GrantGiver, session: WriteSession) -> schemas.ShareGrant:
    """Declined while pending, relinquished when it was active. Final."""
    return shown(await service.decline(session, principal, grant_id))


@router.post("/{grant_id}/revocation", operation_id="share_grants_revoke", summary="Revoke a share grant")
async def revoke_grant(grant_id: UUID, principal: GrantGiver, session: WriteSession) -> schemas.ShareGrant:
    """Its tokens are dead with this answer."""
    return shown(await service.revoke(session, principal, grant_id))


@router.get("/{grant_id}/preview", operation_id="share_grants_preview", summary="See what the grantee sees")
async def preview_grant(grant_id: UUID, principal: GrantLister, session: SessionDep) -> schemas.SharedScoreList:
    """Made by the code that serves the grantee, also while pending."""
    grant = await _own(session, principal, grant_id)
    return schemas.SharedScoreList(data=await shared.preview(session, grant), next_cursor=None)


@router.get("/{grant_id}/access-log", operation_id="share_grants_access_log", summary="Who has read")
async def access_log(
    grant_id: UUID, principal: GrantLister, session: SessionDep, page: PagingDep, response: Response
) -> schemas.AccessLog:
    """Every read under this grant, newest first."""
    await _own(session, principal, grant_id)
    rows, next_cursor = await shared.access_log(session, grant_id, page)
    link_next(response, page, next_cursor)
    data = [
        schemas.AccessEntry(
            at=row.at,
            reader=schemas.Reader(account_id=row.account_id, type=ActorType(row.reader_type), id=row.reader_id),
            action=row.action,
            score_id=row.score_id,
            status=row.status,
            network=row.network,
        )
        for row in rows
    ]
    return schemas.AccessLog(data=data, next_cursor=next_cursor)


async def _own(session: SessionDep, principal: Principal, grant_id: UUID) -> service.Grant:
    """The other side's part of a grant is not found."""
    grant = await service.get(session, grant_id)
    if grant.row.account_id != principal.account_id:
        raise NotFound
    return grant


@router.post(
    "/{grant_id}/tokens", status_code=201, operation_id="share_grants_make_token", summary="Make a grant token"
)
async def make_token(
    grant_id: UUID,
    principal: TokenMaker,
    request: Request,
    resources: ResourcesDep,
    session: WriteSession,
    response: Response,
) -> schemas.GrantToken:
    """For this one grant, ten minutes, only under /v1/shared."""
    grant = await service.get(session, grant_id)
    token, seconds = service.issue_token(resources, principal, grant)
    made_secret(request, "share_grant", grant_id)
    response.headers["Cache-Control"] = "no-store"
    kind: Literal["Bearer"] = "Bearer"
    return schemas.GrantToken(token=token, token_type=kind, expires_in=seconds, grant=shown(grant))
