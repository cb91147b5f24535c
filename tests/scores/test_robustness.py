"""The robustness report: the engine over whole populations is the one that scores, and its measures are what they say."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tools.robustness.__main__ import of_records
from tools.robustness.engine import Choices, scored
from tools.robustness.made_up import companies
from tools.robustness.measures import Baseline, correlation_ratio, effect, sobol
from tools.robustness.population import Population
from tools.robustness.report import DIRICHLET, page, report

from wm_api.benchmarks.fallback import Place
from wm_api.benchmarks.public_sources import cells_of_editions, packaged_statistics
from wm_api.scores.methodology import load_methodology
from wm_api.scores.results import Reading, ScoreInput
from wm_api.scores.scoring import score

METHODOLOGY, CELLS = load_methodology(), cells_of_editions(packaged_statistics())
INPUTS, PLACES = companies(150, 7, CELLS, METHODOLOGY)
INDUSTRIES = {
    "C": "10.11", "F": "41.20", "G": "47.11", "H": "49.41", "I": "56.10", "J": "62.01", "K": "64.19", "M": "69.10",
    "N": "78.20", "P": "85.31", "Q": "86.10", "S": "96.02",
}  # fmt: skip


@pytest.fixture(scope="module")
def population() -> Population:
    return Population.of(INPUTS, PLACES, CELLS, METHODOLOGY)


def test_whole_populations_get_the_scores_that_each_company_gets(population: Population) -> None:
    quick = replace(METHODOLOGY, draws=2)
    ours = scored(population, Choices())
    theirs = [score(each, quick) for each in INPUTS[:60]]
    assert {each.status for each in theirs} == {"ok", "insufficient_data"}
    for at, each in enumerate(theirs):
        assert ours.headline[at] == pytest.approx(
            np.nan if each.headline is None else each.headline, abs=1e-6, nan_ok=True
        )
        for area, found in zip(each.areas, ours.areas[at], strict=True):
            assert found == pytest.approx(np.nan if area.score is None else area.score, abs=1e-6, nan_ok=True)


def test_each_choice_does_what_it_says(population: Population) -> None:
    base = scored(population, Choices())
    there = ~np.isnan(base.headline)
    arithmetic, harmonic = (scored(population, Choices(power=power)).headline[there] for power in (1.0, -1.0))
    assert (arithmetic >= base.headline[there] - 1e-9).all()
    assert (harmonic <= base.headline[there] + 1e-9).all()
    low, high = (scored(population, Choices(missing=bound)).headline[there] for bound in (10.0, 90.0))
    assert (low <= high + 1e-9).all()
    whole = there & ~population.missing.any(axis=1)
    assert (low[whole[there]] == high[whole[there]]).all()
    wide = scored(population, Choices(spread=2.0)).metrics
    moved = (np.abs(wide - base.metrics) > 1e-9) & ~np.isnan(base.metrics)
    assert moved.any()
    assert population.peers.declared[moved].all()
    higher = scored(population, Choices(higher=True)).metrics
    assert (np.abs(higher - base.metrics) > 1e-9).any()


def test_nothing_moves_where_nothing_is_turned(population: Population) -> None:
    found = effect(Baseline(population, 1, 5), Choices())
    assert found == {
        "star_changes": 0,
        "band_changes": 0,
        "median_shift": 0,
        "p95_shift": 0,
        "spearman": pytest.approx(1),
    }


def test_a_star_moves_less_often_than_a_band(population: Population) -> None:
    base = Baseline(population, 1, 40)
    found = effect(base, Choices(missing=10.0))
    assert 0 < found["star_changes"] <= found["band_changes"]


def test_the_correlation_ratio_is_the_share_of_variance_that_a_score_explains() -> None:
    rng = np.random.default_rng(3)
    score_, noise = rng.normal(size=20000), rng.normal(size=20000)
    assert correlation_ratio(score_, score_ * 2) > 0.95
    assert correlation_ratio(score_, noise) < 0.01
    assert correlation_ratio(score_, score_ + noise) == pytest.approx(0.5, abs=0.04)
    assert correlation_ratio(score_, score_**2) > 0.5  # a rank correlation would say none


def test_first_indices_add_to_one_at_most_and_no_total_is_smaller_than_its_first(population: Population) -> None:
    found = sobol(Baseline(population, 5, 1), 128)
    assert sum(each["first"] for each in found.values()) < 1.1
    assert all(each["total"] >= each["first"] - 0.1 for each in found.values())
    assert max(each["total"] for each in found.values()) > 0.2


def test_the_report_is_the_same_for_the_same_seed_and_its_page_says_its_figures(population: Population) -> None:
    found, again = (report(population, 11, draws=5, weights=3, samples=8) for _ in range(2))
    assert json.dumps(found) == json.dumps(again)
    worst = max(found["choices"].values(), key=lambda each: each["star_changes"])
    assert found["verdict"]["star_changes"] == worst["star_changes"]
    assert found["verdict"]["ships"] == (worst["star_changes"] < 0.1)
    text = page(found, "Made up.")
    assert f"| {DIRICHLET} | {100 * found['choices'][DIRICHLET]['star_changes']:.1f} % |" in text
    assert f"{found['population']['scored']} with a score" in text
    verdict = next(line for line in text.splitlines() if "excluded: it " in line)
    for name, each in found["bounds"].items():
        assert name not in found["choices"]
        assert f"*{name}* ({100 * each['star_changes']:.1f} %)" in verdict


def test_recorded_scores_give_the_report_of_the_inputs_that_they_record(tmp_path: Path) -> None:
    """Also where nobody has a metric, as living wages before their table is loaded."""
    none = {"living_wage_share": Reading("not_applicable", reason="no_reference")}
    inputs = [replace(each, metrics={**each.metrics, **none}) for each in INPUTS[:40]]
    (tmp_path / "records.ndjson").write_text("\n".join(map(json.dumps, map(_recorded, inputs, PLACES))) + "\n")
    of_records(tmp_path / "records.ndjson", 11, tmp_path, draws=3, weights=2, samples=8)
    found = json.loads((tmp_path / "robustness.json").read_text())
    own = report(Population.of(inputs, PLACES[:40], CELLS, METHODOLOGY), 11, draws=3, weights=2, samples=8)
    assert found == json.loads(json.dumps(own))
    assert found["correlations"]["within"]["pay"]["living_wage_share"]["market_pay_ratio"] is None
    assert "records.ndjson" in (tmp_path / "robustness.md").read_text()


def _recorded(inputs: ScoreInput, place: Place) -> dict[str, Any]:
    """As a score keeps what it rests on."""
    section = place.section
    industry = INDUSTRIES[section] if section else None
    return {
        "account": {
            "industry_scheme": "nace_2",
            "industry_code": industry,
            "size_band": place.size_band,
            "ownership": place.ownership,
        },
        "metrics": {name: asdict(reading) for name, reading in inputs.metrics.items()},
        "peers": {name: asdict(quartiles) for name, quartiles in inputs.peers.items()},
        "guards": asdict(inputs.guards),
    }
