"""Schema, template and example of each record kind: public, and of the same columns as the check of a file."""

import csv
import io
import json
from typing import Any

import httpx
import jsonschema_rs
import pytest

from companies import Company, sign_up
from wm_api.records.columns import Flag, Integer, Number
from wm_api.records.kinds import KINDS

DAY = {"as_of": "2025-12-31"}
DATED = dict.fromkeys(KINDS, DAY) | {"payroll": {"period_start": "2025-12-01", "period_end": "2025-12-31"}}


async def document(http: httpx.AsyncClient, kind: str, name: str) -> httpx.Response:
    response = await http.get(f"/v1/record-kinds/{kind}/{name}")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "public, max-age=300"
    return response


async def schema_of(http: httpx.AsyncClient, kind: str) -> Any:
    response = await document(http, kind, "schema")
    assert response.headers["content-type"].startswith("application/schema+json")
    return response.json()


def typed(kind: str, row: dict[str, str]) -> dict[str, Any]:
    """A row of CSV as a line of NDJSON; empty cells are left out."""
    plain = (Number, Integer, Flag)
    columns = {name: KINDS[kind].column(name).type for name in row}
    return {name: json.loads(cell) if isinstance(columns[name], plain) else cell for name, cell in row.items() if cell}


async def pushed(company: Company, kind: str, content: bytes) -> Any:
    headers = {"Content-Type": "text/csv"}
    query = {"kind": kind, **DATED[kind]}
    return await company.call("POST", "/v1/datasets", 202, params=query, content=content, headers=headers)


async def test_the_example_of_every_kind_is_accepted_beside_those_of_the_others(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    for kind in KINDS:
        dataset = await pushed(company, kind, (await document(http, kind, "example")).content)
        report = await company.call("GET", f"/v1/datasets/{dataset['id']}/validation")
        assert report["outcome"] == "accepted"
        warned = {each["code"] for each in report["findings"]}
        assert warned.isdisjoint({"payroll_without_person", "person_without_payroll", "enrolment_without_plan"})


@pytest.mark.parametrize("kind", KINDS)
async def test_the_schema_takes_the_rows_of_the_example_and_refuses_what_the_check_refuses(
    http: httpx.AsyncClient, kind: str
) -> None:
    schema = await schema_of(http, kind)
    jsonschema_rs.meta.validate(schema)
    takes = jsonschema_rs.validator_for(schema, validate_formats=True).is_valid
    rows = [typed(kind, row) for row in csv.DictReader(io.StringIO((await document(http, kind, "example")).text))]
    assert len(rows) >= 3
    assert all(takes(row) for row in rows)
    assert takes(rows[0] | {column.name: None for column in KINDS[kind].columns if not column.required})
    assert not takes(rows[0] | {"job_title": "x"})
    for name in schema["required"]:
        assert not takes({other: value for other, value in rows[0].items() if other != name})
    for name, said in schema["properties"].items():
        wrong = [said["maximum"] + 1, said["minimum"] - 1] if "maximum" in said else ["no such value"]
        assert not any(takes(rows[0] | {name: value}) for value in wrong), name


async def test_the_schema_knows_that_money_has_a_wider_range_in_currencies_of_small_units(
    http: httpx.AsyncClient,
) -> None:
    takes = jsonschema_rs.validator_for(await schema_of(http, "payroll")).is_valid
    text = (await document(http, "payroll", "example")).text
    row = typed("payroll", next(csv.DictReader(io.StringIO(text)))) | {"gross_pay": None}
    assert takes(row | {"currency": "VND", "pay_base": 250_000_000})
    assert not takes(row | {"currency": "USD", "pay_base": 250_000_000})
    assert takes(row | {"currency": "USD", "pay_base": 9_999_999})


@pytest.mark.parametrize("kind", KINDS)
async def test_the_template_is_the_headings_of_the_kind(http: httpx.AsyncClient, kind: str) -> None:
    response = await document(http, kind, "template")
    assert response.headers["content-type"].startswith("text/csv")
    assert response.text == ",".join(KINDS[kind].names) + "\n"
    assert list((await schema_of(http, kind))["properties"]) == list(KINDS[kind].names)


@pytest.mark.parametrize("name", ["schema", "template", "example"])
async def test_an_unknown_kind_has_no_documents(http: httpx.AsyncClient, name: str) -> None:
    assert (await http.get(f"/v1/record-kinds/salaries/{name}")).json()["code"] == "not-found"


async def test_of_a_kind_that_metrics_hold_whole_a_file_has_fewer_rows_and_one_over_is_refused(
    http: httpx.AsyncClient,
) -> None:
    kinds = {each["kind"]: each["limits"]["rows"] for each in (await http.get("/v1/record-kinds")).json()["data"]}
    assert kinds == {
        "workforce": 5_000_000,
        "payroll": 100_000_000,
        "benefit_plans": 100_000,
        "benefit_enrolments": 25_000_000,
    }
    company, most = await sign_up(http), kinds["benefit_plans"]
    lines = [f"p{number % 4000},medical,{1990 + number // 4000}" for number in range(most + 1)]
    files = ["\n".join(["plan_code,benefit_type,plan_year", *lines[:rows], ""]) for rows in (most, most + 1)]
    await company.push(files[0], 202, kind="benefit_plans")
    refused = await company.push(files[1], 422, kind="benefit_plans", as_of="2025-11-30")
    assert [each["code"] for each in refused["findings"]] == ["too_many_rows"]
