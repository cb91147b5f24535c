"""watch pushes each finished file once, whatever happens between, and ends politely."""

import asyncio
import json
import os
import signal
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from capture.agents import Agent
from capture.customers import MAPPING, STAFF
from capture.wires import Wire, wire_to
from wm_api.capture.folder import Folder, Naming
from wm_api.capture.problems import UsageWrong

NO_DATE = MAPPING.replace("[facts]\nas_of = 2025-12-31\n", "")
PATTERN = "staff_%Y-%m-%d.csv"
OTHER = STAFF.replace("52.000,50", "53.000,50")


def inbox_of(agent: Agent, **files: str) -> Path:
    inbox = agent.customer.folder / "inbox"
    inbox.mkdir(exist_ok=True)
    for name, content in files.items():
        (inbox / name.replace("__", "-").replace("_csv", ".csv")).write_text(content)
    return inbox


async def watched(agent: Agent, wire: Wire, mapping: str = NO_DATE) -> tuple[int, dict[str, dict[str, Any]]]:
    """One round, as a scheduler runs it: exit code, and a line for each file."""
    options = ["--mapping", agent.customer.file("staff.toml", mapping), "--as-of-from-name", PATTERN]
    folder = str(agent.customer.folder / "inbox")
    code, text = await agent.run(wire, "watch", folder, *options, "--once", "--settle", "0", "--json")
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return code, {line["file"]: line for line in lines}


async def test_each_file_is_pushed_once_dated_by_its_name_and_a_refused_one_stops_nothing(
    agent: Agent, address: tuple[str, int], worker: None
) -> None:
    inbox = inbox_of(agent, staff_2025__10__31_csv=STAFF, staff_2025__11__30_csv=STAFF.replace("F;", "Q;"))
    inbox_of(agent, staff_2025__12__31_csv=OTHER, notes_csv="x")
    (inbox / "staff_2026-01-31.csv.part").write_text("half")
    async with wire_to(address, Wire()) as wire:
        code, lines = await watched(agent, wire)
        assert code == 1, "that of the refused file"
        assert {name: line["outcome"] for name, line in lines.items()} == {
            "notes.csv": "skipped",
            "staff_2025-10-31.csv": "sent",
            "staff_2025-11-30.csv": "refused",
            "staff_2025-12-31.csv": "sent",
        }
        assert "gender" in lines["staff_2025-11-30.csv"]["error"]
        again = await watched(agent, wire)
        assert (again[0], set(again[1])) == (0, {"notes.csv"}), "a restart sends nothing twice"
        (inbox / "staff_2025-11-30.csv").write_text(STAFF.replace("61.000", "62.000"))
        code, lines = await watched(agent, wire)
        assert (code, lines["staff_2025-11-30.csv"]["outcome"]) == (0, "sent"), "a corrected file is another file"
    days = {each["as_of"] for each in await agent.datasets()}
    assert days == {"2025-10-31", "2025-11-30", "2025-12-31"}
    assert sorted(path.name for path in inbox.glob("staff*.csv")), "files stay where they are"


async def test_a_better_mapping_is_another_try(agent: Agent, address: tuple[str, int], worker: None) -> None:
    inbox_of(agent, staff_2025__12__31_csv=STAFF)
    async with wire_to(address, Wire()) as wire:
        code, lines = await watched(agent, wire, NO_DATE.replace('ignore = ["Name"]', ""))
        assert (code, lines["staff_2025-12-31.csv"]["outcome"]) == (5, "refused")
        code, lines = await watched(agent, wire)
    assert (code, lines["staff_2025-12-31.csv"]["outcome"]) == (0, "sent")


