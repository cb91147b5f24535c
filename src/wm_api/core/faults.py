"""Which errors pass by themselves: a server that is away, full or busy. Everything else would fail again."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, InternalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

PASSING_STATES = ("57P", "08", "53", "25P03", "55P03", "40001", "40P01")
"""Shutdown, connection, resources (disk full), idle too long, lock not had, serialization, deadlock."""
TAKEN = "23505"
OF_SERVERS = (
    DBAPIError,
    PoolTimeout,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
"""What libraries raise of a database or a store: `passes` tells which of them is worth another try."""


@contextmanager
def taken_is(problem: Exception) -> Iterator[None]:
    """Raise `problem` where a unique index refuses a row: another was first, a moment ago."""
    try:
        yield
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) != TAKEN:
            raise
        raise problem from error


class StoreUnavailable(ConnectionError):  # noqa: N818 - named for what is wrong
    """The object store or the key store is away or full. Nothing was half written."""


def passes(error: BaseException) -> bool:
    """Whether the same call may succeed later. A missing file is a fact, not a fault.

    An internal error without a state of the server is the driver's: the connection died in the middle of a word.
    """
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if isinstance(error, PoolTimeout | InterfaceError | asyncpg.InterfaceError | asyncpg.InternalClientError):
        return True
    if isinstance(error, OSError):
        return not isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError)
    state = getattr(error, "sqlstate", None) or getattr(getattr(error, "orig", None), "sqlstate", None)
    if state is None:
        return isinstance(error, InternalError)
    return str(state).startswith(PASSING_STATES)
