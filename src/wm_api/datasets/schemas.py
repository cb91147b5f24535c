"""Bodies of datasets."""

from datetime import date
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from wm_api.core.principal import ActorType
from wm_api.core.schemas import Actor, Instant, Output, Page
from wm_api.datasets import models
from wm_api.records.columns import Severity
from wm_api.records.rules import RULES


class Finding(Output):
    """A broken rule: column, rule, rows. Never a value."""

    code: str = Field(json_schema_extra={"x-extensible-enum": [*sorted(RULES)]})
    severity: Severity
    column: str | None = Field(description="Canonical name; null where the heading is not known.")
    column_index: int | None = Field(description="Position from 1, for an unknown heading.")
    rows: list[int] = Field(description="Data rows from 1, the first 100.")
    row_count: int
    about: list[str] = Field(
        description="What it is about, in words of the contract: another column, codes of a closed list, a factor."
    )
    detail: str = Field(description="What is wrong; one text for each code.")
    remedy: str = Field(description="What to do; one text for each code.")


class Total(Output):
    measure: str
    currency: str | None
    value: str = Field(description="A decimal number as text.", examples=["8123400.50"])


class Amended(Output):
    """What an amendment did, in rows."""

    replaced: int
    added: int
    kept: int = Field(description="Rows of the amended dataset that stay as they were.")


class Report(Output):
    """What the check of a file found."""

    dataset_id: UUID | None
    outcome: Literal["accepted", "refused"]
    rows: int
    employees: int | None
    quarantined: int = Field(description="Rows that were set aside, as the push allowed: they count in nothing.")
    totals: list[Total]
    findings: list[Finding]
    amended: Amended | None = Field(description="Of a push with `amends`; its rows are then those of the whole.")
    schema_version: str
    checked_at: Instant


class Dataset(Output):
    """One pushed extract."""

    id: UUID
    kind: str
    as_of: date | None
    period_start: date | None
    period_end: date | None
    external_ref: str | None
    state: models.DatasetState
    sha256: str = Field(description="SHA-256 of the file as sent, in hex.")
    bytes: int
    media_type: str
    rows: int | None
    employees: int | None
    schema_version: str
    supersedes: UUID | None
    amends: UUID | None = Field(description="The dataset whose rows it replaced or added to; the same as `supersedes`.")
    superseded_by: UUID | None
    series_break: bool
    source_id: UUID | None = Field(description="The integration that sent it.")
    mapping_version: str | None = Field(description="The mapping by which it was made, as the push said.")
    operation_id: UUID | None
    created_at: Instant
    created_by: Actor
    accepted_at: Instant | None = Field(description="When it began to count, for the first time.")
    ended_at: Instant | None = Field(description="Since when it does not count any more; null while it does.")
    deleted_at: Instant | None = Field(description="When key and bytes were destroyed: it is only listed by known_at.")
    held_until: Instant | None = Field(description="When a held file is discarded, unless it is committed before.")

    @classmethod
    def of(cls, row: models.Dataset) -> "Dataset":
        shown: dict[str, Any] = {name: getattr(row, name) for name in cls.model_fields if name != "created_by"}
        shown["held_until"] = row.held_until if row.state == models.DatasetState.HELD else None
        return cls(**shown, created_by=Actor(type=ActorType(row.created_by_type), id=row.created_by_id))


class DatasetList(Page):
    data: list[Dataset]


class Upload(Output):
    """A large file on its way. It waits 24 hours to be completed and used."""

    id: UUID
    media_type: str
    length: int = Field(description="Bytes in all, as declared.")
    offset: int = Field(description="Bytes that are kept; the next append begins here.")
    state: models.UploadState
    sha256: str | None = Field(description="SHA-256 of the whole file as sent, in hex; null until it is complete.")
    expires_at: Instant


class ColumnDefinition(Output):
    """Money has a range a thousand times as wide in currencies of small units, as the JSON Schema of the kind says."""

    name: str
    type: str
    required: bool
    unit: str | None
    minimum: str | None
    maximum: str | None
    scale: int | None
    codes: list[str] | None
    pattern: str | None
    description: str


class RecordLimits(Output):
    """Bytes, rows and columns at most."""

    push_bytes: int
    upload_bytes: int
    rows: int
    columns: int
    cell_bytes: int


class RecordKind(Output):
    """A record kind with its columns; an unknown column refuses the file."""

    kind: str
    version: str
    dating: str
    natural_key: list[str]
    columns: list[ColumnDefinition]
    limits: RecordLimits


class RecordKindList(Page):
    data: list[RecordKind]


class RotationState(StrEnum):
    """Whether the account takes keys of the new key id, or another has come since."""

    IN_USE = "in_use"
    REPLACED = "replaced"


class EmployeeKeyRotation(Output):
    """A change of the customer's key after which people are still followed."""

    id: UUID
    old_key_id: str
    new_key_id: str
    pairs: int = Field(description="People who have a key under both; others are new.")
    state: RotationState
    created_at: Instant
    created_by: Actor

    @classmethod
    def of(cls, row: models.EmployeeKeyRotation, key_id: str | None) -> "EmployeeKeyRotation":
        """`key_id` is the one that the account has now."""
        shown: dict[str, Any] = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        actor = Actor(type=ActorType(row.created_by_type), id=row.created_by_id)
        state = RotationState.IN_USE if row.new_key_id == key_id else RotationState.REPLACED
        return cls(**shown, state=state, created_by=actor)


class EmployeeKeyRotationList(Page):
    data: list[EmployeeKeyRotation]
