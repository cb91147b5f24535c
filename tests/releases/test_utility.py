"""The utility report says what released values are off by, and the population that it is made of is what it claims."""

import random
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tools.population.company import Company, company
from tools.population.medians import CANDIDATES, SHAPES, chances_of, off_by
from tools.population.page import page, summary
from tools.population.records import files_of
from tools.population.release import Released
from tools.population.utility import LIMIT, draw, utility

from attacks import exact
from contributors import TODAY
from wm_api.benchmarks.contributed.drawing import Drawn
from wm_api.benchmarks.contributed.entries import Entry, by_cell
from wm_api.benchmarks.contributed.plan import POINTS, SCORE_V1, Share
from wm_api.benchmarks.contributed.printing import error_of

AREAS = SCORE_V1.statistics[1].shares
SPREAD_WIDELY = [(shape, spread) for shape in ("normal", "skewed", "even", "two peaks") for spread in (18, 20, 22)]
ACCOUNT = "01980000-0000-7000-8000-000000000000"


def _entries(count: int) -> list[Entry]:
    rolls = random.Random(3)
    return [
        Entry("C", "GB", tuple(min(100.0, max(0.0, rolls.gauss(60, 9))) for _ in SCORE_V1.statistics))
        for _ in range(count)
    ]


def _released(entries: list[Entry], cells: Mapping[tuple[str, str], Drawn]) -> Released:
    return Released("contributed-test", SCORE_V1, TODAY, entries, cells)


def test_an_error_is_the_distance_from_the_quartiles_of_the_groups_in_percent_of_the_scale() -> None:
    entries = _entries(300)
    low, middle, high = np.quantile([each.values[0] for each in entries], [0.25, 0.5, 0.75], method="linear")
    told = Drawn("200-499", low + 1, middle - 2, high + 4, 2.0)
    found = utility(_released(entries, {("all", "score"): told}), draws=1)
    assert found["published_values"] == 3
    assert found["largest_error"] == pytest.approx(4)
    assert found["cells"]["all"] == {
        "with_groups": 1, "with_10_groups": 1, "published": 1, "statistics_published": 1,
    }  # fmt: skip
    assert found["cells"]["sector"]["published"] == 0
    (row,) = [each for each in found["by_cell"] if each["released"] is not None]
    assert (row["cell"], row["groups"], row["error"]) == ("all", 300, pytest.approx(4))


def test_three_hundred_groups_are_released_within_the_limit_and_a_mechanism_that_is_off_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entries = _entries(300)
    honest = utility(_released(entries, draw(SCORE_V1, by_cell(entries, SCORE_V1))), draws=40)
    assert honest["verdict"]["holds"], honest["verdict"]
    assert honest["statistics"]["score"]["values"] > 0

    def off(*given: object) -> dict[tuple[str, str], Drawn]:
        return {key: replace(value, p50=value.p50 + 2 * LIMIT) for key, value in draw(*given).items()}  # type: ignore[arg-type]

    monkeypatch.setattr("tools.population.utility.draw", off)
    assert not utility(_released(entries, {}), draws=40)["verdict"]["holds"]


@pytest.mark.parametrize(("shape", "spread"), SPREAD_WIDELY)
@pytest.mark.parametrize("share", [AREAS["sector"], AREAS["sector_region"]], ids=lambda share: f"gate {share.gate}")
def test_a_median_at_its_gate_is_within_what_is_stated_where_values_lie_far_apart(
    shape: str, spread: float, share: Share
) -> None:
    """By exact chances: nothing is drawn, so the figures are the same each time."""
    for groups, band in ((share.gate, "100-199" if share.gate < 200 else "200-499"), (500, "500+")):
        assert off_by(shape, spread, groups, share.eps, cells=200).together <= error_of(POINTS, share, band) <= LIMIT
    assert off_by("normal", spread, 100, 0.25, cells=200).together > LIMIT  # what the plan before let through


def test_the_chances_of_a_median_are_those_that_the_library_is_held_to() -> None:
    values = np.clip(60 + 20 * SHAPES["even"](np.random.default_rng(1), (3, 40)), 0, 100)
    for row, chances in zip(values, chances_of(values, 0.5), strict=True):
        assert np.log(chances) == pytest.approx(exact.log_chances(row.tolist(), CANDIDATES.tolist(), 0.5)[0])


def test_too_few_groups_give_an_honest_report_of_nothing() -> None:
    entries = _entries(12)
    found = utility(_released(entries, {}), draws=5)
    assert found["published_values"] == 0
    assert found["p95_error"] is None
    written = page({"population": summary(_pushed(20)), "releases": [found]})
    assert "Nothing of it reached a gate." in written
    assert "worst cell: none" in written


def _pushed(count: int) -> list[dict[str, object]]:
    made = [company(number, 1) for number in range(count)]
    facts = {"files": 1, "bytes": 1, "status": "ok"}
    return [{"people": each.people, "group": each.group, "agrees": each.agrees, **facts} for each in made]


def test_a_company_is_the_same_in_every_population_of_its_seed_and_its_files_too() -> None:
    one, again = company(5, 2026), company(5, 2026)
    assert one == again
    assert files_of(one, ACCOUNT) == files_of(again, ACCOUNT)
    assert company(5, 2027) != one


def test_a_population_has_heavy_tails_missing_columns_and_empty_groups() -> None:
    made = [company(number, 2026) for number in range(600)]
    sizes = sorted(each.people for each in made)
    assert 120 <= sizes[300] <= 180
    assert sizes[-1] >= 15 * sizes[300]
    assert len({each.section for each in made}) >= 8
    assert len({each.place for each in made}) == 6
    assert len({each.group for each in made}) < 600
    for name in ("soc_code", "job_level", "termination_date"):
        assert any(name not in each.pushed for each in made)
    women = next(each for each in made if "women" in each.empty and "benefit_plans" in each.pushed)
    assert "F" not in _workforce(women)["gender"].to_list()
    leavers = next(each for each in made if "leavers" in each.empty and "termination_date" in each.pushed)
    assert _workforce(leavers)["termination_date"].null_count() == leavers.people


def _workforce(made: Company) -> pl.DataFrame:
    return pl.read_csv(files_of(made, ACCOUNT)[-1].content, infer_schema_length=None)
