"""What a caller says of a file, checked before a byte of it is read."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from wm_api.datasets.errors import DatesInvalid
from wm_api.datasets.models import Dataset
from wm_api.records.facts import Facts, misdated
from wm_api.records.kinds import KINDS
from wm_api.records.wire import facts_from


@dataclass(frozen=True, slots=True)
class Said:
    """What a caller says of a file."""

    facts: Facts
    external_ref: str | None = None
    supersedes: UUID | None = None
    new_key: bool = False
    source: str | None = None
    mapping_version: str | None = None
    accept_drift: bool = False
    hold: bool = False
    amends: UUID | None = None
    """Whose rows it replaces or adds to; then it supersedes that dataset."""


@dataclass(frozen=True, slots=True)
class Push:
    """What a caller says of a file, and what was counted of it."""

    said: Said
    media_type: str
    sha256: str
    size: int
    source_id: UUID | None = None

    @property
    def facts(self) -> Facts:
        return self.said.facts


def push_of(dataset: Dataset) -> Push:
    """As it was said when it came."""
    said = Said(
        facts_from(dataset.facts),
        dataset.external_ref,
        dataset.supersedes,
        dataset.new_key,
        mapping_version=dataset.mapping_version,
        accept_drift=dataset.accept_drift,
        hold=dataset.held_until is not None,
        amends=dataset.amends,
    )
    return Push(said, dataset.media_type, dataset.sha256, dataset.bytes, dataset.source_id)


def checked_facts(facts: Facts, today: date) -> Facts:
    """Raises DatesInvalid: as_of and period are never mixed, and each day lies where it can."""
    period = (facts.period_start, facts.period_end)
    if KINDS[facts.kind].dating == "as_of":
        if facts.as_of is None or any(period):
            raise DatesInvalid(f"Files of kind {facts.kind} take as_of, and no period_start and period_end.")
    elif None in period or facts.as_of is not None:
        raise DatesInvalid(f"Files of kind {facts.kind} take period_start and period_end, and no as_of.")
    if (why := misdated(facts, today)) is not None:
        raise DatesInvalid(why)
    return facts
