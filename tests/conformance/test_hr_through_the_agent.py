"""Check 5: an HR file that is refused raw goes through the agent; its figures are the published ones, its names stay."""

import asyncio
import csv
import gzip
import io
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from capture.wires import Wire, serving, wire_to
from companies import sign_up
from shared import SHARED, needs_shared
from wm_api.capture.cli import app
from wm_api.capture.key_file import CustomerKey
from wm_api.capture.mapping_rules import checked_mapping
from wm_api.capture.sources import read_source
from wm_api.capture.transform import canonical, to_parquet
from wm_api.metrics.figures import Figure
from wm_api.metrics.formulas import FORMULAS
from wm_api.metrics.population import AccountFacts, MetricInputs, References
from wm_api.records.facts import Facts
from wm_api.records.intake import take_in
from wm_api.records.readers import PARQUET, Limits

DATA = SHARED / "data" / "hr_synthetic"
FILE, DAMAGED = DATA / "HRDataset_v14.csv.gz", DATA / "HRDataset_v14_dirty_copy.csv.gz"
MAPPING = Path(__file__).resolve().parents[2] / "examples" / "mappings" / "hr_synthetic.toml"
KEY = CustomerKey("01900000-0000-7000-8000-000000000000", "1", b"\x01" * 32)
LEAVERS = ("DateofTermination", "EmploymentStatus")

pytestmark = needs_shared


def content_of(mapping: str) -> bytes:
    rules = checked_mapping(mapping)
    return to_parquet(canonical(*read_source(FILE, rules)[:1], rules, KEY).frame)


def figure(mapping: str, metric: str, facts: Facts) -> Figure:
    batches: list[pl.DataFrame] = []
    report = take_in(
        io.BytesIO(content_of(mapping)), PARQUET, None, facts, Limits(), lambda _keys, frame: batches.append(frame)
    )
    assert report.outcome == "accepted", report.findings
    assert (report.rows, report.employees) == (311, 311)
    inputs = MetricInputs(pl.concat(batches), facts, None, References(), AccountFacts("US"))
    return FORMULAS[metric](inputs, "default")


def snapshot() -> str:
    """The same mapping without the columns of leavers: all 311 rows are people of the day."""
    text = MAPPING.read_text().replace('"TermReason"', '"TermReason", "DateofTermination", "EmploymentStatus"')
    lines = text.replace("[columns.termination_reason]", "[unused]").splitlines()
    start = lines.index("[unused]")
    del lines[start : lines.index("", start)]
    return "\n".join(line for line in lines if not line.startswith("termination_date"))


@pytest.mark.parametrize(
    ("metric", "value"), [("gender_gap_mean_hourly", 4.0248), ("gender_gap_median_hourly", 2.0307)]
)
def test_the_gaps_over_all_rows_equal_the_published_ones(metric: str, value: float) -> None:
    found = figure(snapshot(), metric, Facts(kind="workforce", as_of=date(2018, 12, 31)))
    assert round(found.value or 0, 4) == value
    assert {part.group: part.n for part in found.groups} == {"F": 176, "M": 135}


@pytest.mark.parametrize(
    ("metric", "year", "value"),
    [
        ("turnover_rate", 2015, 9.6611),
        ("voluntary_turnover_rate", 2015, 7.5608),
        ("turnover_rate", 2018, 6.1013),
        ("voluntary_turnover_rate", 2018, 4.2240),
    ],
)
def test_turnover_of_a_window_equals_the_published_one(metric: str, year: int, value: float) -> None:
    facts = Facts(
        kind="workforce", as_of=date(2018, 12, 31), window_start=date(year, 1, 1), window_end=date(year, 12, 31)
    )
    found = figure(MAPPING.read_text(), metric, facts)
    assert found.basis == "person_days"
    assert round(found.value or 0, 4) == value


