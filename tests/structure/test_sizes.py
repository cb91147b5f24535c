"""The tree's own rules: sizes, loose ends, exceptions with a code, nothing of one machine, a reason for each dependency."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE, LONGEST_FUNCTION = 400, 40
MIGRATIONS_OF_DATA = {"migrations/versions/0002_tables.py"}  # the first schema, table after table; frozen
TEXT = {".py", ".md", ".toml", ".sql", ".yaml", ".yml", ".sh", ".mako", ".ini", ".lock", ".json", ".csv", ".txt", ""}
LOOSE_ENDS = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
BARE_EXCEPTION = re.compile(r"#\s*noqa(?!:\s?[A-Z]+\d)|#\s*type:\s*ignore(?!\[)|#\s*ruff:\s*noqa(?!:\s?[A-Z]+\d)")
REGISTRY = re.compile(
    r"(?i)\b(py" + r"pi\.org|files\.python" + r"hosted\.org|registry\.npm" + r"js\.org|index-url\s*[=\s]\s*\S*//)"
)
MACHINE_PATH = re.compile(r"(?<![\w.$}/-])/(?:work|root|home|Users)/\w")


def tracked(*suffixes: str) -> Iterator[tuple[str, str]]:
    """Name and text of every tracked file of these kinds."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in listed.splitlines():
        file = ROOT / name
        if file.suffix in (suffixes or TEXT) and file.is_file():
            yield name, file.read_text(encoding="utf-8", errors="replace")


def found(pattern: re.Pattern[str], *suffixes: str) -> list[str]:
    return [
        f"{name}:{number}"
        for name, text in tracked(*suffixes)
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_source_file_is_longer_than_the_limit() -> None:
    sizes = {name: len(text.splitlines()) for name, text in tracked(".py")}
    assert len(sizes) > 100
    assert {name for name, lines in sizes.items() if lines > LONGEST_FILE} <= MIGRATIONS_OF_DATA


def test_no_function_of_the_source_is_longer_than_the_limit() -> None:
    long = [
        f"{Path(name).name}:{node.name}"
        for name, text in tracked(".py")
        if name.startswith("src/")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize(
    ("pattern", "suffixes"),
    [
        (LOOSE_ENDS, (".py", ".toml", ".sql", ".yaml", ".mako")),
        (BARE_EXCEPTION, (".py",)),
        (REGISTRY, ()),
        (MACHINE_PATH, (".py", ".md", ".toml", ".sql", ".yaml", ".ini", ".mako", "")),
    ],
    ids=["no loose ends", "exceptions name a code", "no registry", "no path of one machine"],
)
def test_nothing_of_this_kind_is_in_a_tracked_file(pattern: re.Pattern[str], suffixes: tuple[str, ...]) -> None:
    assert found(pattern, *suffixes) == []


@pytest.mark.parametrize(
    ("pattern", "planted"),
    [
        (LOOSE_ENDS, "# TO" + "DO later"),
        (BARE_EXCEPTION, "x = 1  # no" + "qa"),
        (BARE_EXCEPTION, "x = 1  # type: " + "ignore"),
        (REGISTRY, "https://py" + "pi.org/simple"),
        (MACHINE_PATH, "see /ho" + "me/ann/wm"),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern: re.Pattern[str], planted: str) -> None:
    assert pattern.search(planted)


def _names(requirements: list[object]) -> set[str]:
    plain = [each for each in requirements if isinstance(each, str)]
    return {re.split(r"[\[<>=~!; ]", each, maxsplit=1)[0].lower() for each in plain}


def declared() -> dict[str, set[str]]:
    """Names of pyproject's dependencies by group."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {
        "runtime": _names(document["project"]["dependencies"]),
        **{group: _names(listed) for group, listed in document["dependency-groups"].items()},
    }


def pinned(lock: str) -> dict[str, str]:
    lines = (ROOT / lock).read_text().splitlines()
    return dict(line.split(" ")[0].split("==") for line in lines if "==" in line and line[0].isalnum())


def test_every_dependency_has_its_reason() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text().lower()
    reasoned = {
        name.strip() for line in page.splitlines() if line.startswith("|") for name in line.split("|")[1].split(",")
    }
    names = {name for group in declared().values() for name in group}
    assert names - reasoned == set()
    assert reasoned - names == {"package", "---"}


def test_the_locks_pin_what_is_declared_and_the_image_gets_no_tools() -> None:
    groups, whole, runtime = declared(), pinned("requirements.lock"), pinned("requirements-runtime.lock")
    assert groups["runtime"] <= set(runtime)
    assert groups["runtime"] | groups["dev"] <= set(whole)
    assert runtime.items() <= whole.items()
    assert groups["dev"] & set(runtime) == {"pyyaml"}  # uvicorn brings it
