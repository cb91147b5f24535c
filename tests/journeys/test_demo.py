"""The demo as a person runs it: every step asserted, readable in 80 columns, nothing left behind."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from wm_api.cli import app

COMMAND = [sys.executable, "-m", "wm_api", "demo"]
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def environment(scratch: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WM_")}
    return {**kept, "TMPDIR": str(scratch), "COLUMNS": "80", "TERM": "dumb"}


def processes_of(scratch: Path) -> list[str]:
    """Command lines of processes that work in the folder."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = each.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(scratch) in line:
            found.append(line)
    return found


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Where the demo makes its folders; as root the embedded database runs as nobody, and must get there."""
    folder = Path(tempfile.mkdtemp(prefix="wm-tests-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_the_demo_does_the_main_job_and_leaves_nothing(scratch: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    figures_file = tmp_path_factory.mktemp("figures") / "demo.json"
    run = subprocess.run(
        [*COMMAND, "--json", str(figures_file)], env=environment(scratch), capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    plain = ESCAPES.sub("", run.stdout)
    assert max(len(line.rstrip()) for line in plain.splitlines()) <= 80
    assert "Every step was as it should be." in plain
    figures = json.loads(figures_file.read_text())
    gap = figures["metrics"]["gender_gap_mean_hourly"]
    assert gap["status"] == "ok"
    assert gap["profile"] == "default"
    assert set(gap["n_by_group"]) >= {"F", "M"}
    assert gap["benchmark"]["p50"] > 0
    assert len(str(gap["value"])) > 8, "unrounded"
    assert figures["score"]["status"] == "ok"
    assert {each["area"] for each in figures["areas"]} == {"pay", "equity", "benefits", "retention", "job_quality"}
    assert figures["grant"]["state"] == "revoked"
    refused = [(each["status"], each["code"]) for each in figures["refusals"]]
    assert refused == [(403, "insufficient-scope")] * 2 + [(404, "not-found")] * 2 + [(403, "grant-inactive")] * 2
    assert set(figures["timings"]) == {"start", "sign_up", "push", "read", "share", "stop", "total"}
    assert [each["file"]["rows"] for each in figures["pushes"]] == [1300, 815]
    assert list(scratch.iterdir()) == []
    assert processes_of(scratch) == []


@pytest.mark.slow
def test_ctrl_c_leaves_nothing_behind(scratch: Path) -> None:
    process = subprocess.Popen(COMMAND, env=environment(scratch), stdout=subprocess.DEVNULL, start_new_session=True)
    ends = time.monotonic() + 120
    while not processes_of(scratch) and time.monotonic() < ends:
        time.sleep(0.1)
    time.sleep(3)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(90) == 130
    assert processes_of(scratch) == []
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    "options",
    [
        ["--extract", "/dev/null"],
        ["--as-of", "2025-12-31"],
    ],
)
def test_half_an_extract_is_a_usage_error(scratch: Path, options: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused before anything starts, so it needs no process of its own."""
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    run = CliRunner().invoke(app, ["demo", *options])
    assert run.exit_code == 2
    assert "--extract" in run.output
    assert list(scratch.iterdir()) == []


@pytest.mark.slow
def test_a_file_that_the_agent_refuses_ends_the_demo_as_failed(
    scratch: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("refused")
    (folder / "staff.csv").write_text("Id,Pay\n1,abc\n")
    (folder / "staff.toml").write_text(
        'version = 1\nkind = "workforce"\n[facts]\nas_of = 2025-12-31\n[columns]\n'
        'employee_key = { from = "Id", as = "employee_key" }\nbase_rate = { from = "Pay", as = "decimal" }\n'
        'base_rate_unit = { constant = "year" }\ncurrency = { constant = "USD" }\n'
        'schedule_type = { constant = "full_time" }\ngender = { constant = "U" }\n'
    )
    options = ["--extract", str(folder / "staff.csv"), "--mapping", str(folder / "staff.toml")]
    run = subprocess.run([*COMMAND, *options], env=environment(scratch), capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "base_rate" in run.stderr
    assert "abc" not in run.stdout + run.stderr
    assert list(scratch.iterdir()) == []
