"""Gaps and medians of pay of a university over ten years and of a police department equal their published figures."""

import json
from datetime import date
from functools import cache
from typing import Any

import polars as pl
import pytest

from shared import SHARED, needs_shared
from wm_api.metrics.formulas import FORMULAS
from wm_api.metrics.formulas.category_gaps import category_gaps
from wm_api.metrics.population import AccountFacts, MetricInputs, References
from wm_api.records.facts import Facts

DATA = SHARED / "data"
YEARS = [str(year) for year in range(2010, 2020)]
RANKS = {"prof": "gap_prof", "assoc prof": "gap_assoc_prof", "asst prof": "gap_asst_prof"}
ETHNIC = {"1": "White", "2": "Black or African American", "3": "Hispanic", "4": "Asian/Pacific Islander",
          "5": "American Indian/Alaska Native"}  # fmt: skip
pytestmark = needs_shared


def expected(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / folder / "expected.json").read_text())
    return found


def inputs_of(people: pl.DataFrame, unit: str, as_of: date) -> MetricInputs:
    """People with `gender` and `base_rate`, each a row of its own."""
    rows = people.with_columns(
        pl.int_range(pl.len()).cast(pl.String).alias("employee_key"),
        base_rate_unit=pl.lit(unit),
        currency=pl.lit("USD"),
        schedule_type=pl.lit("full_time"),
    )
    facts = Facts(kind="workforce", as_of=as_of)
    return MetricInputs(rows, facts, None, References(), AccountFacts("US"), least=False)


def assert_gaps(inputs: MetricInputs, stated: dict[str, Any], hours: int = 2080) -> None:
    """Gaps, and what women and men are paid for so many hours."""
    for middle in ("mean", "median"):
        figure = FORMULAS[f"gender_gap_{middle}_hourly"](inputs, "default")
        assert round(figure.value or 0, 4) == stated[f"{middle}_gap_pct"]
        parts = {part.group: part for part in figure.groups}
        for code, name in (("F", "female"), ("M", "male")):
            assert parts[code].n == stated[f"n_{name}"]
            assert (parts[code].value or 0) * hours == pytest.approx(stated[f"{middle}_{name}"], abs=0.6e-4)


@cache
def university() -> pl.DataFrame:
    raw = pl.read_csv(DATA / "iowa_state_university/isu_salaries_2007_2019.csv.gz", infer_schema=False)
    return raw.with_columns(
        pl.col("gender").str.to_uppercase(), pl.col("base_salary", "total_salary_paid").cast(pl.Float64)
    ).filter(pl.col("gender").is_in(["F", "M"]))


def rows_of(year: str) -> int:
    raw = pl.read_csv(DATA / "iowa_state_university/isu_salaries_2007_2019.csv.gz", infer_schema=False)
    return raw.filter(pl.col("year") == year).height


@pytest.mark.parametrize("year", YEARS)
def test_gaps_of_base_pay_of_all_pay_and_of_each_rank_are_as_published(year: str) -> None:
    stated, everybody = expected("iowa_state_university")["years"][year], university().filter(pl.col("year") == year)
    assert rows_of(year) == stated["rows"]
    salaried = everybody.filter((pl.col("pay_period") == "year") & (pl.col("base_salary") > 0))
    assert salaried.height == stated["salaried"]
    salaried = salaried.with_columns(base_rate=pl.col("base_salary"), worker_category=pl.col("title"))
    day = date(int(year), 7, 1)
    assert_gaps(inputs_of(salaried, "year", day), stated["gap_base_salary"])
    paid = everybody.with_columns(base_rate=pl.col("total_salary_paid")).filter(pl.col("base_rate") > 0)
    assert_gaps(inputs_of(paid, "year", day), stated["gap_total_paid"])
    gaps = {row["worker_category"]: row for row in _gaps_of_ranks(inputs_of(salaried, "year", day))}
    for rank, name in RANKS.items():
        assert round(gaps[rank]["gap"], 4) == stated[name]["mean_gap_pct"]
        assert (gaps[rank]["n_F"], gaps[rank]["n_M"]) == (stated[name]["n_female"], stated[name]["n_male"])
        assert_gaps(inputs_of(salaried.filter(pl.col("title") == rank), "year", day), stated[name])


def _gaps_of_ranks(inputs: MetricInputs) -> list[dict[str, Any]]:
    people, _ = inputs.paid("default", "r0")
    return list(category_gaps(people.filter(pl.col("worker_category").is_in(list(RANKS)))).iter_rows(named=True))


def test_hourly_pay_of_the_police_by_gender_and_by_ethnic_group_is_as_published() -> None:
    stated = expected("baltimore_police")
    raw = pl.read_csv(DATA / "baltimore_police/2020-12-03_hris_pay.csv.gz", infer_schema=False)
    people = raw.unique("PERSON_KEY").select(
        pl.col("SEX").str.strip_chars().alias("gender"),
        pl.col("Ethnic Group").str.strip_chars().replace_strict(ETHNIC, default=None).alias("group"),
        pl.col("Hourly Rate").str.replace_all(",", "").cast(pl.Float64).alias("base_rate"),
    )
    known = people.filter(pl.col("gender").is_in(["F", "M"]))
    assert_gaps(inputs_of(known, "hour", date(2020, 12, 3)), stated["hourly_gap_2020_12"], 1)
    for name, group in stated["hourly_by_ethnic_group_2020_12"].items():
        inputs = inputs_of(people.filter(pl.col("group") == name), "hour", date(2020, 12, 3))
        figure = FORMULAS["median_hourly_pay"](inputs, "default")
        assert (round(figure.value or 0, 4), figure.n) == (group["median"], group["n"])


def test_pay_by_the_year_of_two_police_departments_is_as_published() -> None:
    for file, sex, pay, name, day in (
        ("2021-11-18_workday_pay", "Gender", "Total Base Pay Annualized - Amount", "annual_gap_2021_11", date(2021, 11, 18)),
        ("baltimore_county_police_2020", "Sex", "Sal/Rate", "baltimore_county_2020_annual", date(2020, 12, 31)),
    ):  # fmt: skip
        raw = pl.read_csv(DATA / f"baltimore_police/{file}.csv.gz", infer_schema=False)
        people = raw.select(
            pl.col(sex).str.strip_chars().str.slice(0, 1).alias("gender"),
            pl.col(pay).str.replace_all(",", "").cast(pl.Float64).alias("base_rate"),
        )
        known = people.filter(pl.col("gender").is_in(["F", "M"]) & (pl.col("base_rate") > 0))
        assert_gaps(inputs_of(known, "year", day), expected("baltimore_police")[name])
