"""AC2.5: what the check of a million rows costs its child, measured from outside."""

import asyncio
import os
import re
import resource
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from extracts import ACCOUNT, SECRET
from residue import readers_of
from wm_api.core.sandbox import Order, Part, check
from wm_api.core.sandbox_start import TEMPLATES
from wm_api.core.settings import Settings
from wm_api.records import employee_keys
from wm_api.records.facts import Facts
from wm_api.records.intake import Report
from wm_api.records.readers import CSV, Limits

pytestmark = [pytest.mark.slow, pytest.mark.measures]
ROWS, COLUMNS, BLOCK = 1_000_000, 15, 1 << 20
MOST_SECONDS, MOST_BYTES = 20, 3 << 29
FACTS = Facts(kind="workforce", as_of=date(2025, 12, 31))
HIRES = [date(2003, 1, 1) + timedelta(days=day) for day in range(7500)]


def extract(file: Path) -> None:
    """One row a person, each with a key of its own."""
    keys = [employee_keys.make(SECRET, ACCOUNT, "1", str(number)) for number in range(ROWS)]
    number = pl.int_range(ROWS, eager=True)
    left = number % 10 == 0
    rate = (18 + number % 3571 / 100).round(2)
    frame = pl.DataFrame({"employee_key": keys, "hire_date": pl.Series(HIRES).gather(number * 31 % len(HIRES))})
    frame = frame.with_columns(
        pl.Series("termination_date", [date(2025, 2, 3) + timedelta(days=day) for day in range(300)])
        .gather(number * 7 % 300)
        .set(~left, None),
        pl.Series("termination_reason", ["voluntary_quit"]).gather(number * 0).set(~left, None),
        rate.alias("base_rate"),
        pl.lit("hour").alias("base_rate_unit"),
        pl.lit("USD").alias("currency"),
        pl.Series("weekly_hours", [20.0, 32.0, 40.0]).gather(number % 3),
        pl.Series("gender", ["F", "M", "X", "U"]).gather(number * 13 % 4),
        (1 + number % 8).alias("job_level"),
        pl.Series("contract_type", ["permanent", "fixed_term"]).gather(number % 2),
        (number * 3 % 2).alias("promotions_in_window"),
        pl.Series("soc_code", ["11-1021", "41-2031", "43-4051", "53-7065"]).gather(number * 7 % 4),
        (rate - number % 3).round(2).alias("base_rate_start"),
        pl.format("J{}", number % 40).alias("job_code"),
    )
    assert frame.shape == (ROWS, COLUMNS)
    frame.write_csv(file)


async def blocks_of(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as reading:
        while block := reading.read(BLOCK):
            yield block


async def taken(_: Part) -> None:
    """Only the check is measured."""


def resident() -> int:
    """Bytes resident at most so far, of the child of this process that checks; 0 where there is none."""
    peaks = [0]
    for child in readers_of(os.getpid()):
        with suppress(OSError):  # gone meanwhile
            found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{child}/status").read_text())
            peaks += [int(found[1]) << 10] if found else []
    return max(peaks)


async def peak_until(done: asyncio.Event) -> int:
    peak = 0
    while not done.is_set():
        peak = max(peak, resident())
        await asyncio.sleep(0.02)
    return peak


async def test_ac2_5_a_million_rows_of_fifteen_columns_are_checked_in_twenty_seconds_and_bounded_memory(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    extract(tmp_path / "workforce.csv")
    limits = Limits(unpacked_bytes=settings.upload_bytes)
    order = Order(CSV, None, FACTS, limits, settings.sandbox_memory_bytes, settings.sandbox_seconds)
    TEMPLATES.end()  # so that what it and its child use is counted when it has ended
    done, before = asyncio.Event(), resource.getrusage(resource.RUSAGE_CHILDREN)
    watching = asyncio.create_task(peak_until(done))
    report = await check(blocks_of(tmp_path / "workforce.csv"), order, taken)
    done.set()
    TEMPLATES.end()
    peak, after = await watching, resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with capsys.disabled():
        sys.stdout.write(f"\n{ROWS:,} rows x {COLUMNS}: {seconds:.1f} processor seconds, {peak >> 20} MiB at most\n")
    assert isinstance(report, Report)
    assert (report.outcome, report.rows, report.employees) == ("accepted", ROWS, ROWS), report.findings
    assert seconds <= MOST_SECONDS
    assert 0 < peak <= MOST_BYTES
