"""Tables of accounts, users, members and credentials."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from wm_api.core.database import AccountOwned, Base
from wm_api.references.sectors import sections_of


class AccountState(StrEnum):
    ACTIVE = "active"
    UNVERIFIED = "unverified"
    SUSPENDED = "suspended"
    CLOSING = "closing"


class Account(Base):
    """A company. Its row is its own: the policy is on the id."""

    __tablename__ = "accounts"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    street: Mapped[str | None]
    city: Mapped[str | None]
    postal_code: Mapped[str | None]
    country: Mapped[str]
    region: Mapped[str | None]
    industry_scheme: Mapped[str | None]
    industry_code: Mapped[str | None]
    sector: Mapped[str | None]
    size_band: Mapped[str | None]
    ownership: Mapped[str | None]
    fiscal_year_start: Mapped[str | None]
    employee_key_id: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=AccountState.ACTIVE.value)
    created_at: Mapped[datetime]

    @property
    def sectors(self) -> list[str]:
        """The sections that the industry code reaches: `sector` is one of them."""
        return list(sections_of(self.industry_scheme, self.industry_code))


class User(Base):
    """A person with a login; belongs to no account, is a member of some."""

    __tablename__ = "users"
    __table_args__ = (Index("uq_users_email", "email", unique=True),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str]
    created_at: Mapped[datetime]


class Member(Base):
    """A user in an account."""

    __tablename__ = "members"
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", name="fk_members_account"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", name="fk_members_user"), primary_key=True)
    account_name: Mapped[str]
    roles: Mapped[list[Any]]
    joined_at: Mapped[datetime]
    last_seen_on: Mapped[date | None]


class InvitationState(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Invitation(AccountOwned, Base):
    """A link for one e-mail address: once, 7 days, stored as a hash."""

    __tablename__ = "invitations"
    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_invitations_account"),
        Index("ix_invitations_secret", "secret_hash"),
    )
    email: Mapped[str]
    account_name: Mapped[str]
    roles: Mapped[list[Any]]
    state: Mapped[str]
    secret_hash: Mapped[bytes]
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Session(Base):
    """A sign-in. Each refresh makes a successor; `current_hash` is the living refresh token."""

    __tablename__ = "sessions"
    __table_args__ = (Index("uq_sessions_current", "current_hash", unique=True),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", name="fk_sessions_user"))
    current_hash: Mapped[bytes]
    rotated_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    idle_until: Mapped[datetime]
    absolute_until: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SpentToken(Base):
    """A refresh token that was used; shown again later than 10 s, it ends its session."""

    __tablename__ = "spent_tokens"
    secret_hash: Mapped[bytes] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id", name="fk_spent_tokens_session"))
    successor_hash: Mapped[bytes]


class ApiKey(AccountOwned, Base):
    """A machine's credential, stored as a hash."""

    __tablename__ = "api_keys"
    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_api_keys_account"),
        Index("ix_api_keys_secret", "secret_hash"),
    )
    name: Mapped[str]
    scopes: Mapped[list[Any]]
    hint: Mapped[str]
    secret_hash: Mapped[bytes]
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_on: Mapped[date | None]
    revoked_at: Mapped[datetime | None]


class LoginFailure(Base):
    """Counts of failures in a window, by a keyed hash of e-mail and network; never the address itself."""

    __tablename__ = "login_failures"
    key_hash: Mapped[bytes] = mapped_column(primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    failures: Mapped[int]
