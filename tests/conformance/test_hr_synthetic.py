"""Turnover and gaps of the invented company equal the figures that were computed without this code."""

import json
from datetime import date
from typing import Any

import polars as pl
import pytest

from shared import SHARED, needs_shared
from wm_api.metrics.figures import published
from wm_api.metrics.formulas import FORMULAS
from wm_api.metrics.population import AccountFacts, MetricInputs, References
from wm_api.records.facts import Facts

FOLDER = SHARED / "data" / "hr_synthetic"
PERSON_DAYS = {2015: (86_895, 9.6611, 7.5608), 2018: (77_770, 6.1013, 4.2240)}
pytestmark = needs_shared


def workforce() -> pl.DataFrame:
    raw = pl.read_csv(FOLDER / "HRDataset_v14.csv.gz", infer_schema=False)
    status = pl.col("EmploymentStatus").str.strip_chars()
    return raw.select(
        pl.col("EmpID").str.strip_chars().alias("employee_key"),
        pl.col("DateofHire").str.to_date("%m/%d/%y").alias("hire_date"),
        pl.col("DateofTermination").str.to_date("%m/%d/%y").alias("termination_date"),
        pl.when(status == "Voluntarily Terminated").then(pl.lit("voluntary_quit"))
        .when(status == "Terminated for Cause").then(pl.lit("involuntary_cause")).alias("termination_reason"),
        pl.col("Salary").cast(pl.Float64).alias("base_rate"),
        pl.lit("year").alias("base_rate_unit"),
        pl.lit("USD").alias("currency"),
        pl.lit("full_time").alias("schedule_type"),
        pl.col("Sex").str.strip_chars().alias("gender"),
    )  # fmt: skip


def inputs_of(frame: pl.DataFrame, as_of: date) -> MetricInputs:
    return MetricInputs(frame, Facts(kind="workforce", as_of=as_of), None, References(), AccountFacts("US"))


def expected() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text())["HRDataset_v14"]
    return found


@pytest.mark.parametrize("year", PERSON_DAYS)
def test_turnover_over_person_days_and_between_two_points_is_as_published(year: int) -> None:
    inputs, stated = inputs_of(workforce(), date(year, 12, 31)), expected()["turnover"][str(year)]
    days, turnover, voluntary = PERSON_DAYS[year]
    window = inputs.facts.window()
    assert inputs.employment.person_days(window).get_column("days").sum() == days
    for metric, value in (("turnover_rate", turnover), ("voluntary_turnover_rate", voluntary)):
        assert float(published(FORMULAS[metric](inputs, "default").value or 0, 4)) == value
    two_points: Any = {metric: FORMULAS[metric] for metric in ("turnover_rate", "voluntary_turnover_rate")}
    for metric, name in (("turnover_rate", "turnover_pct"), ("voluntary_turnover_rate", "voluntary_pct")):
        assert round(two_points[metric](inputs, "default", basis="two_points").value, 4) == stated[name]
    assert (inputs.employment.on(date(year - 1, 12, 31)), inputs.employment.on(date(year, 12, 31))) == (
        stated["opening"],
        stated["closing"],
    )


def test_gaps_of_everybody_and_of_those_still_there_are_as_published() -> None:
    frame = workforce()
    everybody = frame.drop("termination_date", "termination_reason")
    for rows, name in ((everybody, "gap_all"), (everybody.filter(frame["termination_date"].is_null()), "gap_active")):
        inputs, stated = inputs_of(rows, date(2019, 12, 31)), expected()[name]
        mean, median = (FORMULAS[f"gender_gap_{middle}_hourly"](inputs, "default") for middle in ("mean", "median"))
        assert (round(mean.value or 0, 4), round(median.value or 0, 4)) == (
            stated["mean_gap_pct"],
            stated["median_gap_pct"],
        )
        assert {part.group: part.n for part in mean.groups} == {"F": stated["n_female"], "M": stated["n_male"]}


@pytest.mark.parametrize("year", range(2010, 2019))
def test_turnover_between_two_points_of_every_year_is_beside_the_rate(year: int) -> None:
    stated = expected()["turnover"][str(year)]
    inputs = MetricInputs(
        workforce(),
        Facts(kind="workforce", as_of=date(year, 12, 31)),
        None,
        References(),
        AccountFacts("US"),
        least=False,
    )
    for metric, name in (("turnover_rate", "turnover_pct"), ("voluntary_turnover_rate", "voluntary_pct")):
        parts = {part.group: part.value for part in FORMULAS[metric](inputs, "default").groups}
        assert round(parts["two_points"] or 0, 4) == stated[name]
    assert inputs.employment.separations(inputs.facts.window()).height == stated["leavers"]
    assert inputs.employment.hires(inputs.facts.window()).height == stated["hires"]
