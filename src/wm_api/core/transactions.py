"""The unit of work: the only place that begins a transaction, for requests and jobs alike."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Connection, event
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

if TYPE_CHECKING:
    from wm_api.core.resources import Resources


BIND = (
    "SELECT set_config('app.account_id', $1, true), set_config('app.user_id', $2, true),"
    " set_config('app.secret_hash', $3, true), set_config('app.grant_id', $4, true)"
)  # true: SET LOCAL, gone with the transaction; in the driver's own words, because every transaction begins with it
PATIENCE = 10.0
"""Seconds to wait for a connection before the answer is 503."""
AfterCommit = Callable[["Resources"], Awaitable[None]]


@asynccontextmanager
async def transaction(
    resources: "Resources", account_id: UUID | None, *, user_id: UUID | None = None, secret_hash: bytes | None = None
) -> AsyncIterator[AsyncSession]:
    """Commit everything or nothing; then do what waited for the commit."""
    waiting: list[AfterCommit] = []
    info = {
        "account_id": account_id,
        "user_id": user_id,
        "secret_hash": secret_hash,
        "after_commit": waiting,
    }
    async with _turn(resources), resources.sessionmaker(info=info) as session, session.begin():
        yield session
    for action in waiting:
        await action(resources)


@asynccontextmanager
async def _turn(resources: "Resources") -> AsyncIterator[None]:
    """Connections go to callers in the order they came; the pool alone lets newcomers push in, again and again."""
    try:
        async with asyncio.timeout(PATIENCE):
            await resources.turns.acquire()
    except TimeoutError as error:
        raise PoolTimeout from error
    try:
        yield
    finally:
        resources.turns.release()


@dataclass(frozen=True, slots=True)
class DriverTransaction:
    """A bound transaction in the words of the driver (asyncpg)."""

    connection: Any
    account_id: UUID
    pooled: AsyncConnection

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """For what is written with entities; a savepoint of this transaction."""
        info = {"account_id": self.account_id}
        async with AsyncSession(self.pooled, expire_on_commit=False, info=info) as session, session.begin():
            yield session


@asynccontextmanager
async def driver_transaction(
    resources: "Resources", account_id: UUID, share_grant_id: UUID | None
) -> AsyncIterator[DriverTransaction]:
    """As `transaction`, without a session, which costs twice as much as the work: for what is done most often."""
    info = {"account_id": account_id, "share_grant_id": share_grant_id}
    async with _turn(resources), resources.engine.connect() as pooled:
        connection: Any = (await pooled.get_raw_connection()).driver_connection
        async with connection.transaction(isolation="read_committed"):  # as the pool's own, so that they nest
            await connection.execute(BIND, *_bindings(info))
            yield DriverTransaction(connection, account_id, pooled)


def after_commit(session: AsyncSession, action: "AfterCommit") -> None:
    session.info["after_commit"].append(action)


async def bind_account(session: AsyncSession, account_id: UUID) -> None:
    """Bind the running transaction to an account that is known only now: sign-up, acceptance of an invitation."""
    session.info["account_id"] = account_id
    await _bind_again(session)


@asynccontextmanager
async def bound_as(session: AsyncSession, **bindings: object) -> AsyncIterator[None]:
    """Look with other bindings for a moment, on the same connection: a second one could wait for ever."""
    before = {name: session.info.get(name) for name in ("account_id", "user_id", "secret_hash")}
    session.info.update({**dict.fromkeys(before), **bindings})
    await _bind_again(session)
    yield
    session.info.update(before)
    await _bind_again(session)


async def _bind_again(session: AsyncSession) -> None:
    await (await session.connection()).exec_driver_sql(BIND, _bindings(session.info))


def _bindings(info: Mapping[str, object]) -> tuple[str, str, str, str]:
    secret_hash = info.get("secret_hash")
    secret = secret_hash.hex() if isinstance(secret_hash, bytes) else ""
    account_id, user_id, grant_id = (str(info.get(name) or "") for name in ("account_id", "user_id", "share_grant_id"))
    return account_id, user_id, secret, grant_id


@event.listens_for(Session, "after_begin")
def bind(session: Session, _: SessionTransaction, connection: Connection) -> None:
    """Runs at the first statement of each transaction, so that the binding cannot be forgotten."""
    if "after_commit" in session.info:
        connection.exec_driver_sql(BIND, _bindings(session.info))
