"""Mapping drift: a file that differs from the last one of its source needs a yes, and without it nothing is kept."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text as sql

from companies import SECRET, Company, sign_up
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.pipeline.run import run_operation
from wm_api.records import employee_keys


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    made = await sign_up(http)
    await made.call("POST", "/v1/sources", 201, json={"name": "hris", "kind": "workforce"})
    return made


def staff(company: Company, people: int = 40, secret: bytes = SECRET, **cells: str) -> str:
    names = {"base_rate": "21", "base_rate_unit": "hour", "currency": "USD", "job_code": "J1", **cells}
    rows = [",".join(("employee_key,hire_date,schedule_type,gender", *names))]
    for number in range(people):
        key = employee_keys.make(secret, company.id, "1", str(number))
        rows.append(",".join((f"{key},2010-01-02,full_time,F", *names.values())))
    return "\n".join(rows) + "\n"


async def push(company: Company, text: str, status: int = 202, day: str = "2025-12-31", **more: str) -> Any:
    return await company.push(text, status, as_of=day, source="hris", **more)


def codes(answer: Any) -> dict[str, str]:
    return {each["code"]: each["severity"] for each in answer["findings"]}


async def drifts(company: Company, dataset: Any) -> dict[str, str]:
    report = await company.call("GET", f"/v1/datasets/{dataset['id']}/validation")
    return {code: severity for code, severity in codes(report).items() if code.startswith("drift_")}


async def shape(company: Company) -> Any:
    return (await company.call("GET", "/v1/sources"))["data"][0]["last_shape"]


async def test_drift_is_refused_with_its_cause_and_nothing_is_kept(company: Company, resources: Resources) -> None:
    await push(company, staff(company), day="2025-11-30")
    before, looked = {name async for name in resources.storage.names("datasets")}, await shape(company)
    problem = await push(company, staff(company).replace("job_code", "job_family"), 409)
    assert problem["code"] == "mapping-drift"
    found = {each["code"]: each for each in problem["findings"]}
    assert (found["drift_column_renamed"]["column"], found["drift_column_renamed"]["about"]) == (
        "job_code",
        ["job_family"],
    )
    assert "Likely cause" in found["drift_column_renamed"]["detail"]
    assert len((await company.call("GET", "/v1/datasets"))["data"]) == 1
    assert {name async for name in resources.storage.names("datasets")} == before
    assert await shape(company) == looked


async def test_with_a_yes_it_counts_and_is_what_the_next_file_is_compared_with(company: Company) -> None:
    await push(company, staff(company), day="2025-10-31")
    other = staff(company).replace("job_code", "job_family")
    taken = await push(company, other, day="2025-11-30", accept_drift="true")
    assert await drifts(company, taken) == {"drift_column_renamed": "warn"}
    assert "job_family" in {each["name"] for each in (await shape(company))["columns"]}
    same = await push(company, other.replace(",21,", ",22,"), day="2025-12-31")
    assert await drifts(company, same) == {}


async def test_the_same_report_a_month_later_drifts_in_nothing(company: Company) -> None:
    await push(company, staff(company), day="2025-11-30")
    assert await drifts(company, await push(company, staff(company, 42, base_rate="22"))) == {}


async def test_mild_drift_is_only_told(company: Company) -> None:
    await push(company, staff(company), day="2025-11-30")
    assert await drifts(company, await push(company, staff(company, 70))) == {"drift_rows_more": "warn"}


async def test_a_new_column_and_a_new_code_need_a_yes(company: Company) -> None:
    await push(company, staff(company), day="2025-10-31")
    wider = staff(company, worker_type="employee")
    assert codes(await push(company, wider, 409, day="2025-11-30")) == {"drift_column_new": "refuse"}
    taken = await push(company, wider, day="2025-11-30", accept_drift="true")
    assert await drifts(company, taken) == {"drift_column_new": "warn"}
    other = wider.replace(",employee", ",intern", 1)
    problem = await push(company, other, 409)
    assert codes(problem) == {"drift_code_new": "refuse"}
    assert problem["findings"][0]["about"] == ["intern"]
    assert await drifts(company, await push(company, other, accept_drift="true")) == {"drift_code_new": "warn"}


async def test_a_mapping_version_that_was_not_announced_needs_a_yes_and_an_announced_one_none(company: Company) -> None:
    await push(company, staff(company), day="2025-10-31", mapping_version="v1")
    problem = await push(company, staff(company, 41), 409, day="2025-11-30", mapping_version="v2")
    assert codes(problem) == {"drift_mapping_version": "refuse"}
    source = (await company.call("GET", "/v1/sources"))["data"][0]
    assert source["mapping_version"] == "v1"
    await company.call("PATCH", f"/v1/sources/{source['id']}", json={"mapping_version": "v2"})
    assert await drifts(company, await push(company, staff(company, 41), day="2025-11-30", mapping_version="v2")) == {}


async def test_other_keys_are_drift_too_and_new_key_is_the_yes(company: Company) -> None:
    await push(company, staff(company), day="2025-11-30")
    rekeyed = staff(company, secret=b"\x08" * 32)
    problem = await push(company, rekeyed, 409)
    assert codes(problem) == {"drift_key_id": "refuse"}
    taken = await push(company, rekeyed, new_key="true")
    assert await drifts(company, taken) == {"drift_key_id": "warn"}


async def test_files_without_a_source_or_of_another_one_are_not_compared(company: Company) -> None:
    await push(company, staff(company), day="2025-10-31")
    await company.call("POST", "/v1/sources", 201, json={"name": "other", "kind": "workforce"})
    narrow = staff(company, 10)
    both: tuple[dict[str, str], ...] = ({}, {"source": "other"})
    for number, more in enumerate(both):
        made = await company.push(
            narrow.replace(",21,", f",{30 + number},"), 202, as_of="2025-11-30", external_ref=f"r{number}", **more
        )
        assert await drifts(company, made) == {}


async def test_a_dry_run_shows_the_drift(company: Company) -> None:
    await push(company, staff(company), day="2025-11-30")
    shown = await push(company, staff(company, 10), 200, dry_run="true")
    assert (shown["outcome"], codes(shown)["drift_rows_fewer"]) == ("refused", "refuse")
    shown = await push(company, staff(company, 10), 200, dry_run="true", accept_drift="true")
    assert (shown["outcome"], codes(shown)["drift_rows_fewer"]) == ("accepted", "warn")


async def test_a_held_push_shows_the_drift_and_its_commit_is_the_yes(company: Company) -> None:
    await push(company, staff(company), day="2025-11-30")
    held = await push(company, staff(company, 10), hold="true")
    assert (held["state"], (await drifts(company, held))["drift_rows_fewer"]) == ("held", "warn")
    assert (await shape(company))["rows"] == 40
    await company.call("POST", f"/v1/datasets/{held['id']}/commit", 202)
    assert (await shape(company))["rows"] == 10


async def test_a_breach_of_a_rule_beside_drift_is_a_refusal(company: Company) -> None:
    await push(company, staff(company), day="2025-11-30")
    problem = await push(company, staff(company, 10, gender_of="F"), 422)
    assert problem["code"] == "dataset-refused"


async def test_an_upload_that_drifted_is_refused_by_its_operation_and_taken_with_a_yes(
    company: Company, worker_resources: Resources
) -> None:
    await push(company, staff(company), day="2025-11-30")
    file = staff(company, 10).encode()
    for more, ended, code in (({}, "failed", "mapping-drift"), ({"accept_drift": "true"}, "succeeded", None)):
        begin = {"Content-Type": "text/csv", "Upload-Length": str(len(file)), "Upload-Complete": "?0"}
        upload = await company.call("POST", "/v1/uploads", 201, headers=begin)
        part = {"Content-Type": "application/partial-upload", "Upload-Offset": "0", "Upload-Complete": "?1"}
        await company.http.patch(f"/v1/uploads/{upload['id']}", headers=company.headers | part, content=file)
        query = {"kind": "workforce", "as_of": "2025-12-31", "upload_id": upload["id"], "source": "hris", **more}
        made = await company.call("POST", "/v1/datasets", 202, params=query)
        await run_operation(worker_resources, UUID(company.id), UUID(made["operation_id"]))
        operation = await company.call("GET", f"/v1/operations/{made['operation_id']}")
        assert (operation["state"], (operation["error"] or {}).get("code")) == (ended, code)
        assert "drift_rows_fewer" in await drifts(company, made)


async def test_the_shape_goes_with_its_dataset_and_the_one_before_is_compared_with_again(
    company: Company, worker_resources: Resources
) -> None:
    await push(company, staff(company), day="2025-11-30")
    looked = await shape(company)
    later = await push(company, staff(company, 10), accept_drift="true")
    assert (await shape(company))["rows"] == 10
    operation = await company.call("DELETE", f"/v1/datasets/{later['id']}", 202)
    await run_operation(worker_resources, UUID(company.id), UUID(operation["id"]))
    assert await shape(company) == looked
    async with transaction(worker_resources, UUID(company.id)) as session:
        rows = sql("SELECT report FROM datasets WHERE id = :id")
        assert (await session.execute(rows, {"id": UUID(later["id"])})).scalar_one() is None
