"""The unit of work: the only place that begins a transaction, for requests and jobs alike."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

if TYPE_CHECKING:
    from wm_api.core.resources import Resources


BIND = text(
    "SELECT set_config('app.account_id', :account_id, true), set_config('app.user_id', :user_id, true),"
    " set_config('app.secret_hash', :secret_hash, true)"
)  # true: SET LOCAL, gone with the transaction
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
    async with resources.sessionmaker(info=info) as session, session.begin():
        yield session
    for action in waiting:
        await action(resources)


def after_commit(session: AsyncSession, action: "AfterCommit") -> None:
    session.info["after_commit"].append(action)


async def bind_account(session: AsyncSession, account_id: UUID) -> None:
    """Bind the running transaction to an account that is known only now: sign-up, acceptance of an invitation."""
    session.info["account_id"] = account_id
    await session.execute(BIND, _bindings(session.info))


@asynccontextmanager
async def bound_as(session: AsyncSession, **bindings: object) -> AsyncIterator[None]:
    """Look with other bindings for a moment, on the same connection: a second one could wait for ever."""
    before = {name: session.info.get(name) for name in ("account_id", "user_id", "secret_hash")}
    session.info.update({**dict.fromkeys(before), **bindings})
    await session.execute(BIND, _bindings(session.info))
    yield
    session.info.update(before)
    await session.execute(BIND, _bindings(session.info))


def _bindings(info: dict[str, object]) -> dict[str, str]:
    secret_hash = info.get("secret_hash")
    return {
        "account_id": str(info.get("account_id") or ""),
        "user_id": str(info.get("user_id") or ""),
        "secret_hash": secret_hash.hex() if isinstance(secret_hash, bytes) else "",
    }


@event.listens_for(Session, "after_begin")
def bind(session: Session, _: SessionTransaction, connection: Connection) -> None:
    """Runs at the first statement of each transaction, so that the binding cannot be forgotten."""
    if "after_commit" in session.info:
        connection.execute(BIND, _bindings(session.info))
