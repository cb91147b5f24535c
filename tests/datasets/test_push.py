"""One file in one call: exactly one dataset whatever happens at once, and nothing left of what was not kept."""

import asyncio
import gzip
from typing import Any
from uuid import UUID

import httpx
import pytest
from backports import zstd
from sqlalchemy import text

from companies import SECRET, Company, sign_up, workforce
from extracts import as_csv, as_ndjson, payroll_row
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.pipeline.run import run_operation
from wm_api.records import employee_keys

URL = "/v1/datasets?kind=workforce&as_of=2025-12-31"
PAYROLL_URL = "/v1/datasets?kind=payroll&period_start=2025-01-01&period_end=2025-12-31"
ROWS = [payroll_row(person) for person in range(60)]


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def objects(resources: Resources) -> set[str]:
    return {name async for name in resources.storage.names("datasets")}


async def sent(company: Company, content: bytes, url: str = URL, **headers: str) -> httpx.Response:
    given = {**company.headers, "Content-Type": "text/csv", **headers}
    return await company.http.post(url, headers=given, content=content)


async def test_the_same_file_pushed_ten_times_at_once_is_one_dataset_and_one_object(
    company: Company, resources: Resources
) -> None:
    before, content = await objects(resources), workforce(company.id, 60).encode()
    answers = await asyncio.gather(*(sent(company, content) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [202]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await objects(resources) - before) == 1


async def test_ten_files_under_one_name_at_once_are_one_dataset_and_nine_conflicts(
    company: Company, resources: Resources
) -> None:
    before = await objects(resources)
    files = [workforce(company.id, 60 + number).encode() for number in range(10)]
    answers = await asyncio.gather(*(sent(company, content, f"{URL}&external_ref=night") for content in files))
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 9
    made = next(answer.json()["id"] for answer in answers if answer.status_code == 202)
    problems = [answer.json() for answer in answers if answer.status_code == 409]
    assert {(each["code"], each["existing"]) for each in problems} == {("dataset-exists", made)}
    assert len(await objects(resources) - before) == 1


async def test_two_that_supersede_one_dataset_at_once_are_one_success_and_one_conflict(company: Company) -> None:
    old = (await sent(company, workforce(company.id, 60).encode())).json()["id"]
    files = [workforce(company.id, 61 + number).encode() for number in range(2)]
    answers = await asyncio.gather(*(sent(company, content, f"{URL}&supersedes={old}") for content in files))
    assert sorted(answer.status_code for answer in answers) == [202, 409]
    assert {answer.json().get("code") for answer in answers} == {None, "supersede-conflict"}


async def test_a_push_that_is_refused_after_its_check_leaves_no_object(company: Company, resources: Resources) -> None:
    await sent(company, workforce(company.id, 60).encode(), **{"Idempotency-Key": "night-1"})
    before = await objects(resources)
    reused = await sent(company, workforce(company.id, 61).encode(), **{"Idempotency-Key": "night-1"})
    other_key = await sent(company, workforce(company.id, 62, secret=b"\x08" * 32).encode())
    dry = await sent(company, workforce(company.id, 63).encode(), f"{URL}&dry_run=true")
    assert (reused.json()["code"], other_key.json()["code"]) == ("idempotency-key-reused", "employee-key-changed")
    assert (dry.status_code, dry.json()["outcome"], dry.json()["rows"]) == (200, "accepted", 63)
    assert await objects(resources) == before


async def test_a_gzipped_file_is_hashed_as_sent_and_read_unpacked(company: Company) -> None:
    packed = gzip.compress(workforce(company.id, 60).encode())
    answer = await sent(company, packed, **{"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["rows"], answer.json()["bytes"]) == (202, 60, len(packed))


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("kind=workforce", "dates-invalid"),
        ("kind=workforce&as_of=2999-01-01", "dates-invalid"),
        ("kind=workforce&as_of=2025-12-31&period_start=2025-01-01&period_end=2025-12-31", "dates-invalid"),
        ("kind=payroll&as_of=2025-12-31", "dates-invalid"),
        ("kind=payroll&period_start=2025-02-01&period_end=2025-01-01", "dates-invalid"),
        ("kind=workforce&as_of=2025-12-31&window_start=2026-12-31", "dates-invalid"),
        ("kind=workforce&as_of=0001-01-01", "dates-invalid"),
        ("kind=workforce&as_of=2025-12-31&window_end=9999-12-31", "dates-invalid"),
        ("kind=workforce&as_of=2025-12-31&window_end=2026-01-01", "dates-invalid"),
        ("kind=workforce&as_of=2025-12-31&window_start=2022-12-30", "dates-invalid"),
        ("kind=payroll&period_start=1929-12-31&period_end=2025-01-01", "dates-invalid"),
        ("kind=nothing&as_of=2025-12-31", "validation-failed"),
        ("kind=workforce&as_of=yesterday", "validation-failed"),
        ("kind=workforce&as_of=2025-12-31&external_ref=a%20b", "validation-failed"),
        ("kind=workforce&as_of=2025-12-31&colour=red", "unknown-parameter"),
    ],
)
async def test_facts_that_do_not_fit_are_refused_before_the_file_is_read(
    company: Company, query: str, code: str
) -> None:
    answer = await sent(company, b"x", f"/v1/datasets?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_correction_is_taken_back_by_the_old_bytes_that_supersede_it(company: Company) -> None:
    right, wrong = workforce(company.id, 60).encode(), workforce(company.id, 61).encode()
    first = (await sent(company, right)).json()["id"]
    second = (await sent(company, wrong, f"{URL}&supersedes={first}")).json()["id"]
    old = await sent(company, right)
    assert (old.status_code, old.json()["id"], old.json()["state"]) == (200, first, "superseded")
    back = await sent(company, right, f"{URL}&supersedes={second}")
    assert (back.status_code, back.json()["state"], back.json()["supersedes"]) == (202, "accepted", second)
    assert (await sent(company, right)).json()["id"] == back.json()["id"]


@pytest.mark.parametrize("facts", ["declared_headcount=70", "full_time_weekly_hours=35", "external_ref=night"])
async def test_the_same_bytes_with_other_facts_are_refused_and_correct_them_when_they_supersede(
    company: Company, facts: str
) -> None:
    content = workforce(company.id, 60).encode()
    first = (await sent(company, content)).json()["id"]
    refused = await sent(company, content, f"{URL}&{facts}")
    assert (refused.status_code, refused.json()["code"]) == (409, "duplicate-content")
    assert refused.json()["existing"] == first
    corrected = await sent(company, content, f"{URL}&{facts}&supersedes={first}")
    assert (corrected.status_code, corrected.json()["state"]) == (202, "accepted")
    assert (await company.call("GET", f"/v1/datasets/{first}"))["superseded_by"] == corrected.json()["id"]
    again = await sent(company, content, f"{URL}&{facts}&supersedes={first}")
    assert (again.status_code, again.json()["id"]) == (200, corrected.json()["id"])


async def test_what_is_being_deleted_can_be_pushed_again_at_once(company: Company) -> None:
    content = workforce(company.id, 60).encode()
    first = (await sent(company, content)).json()["id"]
    await company.call("DELETE", f"/v1/datasets/{first}", 202)
    again = await sent(company, content)
    assert (again.status_code, again.json()["state"]) == (202, "accepted")
    assert again.json()["id"] != first


async def test_a_push_whose_computation_failed_is_computed_again_when_it_is_pushed_again(
    company: Company, worker_resources: Resources
) -> None:
    content, account = workforce(company.id, 60).encode(), UUID(company.id)
    dataset = (await sent(company, content)).json()
    async with transaction(worker_resources, account) as session:
        await session.execute(text("UPDATE operations SET state = 'failed' WHERE account_id = :id"), {"id": account})
    again = (await sent(company, content)).json()
    assert (again["id"], again["operation_id"] == dataset["operation_id"]) == (dataset["id"], False)
    await run_operation(worker_resources, account, UUID(again["operation_id"]))
    ended = await company.call("GET", f"/v1/operations/{again['operation_id']}")
    assert (ended["state"], ended["result"]["type"]) == ("succeeded", "score")
    assert (ended["progress"]["done"], ended["progress"]["total"]) == (1, 1), "all is done that was to do"


async def uploaded(company: Company, content: bytes, **headers: str) -> str:
    """The id of a complete upload."""
    begin = {"Content-Type": "text/csv", **headers, "Upload-Length": str(len(content)), "Upload-Complete": "?0"}
    upload = await company.call("POST", "/v1/uploads", 201, headers=begin)
    part = {"Content-Type": "application/partial-upload", "Upload-Offset": "0", "Upload-Complete": "?1"}
    await company.http.patch(f"/v1/uploads/{upload['id']}", headers={**company.headers, **part}, content=content)
    return str(upload["id"])


async def test_ndjson_and_zstd_are_read_by_both_paths(company: Company, resources: Resources) -> None:
    small = zstd.compress(as_ndjson(ROWS[:30]))
    headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "zstd"}
    answer = await sent(company, small, f"{PAYROLL_URL}&external_ref=small", **headers)
    assert (answer.status_code, answer.json()["rows"], answer.json()["bytes"]) == (202, 30, len(small))
    large = zstd.compress(as_ndjson([payroll_row(person, 2) for person in range(60)]))
    upload = await uploaded(company, large, **headers)
    made = await company.call("POST", f"{PAYROLL_URL}&external_ref=large&upload_id={upload}", 202)
    await run_operation(resources, UUID(company.id), UUID(made["operation_id"]))
    dataset = await company.call("GET", f"/v1/datasets/{made['id']}")
    assert (dataset["state"], dataset["rows"], dataset["media_type"]) == ("accepted", 60, "application/x-ndjson")


WITH_BAD = as_csv([*ROWS, payroll_row(60, pay_base="-5")])
ALLOWED = f"{PAYROLL_URL}&quarantine_ceiling=0.05&expected_headcount=60&expected_gross=USD:60030.00"


async def test_rows_are_set_aside_alike_on_both_paths(company: Company, resources: Resources) -> None:
    assert (await sent(company, WITH_BAD, PAYROLL_URL)).status_code == 422
    trial, reports = (await sent(company, WITH_BAD, f"{ALLOWED}&dry_run=true")).json(), []
    small = (await sent(company, WITH_BAD, ALLOWED)).json()
    reports.append(await company.call("GET", f"/v1/datasets/{small['id']}/validation"))
    await company.call("DELETE", f"/v1/datasets/{small['id']}", 202)
    upload = await uploaded(company, WITH_BAD)
    large = await company.call("POST", f"{ALLOWED}&upload_id={upload}", 202)
    await run_operation(resources, UUID(company.id), UUID(large["operation_id"]))
    reports.append(await company.call("GET", f"/v1/datasets/{large['id']}/validation"))
    for report in (trial, *reports):
        counts = {name: report[name] for name in ("outcome", "rows", "quarantined", "employees")}
        assert counts == {"outcome": "accepted", "rows": 61, "quarantined": 1, "employees": 60}
        assert [(each["code"], each["rows"]) for each in report["findings"]] == [("negative_pay_unmatched", [61])]
        assert {each["measure"]: each["value"] for each in report["totals"]}["headcount"] == "60"


async def test_a_file_that_holds_other_totals_is_refused_with_its_own(company: Company, resources: Resources) -> None:
    wrong = ALLOWED.replace("60030.00", "60030.01")
    refused = await sent(company, WITH_BAD, wrong)
    upload = await uploaded(company, WITH_BAD)
    large = await company.call("POST", f"{wrong}&upload_id={upload}", 202)
    await run_operation(resources, UUID(company.id), UUID(large["operation_id"]))
    ended = await company.call("GET", f"/v1/operations/{large['operation_id']}")
    report = await company.call("GET", f"/v1/datasets/{large['id']}/validation")
    for told in (refused.json(), ended["error"], report):
        assert "totals_differ" in {each["code"] for each in told["findings"]}
        totals = {each["measure"]: float(each["value"]) for each in told["totals"]}
        assert totals == {"rows": 61, "headcount": 60, "gross": 60030, "pay_base": 60030}
    other = await sent(company, WITH_BAD, PAYROLL_URL)
    assert (other.status_code, "totals" in other.json()) == (422, False)


@pytest.mark.parametrize(
    "expected", ["quarantine_ceiling=0.06", "expected_rows=0", "expected_gross=USD", "expected_gross=usd:1"]
)
async def test_what_cannot_be_expected_is_refused_before_the_file_is_read(company: Company, expected: str) -> None:
    answer = await sent(company, b"x", f"{PAYROLL_URL}&{expected}")
    assert (answer.status_code, answer.json()["code"]) == (422, "validation-failed")


async def test_plans_and_enrolments_are_accepted_and_only_people_pin_a_key(
    company: Company, resources: Resources
) -> None:
    async def done(text: str, **parameters: str) -> Any:
        made = await company.push(text, 202, **parameters)
        await run_operation(resources, UUID(company.id), UUID(made["operation_id"]))
        operation = await company.call("GET", f"/v1/operations/{made['operation_id']}")
        assert operation["state"] == "succeeded", operation
        return made

    plans = "plan_code,benefit_type,waiting_days\nmed-1,medical,30\nvac-1,vacation,0\n"
    made = await done(plans, kind="benefit_plans")
    assert (made["kind"], made["rows"], made["employees"]) == ("benefit_plans", 2, 0)
    assert (await company.call("GET", "/v1/account"))["employee_key_id"] is None
    rows = [f"{employee_keys.make(SECRET, company.id, '1', str(person))},med-1" for person in range(5)]
    enrolments = "\n".join(["employee_key,plan_code", *rows]) + "\n"
    made = await done(enrolments, kind="benefit_enrolments")
    assert made["employees"] == 5
    pinned = (await company.call("GET", "/v1/account"))["employee_key_id"]
    assert pinned == employee_keys.kid_of(SECRET)
    await done(plans.replace("30", "60"), kind="benefit_plans", as_of="2025-11-30")
    assert (await company.call("GET", "/v1/account"))["employee_key_id"] == pinned
    listed = await company.call("GET", "/v1/datasets", params={"kind": "benefit_plans"})
    assert [each["kind"] for each in listed["data"]] == ["benefit_plans"] * 2
