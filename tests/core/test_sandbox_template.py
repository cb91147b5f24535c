"""The template of the sandbox: what it holds, what ends it, and that no file is the worse for its end."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvloop

from extracts import PAYROLL, as_csv, payroll_row
from processes import until
from residue import children_of, readers_of, templates_of
from wm_api.core import sandbox, sandbox_start
from wm_api.core.sandbox import ChildKilled, Order, check
from wm_api.core.sandbox_crosswalk import CrosswalkOrder, read_pairs
from wm_api.core.sandbox_start import ENVIRONMENT, TEMPLATES, started
from wm_api.records.intake import Report
from wm_api.records.readers import CSV, Limits

GOOD = as_csv([payroll_row(person, month) for month in (1, 2, 3) for person in range(100)])
ORDER = Order(CSV, None, PAYROLL, Limits(), 2 << 30, 60)
MANY = 40
MARK = b"a-code-of-one-file-alone-4711"
LOOPS = pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
Loop = Callable[[], asyncio.AbstractEventLoop]


async def checked(blocks: AsyncIterator[bytes]) -> str:
    async def taken(_: Any) -> None:
        """Only the outcome is looked at."""

    report = await check(blocks, ORDER, taken)
    assert isinstance(report, Report)
    return "unreadable" if report == sandbox.UNREADABLE else report.outcome


async def good() -> AsyncIterator[bytes]:
    yield GOOD


async def stalled(begin: bytes = GOOD[:500]) -> AsyncIterator[bytes]:
    yield begin
    await asyncio.sleep(60)


def own_readers() -> list[int]:
    return readers_of(os.getpid())


@asynccontextmanager
async def reading(blocks: AsyncIterator[bytes], among: int = 1) -> AsyncIterator[asyncio.Task[str]]:
    """A file that is being read, beside others."""
    task = asyncio.create_task(checked(blocks))
    await until(lambda: len(own_readers()) == among)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def template() -> int:
    """That of this process which is asked."""
    assert await checked(good()) == "accepted"
    assert TEMPLATES._asked is not None
    return TEMPLATES._asked.process.pid


async def on(loop: Loop, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    def run() -> Any:
        with asyncio.Runner(loop_factory=loop) as runner:
            return runner.run(work())

    return await asyncio.to_thread(run)


def status(pid: int, name: str) -> str:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split(":")[1].strip() for line in lines if line.startswith(name + ":"))


def environment_of(pid: int) -> dict[str, str]:
    words = Path(f"/proc/{pid}/environ").read_text().rstrip("\0").split("\0")
    return dict(each.split("=", 1) for each in words)


def threads_beside(pid: int) -> set[str]:
    """Of a process, beside its first."""
    threads = {thread.name: (thread / "comm").read_text().strip() for thread in Path(f"/proc/{pid}/task").iterdir()}
    assert threads.pop(str(pid))
    return set(threads.values())


def limits_of(pid: int) -> dict[str, list[str]]:
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return {line[:26].strip(): line[26:].split()[:2] for line in lines}


def open_of(pid: int) -> dict[int, str]:
    found = {}
    for each in Path(f"/proc/{pid}/fd").glob("*"):
        with suppress(OSError):
            found[int(each.name)] = str(each.readlink())
    return found


def memory_holds(pid: int, mark: bytes) -> bool:
    found = False
    with Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            begin, end = (int(word, 16) for word in line.split()[0].split("-"))
            if line.split()[1].startswith("rw"):
                with suppress(OSError, OverflowError):
                    memory.seek(begin)
                    found |= mark in memory.read(end - begin)
    return found


def gone(pid: int) -> bool:
    with suppress(OSError):
        return status(pid, "State").startswith("Z")
    return True


async def test_the_template_holds_no_secret_no_file_and_no_thread_that_does_anything() -> None:
    pid = await template()
    assert environment_of(pid) == ENVIRONMENT
    own = ["/dev/null", "/dev/null", *["socket"] * 4]
    await until(lambda: sorted(name.split(":")[0] for name in open_of(pid).values()) == own)  # those of the file go
    assert threads_beside(pid) <= {"polars-ooc-clea"}


async def test_a_child_has_its_own_session_its_limits_and_nothing_open_but_its_pipes() -> None:
    async with reading(stalled()):
        pid = own_readers()[0]
        await until(lambda: limits_of(pid)["Max core file size"] == ["0", "0"])
        await until(lambda: limits_of(pid)["Max cpu time"][0] == "30")
        limits = limits_of(pid)
        assert limits["Max address space"] == [str(2 << 30)] * 2
        assert limits["Max file size"] == limits["Max core file size"] == ["0", "0"]
        assert limits["Max open files"] == ["32", "32"]
        assert {name.split(":")[0] for name in open_of(pid).values()} == {"pipe", "/dev/null"}
        assert os.getsid(pid) == pid
        assert os.getpriority(os.PRIO_PROCESS, pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 5)


@LOOPS
async def test_a_template_that_is_killed_between_two_files_costs_no_file(loop: Loop) -> None:
    before = await template()
    os.kill(before, signal.SIGKILL)
    assert await on(loop, lambda: checked(good())) == "accepted"
    assert await template() != before
    assert gone(before)


@LOOPS
async def test_a_template_that_is_killed_takes_its_child_with_it_which_says_nothing_of_the_file(loop: Loop) -> None:
    before = await template()

    async def work() -> int:
        async with reading(stalled()) as task:
            child = own_readers()[0]
            os.kill(before, signal.SIGKILL)
            with pytest.raises(ChildKilled):
                await task
        return child

    child = await on(loop, work)
    await until(lambda: gone(child))
    assert await template() != before


async def test_a_template_that_stands_still_is_replaced_and_its_file_says_nothing_or_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = await template()
    monkeypatch.setattr(sandbox_start, "SECONDS_TO_BEGIN", 5)
    monkeypatch.setattr(sandbox_start, "SECONDS_TO_END", 1)
    async with reading(stalled()) as task:
        os.kill(before, signal.SIGSTOP)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert own_readers() == []
    stopped = await template()
    os.kill(stopped, signal.SIGSTOP)
    assert await checked(good()) == "accepted"
    assert gone(before)
    assert gone(stopped)


async def test_where_no_child_begins_the_file_is_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_start, "SECONDS_TO_BEGIN", 0)
    TEMPLATES.end()
    with pytest.raises(ChildKilled):
        await checked(good())


async def test_files_at_once_have_children_of_their_own_of_one_template() -> None:
    pid = await template()
    async with reading(stalled()), reading(stalled(), 2), reading(stalled(), 3):
        assert len(set(children_of(pid))) == 3
        assert await asyncio.gather(*(checked(good()) for _ in range(4))) == ["accepted"] * 4
    assert own_readers() == []
    assert await template() == pid


async def test_a_cancelled_file_ends_its_child_and_no_other() -> None:
    async with reading(stalled()) as kept:
        child = own_readers()[0]
        async with reading(stalled(), 2) as other:
            other.cancel()
            await asyncio.gather(other, return_exceptions=True)
            assert own_readers() == [child]
        assert not kept.done()


async def test_a_child_that_crashes_is_a_refusal_and_the_next_has_other_addresses() -> None:
    before = await template()
    more = asyncio.Event()

    async def late() -> AsyncIterator[bytes]:
        yield GOOD[:500]
        await more.wait()
        yield GOOD[500:]

    async with reading(late()) as other:
        beside = own_readers()[0]
        async with reading(stalled(), 2) as task:
            os.kill(next(pid for pid in own_readers() if pid != beside), signal.SIGSEGV)
            assert await task == "unreadable"
        assert await template() != before
        more.set()
        assert await other == "accepted"
    await until(lambda: gone(before))


async def test_nothing_of_a_file_is_in_the_next_child() -> None:
    pid = await template()
    async with reading(stalled(b"employee_key," + MARK)):
        first = own_readers()[0]
        await until(lambda: memory_holds(first, MARK))
    async with reading(stalled()):
        second = own_readers()[0]
        assert second != first
        assert not memory_holds(second, MARK)
        assert not memory_holds(pid, MARK)


@LOOPS
async def test_forty_files_leave_no_descriptor_open(loop: Loop) -> None:
    async def work() -> tuple[dict[int, str], dict[int, str]]:
        assert await checked(good()) == "accepted"
        await asyncio.sleep(0.1)
        first = open_of(os.getpid())
        for _ in range(MANY // 4):
            assert await asyncio.gather(*(checked(good()) for _ in range(4))) == ["accepted"] * 4
        await asyncio.sleep(0.1)
        return first, open_of(os.getpid())

    pid = await template()
    before = open_of(pid)
    first, last = await on(loop, work)
    assert len(last) <= len(first), set(last.values()) - set(first.values())
    await until(lambda: len(open_of(pid)) <= len(before))  # it says how a child ended, then closes
    assert await template() == pid


async def test_a_crosswalk_whose_template_is_killed_is_read_the_next_time() -> None:
    order = CrosswalkOrder(None, None, Limits(), 2 << 30, 60)

    async def kept(_: Any) -> None:
        """Only what is found is looked at."""

    os.kill(await template(), signal.SIGKILL)
    task = asyncio.create_task(read_pairs(stalled(b"old_employee_key,new_employee_key\n"), order, kept))
    await until(lambda: len(own_readers()) == 1)
    os.kill(templates_of(os.getpid())[0], signal.SIGKILL)
    with pytest.raises(ChildKilled):
        await task


SERVICE = """
import asyncio, sys
from wm_api.core.sandbox import Order, check
from wm_api.records.facts import Facts
from wm_api.records.readers import CSV, Limits
from datetime import date

