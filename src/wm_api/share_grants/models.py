"""Tables of share grants; each side writes its own row."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped

from wm_api.core.database import AccountOwned, Base


class GrantState(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    DECLINED = "declined"
    RELINQUISHED = "relinquished"
    REVOKED = "revoked"
    EXPIRED = "expired"


class ShareGrant(AccountOwned, Base):
    """The grantor's side."""

    __tablename__ = "share_grants"
    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_share_grants_account"),
        Index("ix_share_grants_grantee", "grantee_id", "id"),
        Index("ix_share_grants_secret", "secret_hash"),
        Index("ix_share_grants_id", "id"),
    )
    grantor_name: Mapped[str]
    grantee_id: Mapped[UUID | None]
    grantee_email: Mapped[str | None]
    secret_hash: Mapped[bytes | None]
    scope: Mapped[dict[str, Any]]
    detail: Mapped[str]
    purpose: Mapped[str]
    purpose_note: Mapped[str | None]
    version: Mapped[int]
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class GrantAnswer(AccountOwned, Base):
    """The grantee's side: accepted, declined or given back. `id` is the grant's."""

    __tablename__ = "grant_answers"
    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_grant_answers_account"),
        Index("ix_grant_answers_grantor", "grantor_id", "id"),
    )
    grantor_id: Mapped[UUID]
    grantee_name: Mapped[str]
    answer: Mapped[str]
    answered_at: Mapped[datetime]
    first_read_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class GrantRead(AccountOwned, Base):
    """One line of the owner's access log, in the reader's transaction: a read is on record, or did not happen."""

    __tablename__ = "grant_reads"
    __table_args__ = (Index("ix_grant_reads_grantor", "grantor_id", "grant_id", "id"),)
    grantor_id: Mapped[UUID]
    grant_id: Mapped[UUID]
    reader_type: Mapped[str]
    reader_id: Mapped[UUID | None]
    action: Mapped[str]
    score_id: Mapped[UUID | None]
    status: Mapped[int]
    network: Mapped[str]
    at: Mapped[datetime]
