"""Who calls: reads the header itself, asks the function that `create_app` handed down, checks scopes."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from wm_api.core.principal import ActorType, Principal, Scope
from wm_api.core.problems import (
    AccountNotAllowed,
    AccountRequired,
    AuthenticationRequired,
    InsufficientRole,
    InsufficientScope,
    PersonRequired,
    TokenMalformed,
)

Authenticate = Callable[..., Awaitable[Principal]]
bearer = HTTPBearer(
    auto_error=False, scheme_name="bearer", description="An access token, API key or grant token, in the header only."
)
BearerScheme = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


async def caller(request: Request) -> Principal:
    """The authenticated caller, from the Authorization header and nowhere else."""
    header = request.headers.get("authorization")
    if header is None:
        raise AuthenticationRequired(headers={"WWW-Authenticate": "Bearer"})
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenMalformed(headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
    authenticate: Authenticate = request.app.state.authenticate
    return await authenticate(request.app.state.resources, token.strip(), request.headers.get("wm-account"))


Caller = Annotated[Principal, Depends(caller)]


def _check_scopes(request: Request, needed: list[str], principal: Principal) -> None:
    missing = {Scope(scope) for scope in needed} - principal.scopes
    if not missing:
        return
    if principal.is_person:
        raise InsufficientRole(required_roles=request.app.state.roles_with(missing))
    raise InsufficientScope(
        required_scopes=sorted(needed),
        token_scopes=sorted(principal.scopes),
        headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
    )


async def require(request: Request, needed: SecurityScopes, principal: Caller, _: BearerScheme) -> Principal:
    """A member or API key of an account that has all the scopes."""
    if principal.actor.type is ActorType.GRANTEE:
        raise InsufficientScope(
            required_scopes=sorted(needed.scopes),
            token_scopes=sorted(principal.scopes),
            headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
        )
    if principal.account_id is None:
        raise AccountRequired if principal.memberships else AccountNotAllowed
    _check_scopes(request, needed.scopes, principal)
    return principal


async def require_either(request: Request, needed: SecurityScopes, principal: Caller, _: BearerScheme) -> Principal:
    """As `require`, but one of the scopes is enough; what each opens, the route decides."""
    own = set(needed.scopes) & principal.scopes
    return await require(request, SecurityScopes(sorted(own) or needed.scopes), principal, None)


async def require_person(request: Request, needed: SecurityScopes, principal: Caller, _: BearerScheme) -> Principal:
    """As `require`, and the caller is a person: machines can never publish, grant, invite or make keys."""
    if not principal.is_person:
        raise PersonRequired
    if principal.account_id is None:
        raise AccountRequired if principal.memberships else AccountNotAllowed
    _check_scopes(request, needed.scopes, principal)
    return principal


async def require_grant(request: Request, needed: SecurityScopes, principal: Caller, _: BearerScheme) -> Principal:
    """The holder of a token for one grant; a user or key reads nothing under /v1/shared."""
    if principal.share_grant_id is None:
        raise InsufficientScope(
            "Make a grant token first: POST /v1/share-grants/{id}/tokens.",
            required_scopes=sorted(needed.scopes),
            token_scopes=sorted(principal.scopes),
            headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
        )
    _check_scopes(request, needed.scopes, principal)
    return principal


async def any_person(principal: Caller, _: BearerScheme) -> Principal:
    """A signed-in person, whatever the account."""
    if not principal.is_person:
        raise PersonRequired
    return principal


async def any_credential(principal: Caller, _: BearerScheme) -> Principal:
    return principal
