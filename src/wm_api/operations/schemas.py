"""Bodies of operations."""

from uuid import UUID

from pydantic import Field

from wm_api.core.schemas import Instant, Output, Page, Problem, Ref
from wm_api.events.service import href
from wm_api.operations import models


class Progress(Output):
    """How far the work is."""

    done: int
    total: int | None = Field(description="Null while it is not known.")
    unit: str = Field(examples=["rows"])


class Operation(Output):
    """Background work. It ends exactly once: succeeded, failed or canceled."""

    id: UUID
    type: str = Field(json_schema_extra={"x-extensible-enum": [t.value for t in models.OperationType]})
    state: models.OperationState
    stage: str | None = Field(description="What is being done: check, store, preview, metrics, score.")
    progress: Progress | None
    result: Ref | None
    subjects: list[Ref]
    error: Problem | None = Field(description="Why it failed.")
    cancelable: bool
    attempt: int
    revision: int = Field(description="Rises with each change; the id of server-sent events.")
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None
    expires_at: Instant

    @classmethod
    def of(cls, row: models.Operation) -> "Operation":
        shown = None
        if row.done is not None and row.unit is not None:
            shown = Progress(done=row.done, total=row.total, unit=row.unit)
        result = None
        if row.result_type is not None and row.result_id is not None:
            result = Ref(type=row.result_type, id=row.result_id, href=href(row.result_type, row.result_id))
        subject = Ref(type=row.subject_type, id=row.subject_id, href=href(row.subject_type, row.subject_id))
        return cls(
            id=row.id,
            type=row.type,
            state=models.OperationState(row.state),
            stage=row.stage,
            progress=shown,
            result=result,
            subjects=[subject],
            error=Problem.model_validate(row.error) if row.error else None,
            cancelable=row.state == models.OperationState.QUEUED,
            attempt=row.attempt,
            revision=row.revision,
            created_at=row.created_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            expires_at=row.expires_at,
        )


class OperationList(Page):
    data: list[Operation]
