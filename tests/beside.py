"""Files that are pushed beside each other: rows of text with the keys of a company."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from companies import SECRET, Company
from wm_api.core.resources import Resources
from wm_api.pipeline.run import run_operation
from wm_api.records import employee_keys

Row = dict[str, str]
JANUARY, FEBRUARY = ("2025-01-01", "2025-01-31"), ("2025-02-01", "2025-02-28")
LATER = {"as_of": "2026-01-31"}


def key(company: Company, person: int, secret: bytes = SECRET) -> str:
    return employee_keys.make(secret, company.id, "1", str(person))


def person(company: Company, number: int, secret: bytes = SECRET, **cells: str) -> Row:
    hired = f"20{10 + number % 10}-0{1 + number % 9}-1{number % 7}"
    row = {"employee_key": key(company, number, secret), "hire_date": hired, "base_rate": f"{20 + number % 17}.25"}
    row |= {"base_rate_unit": "hour", "currency": "USD", "schedule_type": "full_time", "gender": "FM"[number % 2]}
    return row | {"job_code": f"J{number % 12}", "job_level": str(1 + number % 5), **cells}


def run(company: Company, number: int, period: tuple[str, str] = JANUARY, **cells: str) -> Row:
    row = {"employee_key": key(company, number), "period_start": period[0], "period_end": period[1]}
    return row | {"currency": "USD", "pay_base": "1000.50", **cells}


def text(rows: Sequence[Row]) -> bytes:
    return "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]).encode() + b"\n"


async def pushed(company: Company, rows: Sequence[Row], status: int = 202, **query: str) -> Any:
    headers = {"Content-Type": "text/csv"}
    parameters = {"kind": "workforce", "as_of": "2025-12-31"} | query
    given = {name: value for name, value in parameters.items() if value}
    return await company.call("POST", "/v1/datasets", status, params=given, content=text(rows), headers=headers)


async def paid(
    company: Company, rows: Sequence[Row], period: tuple[str, str] = JANUARY, status: int = 202, **query: str
) -> Any:
    dated = {"kind": "payroll", "as_of": "", "period_start": period[0], "period_end": period[1]}
    return await pushed(company, rows, status, **dated, **query)


async def findings(company: Company, dataset: dict[str, Any]) -> dict[str, Any]:
    """By code."""
    report = await company.call("GET", f"/v1/datasets/{dataset['id']}/validation")
    return {each["code"]: each for each in report["findings"]}


def refused(problem: dict[str, Any]) -> dict[str, Any]:
    assert problem["code"] == "dataset-refused", problem
    return {each["code"]: each for each in problem["findings"]}


async def uploaded(company: Company, content: bytes, **query: str) -> Any:
    """By the large path."""
    headers = {"Content-Type": "text/csv", "Upload-Length": f"{len(content)}", "Upload-Complete": "?0"}
    upload = (await company.call("POST", "/v1/uploads", 201, headers=headers))["id"]
    part = {"Content-Type": "application/partial-upload", "Upload-Offset": "0", "Upload-Complete": "?1"}
    await company.call("PATCH", f"/v1/uploads/{upload}", headers=part, content=content)
    parameters = {"kind": "workforce", **query, "upload_id": upload}
    return await company.call("POST", "/v1/datasets", 202, params=parameters)


async def worked(company: Company, resources: Resources, dataset: dict[str, Any]) -> None:
    await run_operation(resources, UUID(company.id), UUID(dataset["operation_id"]))


async def succeeded(company: Company, resources: Resources, operation_id: str) -> None:
    """Run to its end, which is a good one."""
    await run_operation(resources, UUID(company.id), UUID(operation_id))
    ended = await company.call("GET", f"/v1/operations/{operation_id}")
    assert ended["state"] == "succeeded", ended["error"]
