"""What is declared with a push."""

from dataclasses import dataclass, field
from datetime import date, timedelta

EARLIEST = date(1930, 1, 1)
LONGEST_YEARS = 3
AMOUNT = r"[A-Z]{3}:-?\d{1,15}(\.\d{1,4})?"
GROSS = rf"^{AMOUNT}(,{AMOUNT}){{0,19}}$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """What the sender knows of a file: its rows, its headcount, its gross pay by currency as `USD:123.45,EUR:6.00`.

    `quarantine_ceiling` is the share of rows that may be set aside; at 0 one such row refuses the file.
    """

    quarantine_ceiling: float = 0.0
    rows: int | None = None
    headcount: int | None = None
    gross: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Workforce has `as_of`, payroll has the period."""

    kind: str
    as_of: date | None = None
    period_start: date | None = None
    period_end: date | None = None
    window_start: date | None = None
    window_end: date | None = None
    full_time_weekly_hours: float = 40.0
    declared_headcount: int | None = None
    perimeter: str | None = None
    expectations: Expectations = field(default_factory=Expectations, compare=False)

    @property
    def reference_day(self) -> date:
        """The day on which the file was true, or the end of its period."""
        day = self.as_of or self.period_end
        if day is None:
            raise ValueError("a push has as_of or a period")
        return day

    def window(self) -> tuple[date, date]:
        """The reporting window; by default the 12 months that end on the reference day."""
        end = self.window_end or self.reference_day
        if self.window_start is not None:
            return self.window_start, end
        return years_before(end + timedelta(days=1), 1), end


def misdated(facts: Facts, today: date) -> str | None:
    """Why these dates cannot be, without any of them; None when they can. Kind and dates fit each other already."""
    days = (facts.as_of, facts.period_start, facts.period_end, facts.window_start, facts.window_end)
    if any(day is not None and not EARLIEST <= day <= today for day in days):
        return "A day lies before 1930 or in the future."
    if facts.period_start is not None and facts.period_start > facts.reference_day:
        return "The period ends before it begins."
    start, end = facts.window()
    if end > facts.reference_day:
        return "The window ends after the day on which the file was true."
    if start > end:
        return "The window ends before it begins."
    if start < years_before(end, LONGEST_YEARS):
        return "The window is longer than 36 months."
    return None


def years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
