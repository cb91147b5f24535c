"""S07: no pattern runs away. Each is tried on 100 kB of hostile text that nearly fits, at 50 ms at most."""

import ast
import importlib
import json
import pkgutil
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

import polars as pl

import wm_api
from wm_api.records.columns import Code
from wm_api.records.kinds import KINDS

SIZE, SECONDS = 100_000, 0.05
UNITS = ("a", "A", "1", " ", "-", "\n", "a@", "a.", "1.", "aA", '"', "<c ", "a1-_", "\\")
END = "\x00!"
"""What no pattern ends with: so that all that fitted is tried in vain."""
POLARS = {"contains", "extract", "extract_all", "replace", "replace_all", "count_matches", "split_exact"}
LOOKS_LIKE_ONE = re.compile(r"\\[bdspDwx]|\[A-Z|\[\^|^\^|\[a-z")
Pattern = re.Pattern[str] | re.Pattern[bytes]


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(wm_api.__path__, "wm_api."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def compiled() -> set[Pattern]:
    """All patterns of Python: those that modules hold, also in tables, and those written where they are used."""
    found = set[Pattern]()
    for module in modules():
        found |= {each for each in inside(list(vars(module).values())) if isinstance(each, re.Pattern)}
        for owner, method, texts in calls(module):
            if owner == "re" and method != "escape":
                found |= {re.compile(text) for text in texts[:1]}
    return found


def of_polars() -> set[str]:
    """All patterns of polars: strings that modules hold, types of columns, and those written where they are used."""
    found = {column.type.pattern for kind in KINDS.values() for column in kind.columns if isinstance(column.type, Code)}
    for module in modules():
        held = [each for each in inside(list(vars(module).values())) if isinstance(each, str)]
        found |= {each for each in held if LOOKS_LIKE_ONE.search(each) and len(each) < 2000 and fits_polars(each)}
        for _, method, texts in calls(module):
            if method in POLARS:
                found |= {text for text in texts[:1] if fits_polars(text)}
    return {each for each in found if each}


def fits_polars(text: str) -> bool:
    """Patterns for Python alone, with what its engine alone can, are tried there."""
    try:
        pl.Series(["a"]).str.contains(text)
    except pl.exceptions.PolarsError:
        return False
    return True


def of_contract() -> set[str]:
    """Those that bodies and parameters must fit."""
    document = json.loads((Path(__file__).parents[2] / "openapi" / "v1.json").read_text())
    return set(patterns_in(document))


def patterns_in(document: object) -> Iterator[str]:
    if isinstance(document, dict):
        if isinstance(document.get("pattern"), str):
            yield document["pattern"]
        for child in document.values():
            yield from patterns_in(child)
    for child in document if isinstance(document, list) else ():
        yield from patterns_in(child)


def calls(module: ModuleType) -> Iterator[tuple[str, str, list[str]]]:
    """Name before the point, method, and texts that are given."""
    for node in ast.walk(ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            texts = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            yield owner, node.func.attr, texts


def inside(values: list[object]) -> Iterator[object]:
    for value in values:
        if isinstance(value, dict):
            yield from inside(list(value.values()))
        elif isinstance(value, tuple | list | set | frozenset):
            yield from inside(list(value))
        else:
            yield value


HOSTILE = [(unit * SIZE)[: SIZE - len(END)] + END for unit in UNITS]


def slowest(pattern: Pattern, texts: Sequence[str] = HOSTILE) -> float:
    """Processor seconds of the worst text; a slow one is tried twice more, for the machine may be busy."""
    worst = 0.0
    for text in texts:
        took = once(pattern, text)
        if took > SECONDS:
            took = min(once(pattern, text) for _ in range(2))
        worst = max(worst, took)
        if worst > SECONDS:
            break
    return worst


def once(pattern: Pattern, text: str) -> float:
    begun = time.process_time()
    pattern.search(text.encode() if isinstance(pattern.pattern, bytes) else text)  # type: ignore[arg-type]
    return time.process_time() - begun


def test_s07_no_pattern_of_python_runs_away() -> None:
    patterns = compiled() | {re.compile(text) for text in of_contract()}
    assert len(patterns) > 30
    assert {each.pattern: round(took, 3) for each in patterns if (took := slowest(each)) > SECONDS} == {}


def test_s07_no_pattern_of_polars_runs_away() -> None:
    """Its engine takes time in proportion to the text; what is measured is how much."""
    patterns, texts = of_polars(), pl.Series(HOSTILE)
    assert len(patterns) > 20
    slow = {}
    for pattern in patterns:
        begun = time.process_time()
        texts.str.contains(pattern)
        took = (time.process_time() - begun) / len(texts)
        if took > SECONDS:
            slow[pattern] = round(took, 3)
    assert slow == {}


def test_s07_a_pattern_that_runs_away_is_found() -> None:
    assert slowest(re.compile(r"\d+\d+x"), ["1" * 500]) > SECONDS
