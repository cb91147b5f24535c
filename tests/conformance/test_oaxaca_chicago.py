"""Decompositions of 666 wages equal those that the CRAN package oaxaca prints (version 0.1.5)."""

import json
from typing import Any

import numpy as np
import polars as pl
import pytest

from shared import SHARED, needs_shared
from wm_api.metrics.decomposition import decompositions, raw_gap
from wm_api.metrics.regression import Design, Matrix

FOLDER = SHARED / "data" / "oaxaca_chicago"
CONTROLS = ("age", "female", "LTHS", "some.college", "college", "advanced.degree")
pytestmark = needs_shared


def expected() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text())
    return found


def wages(*, marked: int) -> tuple[Design, Matrix]:
    """Foreign born people marked (1), or natives (0)."""
    raw = pl.read_csv(FOLDER / "chicago.csv.gz", infer_schema_length=None, null_values=["NA", ""])
    rows = raw.select("ln.real.wage", "foreign.born", *CONTROLS).drop_nulls()
    slots = [(rows["foreign.born"].cast(pl.Int64) == marked).cast(pl.Float64), pl.Series([1.0] * rows.height)]
    slots += [rows[name].cast(pl.Float64) for name in CONTROLS]
    values = np.column_stack([each.to_numpy() for each in slots])
    columns = np.tile(np.arange(values.shape[1]), (rows.height, 1))
    return Design(columns, values, values.shape[1]), np.exp(rows["ln.real.wage"].to_numpy())


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("pooled_with_group", "pooled_with_group"),
        ("male_coefficients", "weight_1"),
        ("neumark_pooled", "neumark_pooled"),
    ],
)
def test_the_two_parts_are_those_that_were_published(ours: str, theirs: str) -> None:
    design, pay = wages(marked=1)
    found = {each.name: each for each in decompositions(design, pay)}[ours]
    computed, printed = expected()["recomputed"][theirs], expected()["published_vignette"][theirs]
    assert found.explained == pytest.approx(computed["explained"], rel=1e-9)
    assert found.unexplained == pytest.approx(computed["unexplained"], rel=1e-9)
    assert found.explained == pytest.approx(printed["explained"], abs=1e-6)
    assert found.unexplained == pytest.approx(printed["unexplained"], abs=1e-6)
    assert found.explained + found.unexplained == pytest.approx(expected()["recomputed"]["gap"], rel=1e-12)


def test_the_coefficients_of_the_other_group_are_those_of_a_comparison_the_other_way() -> None:
    design, pay = wages(marked=0)
    found = {each.name: each for each in decompositions(design, pay)}["male_coefficients"]
    stated = expected()["recomputed"]["weight_0"]
    printed = expected()["published_vignette"]["weight_0"]
    assert found.explained == pytest.approx(-printed["explained"], abs=1e-6)
    assert found.unexplained == pytest.approx(-printed["unexplained"], abs=1e-6)
    assert found.explained == pytest.approx(-stated["explained"], rel=1e-9)
    assert found.unexplained == pytest.approx(-stated["unexplained"], rel=1e-9)


def test_the_groups_are_as_large_and_as_far_apart_as_published() -> None:
    (design, pay), stated = wages(marked=1), expected()["recomputed"]
    marked = design.value[:, 0] > 0
    assert (int((~marked).sum()), int(marked.sum())) == (stated["n_A"], stated["n_B"])
    assert float(pay[~marked].mean()) == pytest.approx(stated["mean_A"], rel=1e-12)
    assert float(pay[marked].mean()) == pytest.approx(stated["mean_B"], rel=1e-12)
    assert raw_gap(pay, marked) == pytest.approx(stated["gap"], rel=1e-12)