async def blocks():
    yield b"plan_code,benefit_type"
    print("reading", flush=True)
    await asyncio.sleep(60)

async def taken(_):
    pass

facts = Facts(kind="benefit_plans", as_of=date(2025, 12, 31))
asyncio.run(check(blocks(), Order(CSV, None, facts, Limits(), 2 << 30, 60), taken))
"""


async def test_a_service_that_is_killed_leaves_neither_template_nor_child() -> None:
    service = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVICE, stdout=subprocess.PIPE)
    assert service.stdout is not None
    assert await service.stdout.readline() == b"reading\n"
    left = [*templates_of(service.pid), *readers_of(service.pid)]
    assert len(left) == 2
    service.kill()
    await service.wait()
    await until(lambda: all(gone(pid) for pid in left), 5)


async def test_a_child_is_there_in_milliseconds() -> None:
    await template()
    took = []
    for _ in range(20):
        begun = time.perf_counter()
        child = await started()
        took.append(time.perf_counter() - begun)
        child.kill()
        await child.wait()
        child.close()
    assert min(took) < 0.05


THREADED = """
import threading, time
from wm_api.core import sandbox_template
assert sandbox_template.active_threads() <= {"polars-ooc-clea"}
threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
sandbox_template.SECONDS_TO_PARK = 0.1
sandbox_template.wait_for_threads()
"""


async def test_no_child_is_forked_beside_a_thread_that_the_template_does_not_know() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", THREADED, env=ENVIRONMENT, stderr=subprocess.PIPE
    )
    _, errors = await process.communicate()
    assert (process.returncode, errors) == (1, b"A thread runs in the template of the sandbox.\n")
