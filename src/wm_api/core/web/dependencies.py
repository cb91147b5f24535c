"""What routes ask for. The session commits when the route is done and before the answer leaves (scope="function")."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core.principal import Principal
from wm_api.core.resources import Resources
from wm_api.core.transactions import DriverTransaction, driver_transaction, transaction
from wm_api.core.web.auth import Caller
from wm_api.core.web.body import small_body
from wm_api.core.web.idempotency import claim_key


async def resources_of(request: Request) -> Resources:
    """Not a plain function: FastAPI would run that in a thread."""
    resources: Resources = request.app.state.resources
    return resources


ResourcesDep = Annotated[Resources, Depends(resources_of)]


async def request_session(resources: ResourcesDep, principal: Caller) -> AsyncIterator[AsyncSession]:
    async with transaction(resources, principal.account_id) as session:
        yield session


async def request_driver(resources: ResourcesDep, principal: Caller) -> AsyncIterator[DriverTransaction]:
    async with driver_transaction(resources, principal.owner_id, principal.share_grant_id) as running:
        yield running


async def write_session(request: Request, resources: ResourcesDep, principal: Caller) -> AsyncIterator[AsyncSession]:
    async with _claimed(request, resources, principal) as session:
        yield session


async def public_session(request: Request, resources: ResourcesDep) -> AsyncIterator[AsyncSession]:
    async with _claimed(request, resources, None) as session:
        yield session


def _claimed(request: Request, resources: Resources, principal: Principal | None) -> "ClaimedTransaction":
    return ClaimedTransaction(request, resources, principal)


class ClaimedTransaction:
    """A transaction with the request's Idempotency-Key held; a replay rolls back and answers what was kept."""

    def __init__(self, request: Request, resources: Resources, principal: Principal | None) -> None:
        account_id = principal.account_id if principal else None
        self._request, self._account_id = request, account_id
        self._transaction = transaction(resources, account_id)

    async def __aenter__(self) -> AsyncSession:
        # A file is hashed as it arrives and its digest put here; no connection waits for any other body.
        digest = getattr(self._request.state, "body_hash", None) or sha256(await small_body(self._request)).digest()
        session = await self._transaction.__aenter__()
        try:
            await claim_key(self._request, session, self._account_id, digest)
        except BaseException as error:
            await self._transaction.__aexit__(type(error), error, error.__traceback__)
            raise
        return session

    async def __aexit__(self, *failure: object) -> bool | None:
        return await self._transaction.__aexit__(*failure)  # type: ignore[arg-type]


class Write:
    """A write that begins its transaction when its work is at hand, and again where that came to nothing."""

    def __init__(self, request: Request, resources: Resources, principal: Principal, kept: AsyncExitStack) -> None:
        self._request, self._resources, self._principal, self._kept = request, resources, principal, kept

    @asynccontextmanager
    async def begun(self) -> AsyncIterator[AsyncSession]:
        """What raises is rolled back. What ends well stays open until the answer is kept, and is committed then."""
        async with AsyncExitStack() as trial:
            yield await trial.enter_async_context(_claimed(self._request, self._resources, self._principal))
            self._kept.push_async_exit(trial.pop_all())


async def write(request: Request, resources: ResourcesDep, principal: Caller) -> AsyncIterator[Write]:
    """An answer that was kept is replayed before anything is done."""
    if "idempotency-key" in request.headers:
        async with _claimed(request, resources, principal):
            pass
    async with AsyncExitStack() as kept:
        yield Write(request, resources, principal, kept)


SessionDep = Annotated[AsyncSession, Depends(request_session, scope="function")]
DriverDep = Annotated[DriverTransaction, Depends(request_driver, scope="function")]
WriteSession = Annotated[AsyncSession, Depends(write_session, scope="function")]
PublicSession = Annotated[AsyncSession, Depends(public_session, scope="function")]
WriteDep = Annotated[Write, Depends(write, scope="function")]
