"""watch pushes each finished file once, whatever happens between, and ends politely."""

import asyncio
import errno
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from capture.agents import Agent
from capture.customers import ACCOUNT, MAPPING, STAFF
from capture.wires import Wire, serving, wire_to
from waiting import until
from wm_api.capture.client import Client
from wm_api.capture.delivery import Order
from wm_api.capture.folder import Folder, Naming
from wm_api.capture.journal import Journal
from wm_api.capture.key_file import read_key_file
from wm_api.capture.problems import UsageWrong
from wm_api.capture.watching import LONGEST_WAIT, Watcher
from wm_api.core.resources import Resources
from wm_api.core.settings import Settings
from wm_api.main import create_app

NO_DATE = MAPPING.replace("[facts]\nas_of = 2025-12-31\n", "")
ENROLMENTS = """\
version = 1
kind = "benefit_enrolments"
[source]
delimiter = ";"
ignore = ["Name", "Hired", "Sex", "Pay", "Unit"]
[columns]
employee_key = { from = "Id", as = "employee_key" }
plan_code = { constant = "MED1" }
"""
PATTERN = "staff_%Y-%m-%d.csv"
OTHER = STAFF.replace("52.000,50", "53.000,50")


def inbox_of(agent: Agent, **files: str) -> Path:
    inbox = agent.customer.folder / "inbox"
    inbox.mkdir(exist_ok=True)
    for name, content in files.items():
        (inbox / name.replace("__", "-").replace("_csv", ".csv")).write_text(content)
    return inbox


def moved(before: str, now: str) -> None:
    """One journal for two key files, as where a key file is replaced."""
    Path(before).replace(now)


@contextmanager
def watcher_of(
    agent: Agent, wire: Wire, inbox: Path, clock: Callable[[], float], settle: float = 0
) -> Iterator[tuple[Watcher, list[dict[str, Any]]]]:
    """A watch whose clock is ours, and what it told."""
    key = Path(agent.customer.environment["WM_CAPTURE_KEY"])
    mapping, told = Path(agent.customer.file("staff.toml", NO_DATE)), list[dict[str, Any]]()
    order = Order(mapping, read_key_file(key, lambda: ""), {}, {})
    journal = Journal(agent.customer.folder / "journal", wire.url)
    with Client(wire.url, agent.secret) as client:
        folder, naming = Folder(inbox, settle, clock), Naming(as_of=PATTERN)
        yield Watcher(folder, naming, order, client, journal, told.append, lambda: False), told


def failing_disk(patch: pytest.MonkeyPatch, opens: dict[str, int]) -> list[str]:
    """Files that can be opened so many times, then no more. The names of the files that are read as text."""
    opened, read, texts = Path.open, Path.read_text, list[str]()

    def open_path(path: Path, *args: Any, **options: Any) -> Any:
        if path.name in opens:
            opens[path.name] -= 1
            if opens[path.name] < 0:
                raise OSError(errno.EIO, "Input/output error")
        return opened(path, *args, **options)

    def read_text(path: Path, *args: Any, **options: Any) -> str:
        texts.append(path.name)
        return read(path, *args, **options)

    patch.setattr(Path, "open", open_path)
    patch.setattr(Path, "read_text", read_text)
    return texts


async def watched(
    agent: Agent, wire: Wire, mapping: str = NO_DATE, *more: str
) -> tuple[int, dict[str, dict[str, Any]]]:
    """One round, as a scheduler runs it: exit code, and a line for each file."""
    options = ["--mapping", agent.customer.file("staff.toml", mapping), "--as-of-from-name", PATTERN, *more]
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
        assert again[0] == 1, "a scheduler is not told that all is well while a refused file lies there"
        assert {line["outcome"] for line in again[1].values()} == {"skipped"}, "a restart sends nothing twice"
        assert "Refused before" in again[1]["staff_2025-11-30.csv"]["error"]
        (inbox / "staff_2025-11-30.csv").write_text(STAFF.replace("61.000", "62.000"))
        code, lines = await watched(agent, wire)
        assert (code, lines["staff_2025-11-30.csv"]["outcome"]) == (0, "sent"), "a corrected file is another file"
    days = {each["as_of"] for each in await agent.datasets()}
    assert days == {"2025-10-31", "2025-11-30", "2025-12-31"}
    assert sorted(path.name for path in inbox.glob("staff*.csv")), "files stay where they are"


