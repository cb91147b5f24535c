"""Table of operations: the queue itself, written in the transaction of the act that asks for the work."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from wm_api.core.database import AccountOwned, Base


class OperationType(StrEnum):
    DATASET_PROCESS = "dataset.process"
    DATASET_DELETE = "dataset.delete"
    SCORE_COMPUTE = "score.compute"


class OperationState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


ENDED = frozenset({OperationState.SUCCEEDED, OperationState.FAILED, OperationState.CANCELED})


class Operation(AccountOwned, Base):
    """`fence` rises with each claim; only the holder of the highest can finish. `revision` rises with each change."""

    __tablename__ = "operations"
    __table_args__ = (
        Index(
            "ix_operations_due", "lease_until", "created_at", postgresql_where=text("state IN ('queued', 'running')")
        ),
    )
    type: Mapped[str]
    state: Mapped[str] = mapped_column(default=OperationState.QUEUED.value)
    stage: Mapped[str | None]
    done: Mapped[int | None]
    total: Mapped[int | None]
    unit: Mapped[str | None]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    result_type: Mapped[str | None]
    result_id: Mapped[UUID | None]
    error: Mapped[dict[str, Any] | None]
    actor_type: Mapped[str]
    actor_id: Mapped[UUID | None]
    attempt: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=1)
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
