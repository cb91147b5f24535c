"""Routes of /v1/account/contribution."""

from typing import Annotated

from fastapi import Request, Response, Security

from wm_api.accounts.auth import AccountReader
from wm_api.accounts.service import accounts
from wm_api.benchmarks.contributed import contributions
from wm_api.benchmarks.contributed.schemas import TakingPart, TakingPartUpdate
from wm_api.core.principal import Principal, Scope
from wm_api.core.web.auth import require_person
from wm_api.core.web.declarations import ETAG, declare
from wm_api.core.web.dependencies import SessionDep, WriteSession
from wm_api.core.web.etags import IfMatch, check_if_match, etag_of, tagged
from wm_api.core.web.routing import new_router

router = new_router("/v1/account/contribution", "benchmarks")
Owner = Annotated[Principal, Security(require_person, scopes=[Scope.CONTRIBUTION_WRITE])]


@router.get(
    "",
    operation_id="contribution_get",
    summary="Does the account take part in contributed benchmarks?",
    response_model=TakingPart,
    openapi_extra=declare(headers=[ETAG]),
)
async def get_contribution(
    _: AccountReader, session: SessionDep, request: Request, response: Response
) -> TakingPart | Response:
    """Nobody takes part before an owner has said so, and before the operator has admitted the company group."""
    return tagged(request, response, await contributions.get_contribution(session))


@router.put("", operation_id="contribution_set", summary="Take part in contributed benchmarks, or no longer")
async def set_contribution(
    body: TakingPartUpdate, principal: Owner, session: WriteSession, response: Response, if_match: IfMatch = None
) -> TakingPart:
    """A consent that can be withdrawn at any time; either counts from the next release on.

    What was published stays: it is noisy, frozen, and no row of the company is kept with it.
    """
    await accounts.get_account(session, principal.owner_id, lock=True)
    before = await contributions.get_contribution(session)
    check_if_match(if_match, before)
    await contributions.set_contribution(session, principal.actor, before, body.taking_part)
    after = await contributions.get_contribution(session)
    response.headers["ETag"] = etag_of(after)
    return after
