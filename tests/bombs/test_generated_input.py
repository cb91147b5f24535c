"""AC8.3: whatever a file holds, the reader says accepted or refused; should it die, then in the child alone."""

import asyncio
import io
import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from bombs.mutations import LIMITS, READERS, good, spoilt
from extracts import PAYROLL
from shared import scaled
from wm_api.records.intake import take_in

pytestmark = pytest.mark.slow
CASES = scaled(10_000)
TESTS = Path(__file__).resolve().parents[1]
QUIET = 60.0
"""Seconds that a case may take."""


async def run(reader: str, first: int, last: int) -> tuple[list[str], int | None]:
    """What the child printed, and how it ended; it is killed when it says nothing for long."""
    command = ["-m", "bombs.mutations", reader, str(first), str(last)]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, env=environment, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdout is not None
    lines = []
    while line := await asyncio.wait_for(process.stdout.readline(), QUIET):
        lines.append(line.decode().strip())
    return lines, await process.wait()


@pytest.mark.parametrize("reader", READERS)
async def test_ac8_3_generated_input_is_accepted_or_refused(reader: str, capsys: pytest.CaptureFixture[str]) -> None:
    ends, first = Counter[str](), 0
    while first < CASES:
        lines, code = await run(reader, first, CASES)
        assert lines, f"the reader did not start: {code}"
        ends.update(line.partition(" ")[2] or f"died {code}" for line in lines)
        first = int(lines[-1].split()[0]) + 1
        assert code is not None
        assert code <= 0, f"an error came out of the reader at case {lines[-1]}"
    assert sum(ends.values()) == CASES
    assert ends["refused"] > CASES // 4
    with capsys.disabled():
        sys.stdout.write(f"\n{reader}: {dict(ends)}\n")


def test_every_case_is_another_file() -> None:
    content = good("csv")[0]
    assert len({spoilt(content, seed) for seed in range(100)}) > 90


@pytest.mark.parametrize("reader", READERS)
def test_unspoilt_it_is_accepted(reader: str) -> None:
    content, media_type, encoding = good(reader)
    report = take_in(io.BytesIO(content), media_type, encoding, PAYROLL, LIMITS, lambda _keys, _frame: None)
    assert report.outcome == "accepted"
