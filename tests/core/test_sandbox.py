"""The child that reads files: what it may do, what ends it, and that its end is a refusal, never a fault."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import uvloop

from extracts import KEYS, PAYROLL, as_csv, payroll_row
from residue import readers_of
from wm_api.core import sandbox, sandbox_process
from wm_api.core.faults import passes
from wm_api.core.ids import new_id
from wm_api.core.keystore import KeyGone
from wm_api.core.resources import Resources
from wm_api.core.sandbox import ChildKilled, Order, Part, check
from wm_api.core.sandbox_start import Child, started
from wm_api.datasets.service.files import StoredFile, check_and_store
from wm_api.records.facts import Facts
from wm_api.records.intake import Report
from wm_api.records.readers import CSV, Limits

MIB = 1 << 20
ROWS = [payroll_row(person, month) for month in (1, 2, 3) for person in range(100)]
GOOD = as_csv(ROWS)


def order(memory: int = 2048 * MIB, seconds: int = 60) -> Order:
    return Order(CSV, None, PAYROLL, Limits(), memory, seconds)


async def blocks_of(content: bytes, piece: int = MIB) -> AsyncIterator[bytes]:
    for start in range(0, len(content), piece):
        yield content[start : start + piece]


async def checked(blocks: AsyncIterator[bytes], given: Order | None = None) -> tuple[Report, list[Part]]:
    parts: list[Part] = []

    async def keep(part: Part) -> None:
        parts.append(part)

    report = await check(blocks, given or order(), keep)
    assert isinstance(report, Report)
    return report, parts


def children() -> list[int]:
    """Of this process, that read files."""
    return readers_of(os.getpid())


async def test_keys_come_once_and_rows_have_their_numbers() -> None:
    report, parts = await checked(blocks_of(GOOD, 777))
    assert report.outcome == "accepted"
    assert (report.rows, report.employees) == (300, 100)
    assert b"".join(part.new_keys for part in parts).decode() == "".join(KEYS[:100])
    numbers = pl.concat([part.frame for part in parts]).get_column("employee_key")
    assert numbers.to_list() == list(range(100)) * 3


async def test_the_event_loop_of_the_server_gives_the_child_other_pipes_and_the_same_comes_out() -> None:
    def served() -> tuple[Report, list[Part]]:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(checked(blocks_of(GOOD)))

    report, parts = await asyncio.to_thread(served)
    assert (report.outcome, sum(part.frame.height for part in parts)) == ("accepted", 300)


async def test_a_child_without_memory_is_a_refusal() -> None:
    keys = as_csv([payroll_row(person % 400, pay_base=f"{person}.5") for person in range(60_000)])
    report, _ = await checked(blocks_of(keys), order(memory=240 * MIB))
    assert report == sandbox.UNREADABLE
    assert not children()


async def test_a_child_out_of_time_is_a_refusal_and_is_gone() -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield GOOD[:500]
        await asyncio.sleep(60)

    begun = time.monotonic()
    report, _ = await checked(stalled(), order(seconds=2))
    assert report == sandbox.UNREADABLE
    assert time.monotonic() - begun < 10
    assert not children()


async def test_a_cancelled_caller_leaves_no_child() -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield GOOD[:500]
        await asyncio.sleep(60)

    task = asyncio.create_task(checked(stalled()))
    await asyncio.sleep(0.5)
    assert len(children()) == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not children()


async def test_an_error_of_the_source_is_the_callers() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield GOOD[:500]
        raise OverflowError("over the limit")

    with pytest.raises(OverflowError):
        await checked(broken())
    assert not children()


async def test_an_error_of_the_taker_is_the_callers() -> None:
    async def full(_: Part) -> None:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        await check(blocks_of(GOOD), order(), full)
    assert not children()


async def test_a_timeout_of_the_taker_is_no_refusal() -> None:
    async def late(_: Part) -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await check(blocks_of(GOOD), order(), late)


async def killing() -> AsyncIterator[bytes]:
    """A file during which the child is killed from outside."""
    yield GOOD[:500]
    await asyncio.sleep(1)
    for child in children():
        os.kill(child, signal.SIGKILL)
    await asyncio.sleep(60)


async def test_a_child_that_is_killed_from_outside_says_nothing_of_the_file() -> None:
    with pytest.raises(ChildKilled) as told:
        await checked(killing())
    assert passes(told.value)
    assert not children()


async def killed_between_blocks() -> AsyncIterator[bytes]:
    """As `killing`, and more comes when the child is long gone."""
    yield GOOD[:500]
    for child in children():
        os.kill(child, signal.SIGKILL)
    await asyncio.sleep(0.5)
    yield GOOD[500:]


async def killed_at_once() -> Child:
    child = await started()
    child.kill()
    await child.wait()
    await asyncio.sleep(0.1)
    return child


def told_by_the_loop_of_the_server(blocks: AsyncIterator[bytes]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, pytest.raises(ChildKilled):
        runner.run(checked(blocks))


async def test_a_child_that_is_gone_before_its_first_word_says_nothing_of_the_file_on_the_servers_event_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sandbox_process, "started", killed_at_once)
    await asyncio.to_thread(told_by_the_loop_of_the_server, blocks_of(GOOD))


async def test_a_child_that_goes_between_two_blocks_says_nothing_of_the_file_on_the_servers_event_loop() -> None:
    await asyncio.to_thread(told_by_the_loop_of_the_server, killed_between_blocks())


async def test_a_file_whose_child_is_killed_is_looked_at_once_more(resources: Resources) -> None:
    looks = [killing(), blocks_of(GOOD)]
    stored = await check_and_store(resources, new_id(), new_id(), lambda: looks.pop(0), CSV, None, PAYROLL)
    assert isinstance(stored, StoredFile)
    assert stored.report.rows == 300


async def test_a_file_whose_child_is_killed_twice_is_no_refusal_and_leaves_nothing(resources: Resources) -> None:
    account_id, object_id = new_id(), new_id()
    with pytest.raises(ChildKilled):
        await check_and_store(resources, account_id, object_id, killing, CSV, None, PAYROLL)
    assert not [each async for each in resources.storage.names(f"datasets/{account_id}")]
    with pytest.raises(KeyGone):
        await resources.keystore.object_key(str(account_id), str(object_id), "dataset")


LIMITED = """
import os, resource, sys
from wm_api.core import sandbox_child
sandbox_child.limit_itself(2 << 30)
sandbox_child.allow_seconds(120, 0)
first = resource.getrlimit(resource.RLIMIT_CPU)[0]
sandbox_child.allow_seconds(120, 3_500_000)
assert (first, resource.getrlimit(resource.RLIMIT_CPU)[0]) == (60, 240)
assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
try:
    with open(sys.argv[1], "wb", buffering=0) as file:
        file.write(b"x")
    sys.exit("a file was written")
