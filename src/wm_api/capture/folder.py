"""A watched folder: which files are finished, what their names say, and which were dealt with already."""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG

from wm_api.capture.problems import UsageWrong

UNFINISHED = re.compile(r"(?i)^\.|^~|~$|\.(part|partial|tmp|temp|filepart|crdownload|download)$")
PARTS = {"%Y": r"(\d{4})", "%m": r"(\d{2})", "%d": r"(\d{2})", "*": ".*"}
SPLIT = re.compile(r"(%Y|%m|%d|\*)")
Stamp = tuple[int, int]
"""Size and time of the last change: while both stay, nobody writes."""


@dataclass
class Folder:
    """Looks at the files of one folder, not at folders in it. `settle` is how long a file must stay unchanged."""

    path: Path
    settle: float
    clock: Callable[[], float]
    _seen: dict[str, tuple[Stamp, float]] = field(default_factory=dict)

    def finished(self) -> Iterator[tuple[Path, Stamp]]:
        """Files that did not change for `settle` seconds of ours, in the order of their names.

        Raises OSError of the folder, never of a file: one that is gone meanwhile is no file.
        """
        now, before, self._seen = self.clock(), self._seen, {}
        for path in sorted(self.path.iterdir()):
            if UNFINISHED.search(path.name) or (stamp := _stamp(path)) is None:
                continue
            known, since = before.get(path.name, (None, now))
            self._seen[path.name] = (stamp, since if known == stamp else now)
            if known == stamp and now - since >= self.settle:
                yield path, stamp


def _stamp(path: Path) -> Stamp | None:
    """None where it is no plain file, or is gone."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return (status.st_size, status.st_mtime_ns) if S_ISREG(status.st_mode) else None


def digest(path: Path) -> str:
    """Of the content: a file is the same under another name, and another when it was corrected."""
    with path.open("rb") as file:
        made = sha256()
        while block := file.read(1 << 20):
            made.update(block)
    return made.hexdigest()


@dataclass(frozen=True, slots=True)
class Naming:
    """Dates in the names of files: %Y, %m, %d, and * for anything.

    `as_of` has one date; `period` two, the first and the last day, or a year and a month, which is all of it.
    """

    as_of: str | None = None
    period: str | None = None

    def __post_init__(self) -> None:
        if self.as_of and _tokens(self.as_of) != ["%Y", "%d", "%m"]:
            raise UsageWrong("--as-of-from-name has %Y, %m and %d once, such as 'staff_%Y-%m-%d.csv'.")
        if self.period and _tokens(self.period) not in (["%Y", "%m"], ["%Y", "%Y", "%d", "%d", "%m", "%m"]):
            raise UsageWrong("--period-from-name has two dates, such as 'pay_%Y%m%d-%Y%m%d.csv', or %Y and %m.")
        if self.as_of and self.period:
            raise UsageWrong("Say --as-of-from-name or --period-from-name, not both.")

    def facts(self, name: str) -> dict[str, date] | None:
        """What the name says; none where it is not such a name. Without a pattern every name says nothing."""
        pattern = self.as_of or self.period
        if pattern is None:
            return {}
        days = _days(pattern, name)
        if days is None:
            return None
        return {"as_of": days[0]} if self.as_of else {"period_start": days[0], "period_end": days[-1]}


def _tokens(pattern: str) -> list[str]:
    return sorted(part for part in SPLIT.split(pattern) if part.startswith("%"))


def _days(pattern: str, name: str) -> list[date] | None:
    """First and last day."""
    parts = [part for part in SPLIT.split(pattern) if part]
    match = re.fullmatch("".join(PARTS.get(part, re.escape(part)) for part in parts), name)
    if match is None:
        return None
    found: dict[str, list[int]] = {}
    for token, digits in zip((part for part in parts if part.startswith("%")), match.groups(), strict=True):
        found.setdefault(token, []).append(int(digits))
    years, months = found["%Y"], found["%m"]
    try:
        days = found.get("%d") or [1, calendar.monthrange(years[0], months[0])[1]]
        return [date(years[i % len(years)], months[i % len(months)], day) for i, day in enumerate(days)]
    except ValueError:  # such as 31 February
        return None
