"""Turnover between linked snapshots of real employers equals set arithmetic that was done without this code."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

import polars as pl
import pytest

from shared import SHARED, needs_shared
from wm_api.metrics.figures import Figure
from wm_api.metrics.formulas import FORMULAS
from wm_api.metrics.population import AccountFacts, MetricInputs, References, Snapshot, snapshot_of, snapshot_rows
from wm_api.records.facts import Facts

POLICE, UNIVERSITY = (SHARED / "data" / name for name in ("baltimore_police", "iowa_state_university"))
FILES = {
    "2018-05-03": "2018-05-03_active", "2018-08-13": "2018-08-13_active", "2019-11-13": "2019-11-13_active",
    "2020-12-03": "2020-12-03_hris_pay", "2021-11-18": "2021-11-18_workday_pay", "2023-01-11": "2023-01_workday_pay",
}  # fmt: skip
SEX = {"M": "M", "Male": "M", "m": "M", "F": "F", "Female": "F", "f": "F"}
pytestmark = needs_shared


def workforce(keys: pl.Expr, sex: pl.Expr, raw: pl.DataFrame) -> pl.DataFrame:
    gender = sex.str.strip_chars().replace_strict(SEX, default="U")
    pay = (pl.lit(1.0).alias("base_rate"), pl.lit("hour").alias("base_rate_unit"), pl.lit("USD").alias("currency"))
    return raw.select(keys.alias("employee_key"), gender.alias("gender"), *pay, pl.lit(40.0).alias("weekly_hours"))


def turnover(before: pl.DataFrame, opened: date, after: pl.DataFrame, closed: date) -> Figure:
    batches = [snapshot_rows(part, opened) for part in before.iter_slices(1000)]
    facts, previous = Facts(kind="workforce", as_of=closed), Snapshot(opened, snapshot_of(batches))
    inputs = MetricInputs(after, facts, None, References(), AccountFacts("US"), previous)
    return FORMULAS["turnover_rate"](inputs, "default")


def counts(figure: Figure) -> dict[str, int | None]:
    return {part.group: part.n for part in figure.groups}


def police(day: str) -> pl.DataFrame:
    raw = pl.read_csv(POLICE / f"{FILES[day]}.csv.gz", infer_schema=False)
    return workforce(pl.col("PERSON_KEY"), pl.col("SEX" if "SEX" in raw.columns else "Gender"), raw)


def transitions() -> Iterable[dict[str, Any]]:
    return json.loads((POLICE / "expected.json").read_text())["transitions"] if POLICE.exists() else ()


@pytest.mark.parametrize("stated", transitions(), ids=lambda stated: stated["to"])
def test_leavers_of_a_police_department_are_those_of_set_arithmetic(stated: dict[str, Any]) -> None:
    opened, closed = date.fromisoformat(stated["frm"]), date.fromisoformat(stated["to"])
    figure = turnover(police(stated["frm"]), opened, police(stated["to"]), closed)
    found = counts(figure)
    assert {name: found[name] for name in ("opening", "closing", "left")} == {
        name: stated[name] for name in ("opening", "closing", "left")
    }
    assert {code: found[f"left_{code}"] for code in "FM"} == stated["left_by_sex"]
    stayed = (found["opening"] or 0) - (found["left"] or 0)
    assert (stayed, (found["closing"] or 0) - stayed) == (stated["stayed"], stated["joined"])
    opening = snapshot_of([snapshot_rows(police(stated["frm"]), opened)]).get_column("gender")
    assert {code: int((opening == code).sum()) for code in "FM"} == stated["opening_by_sex"]
    assert (figure.basis, round(figure.value or 0, 4)) == ("two_points", stated["annualised_pct"])
    unscaled = (figure.value or 0) * (closed - opened).days / 365.25
    assert round(unscaled, 4) == stated["turnover_pct_of_average"]


def university(raw: pl.DataFrame, year: int) -> pl.DataFrame:
    return raw.filter((pl.col("year") == str(year)) & pl.col("gender").is_in(["m", "f"]))


@pytest.mark.parametrize("year", range(2010, 2019))
def test_leavers_of_a_university_are_those_of_set_arithmetic(year: int) -> None:
    raw = pl.read_csv(UNIVERSITY / "isu_salaries_2007_2019.csv.gz", infer_schema=False)
    stated = json.loads((UNIVERSITY / "expected.json").read_text())["years"][str(year)]
    base = raw.filter(pl.col("year") == str(year))
    once = university(raw, year).filter(~pl.col("person_key").is_in(_repeated(base).implode()))
    following, paid = raw.filter(pl.col("year") == str(year + 1)), pl.col("base_salary").cast(pl.Float64) > 0
    by_year = once.filter(pl.col("pay_period") == "year")
    for before, after, name, begun, stayed in (
        (by_year.filter(paid), following.filter(paid), "salaried_turnover_to_next_july", "active", "still_active_next"),
        (by_year, following, "retention_to_next_year", "base", "stayed"),
    ):
        frames = [workforce(pl.col("person_key"), pl.col("gender"), each) for each in (before, after)]
        figure = turnover(frames[0], date(year, 7, 1), frames[1], date(year + 1, 7, 1))
        found, expected = counts(figure), stated[name]
        left = {code: expected[code.lower()][begun] - expected[code.lower()][stayed] for code in "FM"}
        assert {code: found[f"left_{code}"] for code in "FM"} == left
        average = (expected["m"][begun] + expected["f"][begun] + after["person_key"].n_unique()) / 2
        assert figure.value == pytest.approx(100 * sum(left.values()) / average, rel=1e-12)  # a whole year: as it is


def _repeated(rows: pl.DataFrame) -> pl.Series:
    keys = rows.get_column("person_key")
    return keys.filter(keys.is_duplicated()).unique()