async def test_a_ceiling_is_another_try_and_never_sends_again_what_was_sent(
    agent: Agent, address: tuple[str, int], worker: None
) -> None:
    crowd = "".join(f"1{at:03};Name;13/02/2020;F;52.000,50;Y\n" for at in range(40))
    inbox_of(agent, staff_2025__11__30_csv=STAFF, staff_2025__12__31_csv=STAFF.replace("25,75", "9999,00") + crowd)
    async with wire_to(address, Wire()) as wire:
        code, lines = await watched(agent, wire)
        assert (code, lines["staff_2025-12-31.csv"]["outcome"]) == (1, "refused")
        code, lines = await watched(agent, wire, NO_DATE, "--quarantine-ceiling", "0.05")
    assert (code, lines["staff_2025-12-31.csv"]["outcome"]) == (0, "sent")
    assert lines["staff_2025-12-31.csv"]["report"]["quarantined"] == 1
    assert lines["staff_2025-11-30.csv"]["outcome"] == "skipped"


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


async def test_the_same_file_is_sent_for_each_mapping_and_for_no_other_comment(
    agent: Agent, address: tuple[str, int], worker: None
) -> None:
    inbox_of(agent, staff_2025__12__31_csv=STAFF)
    async with wire_to(address, Wire()) as wire:
        for mapping, outcome in (
            (NO_DATE, "sent"),
            (ENROLMENTS, "sent"),
            ("# another comment\n" + NO_DATE, "skipped"),
        ):
            code, lines = await watched(agent, wire, mapping)
            assert (code, lines["staff_2025-12-31.csv"]["outcome"]) == (0, outcome), lines
    assert {each["kind"] for each in await agent.datasets()} == {"workforce", "benefit_enrolments"}


async def test_the_same_content_under_another_date_is_sent_too_and_each_once(
    agent: Agent, address: tuple[str, int], worker: None
) -> None:
    inbox_of(agent, staff_2025__11__30_csv=STAFF, staff_2025__12__31_csv=STAFF)
    async with wire_to(address, Wire()) as wire:
        code, lines = await watched(agent, wire)
        assert (code, {line["outcome"] for line in lines.values()}) == (0, {"sent"})
        first, second = await agent.datasets()
        assert (first["sha256"], first["as_of"]) == (second["sha256"], "2025-12-31")
        code, lines = await watched(agent, wire)
    assert {line["outcome"] for line in lines.values()} == {"skipped"}
    assert all("Sent before" in line["error"] for line in lines.values())


async def test_a_file_that_came_with_the_wrong_key_is_sent_once_the_key_is_right(
    agent: Agent, address: tuple[str, int], worker: None
) -> None:
    inbox_of(agent, staff_2025__11__30_csv=STAFF)
    right, wrong = agent.customer.environment["WM_CAPTURE_KEY"], str(agent.customer.folder / "wrong.key")
    async with wire_to(address, Wire()) as wire:
        assert (await watched(agent, wire))[0] == 0
        assert agent.customer.run("keygen", "--account", ACCOUNT, "--out", wrong).exit_code == 0
        moved(right + ".journal", wrong + ".journal")
        inbox_of(agent, staff_2025__12__31_csv=OTHER)
        agent.customer.environment["WM_CAPTURE_KEY"] = wrong
        code, lines = await watched(agent, wire)
        line = lines["staff_2025-12-31.csv"]
        assert (code, line["outcome"], line["problem"]["code"]) == (3, "later", "employee-key-changed")
        moved(wrong + ".journal", right + ".journal")
        agent.customer.environment["WM_CAPTURE_KEY"] = right
        code, lines = await watched(agent, wire)
    assert (code, lines["staff_2025-12-31.csv"]["outcome"]) == (0, "sent")
    assert lines["staff_2025-11-30.csv"]["outcome"] == "skipped"


async def test_what_the_account_has_no_room_for_is_said_once_and_sent_when_there_is(
    agent: Agent, worker: None, settings: Settings, resources: Resources
) -> None:
    now = [0.0]
    inbox = inbox_of(agent, staff_2025__11__30_csv=STAFF, staff_2025__12__31_csv=OTHER)
    own = settings.model_copy(update={"most_datasets": 1})
    async with serving(create_app(own, replace(resources, settings=own))) as address, wire_to(address, Wire()) as wire:
        with watcher_of(agent, wire, inbox, lambda: now[0]) as (watcher, told):

            async def outcomes(seconds: float) -> list[str]:
                now[0] += seconds
                return [line["outcome"] for line in await asyncio.to_thread(watcher.look)]

            assert [await outcomes(seconds) for seconds in (0, 1, 1, 60)] == [[], ["sent", "later"], [], ["later"]]
            (first,) = await agent.datasets()
            await agent.company.call("DELETE", f"/v1/datasets/{first['id']}", 202)

            async def sent() -> bool:
                return await outcomes(LONGEST_WAIT) == ["sent"]

            await until(sent)
            assert await outcomes(LONGEST_WAIT) == []
    assert [(line["outcome"], line.get("problem", {}).get("code")) for line in told] == [
        ("sent", None),
        ("later", "quota-reached"),
        ("sent", None),
    ]


