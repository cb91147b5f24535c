"""The fixed path to a reference cell, and the words for what the comparison is with."""

import pytest

from wm_api.benchmarks.fallback import Place, by_place, find
from wm_api.benchmarks.jolts_industries import BY_NAICS, BY_SECTION, NAMES, SUPERSECTORS
from wm_api.benchmarks.public_sources import cells_of_editions, content_hash, packaged_statistics

EDITIONS = packaged_statistics()
CELLS = by_place(cells_of_editions(EDITIONS))


def label(metric: str, place: Place) -> str:
    found = find(CELLS, metric, place)
    assert found is not None
    return found.label


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (Place(("C",), "250-499", None), "section C, size 250-499"),
        (Place(("C",), "100-249", None), "section C, size 1-249"),
        (Place(("C",), None, None), "section C; size not stated"),
        (Place(("B",), "5000+", None), "section B; size dropped"),
        (Place(("T",), "250-499", None), "all employers; sector dropped, size dropped"),
        (Place((), "250-499", None), "all employers; sector not known, size dropped"),
        (Place(("C", "G"), None, None), "all employers; sector ambiguous, size not stated"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value.sections) or "none",
)
def test_a_gap_is_compared_with_the_first_cell_of_its_path_and_says_which(place: Place, words: str) -> None:
    assert label("gender_gap_median_hourly", place) == f"UK employers, returns 2021-22 ({words})"


@pytest.mark.parametrize(
    ("place", "words", "centre"),
    [
        (Place(("C",), None, None), "section C, manufacturing", 39.9),
        (Place(("I",), None, "government"), "section I, accommodation and food services", 86.3),
        (Place(("C", "G"), None, None), "total private; sector ambiguous", 52.4),
        (Place(("U",), None, None), "total private; sector dropped", 52.4),
        (Place((), None, "government"), "government; sector not known", 18.1),
        (Place(("G",), None, None, naics="445110"), "retail trade, by NAICS code", 64.6),
        (Place(("G",), None, None, naics="42"), "wholesale trade, by NAICS code", 33.5),
        (Place(("C",), None, None, naics="311812"), "nondurable goods manufacturing, by NAICS code", 47.3),
        (Place(("C",), None, None, naics="32"), "manufacturing, by NAICS code", 39.9),
        (Place(("A", "C"), None, None, naics="111419"), "total private; sector ambiguous", 52.4),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_turnover_is_compared_with_its_industry_or_the_total_of_its_ownership(
    place: Place, words: str, centre: float
) -> None:
    assert label("turnover_rate", place) == f"US separations 2021 ({words})"
    found = find(CELLS, "turnover_rate", place)
    assert found is not None
    assert found.cell.p50 == centre


def test_where_the_industry_of_a_naics_code_has_no_cell_its_supersector_stands() -> None:
    rest = {key: cell for key, cell in CELLS.items() if cell.industry != "440000"}
    found = find(rest, "turnover_rate", Place(("G",), None, None, naics="445110"))
    assert found is not None
    assert (found.where, found.cell.p50) == ("supersector trade, transportation and utilities, by NAICS code", 54.5)


def test_every_industry_of_the_path_is_one_that_the_survey_publishes() -> None:
    published = {cell.industry for cell in CELLS.values() if cell.metric == "turnover_rate"}
    assert {*BY_NAICS.values(), *SUPERSECTORS.values(), *BY_SECTION.values()} == set(NAMES) <= published


def test_facts_from_before_a_sector_could_be_picked_are_compared_by_section() -> None:
    facts = {
        "country": "US", "industry_scheme": "naics_2022", "industry_code": "445110", "size_band": None, "ownership": None
    }  # fmt: skip
    assert (
        label("turnover_rate", Place.of(facts))
        == "US separations 2021 (section G, trade, transportation and utilities)"
    )
    assert label("turnover_rate", Place.of({**facts, "sector": None})).endswith("retail trade, by NAICS code)")


def test_a_picked_sector_is_that_of_a_code_that_reaches_several_and_of_no_other() -> None:
    facts = {"industry_scheme": "naics_2022", "industry_code": "111419", "size_band": None, "ownership": None}
    assert Place.of({**facts, "sector": None}).sections == ("A", "C")
    assert Place.of({**facts, "sector": "C"}).section == "C"
    assert Place.of({**facts, "sector": "K"}).section is None


def test_market_pay_has_a_centre_of_one_and_a_metric_without_public_figures_has_no_cell() -> None:
    assert (
        label("market_pay_ratio", Place((), None, None))
        == "US wages by occupation, May 2025 (each occupation, state before nation)"
    )
    assert find(CELLS, "permanent_share", Place(("C",), None, None)) is None


def test_a_release_has_one_hash_for_its_content_and_another_for_any_other() -> None:
    cells = cells_of_editions(EDITIONS)
    assert content_hash(cells, EDITIONS) == content_hash(cells_of_editions(packaged_statistics()), EDITIONS)
    assert content_hash(cells[1:], EDITIONS) != content_hash(cells, EDITIONS)
    places = {(c.metric, c.part, c.profile, c.level, c.sector, c.size_band, c.industry, c.ownership) for c in cells}
    assert len(places) == len(cells)


def test_what_is_compared_is_the_size_of_a_gap_never_a_part_of_the_metric() -> None:
    assert {cell.part for cell in CELLS.values()} == {None}
    assert {cell.profile for cell in CELLS.values()} == {"default"}
    signed = [c for c in cells_of_editions(EDITIONS) if c.part == "signed" and c.level == "all"]
    assert {c.metric: c.p10 for c in signed}["gender_gap_median_hourly"] == -2.0
