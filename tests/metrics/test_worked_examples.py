"""Every figure of the worked examples that these formulas can express."""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from shared import SHARED, needs_shared
from wm_api.metrics.figures import published
from wm_api.metrics.formulas import FORMULAS, compute
from wm_api.metrics.formulas.benefits import Plan, access, benefit_access_rate
from wm_api.metrics.formulas.pay_equity import quarter_sizes
from wm_api.metrics.population import AccountFacts, MetricInputs, References, summarise_payroll
from wm_api.records.facts import Facts
from wm_api.records.kinds import KINDS
from wm_api.records.parsing import parse_column

FILE = Path(__file__).resolve().parents[1] / "worked_examples.json"
EXAMPLES = {each["id"]: each for each in json.loads(FILE.read_text())["examples"]}
ELSEWHERE = {"benefit_access_rate", "living_wage_share"}


def frame_of(kind: str, spec: dict[str, Any]) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    for row in spec["rows"]:
        given = dict(row)
        for _ in range(given.pop("repeat", 1)):
            rows.append({**spec["defaults"], "employee_key": f"r{len(rows)}", **given})
    columns = []
    for column in KINDS[kind].columns:
        if any(column.name in row for row in rows):
            cells = [None if row.get(column.name) is None else str(row[column.name]) for row in rows]
            text = pl.Series(column.name, cells, dtype=pl.String)
            typed = text if column.name == "employee_key" else parse_column(text, column, 1)[0]
            columns.append(typed.alias(column.name))
    return pl.DataFrame(columns)


def inputs_of(
    example: dict[str, Any], *, least: bool = False, living_wage: dict[str, float] | None = None
) -> MetricInputs:
    days: dict[str, Any] = {name: date.fromisoformat(day) for name, day in example["dataset"].items()}
    facts = Facts(kind="workforce", **days)
    records = example["records"]
    payroll = None
    if "payroll" in records:
        payroll = summarise_payroll([frame_of("payroll", records["payroll"])], facts.window())
    workforce = frame_of("workforce", records["workforce"])
    return MetricInputs(workforce, facts, payroll, References(living_wage=living_wage), AccountFacts("US"), least=least)


CASES = [
    (identity, expected)
    for identity, example in EXAMPLES.items()
    for expected in example.get("expected", [])
    if expected.get("metric") in FORMULAS and expected["metric"] not in ELSEWHERE
]


@pytest.mark.parametrize(
    ("identity", "expected"), CASES, ids=lambda case: case if isinstance(case, str) else case["metric"]
)
def test_the_formula_gives_the_worked_figure(identity: str, expected: dict[str, Any]) -> None:
    options = {"basis": expected["basis"]} if "basis" in expected else {}
    figure = FORMULAS[expected["metric"]](inputs_of(EXAMPLES[identity]), expected.get("profile", "default"), **options)
    assert figure.status == "ok"
    values = [figure.value] if figure.value is not None else [part.value for part in figure.groups]
    printed = expected["published"] if isinstance(expected["published"], list) else [expected["published"]]
    assert [float(published(value or 0.0, expected["decimals"])) for value in values] == printed
    if "exact" in expected:
        exact = expected["exact"] if isinstance(expected["exact"], list) else [expected["exact"]]
        assert values == pytest.approx([float(Fraction(text)) for text in exact], rel=1e-12)


@pytest.mark.parametrize(
    ("identity", "expected"), CASES, ids=lambda case: case if isinstance(case, str) else case["metric"]
)
def test_with_least_groups_on_the_service_answers_its_status(identity: str, expected: dict[str, Any]) -> None:
    figure = FORMULAS[expected["metric"]](inputs_of(EXAMPLES[identity], least=True), expected.get("profile", "default"))
    assert figure.status.value == expected["production_status"]


def test_the_adjusted_gap_has_the_worked_error_and_interval() -> None:
    figure = FORMULAS["adjusted_gender_gap"](inputs_of(EXAMPLES["E8"]), "default")
    assert figure.interval is not None
    assert (round(figure.interval.low, 2), round(figure.interval.high, 2)) == (0.03, 9.46)
    assert round((figure.standard_error or 0) / (100 - (figure.value or 0)), 6) == 0.020244


def test_hourly_pay_is_as_worked() -> None:
    people = {profile: inputs_of(EXAMPLES["E3"]).people(profile) for profile in ("default", "uk")}
    rates = {
        p: {key: (r0, r) for key, r0, r in frame.select("employee_key", "r0", "r").iter_rows()}
        for p, frame in people.items()
    }
    assert rates["default"]["d"] == pytest.approx((18.5625, 19.716346), abs=1e-6)
    assert rates["default"]["c"] == pytest.approx((25.0, 25.0))
    assert rates["uk"]["a"][0] == pytest.approx(15.3307, abs=5e-5)
    assert rates["uk"]["b"] == pytest.approx((15.3307, 15.3307), abs=5e-5)
    assert rates["uk"]["c"][0] == pytest.approx(24.9144, abs=5e-5)


def test_a_living_wage_share_is_as_worked() -> None:
    example = json.loads(json.dumps(EXAMPLES["E9"]))
    for row in example["records"]["workforce"]["rows"]:
        row["work_county"] = "48113"
    figure = FORMULAS["living_wage_share"](inputs_of(example, living_wage={"48113": 20.0}), "default")
    assert figure.value == 40.0


def test_access_to_benefits_is_as_worked_and_ignores_the_wait_only_in_profile_us() -> None:
    inputs = inputs_of(EXAMPLES["E6a"])
    plan = Plan("medical", waiting_days=90, min_weekly_hours=30)
    assert benefit_access_rate(access(inputs.workforce, plan, inputs.day)) == 60.0
    assert benefit_access_rate(access(inputs.workforce, plan, inputs.day, past_the_wait=False)) == 80.0
    nobody = inputs_of(EXAMPLES["E6b"])
    assert benefit_access_rate(access(nobody.workforce, plan, nobody.day)) == 0.0


def test_extra_places_go_to_the_quarters_in_the_stated_order() -> None:
    for n, sizes in EXAMPLES["E1"]["quarter_sizes_for_n"].items():
        assert quarter_sizes(int(n)) == sizes


def test_the_order_of_rows_changes_no_digit() -> None:
    example = EXAMPLES["E5"]
    inputs = inputs_of(example)
    shuffled = MetricInputs(
        inputs.workforce.sample(fraction=1.0, shuffle=True, seed=7),
        inputs.facts,
        None,
        inputs.references,
        inputs.account,
        least=False,
    )
    assert compute(inputs) == compute(shuffled)


@needs_shared
def test_the_copy_of_the_examples_is_the_design_s() -> None:
    assert FILE.read_bytes() == (SHARED / "design" / "worked-examples.json").read_bytes()
