"""Tables of the docs say what the code says."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel, TypeAdapter
from typer.testing import CliRunner

from wm_api.accounts.roles import PERSON_ONLY, ROLE_SCOPES, Role
from wm_api.capture.cli import app as capture
from wm_api.capture.mapping import Declared, Keep, Rule, Source
from wm_api.capture.mapping_rules import checked_mapping
from wm_api.core.logs import ALLOWED
from wm_api.core.principal import Scope
from wm_api.core.settings import Settings
from wm_api.metrics.figures import Status

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FIELDS = Settings.model_fields


def table(page: str, first_heading: str) -> list[list[str]]:
    """The rows below the head that begins with this cell."""
    rows: list[list[str]] = []
    inside = False
    for line in (DOCS / page).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            inside = False
        elif cells[0] == first_heading:
            inside = True
        elif inside and not set(line) <= set("|-: "):
            rows.append(cells)
    return rows


def test_every_setting_is_described_with_its_default() -> None:
    described = {row[0].strip("`"): row[1].strip("`") for row in table("operating.md", "setting")}
    assert set(described) == {f"WM_{name.upper()}" for name in FIELDS}
    for name, field in FIELDS.items():
        said = described[f"WM_{name.upper()}"]
        if field.default is None:
            assert said in {"", "WM_DATABASE_URL"}
        elif isinstance(field.default, timedelta):
            assert TypeAdapter(timedelta).validate_python(said) == field.default, name
        else:
            assert said == (json.dumps(field.default) if isinstance(field.default, tuple) else str(field.default)), name


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_every_setting_acts(name: str) -> None:
    sources = [file for file in (ROOT / "src").rglob("*.py") if file.name != "settings.py"]
    sources.append(ROOT / "migrations" / "env.py")
    assert any(re.search(rf"\bsettings(\(\))?\.{name}\b", file.read_text(), re.IGNORECASE) for file in sources)


def test_the_rights_of_the_frontend_s_table_are_those_of_the_roles() -> None:
    roles = (Role.OWNER, Role.ADMIN, Role.DATA_MANAGER, Role.ANALYST, Role.REPRESENTATIVE, Role.AUDITOR)
    said = {row[0]: row[1:] for row in table("frontend/README.md", "scope")}
    assert said == {
        scope.value: [
            *("yes" if scope in ROLE_SCOPES[role] else "" for role in roles),
            "never" if scope in PERSON_ONLY else "yes",
        ]
        for scope in Scope
    }


def test_every_status_of_a_figure_has_words() -> None:
    assert {row[0].strip("`") for row in table("frontend/README.md", "status")} == {status.value for status in Status}


def test_the_fields_of_logs_are_all_named() -> None:
    text = (DOCS / "operating.md").read_text().partition("## Logs")[2].partition("No\nsubmitted")[0]
    assert set(re.findall(r"`(\w+)`", text.partition("no others:")[2])) == ALLOWED


def test_the_methodology_s_page_is_its_file() -> None:
    sheet = json.loads((ROOT / "src/wm_api/scores/methodology/sis-2026.1.json").read_text())
    said, area = {}, ""
    for row in table("methodology/sis-2026.1.md", "area"):
        if len(row) != 7:
            continue
        area = row[0] or area
        said[row[2]] = (area, float(row[3]), row[4], row[5])
        assert not row[1] or float(row[1]) == sheet["areas"][area]
    directions = {"+": "higher", "-": "lower", "0": "zero"}
    assert said == {
        each["metric"]: (
            each["area"],
            each["weight"],
            directions[each["direction"]],
            "" if each["worst"] is None else f"{each['worst']} > {each['best']}",
        )
        for each in sheet["metrics"]
    }


def test_the_methodology_s_example_is_the_worked_one() -> None:
    document = json.loads((ROOT / "tests" / "worked_examples.json").read_text())
    example = next(each for each in document["scoring"] if each["id"] == "S1")
    said = {row[0]: row[1:] for row in table("methodology/sis-2026.1.md", "metric")}
    for name, each in example["metrics"].items():
        if each["status"] != "ok":
            assert name not in said
            continue
        expected = [each["expected"][part] for part in ("peer", "standard", "score")]
        assert [float(cell) if cell else None for cell in said[name][1:]] == [
            None if figure is None else pytest.approx(figure, abs=0.005) for figure in expected
        ]


def _keys(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def test_every_key_of_a_mapping_is_described_and_the_example_is_one() -> None:
    page = (DOCS / "integrators" / "mapping.md").read_text()
    described = set(
        re.findall(r"`(\w+)`", "\n".join(line.split("|")[1] for line in page.splitlines() if line[:1] == "|"))
    )
    keys = _keys(Source) | _keys(Keep) | _keys(Rule) - {"name"} | _keys(Declared) | {"version", "kind"}
    assert described == keys
    example = re.search(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert example is not None
    assert checked_mapping(example[1]).kind == "workforce"


def test_the_options_of_push_are_described() -> None:
    command = next(each for each in capture.registered_commands if each.callback and each.callback.__name__ == "push")
    help_text = CliRunner().invoke(capture, [command.name or "push", "--help"]).output
    rows = table("integrators/agent.md", "option")
    assert set(re.findall(r"--[a-z-]+", " ".join(row[0] for row in rows))) | {
        "--mapping",
        "--help",
    } == set(re.findall(r"^ +(--[a-z-]+)", help_text, re.MULTILINE))


def test_every_criterion_that_the_security_page_names_has_a_test_of_its_name() -> None:
    tests = "".join(file.read_text() for file in (ROOT / "tests").rglob("test_*.py"))
    named = re.findall(r"AC(\d+)\.(\d+)", (DOCS / "security.md").read_text())
    assert len(named) > 10
    assert [f"AC{one}.{two}" for one, two in named if f"def test_ac{one}_{two}_" not in tests] == []


def test_ci_runs_what_make_check_runs() -> None:
    check = re.search(r"^check: ([a-z ]+?) *##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    steps = re.search(r"^for step in ([a-z ]+); do", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    assert check is not None
    assert steps is not None
    assert sorted(check[1].split()) == sorted(steps[1].split())
    assert steps[1].split()[0] == "test"
