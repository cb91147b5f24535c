"""Routes of /v1/api-keys."""

from uuid import UUID

from fastapi import Request, Response

from wm_api.accounts import models, schemas
from wm_api.accounts.auth import KeyAdmin, KeyReader
from wm_api.accounts.errors import ExpiryTooLong, ScopeNotAllowed, TooManyKeys
from wm_api.accounts.service import api_keys
from wm_api.core import clock
from wm_api.core.principal import ActorType
from wm_api.core.problems import SecretNotReplayable, StateConflict
from wm_api.core.schemas import Actor
from wm_api.core.web.declarations import ETAG, LOCATION, declare
from wm_api.core.web.dependencies import ResourcesDep, SessionDep, WriteSession
from wm_api.core.web.etags import IfMatch, check_if_match, tagged
from wm_api.core.web.idempotency import made_secret
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router

router = new_router("/v1/api-keys", "api-keys")


def shown(row: models.ApiKey) -> schemas.ApiKey:
    state = "revoked" if row.revoked_at else "expired" if row.expires_at < clock.now() else "active"
    return schemas.ApiKey(
        id=row.id,
        name=row.name,
        scopes=row.scopes,
        hint=row.hint,
        state=state,
        expires_at=row.expires_at,
        created_at=row.created_at,
        created_by=Actor(type=ActorType.USER, id=row.created_by),
        last_used_on=row.last_used_on,
    )


@router.post(
    "",
    status_code=201,
    operation_id="api_keys_create",
    summary="Make an API key",
    openapi_extra=declare(ScopeNotAllowed, ExpiryTooLong, TooManyKeys, SecretNotReplayable, headers=[LOCATION]),
)
async def create_key(
    body: schemas.ApiKeyCreate,
    principal: KeyAdmin,
    request: Request,
    resources: ResourcesDep,
    session: WriteSession,
    response: Response,
) -> schemas.ApiKeyMade:
    """The secret is shown once. A key has no scope that its maker lacks, and never a person's rights."""
    row, secret = await api_keys.make_key(session, resources, principal, body.name, body.scopes, body.expires_at)
    made_secret(request, "api_key", row.id)
    response.headers["Location"] = f"/v1/api-keys/{row.id}"
    response.headers["Cache-Control"] = "no-store"
    return schemas.ApiKeyMade(**dict(shown(row)), secret=secret)


@router.get("", operation_id="api_keys_list", summary="List API keys")
async def list_keys(_: KeyReader, session: SessionDep, page: PagingDep, response: Response) -> schemas.ApiKeyList:
    """Newest first; secrets are never shown again."""
    rows, next_cursor = await api_keys.list_keys(session, page)
    link_next(response, page, next_cursor)
    return schemas.ApiKeyList(data=[shown(row) for row in rows], next_cursor=next_cursor)


@router.get(
    "/{key_id}",
    operation_id="api_keys_get",
    summary="Read one API key",
    response_model=schemas.ApiKey,
    openapi_extra=declare(headers=[ETAG]),
)
async def get_key(
    key_id: UUID, _: KeyReader, session: SessionDep, request: Request, response: Response
) -> schemas.ApiKey | Response:
    """Without its secret."""
    return tagged(request, response, shown(await api_keys.get_key(session, key_id)))


@router.delete(
    "/{key_id}",
    status_code=204,
    operation_id="api_keys_revoke",
    summary="Revoke an API key",
    openapi_extra=declare(StateConflict),
)
async def revoke_key(key_id: UUID, principal: KeyAdmin, session: WriteSession, if_match: IfMatch = None) -> None:
    """Dead with this answer."""
    check_if_match(if_match, shown(await api_keys.get_key(session, key_id, lock=True)))
    await api_keys.revoke_key(session, principal, key_id)
