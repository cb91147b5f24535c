"""The worked examples as inputs of the formulas."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from wm_api.metrics.payroll import PayrollSums, Weeks
from wm_api.metrics.population import AccountFacts, MetricInputs, References
from wm_api.records.facts import Facts
from wm_api.records.kinds import KINDS
from wm_api.records.parsing import parse_column

FILE = Path(__file__).resolve().parents[1] / "worked_examples.json"
DOCUMENT = json.loads(FILE.read_text())
BENEFITS = ("benefit_plans", "benefit_enrolments")
EXAMPLES: dict[str, dict[str, Any]] = {each["id"]: each for each in DOCUMENT["examples"]}


def frame_of(kind: str, spec: dict[str, Any]) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    for row in spec["rows"]:
        given = dict(row)
        for _ in range(given.pop("repeat", 1)):
            rows.append({"employee_key": f"r{len(rows)}", **spec["defaults"], **given})
    return typed(kind, rows)


def typed(kind: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """As intake types a file of these rows."""
    columns = []
    for column in KINDS[kind].columns:
        if any(column.name in row for row in rows):
            cells = [_cell(row.get(column.name)) for row in rows]
            text = pl.Series(column.name, cells, dtype=pl.String)
            cast = text if column.name == "employee_key" else parse_column(text, column, 1)[0]
            columns.append(cast.alias(column.name))
    return pl.DataFrame(columns)


def _cell(value: object) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def paid(batches: list[pl.DataFrame], window: tuple[date, date]) -> tuple[pl.DataFrame | None, tuple[Weeks, ...]]:
    """Batches of payroll, summed as the service does."""
    sums = PayrollSums(window)
    for frame in batches:
        sums.note(frame)
    for frame in batches:
        sums.add(frame)
    return sums.summary(), sums.weeks()


def inputs_of(example: dict[str, Any], *, least: bool = False) -> MetricInputs:
    days: dict[str, Any] = {name: date.fromisoformat(day) for name, day in example["dataset"].items()}
    facts = Facts(kind="workforce", **days)
    records = example["records"]
    payroll: pl.DataFrame | None = None
    weeks: tuple[Weeks, ...] = ()
    if "payroll" in records:
        payroll, weeks = paid([frame_of("payroll", records["payroll"])], facts.window())
    workforce, references = frame_of("workforce", records["workforce"]), References()
    if "reference" in example:  # of the one place where everybody works
        workforce = workforce.with_columns(pl.lit("48113").alias("work_county"))
        references = References(living_wage={"48113": float(example["reference"]["living_wage_hourly"])})
    benefits = [frame_of(kind, records[kind]) if kind in records else None for kind in BENEFITS]
    plans, enrolments = (None if frame is None or frame.is_empty() else frame for frame in benefits)
    return MetricInputs(
        workforce,
        facts,
        payroll,
        references,
        AccountFacts("US"),
        plans=plans,
        enrolments=enrolments,
        weeks=weeks,
        least=least,
    )
