"""Routes of /v1/sessions."""

from typing import Annotated

from fastapi import Depends, Request, Response

from wm_api.accounts import schemas
from wm_api.accounts.auth import Person
from wm_api.accounts.errors import LoginFailed, SessionEnded, TooManyAttempts
from wm_api.accounts.models import User
from wm_api.accounts.router.accounts import membership
from wm_api.accounts.service import attempts, sessions
from wm_api.core.problems import SecretNotReplayable, TokenExpired, TokenInvalid, TokenMalformed
from wm_api.core.resources import Resources
from wm_api.core.web.declarations import declare
from wm_api.core.web.dependencies import PublicSession, ResourcesDep, WriteSession
from wm_api.core.web.errors import problem_response
from wm_api.core.web.idempotency import made_secret
from wm_api.core.web.network import network_of
from wm_api.core.web.routing import new_router

router = new_router("/v1/sessions", "sessions")


def tokens(resources: Resources, signed_in: sessions.SignedIn) -> schemas.Tokens:
    return schemas.Tokens(
        session_id=signed_in.session.id,
        access_token=sessions.access_token(resources, signed_in.session),
        token_type="Bearer",  # noqa: S106 - a kind of token
        expires_in=int(resources.settings.access_token_lifetime.total_seconds()),
        refresh_token=signed_in.refresh_token,
        refresh_expires_at=signed_in.session.idle_until,
        user=schemas.User.model_validate(signed_in.user),
        memberships=[membership(row) for row in signed_in.memberships],
    )


async def proved(body: schemas.SessionCreate, request: Request, resources: ResourcesDep) -> User:
    return await attempts.prove(resources, body.email, body.password, network_of(request))


Proved = Annotated[User, Depends(proved)]
"""Stands before the session: nobody waits for a password with a connection in hand."""


@router.post(
    "",
    status_code=201,
    operation_id="sessions_create",
    summary="Sign in",
    openapi_extra=declare(LoginFailed, TooManyAttempts, SecretNotReplayable),
)
async def create_session(
    user: Proved, request: Request, resources: ResourcesDep, session: PublicSession, response: Response
) -> schemas.Tokens:
    """An access token for 10 minutes and a refresh token. The answer is the same for an unknown address."""
    signed_in = await sessions.sign_in(session, resources, user)
    made_secret(request, "session", signed_in.session.id)
    response.headers["Cache-Control"] = "no-store"
    return tokens(resources, signed_in)


@router.post(
    "/refresh",
    operation_id="sessions_refresh",
    summary="Refresh the session",
    response_model=schemas.Tokens,
    openapi_extra=declare(TokenMalformed, TokenExpired, TokenInvalid, SessionEnded, SecretNotReplayable),
)
async def refresh_session(
    body: schemas.SessionRefresh,
    request: Request,
    resources: ResourcesDep,
    session: PublicSession,
    response: Response,
) -> schemas.Tokens | Response:
    """Each use makes a successor. A spent token shown again later ends the session."""
    signed_in = await sessions.refresh(session, resources, body.refresh_token)
    if isinstance(signed_in, SessionEnded):
        return problem_response(request, signed_in)
    made_secret(request, "session", signed_in.session.id)
    response.headers["Cache-Control"] = "no-store"
    return tokens(resources, signed_in)


@router.delete("/current", status_code=204, operation_id="sessions_end", summary="Sign out")
async def end_session(principal: Person, session: WriteSession) -> None:
    """The session's tokens are dead with this answer."""
    if principal.user_id is None or principal.session_id is None:
        raise TokenInvalid
    memberships = await sessions.memberships_of(session, principal.user_id)
    await sessions.sign_out(session, principal.session_id, memberships)
