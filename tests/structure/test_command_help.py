"""The help of both commands is read in a terminal of 80 columns, and says whole sentences."""

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from wm_api.capture.cli import app as capture
from wm_api.cli import app as service

APPS = {"wm-api": service, "wm-capture": capture}
COMMANDS = [(name, command) for name, app in APPS.items() for command in ("", *get_command(app).commands)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[" ".join(each) for each in COMMANDS])
def test_the_help_fits_and_no_sentence_is_cut(name: str, command: str) -> None:
    shown = CliRunner().invoke(APPS[name], [*filter(None, [command]), "--help"], env={"COLUMNS": "80"}).output
    assert shown.startswith("Usage:")
    assert max(len(line) for line in shown.splitlines()) <= 80
    listed = shown.partition("\nCommands:\n")[2].splitlines()
    assert [line for line in listed if line.endswith("...")] == []


def test_every_command_for_operators_is_in_the_overview() -> None:
    overview = CliRunner().invoke(service, ["--help"], env={"COLUMNS": "80"}).output.partition("\nCommands:\n")[0]
    assert [name for name in get_command(service).commands if f"wm-api {name}" not in overview] == ["openapi"]  # type: ignore[attr-defined]
