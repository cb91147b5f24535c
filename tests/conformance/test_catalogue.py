"""The catalogue holds the metrics of the design's tables: which are scored, their direction and least groups."""

import re

from shared import SHARED, needs_shared
from wm_api.metrics.catalogue import CATALOGUE

DIRECTIONS = {"+": "higher", "-": "lower", "0": "zero", "n": "none"}
pytestmark = needs_shared


def rows() -> dict[str, list[str]]:
    page = (SHARED / "design" / "domain.md").read_text()
    tables = page[page.index("### 3.3") : page.index("### 3.4")].replace("\\|", "¦")
    lines = (line.strip("|").split(" | ") for line in tables.splitlines() if line.startswith("| `"))
    return {cells[0].strip(" `"): [cell.strip(" |") for cell in cells] for cells in lines}


def test_every_metric_of_the_design_is_there_and_no_other() -> None:
    assert CATALOGUE.keys() == rows().keys()
    assert len(CATALOGUE) == 47


def test_each_is_scored_or_reported_and_points_as_the_design_says() -> None:
    for name, (*_, mark) in rows().items():
        assert CATALOGUE[name].scored == (mark == "S"), name
    assert {name: CATALOGUE[name].direction for name in rows()} == {
        name: DIRECTIONS[cells[3]] for name, cells in rows().items()
    }


def test_least_groups_are_those_of_the_design() -> None:
    for name, cells in rows().items():
        found = re.match(r"(\d+|-)(?:/-?/?(\d+))?", cells[4])
        assert found is not None, name
        overall, group = found.groups()
        definition = CATALOGUE[name]
        assert definition.minimum_n == (0 if overall == "-" else int(overall)), name
        assert definition.minimum_group_n == (int(group) if group else None), name