async def test_a_file_that_grows_is_left_alone(agent: Agent, address: tuple[str, int], worker: None) -> None:
    now, half = [0.0], len(STAFF) // 2
    inbox = inbox_of(agent)
    async with wire_to(address, Wire()) as wire:
        with watcher_of(agent, wire, inbox, lambda: now[0], settle=5) as (watcher, told):
            for seconds, content in ((0, STAFF[:half]), (4, STAFF[:half]), (6, STAFF), (10, STAFF)):
                now[0] = seconds
                if content not in {path.read_text() for path in inbox.iterdir()}:
                    inbox_of(agent, staff_2025__12__31_csv=content)
                assert await asyncio.to_thread(watcher.look) == []
            now[0] = 11
            await asyncio.to_thread(watcher.look)
    assert [(line["outcome"], line["report"]["file"]["rows"]) for line in told] == [("sent", 3)]


async def test_files_that_the_disk_takes_away_stop_nothing_and_are_tried_again(
    agent: Agent, address: tuple[str, int], worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = inbox_of(agent, staff_2025__10__31_csv=STAFF, staff_2025__11__30_csv=OTHER)
    inbox_of(agent, staff_2025__12__31_csv=STAFF.replace("52.000,50", "54.000,50"))
    now = [0.0]
    async with wire_to(address, Wire()) as wire:
        with watcher_of(agent, wire, inbox, lambda: now[0]) as (watcher, told), monkeypatch.context() as patch:
            assert await asyncio.to_thread(watcher.look) == []
            texts = failing_disk(patch, {"staff_2025-10-31.csv": 0, "staff_2025-11-30.csv": 1})
            await asyncio.to_thread(watcher.look)
            assert [line["outcome"] for line in told] == ["later", "later", "sent"]
            assert texts.count("journal") == 1, "read once a round"
            patch.undo()
            now[0] = 61
            await asyncio.to_thread(watcher.look)
            shutil.rmtree(inbox)
            await asyncio.to_thread(watcher.look)
    assert [line["outcome"] for line in told[3:]] == ["sent", "sent", "later"]


async def test_sigterm_ends_the_watch_after_the_file_in_hand(
    agent: Agent, address: tuple[str, int], worker: None
) -> None:
    inbox = inbox_of(agent, staff_2025__12__31_csv=STAFF)
    mapping = agent.customer.file("staff.toml", NO_DATE)
    async with wire_to(address, Wire()) as wire:
        settings = {**os.environ, **agent.customer.environment, "WM_URL": wire.url, "WM_API_KEY": agent.secret}
        command = [sys.executable, "-m", "wm_api.capture", "watch", str(inbox), "--mapping", mapping, "--json"]
        options = ["--as-of-from-name", PATTERN, "--every", "0.1", "--settle", "0.1"]
        watch = await asyncio.create_subprocess_exec(
            *command, *options, env=settings, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        try:
            assert watch.stdout is not None
            line = json.loads(await asyncio.wait_for(watch.stdout.readline(), 60))
            assert (line["outcome"], line["report"]["file"]["rows"]) == ("sent", 3)
        finally:
            watch.send_signal(signal.SIGTERM)
        _, said = await asyncio.wait_for(watch.communicate(), 20)
    assert watch.returncode == 0
    assert said.decode().split() == ["Ending", "after", "the", "file", "in", "hand."]


def test_a_file_that_goes_while_the_folder_is_read_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.csv"
    file.write_text("1")
    monkeypatch.setattr(Path, "iterdir", lambda _: iter([file, tmp_path / "gone.csv"]))
    folder = Folder(tmp_path, 0, lambda: 0)
    assert list(folder.finished()) == []
    assert [path.name for path, _ in folder.finished()] == ["a.csv"]


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


async def test_what_is_there_under_another_name_is_told_with_the_option_that_corrects_it(
    agent: Agent, address: tuple[str, int]
) -> None:
    async with wire_to(address, Wire()) as wire:
        there = (await agent.push(wire, "--external-ref", "first")).line["dataset"]["id"]
        again = await agent.push(wire, "--external-ref", "second")
        assert (again.exit_code, f"run again with --supersedes {there}" in again.text) == (3, True)
        inbox = agent.customer.folder / "twice"
        inbox.mkdir()
        (inbox / "a.csv").write_text(STAFF)
        mapping = agent.customer.file("staff.toml", MAPPING)
        looked = ["watch", str(inbox), "--mapping", mapping, "--external-ref", "second", "--once", "--settle", "0"]
        code, text = await agent.run(wire, *looked)
        assert (code, f"run again with --supersedes {there}" in " ".join(text.split())) == (3, True), text
