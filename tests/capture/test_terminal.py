"""What a person sees: short, folded, within 80 columns; and every command speaks JSON and has help."""

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from capture.customers import MAPPING, STAFF, Customer
from wm_api.capture.cli import COMMANDS
from wm_api.capture.delivery_report import show_changes, state_of
from wm_api.capture.held import changes, foremost
from wm_api.capture.terminal import show_findings

COMMAND = str(Path(sys.executable).with_name("wm-capture"))


def test_one_rule_at_many_columns_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    unknown: dict[str, Any] = {
        "severity": "refuse",
        "code": "unknown_column",
        "column": None,
        "rows": [],
        "row_count": 0,
    }
    show_findings([{**unknown, "column_index": index, "detail": "Remove it."} for index in (3, 1, 7)])
    output = capsys.readouterr().out
    assert output.count("unknown_column") == output.count("Remove it.") == 1
    assert "column 1, 3, 7" in output


def test_a_finding_without_rows_says_how_many(capsys: pytest.CaptureFixture[str]) -> None:
    missing = {"severity": "warn", "code": "person_without_payroll", "column": "employee_key", "rows": []}
    show_findings([{**missing, "row_count": 1320}])
    assert "employee_key  1,320 of them" in capsys.readouterr().out


def figure(value: float | None) -> dict[str, Any]:
    return {"value": value, "status": "ok" if value is not None else "not_reported", "reason": None}


def test_the_effect_of_a_held_push_fits_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wm_api.capture.terminal.screen.width", 80)
    metrics = [
        {
            "name": f"Figure {at}, its name as long as most are",
            "profile": profile,
            "unit": "percentage_points",
            "decimals": 1,
            "now": figure(100.0),
            "accepted": figure(100.0 + at),
        }
        for at in range(1, 31)
        for profile in ("default", "uk")
    ]
    days = [
        {"as_of": day, "headcount": {"now": 10, "accepted": 12}, "metrics": metrics}
        for day in ("2025-12-31", "2026-01-31")
    ]
    show_changes({"days": days, "stale": False})
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) <= 80
    assert len(lines) == 14, "headings, twelve that move furthest, and how many more"
    assert [line.split()[0] for line in lines if "headcount" in line] == ["2025-12-31", "2026-01-31"]
    assert {line.split("Figure ")[1].split(",")[0] for line in lines if "Figure " in line} == {
        f"{at}" for at in range(26, 31)
    }
    assert "110 more figures" in lines[-1]


def test_a_figure_without_a_value_on_either_side_is_not_among_those_that_move_furthest() -> None:
    def metric(name: str, value: float | None) -> dict[str, Any]:
        figure: dict[str, Any] = {
            "value": value,
            "status": "ok" if value else "insufficient_n",
            "reason": None,
            "n": 9,
            "groups": [],
        }
        said = {"metric": name, "name": name, "profile": "default", "unit": "ratio", "decimals": 1}
        return {**said, "now": None, "accepted": figure}

    metrics = [*(metric(f"none {at}", None) for at in range(5)), metric("Span", 2.5)]
    day = {"as_of": "2025-12-31", "headcount": {"now": None, "accepted": 7}, "metrics": metrics}
    shown = foremost(list(changes({"days": [day]})), 2)
    assert [(each.name, each.then) for each in shown] == [("headcount", "7"), ("Span", "2.5")]


def test_a_file_that_is_still_checked_comes_with_the_way_to_hear_its_end() -> None:
    assert "--wait" in state_of({"state": "received"}, followed=False)
    assert state_of({"state": "accepted"}, followed=False) == "accepted"
    assert state_of({"state": "accepted"}, followed=True) == "accepted, computed"


def test_a_report_tells_the_totals_and_what_was_set_aside(customer: Customer) -> None:
    crowd = "".join(f"1{at:03};Name;13/02/2020;F;50.000,00;Y\n" for at in range(40))
    staff = STAFF.replace("25,75", "9999,00") + crowd
    done = customer.dry_run(staff, MAPPING, "staff.csv", "--quarantine-ceiling", "0.05")
    for told in ("1 of them set aside", "headcount 42", "sum of base_rate 2,113,000.5 USD"):
        assert told in done.output, done.output
    short = customer.dry_run(staff, MAPPING, "staff.csv", "--quarantine-ceiling", "0.05", "--expected-headcount", "43")
    assert (short.exit_code, "totals_differ" in short.output, "headcount 42" in short.output) == (1, True, True)
    line = customer.dry_run(staff, MAPPING, "staff.csv", "--quarantine-ceiling", "0.05", "--json").output
    assert '"quarantined": 1' in line
    assert '{"measure": "headcount", "currency": null, "value": "42"}' in line


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_speaks_json_and_its_help_fits(customer: Customer, command: str) -> None:
    shown = customer.run(command, "--help", COLUMNS="80").output
    assert "--json" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert "[_" not in shown


