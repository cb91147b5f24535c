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


UNITS = {"money/h": "money_per_hour", "%": "percent", "% x 4": "percent", "pp": "percentage_points", "0 to 1": "index",
         "h": "hours", "ratio": "ratio", "days": "days"}  # fmt: skip
NAMES = {
    "NCS": "BLS NCS", "National Compensation Survey": "BLS NCS", "OEWS": "BLS OEWS", "ECEC": "BLS ECEC", "JOLTS": "BLS JOLTS",
    "MIT living wage": "Living Wage Calculator", "FGT": "Foster, Greer, Thorbecke", "reg ": "UK SI 2017/172",
    "Art. ": "Directive (EU) 2023/970", "LEHD": "LEHD", "ACS": "ACS", "French index": "French equality index",
    "2003/88": "2003/88",
    **{name: name for name in ("ESRS", "GRI", "ISO 30414", "SASB", "OECD", "17 CFR", "B Lab", "Jann", "Fortin", "Kaplan",
                               "Aspen Institute", "Shift Project", "Boston", "US audit practice")},
}  # fmt: skip
"""Words of the design's sources, and how ours name them."""


def test_units_are_those_of_the_design() -> None:
    assert {name: CATALOGUE[name].unit for name in rows()} == {name: UNITS[cells[2]] for name, cells in rows().items()}


def test_every_standard_that_the_design_names_is_a_source_and_what_is_to_be_confirmed_is_not_said_to_be_checked() -> (
    None
):
    named = 0
    for name, cells in rows().items():
        for part in cells[6].split(";"):
            wanted = {ours for word, ours in NAMES.items() if word in part}
            found = {ours: [each for each in CATALOGUE[name].sources if ours in each.standard] for ours in wanted}
            assert all(found.values()), (name, found)
            if "confirm against the text" in part:
                assert not any(each.checked for sources in found.values() for each in sources), name
            named += len(wanted)
    assert named > 60


def test_an_article_that_the_design_cites_is_in_the_definition() -> None:
    cited = re.compile(r"S1-\d+(?: \d+\([a-z]\)(?:\([ivx]+\))?)?|\d{3}-\d|9\(1\)\([a-g]\)|229\.402\(u\)|AR \d+")
    for name, cells in rows().items():
        articles = " ".join(each.article for each in CATALOGUE[name].sources)
        assert [each for each in cited.findall(cells[6]) if each not in articles] == [], name


def test_conditions_beyond_the_least_group_are_told() -> None:
    told = {name for name, each in CATALOGUE.items() if each.conditions}
    asked = {name for name, cells in rows().items() if not re.fullmatch(r"(\d+|-)(/\d+)?", cells[4])}
    assert asked <= told
    assert told - asked == {"adjusted_race_gap"}
