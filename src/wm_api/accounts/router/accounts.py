"""Routes of /v1/accounts, /v1/account and /v1/me."""

from typing import Annotated

from fastapi import Depends, Request, Response
from sqlalchemy import select

from wm_api.accounts import schemas
from wm_api.accounts.auth import AccountReader, AccountWriter, AnyCredential, Person
from wm_api.accounts.errors import EmailInUse, LoginFailed, PasswordRefused, TooManyAttempts
from wm_api.accounts.facts import misfits
from wm_api.accounts.models import Member, User
from wm_api.accounts.service import accounts, attempts, sessions
from wm_api.core.problems import FieldError, NotFound, TokenInvalid, ValidationFailed
from wm_api.core.web.declarations import ETAG, LOCATION, declare
from wm_api.core.web.dependencies import PublicSession, ResourcesDep, SessionDep, WriteSession
from wm_api.core.web.errors import problem_response
from wm_api.core.web.etags import IfMatch, check_if_match, etag_of, tagged
from wm_api.core.web.network import network_of
from wm_api.core.web.routing import new_router

router = new_router("/v1", "accounts")


def membership(member: Member) -> schemas.Membership:
    return schemas.Membership(account_id=member.account_id, account_name=member.account_name, roles=member.roles)


def check_facts(facts: dict[str, object]) -> None:
    """Raises ValidationFailed where facts do not fit each other."""
    errors = [FieldError("value-error", detail, pointer=f"/{name}") for name, detail in misfits(facts)]
    if errors:
        raise ValidationFailed(errors=errors)


async def signing_up(body: schemas.AccountCreate, resources: ResourcesDep) -> tuple[schemas.AccountCreate, str]:
    """The facts, checked, and what is stored of the password. Stands before the session, as hashing waits."""
    check_facts(body.model_dump())
    owner = body.owner
    return body, await attempts.hashed(resources, owner.password, (owner.name, owner.email, body.name))


SigningUp = Annotated[tuple[schemas.AccountCreate, str], Depends(signing_up)]


@router.post(
    "/accounts",
    status_code=201,
    operation_id="accounts_create",
    summary="Sign a company up",
    openapi_extra=declare(EmailInUse, PasswordRefused, headers=[LOCATION]),
)
async def create_account(asked: SigningUp, session: PublicSession, response: Response) -> schemas.SignedUp:
    """A company with its first person, who is its owner."""
    account, user = await accounts.sign_up(session, *asked)
    response.headers["Location"] = "/v1/account"
    return schemas.SignedUp(account=schemas.Account.model_validate(account), user=schemas.User.model_validate(user))


@router.get(
    "/account",
    operation_id="account_get",
    summary="Read the account",
    response_model=schemas.Account,
    openapi_extra=declare(NotFound, headers=[ETAG]),
)
async def get_account(
    principal: AccountReader, session: SessionDep, request: Request, response: Response
) -> schemas.Account | Response:
    """The company that the credential acts for."""
    row = await accounts.get_account(session, principal.owner_id)
    return tagged(request, response, schemas.Account.model_validate(row))


@router.patch(
    "/account",
    operation_id="account_update",
    summary="Change facts of the account",
    openapi_extra=declare(NotFound),
)
async def update_account(
    body: schemas.AccountUpdate,
    principal: AccountWriter,
    session: WriteSession,
    response: Response,
    if_match: IfMatch = None,
) -> schemas.Account:
    """A merge patch: what is left out stays, null empties."""
    row = await accounts.get_account(session, principal.owner_id, lock=True)
    before = schemas.Account.model_validate(row)
    check_if_match(if_match, before)
    changes = {
        name: value
        for name, value in body.model_dump(exclude_unset=True).items()
        if value is not None or name not in {"name", "country"}
    }
    check_facts({**before.model_dump(), **changes})
    changed = schemas.Account.model_validate(await accounts.update_account(session, principal.actor, row, body))
    response.headers["ETag"] = etag_of(changed)
    return changed


@router.get("/me", operation_id="me_get", summary="Read your own profile")
async def get_me(principal: Person, session: SessionDep) -> schemas.Me:
    """The signed-in person and the accounts that they are a member of."""
    if principal.user_id is None:
        raise TokenInvalid
    user = (await session.scalars(select(User).where(User.id == principal.user_id))).one()
    memberships = await sessions.memberships_of(session, user.id)
    return schemas.Me(user=schemas.User.model_validate(user), memberships=[membership(row) for row in memberships])


async def changed_password(
    body: schemas.PasswordChange, principal: Person, request: Request, resources: ResourcesDep
) -> attempts.ChangedPassword:
    """Stands before the session, as hashing waits."""
    if principal.user_id is None:
        raise TokenInvalid
    network = network_of(request)
    return await attempts.prove_change(resources, principal.user_id, body.current_password, body.new_password, network)


@router.put(
    "/me/password",
    status_code=204,
    response_model=None,
    operation_id="me_change_password",
    summary="Change your password",
    openapi_extra=declare(LoginFailed, PasswordRefused, TooManyAttempts),
)
async def change_password(
    principal: Person,
    request: Request,
    resources: ResourcesDep,
    change: Annotated[attempts.ChangedPassword, Depends(changed_password)],
    session: WriteSession,
) -> Response | None:
    """All your other sessions end. A wrong current password counts as a failed sign-in."""
    if principal.user_id is None or principal.session_id is None:
        raise TokenInvalid
    if not await sessions.change_password(session, principal.user_id, principal.session_id, change):
        await attempts.count_failure(session, resources, change.throttle_key)
        return problem_response(request, LoginFailed())  # not raised: the count is committed
    return None


@router.get("/credential", operation_id="credential_get", summary="What may this credential do?")
async def get_credential(principal: AnyCredential) -> schemas.Credential:
    """A token is told all about itself."""
    if principal.issued_at is None or principal.expires_at is None:
        raise TokenInvalid
    return schemas.Credential(
        type=principal.actor.type.value,
        id=principal.actor.id,
        account_id=principal.account_id,
        share_grant_id=principal.share_grant_id,
        scopes=sorted(principal.scopes),
        roles=list(principal.roles),
        issued_at=principal.issued_at,
        expires_at=principal.expires_at,
    )