def full_names() -> set[str]:
    rows = csv.DictReader(io.StringIO(gzip.decompress(FILE.read_bytes()).decode("utf-8-sig")))
    names = [row[column] for row in rows for column in ("Employee_Name", "ManagerName")]
    return {part.strip() for name in names for part in (name, *name.split(",")) if len(part.strip()) > 3}


def test_no_name_title_or_birth_date_is_in_what_leaves() -> None:
    content = content_of(MAPPING.read_text())
    text = pl.read_parquet(io.BytesIO(content)).write_csv().encode()
    assert not [name for name in full_names() if name.encode() in text or name.encode() in content]
    for secret in (b"Production", b"Technician", b"07/10/83", b"01960", b"10026", b"Single"):
        assert secret not in text


@dataclass
class Machine:
    """The customer's machine: a copy of the mapping, because the table of codes is kept beside it."""

    folder: Path
    mapping: Path

    def run(self, *arguments: str) -> Any:
        environment = {"WM_CAPTURE_KEY": str(self.folder / "wm.key"), "WM_API_KEY": "wmk_none"}
        return CliRunner().invoke(app, list(arguments), env=environment)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path, tmp_path / "hr.toml")
    made.mapping.write_text(MAPPING.read_text())
    assert made.run("keygen", "--account", KEY.account, "--out", str(tmp_path / "wm.key")).exit_code == 0
    return made


async def test_pushed_by_the_agent_it_is_accepted_over_http_and_no_name_crosses_the_wire(
    machine: Machine, http: httpx.AsyncClient, application: FastAPI, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = await sign_up(http)
    scopes = ["datasets:write", "datasets:read", "operations:read"]
    key = await company.call("POST", "/v1/api-keys", 201, json={"name": "push", "scopes": scopes})
    monkeypatch.setenv("WM_CAPTURE_KEY", str(machine.folder / "wm.key"))
    monkeypatch.setenv("WM_API_KEY", key["secret"])
    window = ["--window-start", "2015-01-01", "--window-end", "2015-12-31"]
    async with serving(application) as address, wire_to(address, Wire()) as wire:
        monkeypatch.setenv("WM_URL", wire.url)
        arguments = ["push", str(FILE), "--mapping", str(machine.mapping), *window, "--wait"]
        assert not await asyncio.to_thread(app, arguments, standalone_mode=False)
    shown = (await company.call("GET", "/v1/datasets"))["data"][0]
    assert (shown["state"], shown["rows"], shown["employees"]) == ("accepted", 311, 311)
    asked = {"metric": "turnover_rate", "profile": "default"}
    metrics = (await company.call("GET", "/v1/metrics", params=asked))["data"]
    assert round(metrics[0]["value"], 4) == 9.6611
    assert b"POST /v1/datasets" in wire.sent
    assert not [name for name in full_names() if name.encode() in wire.sent]


def test_the_damaged_copy_is_refused_with_the_shifted_row_and_the_blanks_and_nothing_is_zero(machine: Machine) -> None:
    text = machine.mapping.read_text().replace("%m/%d/%y", "%m/%d/%Y")
    machine.mapping.write_text(text.replace('"Age", ', "").replace('"NumYearsWorked", ', ""))
    out = machine.folder / "out.parquet"
    refused = machine.run("dry-run", str(DAMAGED), "--mapping", str(machine.mapping), "--out", str(out))
    assert refused.exit_code == 1
    said = " ".join(refused.output.split())
    assert "the number of cells is not 36, that of the headings: a cell was lost or split; 1 row: 9" in said
    assert "employee_key: the id is empty; 6 rows: 1, 2, 3, 4, 5, 23" in said
    assert not out.exists()


def test_the_raw_file_does_not_fit_any_mapping_that_forgets_a_column(machine: Machine) -> None:
    machine.mapping.write_text(machine.mapping.read_text().replace('"Employee_Name", ', ""))
    refused = machine.run("dry-run", str(FILE), "--mapping", str(machine.mapping), "--json")
    assert refused.exit_code == 5
    assert "new heading: Employee_Name" in json.loads(refused.stdout.splitlines()[0])["error"]
