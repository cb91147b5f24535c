"""Bodies of sources and of coverage."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from wm_api.core.schemas import Actor, Input, Instant, Output, Page
from wm_api.datasets.calendar import Cadence, Punctuality
from wm_api.records.kinds import KindName

NAME = r"^[A-Za-z0-9._-]{1,64}$"
Name = Annotated[str, StringConstraints(pattern=NAME), Field(examples=["adp-payroll-us"])]
MappingVersion = Annotated[
    str, StringConstraints(pattern=NAME), Field(description="Your own code of the mapping.", examples=["2026-01"])
]
GraceDays = Annotated[
    int, Field(strict=True, ge=0, le=90, description="Days after the expected one before it is overdue.")
]
Kind = Annotated[str, Field(description="Record kind.", examples=["payroll"])]


class SourceCreate(Input):
    """One integration: what it sends, how often, and by which mapping."""

    name: Name
    kind: KindName
    cadence: Cadence = Cadence.NONE
    grace_days: GraceDays = 7
    mapping_version: MappingVersion | None = None


class SourceUpdate(Input):
    """A merge patch: what is left out stays, null empties `mapping_version`. The kind never changes."""

    name: Name | None = None
    cadence: Cadence | None = None
    grace_days: GraceDays | None = None
    mapping_version: MappingVersion | None = None


class Due(Output):
    """When a source is expected, and whether it came."""

    next_expected_on: date | None = Field(
        description="The day on which its next file is true: one step after the latest; null without a cadence."
    )
    state: Punctuality | None = Field(description="Overdue when the grace is over; null without a cadence.")


class ShapeColumn(Output):
    name: str = Field(description="Canonical name.")
    filled: float = Field(description="Share of the rows that have a value.")
    codes: list[str] | None = Field(description="Codes seen, where the contract lists them; also of currency.")
    distinct_codes: int | None = Field(description="How many codes, where they are your own; never which.")


class FileShape(Output):
    """What a file looked like; no value of a person."""

    rows: int
    key_id: str | None
    columns: list[ShapeColumn]


class Source(Due):
    """One integration that pushes."""

    id: UUID
    name: str
    kind: Kind
    cadence: Cadence
    grace_days: int
    mapping_version: str | None = Field(description="Of the last accepted file, or as said here since.")
    last_dataset_id: UUID | None = Field(description="The dataset that was accepted last.")
    last_accepted_at: Instant | None
    last_shape: FileShape | None = Field(description="Of that dataset: what the next file is compared with.")
    latest_day: date | None = Field(description="The latest as_of or period_end that counts now.")
    created_at: Instant
    created_by: Actor


class SourceList(Page):
    data: list[Source]


class KindCoverage(Output):
    """One record kind at a glance."""

    kind: Kind
    state: Literal["counted", "never_sent"] = Field(description="never_sent: no dataset of this kind counts now.")
    datasets: int
    first_day: date | None
    last_day: date | None


class SourceDue(Due):
    source_id: UUID
    name: str
    kind: Kind
    cadence: Cadence


class CoverageEntry(Output):
    """One thing to draw in a calendar. Of a kind dated by a day the two days are the same."""

    type: Literal["dataset", "hole", "overlap"]
    kind: Kind
    first_day: date
    last_day: date
    reason: Literal["between_periods", "expected_day", "overdue"] | None = Field(
        description=(
            "Why it is a hole: between_periods, payroll between two covered periods is missing; expected_day, the "
            "cadence of the source asks for a file of this day; overdue, it asks for one after the latest."
        )
    )
    source_id: UUID | None
    dataset_ids: list[UUID] = Field(description="The dataset, or those that overlap, the first 20.")
    dataset_count: int


class Coverage(Page):
    """What counts now, by kind, source and day. `kinds` and `sources` are on every page."""

    kinds: list[KindCoverage]
    sources: list[SourceDue]
    data: list[CoverageEntry] = Field(description="Newest first.")
