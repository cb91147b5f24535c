"""A vendor file looked at once: how it is written, a profile of each column, what is odd. For inspect and map."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from wm_api.capture.inspection import Profile
from wm_api.capture.mapping import Source
from wm_api.capture.problems import UsageWrong, WrongCells, listed
from wm_api.capture.sniffing import sniffed
from wm_api.capture.sources import opened
from wm_api.capture.transform import ROW

TOTALS = r"(?i)^\s*((grand|sub)?[- ]?totals?|summe|gesamt(summe)?|somme|suma|totale|totaal)\b"
FEW = 3


@dataclass
class Survey:
    """`notes` are for a person; `wrong` is what a push would refuse of whole rows."""

    source: Source
    rows: int = 0
    profiles: list[Profile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    wrong: list[WrongCells] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """What --json shows: headings and counts, never a cell."""
        columns = [profile.summary() for profile in self.profiles]
        wrong = [{"column": each.column, "why": each.why, "rows": list(each.rows[:100])} for each in self.wrong]
        written = self.source.model_dump(include={"format", "sheet", "encoding", "delimiter", "header_row"})
        return {"source": written, "rows": self.rows, "columns": columns, "notes": self.notes, "wrong": wrong}


def surveyed(file: Path, given: dict[str, object]) -> Survey:
    """Raises UsageWrong, FileNoLongerFits, FileRefused. `given` are the options that say how the file is written."""
    try:
        survey = Survey(sniffed(file, {name: value for name, value in given.items() if value is not None}))
    except (ValueError, LookupError) as wrong:
        raise UsageWrong("An option is not known: see wm-capture inspect --help.") from wrong
    totals: list[int] = []
    with opened(file, survey.source) as vendor:
        survey.profiles = [Profile(heading) for heading in vendor.headings]
        for batch in vendor.batches:
            survey.rows += batch.height
            totals += _totals(batch)
            for index, profile in enumerate(survey.profiles):
                profile.add(batch.get_column(str(index)), batch.get_column(ROW))
        survey.wrong = vendor.wrong()
        survey.notes = [*_heading_notes(survey), *(f"Not read: {each}." for each in vendor.unread)]
    if totals:
        survey.notes.append(f"Row {listed(totals, FEW)} looks like a total: leave it out with [[rows.keep]].")
    if not survey.rows:
        survey.wrong.append(WrongCells("rows", "the file has no data row", []))
    return survey


def _totals(batch: pl.DataFrame) -> list[int]:
    if batch.width < 2:  # noqa: PLR2004 - the row number, and a column
        return []
    return batch.filter(pl.col("0").str.contains(TOTALS)).get_column(ROW).to_list()


def _heading_notes(survey: Survey) -> list[str]:
    names = [profile.heading for profile in survey.profiles]
    twice = [name for name, count in Counter(names).items() if count > 1 and name]
    notes = []
    if (above := survey.source.header_row - 1) > 0:
        notes.append(
            f"The headings are in row {above + 1}; above it {'is a row' if above == 1 else 'are rows'} of titles."
        )
    if twice:
        notes.append(f"A heading stands twice: {', '.join(twice)}. Give each its own name before you map it.")
    if (empty := names.count("")) > 0:
        notes.append(f"{empty} {'column has' if empty == 1 else 'columns have'} no heading.")
    if len(names) == 1:
        notes.append("Only one column was found: is it the right --delimiter?")
    return notes
