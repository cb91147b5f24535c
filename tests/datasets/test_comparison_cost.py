"""What the comparison with the account's other datasets costs: seconds, and memory that is bounded."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import httpx
import polars as pl
import pytest

from beside import key
from companies import Company, sign_up
from wm_api.core.ids import new_id
from wm_api.core.principal import SYSTEM
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.service import datasets, files, settling, verdicts
from wm_api.datasets.service.pushes import Push, Said
from wm_api.records.facts import Facts

PERIODS, BLOCK = 26, 1 << 20
MOST_SECONDS, MOST_MB = 180, 400
STAFF = Facts(kind="workforce", as_of=date(2025, 12, 31))
PAY = Facts(kind="payroll", period_start=date(2025, 1, 1), period_end=date(2025, 12, 30))


def memory(name: str) -> float:
    """MB of this process: VmRSS now, VmHWM at most since `forget_peak`."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def workforce(company: Company, people: int) -> pl.DataFrame:
    numbers = pl.int_range(people, eager=True)
    return pl.DataFrame({"employee_key": [key(company, number) for number in range(people)]}).with_columns(
        pl.date_range(date(2010, 1, 1), date(2019, 1, 1), eager=True)
        .sample(people, with_replacement=True, seed=7)
        .alias("hire_date"),
        (20 + numbers % 37).alias("base_rate"),
        pl.lit("hour").alias("base_rate_unit"),
        pl.lit("USD").alias("currency"),
        pl.lit("full_time").alias("schedule_type"),
        pl.lit("F").alias("gender"),
        pl.concat_str(pl.lit("J"), (numbers % 40).cast(pl.String)).alias("job_code"),
    )


def payroll(staff: pl.DataFrame, run_no: int) -> pl.DataFrame:
    starts = pl.DataFrame({"period_start": [date(2025, 1, 1) + timedelta(days=14 * each) for each in range(PERIODS)]})
    dated = starts.with_columns((pl.col("period_start") + pl.duration(days=13)).alias("period_end"))
    pay = staff.select("employee_key", "currency", (pl.col("base_rate") * 80).cast(pl.Float64).alias("pay_base"))
    return dated.join(pay, how="cross").with_columns(
        pl.lit(run_no).alias("run_no"), pl.lit(80.0).alias("hours_regular")
    )


async def checked(
    resources: Resources, company: Company, frame: pl.DataFrame, facts: Facts
) -> tuple[Push, files.StoredFile, UUID]:
    content, object_id = frame.write_csv().encode(), new_id()

    async def blocks() -> AsyncIterator[bytes]:
        for start in range(0, len(content), BLOCK):
            yield content[start : start + BLOCK]

    stored = await files.check_and_store(resources, UUID(company.id), object_id, blocks, "text/csv", None, facts)
    assert isinstance(stored, files.StoredFile), stored.findings
    return (
        Push(Said(facts, external_ref=f"{object_id}"), "text/csv", f"{object_id.int:064x}", len(content)),
        stored,
        object_id,
    )


async def counted(resources: Resources, company: Company, frame: pl.DataFrame, facts: Facts) -> None:
    push, stored, object_id = await checked(resources, company, frame, facts)
    async with transaction(resources, UUID(company.id)) as session:
        await datasets.receive(session, resources.settings, SYSTEM, object_id, push, stored)


async def cost(resources: Resources, company: Company, frame: pl.DataFrame, facts: Facts) -> tuple[float, float]:
    """Seconds, and MB above what was there before. What it found is looked at by others."""
    push, stored, object_id = await checked(resources, company, frame, facts)
    await asyncio.sleep(1)
    forget_peak()
    before, begun = memory("VmRSS"), time.monotonic()
    see = partial(verdicts.case_of, resources=resources, push=push, stored=stored, object_id=object_id)
    _, found = await settling.looked(resources, UUID(company.id), see, verdicts.compared)
    seconds, peak = time.monotonic() - begun, memory("VmHWM") - before
    assert isinstance(found, files.StoredFile), found.findings
    assert found.beside
    return seconds, peak


@pytest.mark.slow
@pytest.mark.measures
async def test_a_large_file_is_compared_in_seconds_and_bounded_memory(
    http: httpx.AsyncClient, resources: Resources, capsys: pytest.CaptureFixture[str]
) -> None:
    company = await sign_up(http)
    people = 100_000
    staff = workforce(company, people)
    await counted(resources, company, staff, STAFF)
    later = staff.with_columns(pl.col("base_rate") + 1)
    figures = {"workforce": await cost(resources, company, later, replace(STAFF, as_of=date(2026, 1, 31)))}
    await counted(resources, company, payroll(staff, 1), PAY)
    figures["payroll"] = await cost(resources, company, payroll(staff, 2), PAY)
    with capsys.disabled():
        for name, (seconds, peak) in figures.items():
            print(f"\n{name} of {people} people: {seconds:.1f} s, {peak:.0f} MB")  # noqa: T201 - the figure of a bench
    for seconds, peak in figures.values():
        assert seconds < MOST_SECONDS
        assert peak < MOST_MB
