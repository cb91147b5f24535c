"""Routes under /v1/share-grants/{id}: accept, decline, revoke, make a token."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Request, Response, Security
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core.principal import Principal, Scope
from wm_api.core.problems import LinkExpired, NotFound, SecretNotReplayable, StateConflict
from wm_api.core.web.auth import require
from wm_api.core.web.declarations import declare
from wm_api.core.web.dependencies import ResourcesDep, WriteSession
from wm_api.core.web.etags import IfMatch, check_if_match, etag_of
from wm_api.core.web.idempotency import made_secret
from wm_api.core.web.network import network_of
from wm_api.core.web.routing import new_router
from wm_api.share_grants import schemas
from wm_api.share_grants.errors import GranteeNotEligible, GrantInactive
from wm_api.share_grants.router.grants import GrantGiver
from wm_api.share_grants.router.shown import shown_one
from wm_api.share_grants.service import grants as service
from wm_api.share_grants.service import shared
from wm_api.share_grants.service.receipts import issue_receipt

router = new_router("/v1/share-grants/{grant_id}", "share-grants")
TokenMaker = Annotated[Principal, Security(require, scopes=[Scope.SHARED_READ])]
NO_REASON = schemas.GrantRevocation()
NO_TOKEN = schemas.GrantAcceptance()


async def _check(session: AsyncSession, grant_id: UUID, if_match: str | None) -> None:
    """A grant to an e-mail is not visible before it is accepted, so only a given If-Match is looked at."""
    if if_match is not None:
        await service.wait_for_turn(session, grant_id)  # first: what is looked at stays until the act is done
        check_if_match(if_match, await shown_one(session, await service.get(session, grant_id)))


async def _changed(session: AsyncSession, response: Response, grant: service.Grant) -> schemas.ShareGrant:
    shown = await shown_one(session, grant)
    response.headers["ETag"] = etag_of(shown)
    return shown


@router.post(
    "/acceptance",
    operation_id="share_grants_accept",
    summary="Accept a share grant",
    openapi_extra=declare(StateConflict, LinkExpired, GranteeNotEligible),
)
async def accept_grant(
    grant_id: UUID,
    principal: GrantGiver,
    resources: ResourcesDep,
    session: WriteSession,
    response: Response,
    body: schemas.GrantAcceptance = NO_TOKEN,
    if_match: IfMatch = None,
) -> schemas.ShareGrant:
    """By a person of the grantee; a grant to an e-mail needs its acceptance token (7 days) and that address."""
    await _check(session, grant_id, if_match)
    lifetime = resources.settings.invitation_lifetime
    grant = await service.accept(session, principal, grant_id, body.acceptance_token, lifetime)
    await issue_receipt(session, resources, grant, "accepted")
    return await _changed(session, response, grant)


@router.post(
    "/decline",
    operation_id="share_grants_decline",
    summary="Decline, or give back",
    openapi_extra=declare(StateConflict),
)
async def decline_grant(
    grant_id: UUID, principal: GrantGiver, session: WriteSession, response: Response, if_match: IfMatch = None
) -> schemas.ShareGrant:
    """Declined while pending, relinquished when it was active. Final."""
    await _check(session, grant_id, if_match)
    return await _changed(session, response, await service.decline(session, principal, grant_id))


@router.post(
    "/revocation",
    operation_id="share_grants_revoke",
    summary="Revoke a share grant",
    openapi_extra=declare(StateConflict),
)
async def revoke_grant(
    grant_id: UUID,
    principal: GrantGiver,
    resources: ResourcesDep,
    session: WriteSession,
    response: Response,
    body: schemas.GrantRevocation = NO_REASON,
    if_match: IfMatch = None,
) -> schemas.ShareGrant:
    """Its tokens are dead with this answer."""
    await _check(session, grant_id, if_match)
    grant = await service.revoke(session, principal, grant_id)
    await issue_receipt(session, resources, grant, "revoked", body.reason)
    return await _changed(session, response, grant)


@router.post(
    "/tokens",
    status_code=201,
    operation_id="share_grants_make_token",
    summary="Make a grant token",
    openapi_extra=declare(NotFound, GrantInactive, SecretNotReplayable),
)
async def make_token(
    grant_id: UUID,
    principal: TokenMaker,
    request: Request,
    resources: ResourcesDep,
    session: WriteSession,
    response: Response,
) -> schemas.GrantToken:
    """For this one grant, ten minutes, only under /v1/shared. It stands in the owner's access log."""
    grant = await service.get(session, grant_id)
    token, seconds = service.issue_token(resources, principal, grant)
    await shared.record_token(session, principal, (grant.row.account_id, grant_id), network_of(request))
    made_secret(request, "share_grant", grant_id)
    response.headers["Cache-Control"] = "no-store"
    kind: Literal["Bearer"] = "Bearer"
    return schemas.GrantToken(token=token, token_type=kind, expires_in=seconds, grant=await shown_one(session, grant))
