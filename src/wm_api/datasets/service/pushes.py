"""What a caller says of a file, checked before a byte of it is read."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from wm_api.datasets.errors import DatesInvalid
from wm_api.records.facts import Facts
from wm_api.records.kinds import KINDS


@dataclass(frozen=True, slots=True)
class Said:
    """What a caller says of a file."""

    facts: Facts
    external_ref: str | None = None
    supersedes: UUID | None = None
    new_key: bool = False


@dataclass(frozen=True, slots=True)
class Push:
    """What a caller says of a file, and what was counted of it."""

    said: Said
    media_type: str
    sha256: str
    size: int

    @property
    def facts(self) -> Facts:
        return self.said.facts


def checked_facts(facts: Facts, today: date) -> Facts:
    """Raises DatesInvalid: as_of and period are never mixed, ends follow starts, nothing is in the future."""
    period = (facts.period_start, facts.period_end)
    if KINDS[facts.kind].dating == "as_of":
        if facts.as_of is None or any(period) or facts.as_of > today:
            raise DatesInvalid
    elif None in period or facts.as_of is not None or period[0] > period[1] or period[1] > today:  # type: ignore[operator]
        raise DatesInvalid
    start, end = facts.window()
    if start > end:
        raise DatesInvalid
    return facts
