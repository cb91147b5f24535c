"""The table of local codes, kept beside the mapping: it reads codes back to the customer's own texts. Never sent."""

import csv
import os
from collections.abc import Mapping
from pathlib import Path

from wm_api.capture.problems import UsageWrong

HEADINGS = ["code", "text"]


def extend_table(path: Path, codes: Mapping[str, str]) -> int:
    """Add what is new, mode 0600, replaced as a whole. How many codes are new. Raises UsageWrong."""
    known = _read(path)
    new = {code: text for code, text in codes.items() if code not in known}
    if new:
        _write(path, {**known, **new})
    return len(new)


def _read(path: Path) -> dict[str, str]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeError, csv.Error) as error:
        raise UsageWrong(f"The table {path.name} cannot be read. Move it away, or name another one.") from error
    if not rows or rows[0] != HEADINGS or any(len(row) != len(HEADINGS) for row in rows[1:]):
        raise UsageWrong(f"{path.name} is not a table of local codes: its headings must be code,text.")
    return {code: text for code, text in rows[1:]}  # noqa: C416 - pairs of two cells, checked above


def _write(path: Path, table: Mapping[str, str]) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", newline="", encoding="utf-8") as file:
            rows = sorted(table.items(), key=lambda pair: (pair[1], pair[0]))
            csv.writer(file, lineterminator="\n").writerows([HEADINGS, *rows])
        beside.replace(path)
    except OSError as error:
        raise UsageWrong(f"The table {path.name} cannot be written: {error.strerror}.") from error
