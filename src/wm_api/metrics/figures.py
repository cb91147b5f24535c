"""PURE: a figure with its status, and how it is printed."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class Status(StrEnum):
    OK = "ok"
    UNDEFINED = "undefined"
    INSUFFICIENT_N = "insufficient_n"
    NOT_APPLICABLE = "not_applicable"
    NOT_REPORTED = "not_reported"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class Part:
    """One group of a figure, or one part of a figure that has several; of several attributes with its `dimension`."""

    group: str
    n: int | None
    value: float | None = None
    dimension: str | None = None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """That of a reference table which a figure rests on, and the hash of its original."""

    source: str
    edition: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Figure:
    """Full precision; a status other than ok has no value. Never a silent 0.

    `excluded` counts people left out, by reason; `currency` is that of money in the groups; `period_start` is that of
    a figure that is not of the reporting window; `warnings` are codes of what looks wrong (doubts.py); `verdict` says
    what the interval means against a line of the law; `references` are the editions that it rests on.
    """

    status: Status
    value: float | None = None
    n: int | None = None
    groups: tuple[Part, ...] = ()
    standard_error: float | None = None
    interval: Interval | None = None
    basis: str | None = None
    reason: str | None = None
    currency: str | None = None
    excluded: tuple[Part, ...] = ()
    period_start: date | None = None
    warnings: tuple[str, ...] = ()
    verdict: str | None = None
    references: tuple[Edition, ...] = ()

    @classmethod
    def missing(
        cls,
        status: Status,
        reason: str | None = None,
        n: int | None = None,
        groups: tuple[Part, ...] = (),
        excluded: tuple[Part, ...] = (),
    ) -> "Figure":
        return cls(status, None, n, groups, reason=reason, excluded=excluded)


def not_reported(column: str) -> Figure:
    """The column, or `kind:...`, whose push would give the figure."""
    return Figure.missing(Status.NOT_REPORTED, column if ":" in column else f"column:{column}")


def published(value: float, decimals: int) -> Decimal:
    """Rounded half up from full precision, once: the 15 digits that a float holds. Those after them are noise of the
    arithmetic, which would put a half below itself.
    """
    return Decimal(f"{value:.15g}").quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