except OSError:
    pass
try:
    held = [os.dup(0) for _ in range(40)]
    sys.exit("40 descriptors were opened")
except OSError:
    pass
"""


async def test_the_child_can_write_no_file_and_open_few_descriptors(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LIMITED, str(tmp_path / "written"), stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    assert process.returncode in {0, -25}, errors  # 25: the signal of a file over its size
    assert (tmp_path / "written").read_bytes() == b""


@pytest.mark.parametrize(
    "message",
    [
        (b"K", b"too short"),
        (b"F", b"not a frame"),
        (b"F", pl.DataFrame({"pay_base": [1.0]}).write_ipc_stream(None).getvalue()),
        (
            b"F",
            pl.DataFrame({"employee_key": [7]}, schema={"employee_key": pl.UInt32}).write_ipc_stream(None).getvalue(),
        ),
        (b"F", pl.DataFrame({"employee_key": [0]}).write_ipc_stream(None).getvalue()),
        (b"R", b"{}"),
        (b"P", b"many"),
    ],
)
async def test_a_child_that_says_what_it_should_not_is_a_refusal(
    message: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def taken_over(_: Any) -> tuple[bytes, bytes]:
        return message

    monkeypatch.setattr(sandbox, "message", taken_over)
    report, parts = await checked(blocks_of(GOOD))
    assert (report, parts) == (sandbox.UNREADABLE, [])


PLANS = Facts(kind="benefit_plans", as_of=date(2025, 12, 31))
PLAN_FILE = b"plan_code,benefit_type\nmedical-1,medical\nleave-1,vacation\n"


async def test_a_kind_without_people_comes_without_keys() -> None:
    report, parts = await checked(blocks_of(PLAN_FILE), replace(order(), facts=PLANS))
    assert (report.outcome, report.rows, report.key_ids) == ("accepted", 2, ())
    assert [(part.new_keys, part.frame.columns) for part in parts] == [(b"", ["plan_code", "benefit_type"])]


async def test_keys_where_none_belong_are_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pl.DataFrame({"employee_key": [0]}, schema={"employee_key": pl.UInt32}).write_ipc_stream(None).getvalue()

    async def taken_over(_: Any) -> tuple[bytes, bytes]:
        return b"F", frame

    monkeypatch.setattr(sandbox, "message", taken_over)
    report, parts = await checked(blocks_of(PLAN_FILE), replace(order(), facts=PLANS))
    assert (report, parts) == (sandbox.UNREADABLE, [])