def test_the_version_is_that_of_the_distribution(customer: Customer) -> None:
    told = customer.run("--version")
    assert (told.exit_code, told.output) == (0, f"wm-capture {metadata.version('wm-api')}\n")


def test_exit_codes_and_dates_are_in_the_help(customer: Customer) -> None:
    assert "Exit codes: 0 done, 1 refused here, 2 usage" in customer.run("--help").output
    assert "--as-of YYYY-MM-DD" in customer.run("push", "--help").output


def test_rows_are_said_to_be_data_rows_and_a_dry_run_never_speaks_of_sending(customer: Customer) -> None:
    refused = customer.dry_run(STAFF.replace("25,75", "99999,00"))
    assert "row 1 is the line below the headings" in refused.output
    broken = customer.dry_run(STAFF.replace("52.000,50", "none"))
    assert "row 1 is the line below the headings" in broken.output
    assert max(len(line) for line in refused.output.splitlines()) <= 80
    missing = customer.run(
        "dry-run", customer.file("a.csv", STAFF), "--mapping", customer.file("m.toml", MAPPING), WM_CAPTURE_KEY=""
    )
    assert "nothing was sent" not in missing.output


@pytest.mark.parametrize(
    ("typed", "offered"), [("ma", ["map"]), ("d", ["dry-run", "discard"]), ("map --kind work", ["workforce"])]
)
def test_the_shell_completes_commands_and_kinds(typed: str, offered: list[str]) -> None:
    words = {"COMP_WORDS": f"wm-capture {typed}", "COMP_CWORD": str(len(typed.split()))}
    settings = {**os.environ, **words, "_WM_CAPTURE_COMPLETE": "complete_bash"}
    done = subprocess.run([COMMAND], env=settings, capture_output=True, text=True, check=False)
    assert done.stdout.split() == offered


@pytest.mark.parametrize(("shell", "typed"), [("zsh", "wm-capture ma"), ("fish", "wm-capture ma")])
def test_zsh_and_fish_complete_too_and_show_what_a_command_does(shell: str, typed: str) -> None:
    asked = {"_TYPER_COMPLETE_ARGS": typed, "_WM_CAPTURE_COMPLETE": f"complete_{shell}"}
    more = {"_TYPER_COMPLETE_FISH_ACTION": "get-args", "_TYPER_COMPLETE_WORD_TO_COMPLETE": "ma"}
    done = subprocess.run([COMMAND], env={**os.environ, **asked, **more}, capture_output=True, text=True, check=False)
    assert "map" in done.stdout
    assert "Draft a mapping" in done.stdout
    assert "keygen" not in done.stdout


def test_completion_can_be_installed_by_hand() -> None:
    command = ["bash", "-c", f"{COMMAND} --show-completion; exit $?"]  # the shell is found among the parents
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "complete -o default -F _wm_capture_completion wm-capture" in shown


def test_rows_that_may_be_set_aside_come_with_the_option_that_does_it(customer: Customer) -> None:
    crowd = STAFF + "".join(f"1{at:03};Name;13/02/2020;F;50.000,00;Y\n" for at in range(40))
    late = MAPPING.replace("as_of = 2025-12-31", "as_of = 2022-01-01")
    assert "--quarantine-ceiling 0.05" in customer.dry_run(crowd, late).output
    assert "--quarantine-ceiling" not in customer.dry_run(STAFF, late).output, "one of three is more than 5 %"
    worse = crowd.replace("52.000,50", "none")
    assert "--quarantine-ceiling" not in customer.dry_run(worse, late).output


def test_what_only_the_wrong_delimiter_misses_is_not_listed(customer: Customer) -> None:
    refused = customer.dry_run(STAFF.replace(";", ","))
    assert (refused.exit_code, "missing heading" in refused.output) == (5, False)
    twice = customer.dry_run(STAFF.replace("Name", "Id"))
    assert "Give each heading its own name." in twice.output
