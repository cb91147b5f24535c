"""A checked file and the account's datasets that it is compared with, read segment by segment."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from uuid import UUID

import polars as pl

from wm_api.core.keystore import KeyGone
from wm_api.core.resources import Resources
from wm_api.datasets.service.files import StoredFile, open_records
from wm_api.datasets.service.others import Datasets, Others
from wm_api.datasets.service.pushes import Push
from wm_api.records import beside
from wm_api.records.columns import FIRST_ROWS, Finding, finding
from wm_api.records.hashes import Hashes
from wm_api.records.looks import SetAside

SLICE = 1 << 21
"""Rows that are held at once, so that those of a file of any size are compared in as many passes as it takes."""


@dataclass(frozen=True, slots=True)
class Case:
    """A file without the rows that are set aside so far, and what it is compared with.

    Findings name rows only where none was left out when it was stored.
    """

    resources: Resources
    account_id: UUID
    push: Push
    stored: StoredFile
    object_id: UUID
    others: Others
    aside: SetAside = field(default_factory=SetAside)

    @property
    def ids(self) -> frozenset[UUID]:
        return self.others.ids

    async def own(self, columns: Sequence[str] | None = None) -> AsyncIterator[pl.DataFrame]:
        """The rows that are left, numbered from 1 as `row`."""
        first = row = 1
        async for frame in open_records(self.resources, self.account_id, self.object_id, columns):
            left = self.aside.kept(frame, first)
            yield left.with_row_index("row", offset=row)
            first, row = first + frame.height, row + left.height

    async def of(self, datasets: Datasets, columns: Sequence[str] | None = None) -> AsyncIterator[pl.DataFrame]:
        """What is being deleted, or lost, is compared with no more; that it counts is asked again under the lock."""
        for each in datasets:
            with suppress(KeyGone, FileNotFoundError):
                async for frame in open_records(self.resources, self.account_id, each.stored_id, columns):
                    yield frame

    async def people(self, datasets: Datasets) -> Hashes:
        """All employee keys of datasets."""
        known = Hashes()
        async for frame in self.of(datasets, ("employee_key",)):
            await asyncio.to_thread(add_keys, known, frame)
        return known

    def found(self, code: str, column: str, marked: "Marked") -> list[Finding]:
        """The finding of rows, none where there are none."""
        report = self.stored.report
        moved = report.quarantined or any(each.code == "duplicate_row_identical" for each in report.findings)
        rows = () if moved else self.aside.in_file(marked.first.to_list())
        found = replace(finding(code, column), rows=rows, row_count=marked.count, every_row=marked.every)
        return [found] if marked.count else []


class Marked:
    """Rows that break a rule: their number and the first of them; of rows that may be set aside all."""

    def __init__(self, *, to_set_aside: bool = False) -> None:
        self.count, self.first = 0, pl.Series(dtype=pl.UInt32)
        self.every = pl.Series(dtype=pl.UInt32) if to_set_aside else None

    def add(self, rows: pl.Series) -> None:
        """Rows that were not added before."""
        self.count += len(rows)
        numbers = rows.cast(pl.UInt32)
        self.first = pl.concat([self.first, numbers]).sort().head(FIRST_ROWS)
        if self.every is not None:
            self.every = pl.concat([self.every, numbers], rechunk=False)


async def slices(
    case: Case,
    columns: Sequence[str],
    hashes: Callable[[pl.DataFrame], pl.Series],
    among: pl.DataFrame | None = None,
) -> AsyncIterator[pl.DataFrame]:
    """The file's rows with a `hash`, a slice of the hashes at a time; those without a hash never.

    Of rows that agree with one of `among`, where it is given.
    """
    count = 1 + case.stored.report.rows // SLICE if case.others.beside else 0
    for number in range(count):
        parts = []
        async for rows in case.own(columns):
            frame = rows if among is None else rows.join(among, on=among.columns, how="semi", maintain_order="left")
            keyed = await asyncio.to_thread(hashes, frame)
            marked = frame.drop("employee_key", strict=False).with_columns(keyed.alias("hash"))
            parts.append(marked.filter(pl.col("hash") % count == number))
        yield pl.concat(parts)


def add_keys(people: Hashes, frame: pl.DataFrame) -> None:
    people.add(beside.key_hashes(frame).unique())
