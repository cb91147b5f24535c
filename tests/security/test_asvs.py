"""Each row of the checklist names tests that exist."""

import ast
import re
import tomllib
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ROWS = tomllib.loads((TESTS / "security" / "asvs.toml").read_text(encoding="utf-8"))


def written() -> set[str]:
    """Names of all tests of the tree."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in TESTS.rglob("test_*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return {each.name for each in nodes if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_row_has_a_text_and_tests_that_exist() -> None:
    names = written()
    assert {row: [each for each in said["tests"] if each not in names] for row, said in ROWS.items()} == {
        row: [] for row in ROWS
    }
    assert all(re.fullmatch(r"S\d\d", row) and said["text"] and said["tests"] for row, said in ROWS.items())
