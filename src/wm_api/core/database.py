"""Declarative base of all tables: names of constraints, keys of account-owned tables, types."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Enum, LargeBinary, MetaData, Uuid, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
        bytes: LargeBinary(),
        dict[str, Any]: JSONB(none_as_null=True),
        list[Any]: JSONB(none_as_null=True),
    }


class AccountOwned:
    """The key begins with the account, so that no foreign key can lead to another account's row."""

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)


def text_enum(kind: type[StrEnum]) -> Enum:
    """An enum as text with a check, so that downgrades leave no type behind."""
    return Enum(
        kind, native_enum=False, create_constraint=False, length=40, values_callable=lambda e: [m.value for m in e]
    )


def make_engine(url: str, pool_size: int, idle: timedelta = timedelta(seconds=30)) -> AsyncEngine:
    """`hide_parameters`: an error never prints a submitted value.

    `idle`: a process that was stopped in the middle of a transaction loses its locks after this time.
    """
    milliseconds = str(int(idle.total_seconds() * 1000))
    server = {"application_name": "wm-api", "lock_timeout": "20s", "idle_in_transaction_session_timeout": milliseconds}
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        hide_parameters=True,
        connect_args={"timeout": 5, "server_settings": server},
    )
    event.listen(engine.sync_engine, "checkout", _refuse_spent)
    return engine


def _refuse_spent(connection: Any, *_: object) -> None:
    """Closed by the server, or left inside a transaction: replaced. The driver knows it without asking the server."""
    driver = connection.driver_connection
    if driver.is_closed() or driver.is_in_transaction():
        raise DisconnectionError
