"""Retention, raises of stayers and promotions of a real university equal figures that were computed without this code."""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import polars as pl
import pytest

from shared import SHARED, needs_shared
from wm_api.metrics.figures import Figure
from wm_api.metrics.formulas import FORMULAS
from wm_api.metrics.population import AccountFacts, MetricInputs, References, Snapshot
from wm_api.records.facts import Facts

FOLDER = SHARED / "data" / "iowa_state_university"
FLAT = dict.fromkeys(range(2009, 2021), 100.0)
YEARS = pytest.mark.parametrize("year", range(2010, 2019))
pytestmark = needs_shared


@cache
def staff(year: int) -> pl.DataFrame:
    """Of a year the rows of people who are in it once."""
    raw = pl.read_csv(FOLDER / "isu_salaries_2007_2019.csv.gz", infer_schema=False).filter(pl.col("year") == str(year))
    pay = pl.col("base_salary").cast(pl.Float64)
    once = raw.filter(~pl.col("person_key").is_duplicated())
    return once.select("title", "pay_period", pl.col("person_key").alias("employee_key"), pay.alias("base_rate"),
                       pl.col("gender").str.to_uppercase())  # fmt: skip


def salaried(year: int) -> pl.DataFrame:
    paid = (pl.col("pay_period") == "year") & (pl.col("base_rate") > 0)
    return staff(year).filter(paid & pl.col("gender").is_in(["F", "M"]))


def stated(year: int) -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text())["years"][str(year)]
    return found


def figure(metric: str, people: pl.DataFrame, year: int, previous: Snapshot | None = None) -> Figure:
    frame = people.with_columns(
        pl.lit("year").alias("base_rate_unit"), pl.lit("USD").alias("currency"), pl.lit(40.0).alias("weekly_hours")
    )
    facts = Facts(kind="workforce", as_of=date(year + 1, 6, 30))
    references = References(consumer_prices=FLAT)
    return FORMULAS[metric](MetricInputs(frame, facts, None, references, AccountFacts("US"), previous), "default")


@YEARS
def test_who_is_there_on_both_days_a_year_apart_is_retained(year: int) -> None:
    before, expected = salaried(year), stated(year)["salaried_turnover_to_next_july"]
    previous = Snapshot(date(year, 7, 1), before.select("employee_key", "gender"))
    everybody = pl.read_csv(FOLDER / "isu_salaries_2007_2019.csv.gz", infer_schema=False)
    paid = pl.col("base_salary").cast(pl.Float64) > 0
    after = everybody.filter((pl.col("year") == str(year + 1)) & paid).unique("person_key", keep="first")
    now = after.select(
        pl.col("person_key").alias("employee_key"), pl.col("gender").str.to_uppercase(), pl.lit(1.0).alias("base_rate")
    )
    found = figure("retention_rate_12m", now, year, previous)
    stayed = {code: expected[code.lower()]["still_active_next"] for code in "FM"}
    active = {code: expected[code.lower()]["active"] for code in "FM"}
    assert {part.group: part.n for part in found.groups} == active
    assert {part.group: part.value for part in found.groups} == pytest.approx(
        {code: 100 * stayed[code] / active[code] for code in "FM"}
    )
    assert found.value == pytest.approx(100 * sum(stayed.values()) / sum(active.values()))


@YEARS
def test_the_median_raise_of_stayers_is_as_computed(year: int) -> None:
    before = salaried(year).select("employee_key", pl.col("base_rate").alias("base_rate_start"))
    people = (
        salaried(year + 1)
        .drop("gender")
        .join(salaried(year).select("employee_key", "gender"), on="employee_key")
        .join(before, on="employee_key")
    )
    found = figure("real_wage_growth_stayers", people.with_columns(pl.lit(date(2000, 1, 1)).alias("hire_date")), year)
    expected = stated(year)["stayers_pay_change_pct"]
    assert (found.n, round(found.value or 0, 4)) == (expected["n"], expected["median"])


@YEARS
def test_promotions_from_assistant_to_associate_professor_are_as_counted(year: int) -> None:
    following = staff(year + 1).select(
        "employee_key", (pl.col("title") == "assoc prof").cast(pl.Int32).alias("promotions_in_window")
    )
    people = (
        staff(year)
        .filter(pl.col("title") == "asst prof")
        .with_columns(pl.lit(1.0).alias("base_rate"))
        .join(following, on="employee_key")
    )
    expected = stated(year)["asst_to_assoc_promotions_next_year"]
    rates = {code: 100 * expected[code.lower()]["promoted"] / expected[code.lower()]["stayers"] for code in "FM"}
    found = figure("promotion_rate_gap", people, year)
    shown = {part.group: part for part in found.groups}
    assert {code: shown[code].n for code in "FM"} == {code: expected[code.lower()]["stayers"] for code in "FM"}
    assert {code: shown[code].value for code in "FM"} == pytest.approx(rates)
    assert found.value == pytest.approx(rates["M"] - rates["F"])