async def test_files_wait_for_a_server_that_is_away(
    agent: Agent, address: tuple[str, int], worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wm_api.capture.client.TRIES", 2)
    monkeypatch.setattr("wm_api.capture.client.FIRST_PAUSE", 0.01)
    inbox_of(agent, staff_2025__10__31_csv=STAFF, staff_2025__12__31_csv=OTHER)
    wire = Wire(cut=lambda *_: True)
    async with wire_to(address, wire):
        code, lines = await watched(agent, wire)
        assert (code, [line["outcome"] for line in lines.values()]) == (4, ["later"])
        wire.cut = lambda *_: False
        code, lines = await watched(agent, wire)
    assert (code, [line["outcome"] for line in lines.values()]) == (0, ["sent", "sent"])


async def test_a_file_that_grows_is_left_alone_and_sigterm_ends_the_watch(
    agent: Agent, address: tuple[str, int], worker: None
) -> None:
    inbox = inbox_of(agent)
    mapping = agent.customer.file("staff.toml", NO_DATE)
    async with wire_to(address, Wire()) as wire:
        settings = {**os.environ, **agent.customer.environment, "WM_URL": wire.url, "WM_API_KEY": agent.secret}
        command = [sys.executable, "-m", "wm_api.capture", "watch", str(inbox), "--mapping", mapping, "--json"]
        options = ["--as-of-from-name", PATTERN, "--every", "0.1", "--settle", "1"]
        watch = await asyncio.create_subprocess_exec(
            *command, *options, env=settings, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        try:
            with (inbox / "staff_2025-12-31.csv").open("w") as growing:
                for piece in STAFF.splitlines(keepends=True):
                    growing.write(piece)
                    growing.flush()
                    await asyncio.sleep(0.4)
            assert watch.stdout is not None
            line = json.loads(await asyncio.wait_for(watch.stdout.readline(), 60))
            assert (line["outcome"], line["report"]["file"]["rows"]) == ("sent", 3)
        finally:
            watch.send_signal(signal.SIGTERM)
        _, said = await asyncio.wait_for(watch.communicate(), 20)
    assert watch.returncode == 0
    assert said.decode().split() == ["Ending", "after", "the", "file", "in", "hand."]


def test_only_what_stays_unchanged_is_finished(tmp_path: Path) -> None:
    now = [0.0]
    folder = Folder(tmp_path, 5, lambda: now[0])
    file = tmp_path / "a.csv"
    for name in (".hidden", "b.part", "c.tmp", "~lock", "d.crdownload"):
        (tmp_path / name).write_text("x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(file)
    file.write_text("1")
    found = []
    for seconds, text in ((0, "1"), (4, "1"), (6, "12"), (9, "12"), (11, "12"), (11.5, "12")):
        now[0] = seconds
        if file.read_text() != text:
            file.write_text(text)
        found.append([path.name for path, _ in folder.finished()])
    assert found == [[], [], [], [], ["a.csv"], ["a.csv"]]


@pytest.mark.parametrize(
    ("naming", "name", "facts"),
    [
        (Naming(as_of="staff_%Y-%m-%d.csv"), "staff_2025-12-31.csv", {"as_of": date(2025, 12, 31)}),
        (Naming(as_of="%d%m%Y*.csv*"), "31122025-v2.csv.gz", {"as_of": date(2025, 12, 31)}),
        (Naming(as_of="staff_%Y-%m-%d.csv"), "staff_2025-02-31.csv", None),
        (Naming(as_of="staff_%Y-%m-%d.csv"), "staff_2025-12-31_csv", None),
        (
            Naming(period="pay_%Y%m%d-%Y%m%d.csv"),
            "pay_20251213-20251226.csv",
            {"period_start": date(2025, 12, 13), "period_end": date(2025, 12, 26)},
        ),
        (
            Naming(period="%m.%Y.csv"),
            "02.2024.csv",
            {"period_start": date(2024, 2, 1), "period_end": date(2024, 2, 29)},
        ),
        (Naming(period="%m.%Y.csv"), "13.2024.csv", None),
        (Naming(), "anything", {}),
    ],
)
def test_a_name_says_its_dates_or_is_not_meant(naming: Naming, name: str, facts: dict[str, date] | None) -> None:
    assert naming.facts(name) == facts


@pytest.mark.parametrize(
    "wrong", [{"as_of": "staff.csv"}, {"as_of": "%Y-%m"}, {"period": "%Y"}, {"as_of": "%Y%m%d", "period": "%Y%m"}]
)
def test_a_pattern_that_names_no_whole_date_is_a_usage_error(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageWrong, match="from-name"):
        Naming(**wrong)
