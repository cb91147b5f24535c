"""Every end is one JSON line where --json is said, with the exit code; nothing ends in a traceback."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from capture.agents import Agent
from capture.customers import ACCOUNT, MAPPING, STAFF, Customer
from capture.wires import Wire, wire_to


def only_line(output: str) -> dict[str, Any]:
    (line,) = output.splitlines()
    return dict(json.loads(line))


def test_a_missing_option_and_an_unknown_one_are_a_line(customer: Customer) -> None:
    staff = customer.file("staff.csv", STAFF)
    for arguments in (["dry-run", staff, "--json"], ["inspect", staff, "--json", "--never"]):
        result = customer.run(*arguments)
        line = only_line(result.stdout)
        assert (result.exit_code, line["exit_code"]) == (2, 2)
        assert "option" in line["error"]


def test_a_day_of_another_form_is_told_apart_with_one_that_is_right(customer: Customer) -> None:
    staff, mapping = customer.file("staff.csv", STAFF), customer.file("staff.toml", MAPPING)
    result = customer.run("dry-run", staff, "--mapping", mapping, "--as-of", "31.12.2025", "--json")
    assert result.exit_code == 2
    assert only_line(result.stdout)["error"] == "Invalid value for '--as-of': give a day such as 2025-12-31."


@pytest.mark.parametrize(
    ("staff", "mapping", "code"),
    [
        (STAFF, MAPPING, 0),
        (STAFF.replace("25,75", "99999,00"), MAPPING, 1),
        (STAFF.replace("25,75", "a lot"), MAPPING, 1),
        (STAFF, MAPPING.replace("version = 1", "version = 9"), 2),
        (STAFF.replace("Pay", "Salary"), MAPPING, 5),
    ],
)
def test_a_dry_run_ends_in_one_line_whatever_the_end(customer: Customer, staff: str, mapping: str, code: int) -> None:
    result = customer.dry_run(staff, mapping, "staff.csv", "--json")
    assert (result.exit_code, only_line(result.stdout)["exit_code"]) == (code, code)


def test_a_spoilt_file_is_one_line_of_inspect_and_of_map(customer: Customer) -> None:
    spoilt = customer.file("spoilt.csv", b"%PDF-1.4 and more")
    for arguments in (["inspect", spoilt], ["map", spoilt, "--kind", "workforce", "--out", f"{spoilt}.toml"]):
        result = customer.run(*arguments, "--json")
        assert result.exit_code == only_line(result.stdout)["exit_code"] != 0


def test_a_key_made_twice_is_a_line_with_what_to_do(customer: Customer) -> None:
    key = customer.environment["WM_CAPTURE_KEY"]
    result = customer.run("keygen", "--account", ACCOUNT, "--out", key, "--json")
    assert only_line(result.stdout)["exit_code"] == result.exit_code == 2


def test_a_fault_of_the_agent_shows_its_place_and_nothing_of_the_file(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("Böll, Max earns 61.000,00")

    monkeypatch.setattr("wm_api.capture.preparation.to_parquet", broken)
    result = customer.dry_run(STAFF, MAPPING, "staff.csv", "--json")
    assert result.exit_code == 6
    assert "ValueError in preparation.py, line" in only_line(result.stdout)["error"]
    assert "Böll" not in result.output


async def test_the_scope_that_a_key_lacks_is_named_and_the_report_file_is_written(
    agent: Agent, address: tuple[str, int]
) -> None:
    made = await agent.company.call("POST", "/v1/api-keys", 201, json={"name": "x", "scopes": ["datasets:read"]})
    agent.secret = made["secret"]
    async with wire_to(address, Wire()) as wire:
        refused = await agent.push(wire)
    assert refused.exit_code == refused.line["exit_code"] == 3
    assert "lacks datasets:write" in refused.text
    assert refused.line["problem"]["code"] == "insufficient-scope"


async def test_a_push_whose_operation_failed_is_one_line_with_dataset_and_problem(
    agent: Agent, address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = {"id": "x", "state": "failed", "error": {"code": "internal-error", "detail": "It failed."}}
    monkeypatch.setattr("wm_api.capture.client.Client.follow", lambda *_: failed)
    async with wire_to(address, Wire()) as wire:
        files = [agent.customer.file("staff.csv", STAFF), "--mapping", agent.customer.file("staff.toml", MAPPING)]
        code, text = await agent.run(wire, "push", *files, "--wait", "--json")
    (line,) = [json.loads(each) for each in text.splitlines() if each.startswith("{")]
    assert code == line["exit_code"] == 3
    assert line["dataset"]["state"] == "accepted"
    assert line["problem"]["code"] == "internal-error"


def test_a_log_has_no_line_of_progress(customer: Customer) -> None:
    done = customer.dry_run(STAFF)
    assert (done.exit_code, done.stderr) == (0, "")


def test_an_interrupted_push_says_so_with_an_exit_code_of_its_own(customer: Customer) -> None:
    """The server takes the connection and never answers."""
    files = [customer.file("staff.csv", STAFF), "--mapping", customer.file("staff.toml", MAPPING)]
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with subprocess.Popen(
            [Path(sys.executable).with_name("wm-capture"), "push", *files, "--json"],
            env={**os.environ, **customer.environment, "WM_URL": url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as pushing:
            connection, _ = server.accept()
            pushing.send_signal(signal.SIGINT)
            out, said = pushing.communicate(timeout=60)
            connection.close()
    assert (pushing.returncode, json.loads(out)["exit_code"]) == (130, 130), said
    assert b"sends nothing twice" in said
    assert b"Traceback" not in said


def test_ctrl_c_while_it_still_loads_ends_quietly(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)\n")
    ended = subprocess.run(
        [sys.executable, "-m", "wm_api.capture", "--version"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, b"", b"")
