"""Tables of datasets. Employee-level records are not here: they lie sealed in the object store."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from wm_api.core.database import AccountOwned, Base


class DatasetState(StrEnum):
    RECEIVED = "received"
    HELD = "held"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    SUPERSEDED = "superseded"
    REVERTED = "reverted"
    DISCARDED = "discarded"
    DELETING = "deleting"


class Source(AccountOwned, Base):
    """One integration that pushes. Of the days up to `told_until` nobody is told that they were missed."""

    __tablename__ = "sources"
    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_sources_account"),
        Index("uq_sources_name", "account_id", "name", unique=True),
    )
    name: Mapped[str]
    kind: Mapped[str]
    cadence: Mapped[str]
    grace_days: Mapped[int]
    mapping_version: Mapped[str | None]
    told_until: Mapped[date]
    created_by_type: Mapped[str]
    created_by_id: Mapped[UUID | None]
    created_at: Mapped[datetime]


class Dataset(AccountOwned, Base):
    """One pushed extract; the same bytes twice, of the same kind and dates, are the same dataset.

    `held_until` is set where its push asked to be held, and stays set.
    """

    __tablename__ = "datasets"
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "operation_id"], ["operations.account_id", "operations.id"], name="fk_datasets_operation"
        ),
        ForeignKeyConstraint(
            ["account_id", "source_id"], ["sources.account_id", "sources.id"], name="fk_datasets_source"
        ),
        Index("ix_datasets_source", "account_id", "source_id", "accepted_at"),
        Index(
            "uq_datasets_sha256",
            "account_id",
            "sha256",
            "kind",
            "as_of",
            "period_start",
            "period_end",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("deleted_at IS NULL AND state = 'accepted'"),
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
            postgresql_where=text("state = 'accepted' AND deleted_at IS NULL AND external_ref IS NOT NULL"),
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
    """Under which its rows are stored: after rotations the first of the chain, so that a series keeps it."""
    report: Mapped[dict[str, Any] | None]
    supersedes: Mapped[UUID | None]
    amends: Mapped[UUID | None]
    superseded_by: Mapped[UUID | None]
    series_break: Mapped[bool]
    new_key: Mapped[bool] = mapped_column(default=False, server_default=false())
    source_id: Mapped[UUID | None]
    mapping_version: Mapped[str | None]
    accept_drift: Mapped[bool] = mapped_column(default=False, server_default=false())
    object_id: Mapped[UUID | None]
    upload_id: Mapped[UUID | None]
    operation_id: Mapped[UUID | None]
    created_by_type: Mapped[str]
    created_by_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    receipt_id: Mapped[UUID | None]
    held_until: Mapped[datetime | None]
    preview: Mapped[dict[str, Any] | None]

    @property
    def stored_id(self) -> UUID:
        """Names the sealed object and its key: a new one each time a file is read, so that two readers never meet."""
        return self.object_id or self.id


class DatasetCounting(AccountOwned, Base):
    """From `at` on the dataset counts, or does not. Append-only: what counted at a past instant never changes."""

    __tablename__ = "dataset_countings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "dataset_id"], ["datasets.account_id", "datasets.id"], name="fk_dataset_countings_dataset"
        ),
        Index("uq_dataset_countings_dataset", "account_id", "dataset_id", "at", unique=True),
        Index("ix_dataset_countings_at", "account_id", "at"),
    )
    dataset_id: Mapped[UUID]
    at: Mapped[datetime]
    counts: Mapped[bool]


class UploadState(StrEnum):
    OPEN = "open"
    COMPLETE = "complete"
    USED = "used"
    EXPIRED = "expired"


class Upload(AccountOwned, Base):
    """A large file that comes in parts. Only `writer`, the newest append, may record what it received."""

    __tablename__ = "uploads"
    media_type: Mapped[str]
    content_encoding: Mapped[str | None]
    length: Mapped[int] = mapped_column(BigInteger)
    offset: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]
    declared_sha256: Mapped[str | None]
    sha256: Mapped[str | None]
    writer: Mapped[UUID | None]
    created_by_type: Mapped[str]
    created_by_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    @property
    def all_received(self) -> bool:
        """Nothing is left to append; the hash may be missing yet, where a process was lost in between."""
        return self.offset == self.length


class UploadPart(AccountOwned, Base):
    """One append, sealed under the key of its upload alone."""

    __tablename__ = "upload_parts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "upload_id"],
            ["uploads.account_id", "uploads.id"],
            name="fk_upload_parts_upload",
            ondelete="CASCADE",
        ),
        Index("uq_upload_parts_start", "account_id", "upload_id", "start", unique=True),
    )
    upload_id: Mapped[UUID]
    start: Mapped[int] = mapped_column(BigInteger)
    length: Mapped[int] = mapped_column(BigInteger)


class EmployeeKeyRotation(AccountOwned, Base):
    """A crosswalk that was taken. Its id names the sealed table of links; `first_key_id` is the chain's first."""

    __tablename__ = "employee_key_rotations"
    __table_args__ = (Index("uq_employee_key_rotations_new", "account_id", "new_key_id", unique=True),)
    old_key_id: Mapped[str]
    new_key_id: Mapped[str]
    first_key_id: Mapped[str]
    pairs: Mapped[int]
    sha256: Mapped[str]
    created_by_type: Mapped[str]
    created_by_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
