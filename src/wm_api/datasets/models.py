"""Tables of datasets. Employee-level records are not here: they lie sealed in the object store."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from wm_api.core.database import AccountOwned, Base


class DatasetState(StrEnum):
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    SUPERSEDED = "superseded"
    DELETING = "deleting"


class Dataset(AccountOwned, Base):
    """One pushed extract; the same bytes twice are the same dataset."""

    __tablename__ = "datasets"
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "operation_id"], ["operations.account_id", "operations.id"], name="fk_datasets_operation"
        ),
        Index(
            "uq_datasets_sha256",
            "account_id",
            "sha256",
            unique=True,
            postgresql_where=text("deleted_at IS NULL AND state <> 'refused'"),
        ),
        Index(
            "uq_datasets_external_ref",
            "account_id",
            "kind",
            "as_of",
            "period_start",
            "period_end",
            "external_ref",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text(
                "state IN ('received', 'accepted') AND deleted_at IS NULL AND external_ref IS NOT NULL"
            ),
        ),
    )
    kind: Mapped[str]
    as_of: Mapped[date | None]
    period_start: Mapped[date | None]
    period_end: Mapped[date | None]
    external_ref: Mapped[str | None]
    facts: Mapped[dict[str, Any]]
    state: Mapped[str]
    sha256: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str]
    rows: Mapped[int | None]
    employees: Mapped[int | None]
    schema_version: Mapped[str]
    snapshot_sha256: Mapped[str | None]
    key_id: Mapped[str | None]
    report: Mapped[dict[str, Any] | None]
    supersedes: Mapped[UUID | None]
    superseded_by: Mapped[UUID | None]
    series_break: Mapped[bool]
    upload_id: Mapped[UUID | None]
    operation_id: Mapped[UUID | None]
    created_by_type: Mapped[str]
    created_by_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    receipt_id: Mapped[UUID | None]

    def object_name(self) -> str:
        """Random, with nothing of the input in it."""
        return f"datasets/{self.id}"
