"""Payroll rows whose hours are not those of a usual period, by code. Each of the passes keeps little a person."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date

import polars as pl

from wm_api.records.beside import key_hashes
from wm_api.records.hashes import Hashes
from wm_api.records.paid_hours import (
    PERIOD,
    ConstantHours,
    ReferenceHours,
    edges,
    exempt,
    paid_hours,
    partial_periods,
    spells_at,
)

Frames = Callable[[], AsyncIterator[pl.DataFrame]]
COLUMN: Mapping[str, str] = {
    "partial_period": "period_end",
    "constant_exempt_hours": "hours_regular",
    "reference_hours_differ": "hours_regular",
}
"""Under which each rule is reported."""


async def doubtful_hours(
    own: Frames, recent: Frames, staff: Frames, period: tuple[date, date], *, timed: bool
) -> AsyncIterator[tuple[str, pl.Series]]:
    """Code and `row` numbers of the file's rows, part by part. `timed`: the file has hours."""
    spells, no_overtime = await _people(staff, period)
    constant, reference = ConstantHours(), ReferenceHours()
    if timed:
        await _noted(own, recent, constant, reference)
    still, last = Hashes(), await asyncio.to_thread(reference.people)
    still.add(constant.people().filter(no_overtime.holds(constant.people())))
    if spells.is_empty() and last.is_empty() and still.all().is_empty():
        return  # which most files are
    async for frame in own():
        keys = await asyncio.to_thread(key_hashes, frame)
        rows = frame.select("row", "period_start", "period_end").with_columns(keys.alias("key"))
        partial = await asyncio.to_thread(partial_periods, rows, spells)
        inside = rows.join(partial, on=PERIOD, how="semi")
        whole = rows.join(partial, on=PERIOD, how="anti")
        yield "partial_period", inside.get_column("row")
        yield "constant_exempt_hours", rows.filter(still.holds(keys)).get_column("row")
        yield "reference_hours_differ", whole.join(last, on=["key", "period_end"], how="semi").get_column("row")


async def _people(staff: Frames, period: tuple[date, date]) -> tuple[pl.DataFrame, Hashes]:
    """Spells of people who were hired or left within the file's period, and who is exempt."""
    found, no_overtime = [spells_at(pl.DataFrame({"employee_key": []}), pl.Series(dtype=pl.UInt64), *period)], Hashes()
    async for frame in staff():
        keys = await asyncio.to_thread(key_hashes, frame)
        found.append(spells_at(frame, keys, *period))
        no_overtime.add(exempt(frame, keys))
    return await asyncio.to_thread(edges, pl.concat(found), *period), no_overtime


async def _noted(own: Frames, recent: Frames, constant: ConstantHours, reference: ReferenceHours) -> None:
    async for rows in _hours(own):
        constant.add(rows)
        reference.note(rows)
    async for rows in _hours(recent):
        constant.add(rows)
    for frames in (own, recent):
        async for rows in _hours(frames):
            await asyncio.to_thread(reference.add, rows)


async def _hours(frames: Frames) -> AsyncIterator[pl.DataFrame]:
    async for frame in frames():
        yield await asyncio.to_thread(_keyed, frame)


def _keyed(frame: pl.DataFrame) -> pl.DataFrame:
    return paid_hours(frame, key_hashes(frame))
