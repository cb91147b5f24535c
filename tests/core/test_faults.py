"""What passes by itself is told from what would fail again."""

import asyncpg
import pytest
from sqlalchemy.exc import InternalError, OperationalError

from wm_api.core.faults import passes


class Said(Exception):  # noqa: N818 - what a server said
    def __init__(self, sqlstate: str) -> None:
        super().__init__()
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    "error",
    [
        InternalError("SELECT 1", None, Exception("cannot switch to state 15; another operation (2) is in progress")),
        asyncpg.InternalClientError("cannot switch to state 15"),
        asyncpg.exceptions.AdminShutdownError(),
        OperationalError("SELECT 1", None, Said("57P01")),
        ConnectionResetError(),
    ],
)
def test_a_connection_that_dies_at_any_moment_is_worth_another_try(error: Exception) -> None:
    assert passes(error)


@pytest.mark.parametrize(
    "error",
    [
        InternalError("SELECT 1", None, Said("XX000")),
        OperationalError("SELECT 1", None, Said("42501")),
        FileNotFoundError(),
        ValueError(),
    ],
)
def test_what_would_fail_again_is_not_tried_again(error: Exception) -> None:
    assert not passes(error)
