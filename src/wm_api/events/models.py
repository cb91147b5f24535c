"""Tables of the event log."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from wm_api.core.database import AccountOwned, Base


class EventType(StrEnum):
    """Every act that leaves a line."""

    ACCOUNT_CREATED = "account.created"
    ACCOUNT_UPDATED = "account.updated"
    ACCOUNT_CONTRIBUTION_CHANGED = "account.contribution_changed"
    ACCOUNT_CONTRIBUTOR_ADMITTED = "account.contributor_admitted"
    ACCOUNT_CONTRIBUTOR_REVOKED = "account.contributor_revoked"
    MEMBER_JOINED = "member.joined"
    MEMBER_INVITED = "member.invited"
    MEMBER_ROLES_CHANGED = "member.roles_changed"
    MEMBER_REMOVED = "member.removed"
    INVITATION_WITHDRAWN = "invitation.withdrawn"
    SESSION_CREATED = "session.created"
    SESSION_ENDED = "session.ended"
    SESSION_REUSE_DETECTED = "session.reuse_detected"
    USER_PASSWORD_CHANGED = "user.password_changed"  # noqa: S105 - the name of an act
    API_KEY_CREATED = "api_key.created"
    API_KEY_REVOKED = "api_key.revoked"
    API_KEY_EXPOSED = "api_key.exposed"
    EMPLOYEE_KEY_ROTATED = "employee_key.rotated"
    DATASET_ACCEPTED = "dataset.accepted"
    DATASET_HELD = "dataset.held"
    DATASET_DISCARDED = "dataset.discarded"
    DATASET_REFUSED = "dataset.refused"
    DATASET_SUPERSEDED = "dataset.superseded"
    DATASET_REVERTED = "dataset.reverted"
    DATASET_DELETED = "dataset.deleted"
    SOURCE_CREATED = "source.created"
    SOURCE_UPDATED = "source.updated"
    SOURCE_DELETED = "source.deleted"
    SOURCE_OVERDUE = "source.overdue"
    OPERATION_FAILED = "operation.failed"
    OPERATION_CANCELED = "operation.canceled"
    METRICS_COMPUTED = "metrics.computed"
    SCORE_COMPUTED = "score.computed"
    SCORE_SUPERSEDED = "score.superseded"
    SCORE_PUBLISHED = "score.published"
    SCORE_WITHDRAWN = "score.withdrawn"
    SHARE_GRANT_CREATED = "share_grant.created"
    SHARE_GRANT_ACCEPTED = "share_grant.accepted"
    SHARE_GRANT_DECLINED = "share_grant.declined"
    SHARE_GRANT_RELINQUISHED = "share_grant.relinquished"
    SHARE_GRANT_REVOKED = "share_grant.revoked"
    SHARE_GRANT_FIRST_READ = "share_grant.first_read"


class Event(AccountOwned, Base):
    """One line: ids, states and codes only."""

    __tablename__ = "events"
    __table_args__ = (
        Index("uq_events_sequence", "account_id", "sequence", unique=True),
        Index("ix_events_counterpart", "counterpart_id", "id", postgresql_where=text("counterpart_id IS NOT NULL")),
    )
    sequence: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[str]
    occurred_at: Mapped[datetime]
    actor_type: Mapped[str]
    actor_id: Mapped[UUID | None]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    state: Mapped[str | None]
    previous_state: Mapped[str | None]
    counterpart_id: Mapped[UUID | None]
    previous_hash: Mapped[bytes]
    hash: Mapped[bytes]


class ChainHead(Base):
    """Where an account's chain ends; locked while a line is appended."""

    __tablename__ = "chain_heads"
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes]
