"""What is declared with a push."""

from dataclasses import dataclass
from datetime import date, timedelta


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
        following = end + timedelta(days=1)
        try:
            return following.replace(year=following.year - 1), end
        except ValueError:  # 29 February
            return following.replace(year=following.year - 1, day=28), end
