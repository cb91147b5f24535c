"""Sources: named by pushes, never made by one; when the next file is due, told once when it did not come."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from companies import SECRET, Company, payroll, sign_up
from wm_api.core import clock
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.service import sources
from wm_api.pipeline.run import run_operation
from wm_api.records import employee_keys


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


def staff(company: Company, people: int = 40) -> str:
    """People who have been there for long: true on any day."""
    rows = ["employee_key,hire_date,termination_date,base_rate,base_rate_unit,currency,schedule_type,gender"]
    for number in range(people):
        key = employee_keys.make(SECRET, company.id, "1", str(number))
        rows.append(f"{key},2010-01-02,,{20 + number % 7},hour,USD,full_time,F")
    return "\n".join(rows) + "\n"


async def source(company: Company, name: str = "hris", **more: Any) -> dict[str, Any]:
    body = {"name": name, "kind": "workforce", **more}
    made: dict[str, Any] = await company.call("POST", "/v1/sources", 201, json=body)
    return made


async def pay(company: Company, start: str, end: str, status: int = 202, people: int = 30, **more: str) -> Any:
    query = {"kind": "payroll", "period_start": start, "period_end": end, "as_of": "", **more}
    query.pop("as_of")
    parts = {"params": query, "content": payroll(company.id, start, end, people).encode()}
    return await company.call("POST", "/v1/datasets", status, headers={"Content-Type": "text/csv"}, **parts)


async def read(company: Company, made: dict[str, Any]) -> Any:
    return await company.call("GET", f"/v1/sources/{made['id']}")


async def test_a_source_shows_its_last_accepted_file_and_its_mapping_version(company: Company) -> None:
    made = await source(company, cadence="monthly")
    assert (made["last_dataset_id"], made["mapping_version"], made["latest_day"]) == (None, None, None)
    pushed = await company.push(staff(company), source="hris", mapping_version="v7")
    assert (pushed["source_id"], pushed["mapping_version"]) == (made["id"], "v7")
    found = await read(company, made)
    assert (found["last_dataset_id"], found["mapping_version"]) == (pushed["id"], "v7")
    assert (found["latest_day"], found["next_expected_on"]) == ("2025-12-31", "2026-01-31")
    assert found["last_accepted_at"] == pushed["accepted_at"]
    assert (await company.call("GET", "/v1/sources"))["data"] == [found]


async def test_a_name_that_is_not_known_makes_no_source_and_keeps_nothing(
    company: Company, resources: Resources
) -> None:
    await source(company)
    before = {name async for name in resources.storage.names("datasets")}
    problem = await company.push(staff(company), 422, source="hriss")
    assert (problem["code"], [each["parameter"] for each in problem["errors"]]) == ("source-unknown", ["source"])
    assert "hriss" not in str(problem)
    assert len((await company.call("GET", "/v1/sources"))["data"]) == 1
    assert (await company.call("GET", "/v1/datasets"))["data"] == []
    assert {name async for name in resources.storage.names("datasets")} == before


async def test_a_push_of_another_kind_than_its_source_is_refused(company: Company) -> None:
    await source(company)
    problem = await pay(company, "2025-12-01", "2025-12-31", 422, source="hris")
    assert (problem["code"], problem["source_kind"]) == ("source-kind-mismatch", "workforce")


async def test_an_upload_names_its_source_too(company: Company, worker_resources: Resources) -> None:
    made, file = await source(company), staff(company).encode()
    begin = {"Content-Type": "text/csv", "Upload-Length": str(len(file)), "Upload-Complete": "?0"}
    upload = await company.call("POST", "/v1/uploads", 201, headers=begin)
    part = {"Content-Type": "application/partial-upload", "Upload-Offset": "0", "Upload-Complete": "?1"}
    await company.http.patch(f"/v1/uploads/{upload['id']}", headers=company.headers | part, content=file)
    query = {"kind": "workforce", "as_of": "2025-12-31", "upload_id": upload["id"]}
    wrong = await company.call("POST", "/v1/datasets", 422, params={**query, "source": "other"})
    assert wrong["code"] == "source-unknown"
    pushed = await company.call(
        "POST", "/v1/datasets", 202, params={**query, "source": "hris", "mapping_version": "v1"}
    )
    await run_operation(worker_resources, UUID(company.id), UUID(pushed["operation_id"]))
    found = await read(company, made)
    assert (found["last_dataset_id"], found["mapping_version"]) == (pushed["id"], "v1")


async def test_names_are_unique_and_a_change_needs_the_version_that_was_looked_at(company: Company) -> None:
    made, other = await source(company), await source(company, "other")
    again = await company.call("POST", "/v1/sources", 409, json={"name": "hris", "kind": "payroll"})
    assert again["code"] == "source-exists"
    path = f"/v1/sources/{other['id']}"
    assert (await company.call("PATCH", path, 409, json={"name": "hris"}))["code"] == "source-exists"
    etag = (await company.http.get(path, headers=company.headers)).headers["etag"]
    changed = await company.call("PATCH", path, json={"name": "b", "mapping_version": "v2"}, headers={"If-Match": etag})
    assert (changed["name"], changed["mapping_version"], changed["cadence"]) == ("b", "v2", "none")
    await company.call("PATCH", path, 412, json={"grace_days": 1}, headers={"If-Match": etag})
    await company.call("DELETE", path, 412, headers={"If-Match": etag})
    emptied = await company.call("PATCH", path, json={"mapping_version": None, "cadence": None})
    assert (emptied["mapping_version"], emptied["cadence"]) == (None, "none")
    assert (await read(company, made))["name"] == "hris"


@pytest.mark.parametrize("body", [
    {"name": "a b", "kind": "workforce"}, {"name": "", "kind": "workforce"}, {"name": "a" * 65, "kind": "workforce"},
    {"name": "a", "kind": "people"}, {"name": "a", "kind": "payroll", "cadence": "daily"},
    {"name": "a", "kind": "payroll", "grace_days": -1}, {"name": "a", "kind": "payroll", "mapping_version": "v 1"},
])  # fmt: skip
async def test_what_is_no_source_is_refused(company: Company, body: dict[str, Any]) -> None:
    assert (await company.call("POST", "/v1/sources", 422, json=body))["code"] == "validation-failed"


async def test_a_source_that_is_deleted_leaves_its_datasets_and_its_name(company: Company) -> None:
    made = await source(company)
    pushed = await company.push(staff(company), source="hris")
    await company.call("DELETE", f"/v1/sources/{made['id']}", 204)
    await company.call("GET", f"/v1/sources/{made['id']}", 404)
    left = await company.call("GET", f"/v1/datasets/{pushed['id']}")
    assert (left["state"], left["source_id"]) == ("accepted", None)
    await source(company)


async def test_sources_of_another_company_are_not_there(company: Company, http: httpx.AsyncClient) -> None:
    made, other = await source(company), await sign_up(http)
    await company.push(staff(company), source="hris")
    path = f"/v1/sources/{made['id']}"
    for method, parts in (("GET", {}), ("PATCH", {"json": {"grace_days": 1}}), ("DELETE", {})):
        assert (await other.call(method, path, 404, **parts))["code"] == "not-found"
    assert (await other.call("GET", "/v1/sources"))["data"] == []
    assert (await other.push(staff(other), 422, source="hris"))["code"] == "source-unknown"
    seen = await other.call("GET", "/v1/coverage")
    assert (seen["data"], seen["sources"]) == ([], [])
    await source(other)


async def told(company: Company) -> list[str]:
    found = await company.call("GET", "/v1/events", params={"type": "source.overdue"})
    return [each["subject"]["id"] for each in found["data"]]


async def test_each_missed_day_is_told_once_in_the_chain_of_the_account(
    company: Company, worker_resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, quiet = await source(company, cadence="weekly", grace_days=2), await source(company, "quiet")
    now = clock.now()
    for days, count in ((9, 0), (10, 1), (11, 1), (24, 3)):

        def later(by: timedelta = timedelta(days=days)) -> datetime:
            return now + by

        monkeypatch.setattr(clock, "now", later)
        for _ in range(2):
            async with transaction(worker_resources, UUID(company.id)) as session:
                await sources.tell_overdue(session)
        monkeypatch.setattr(clock, "now", lambda: now)
        assert await told(company) == [made["id"]] * count, days
    assert quiet["state"] is None


async def test_a_source_with_an_old_file_is_overdue_and_days_before_it_was_named_are_not_told(
    company: Company, worker_resources: Resources
) -> None:
    made = await source(company, cadence="monthly")
    await company.push(staff(company), as_of="2020-01-31", source="hris")
    assert (await read(company, made))["state"] == "overdue"
    async with transaction(worker_resources, UUID(company.id)) as session:
        assert await sources.tell_overdue(session) == 0


async def test_coverage_shows_what_counts_what_is_missing_and_what_overlaps(company: Company) -> None:
    made = await source(company, cadence="monthly")
    days = {}
    for number, day in enumerate(("2025-08-31", "2025-09-30", "2025-12-31")):
        days[day] = (await company.push(staff(company, 40 + number), as_of=day, source="hris"))["id"]
    first = await pay(company, "2025-01-01", "2025-03-31")
    await pay(company, "2025-05-01", "2025-06-30")
    second = await pay(company, "2025-03-15", "2025-03-31", people=31)
    seen = await company.call("GET", "/v1/coverage", params={"limit": "200"})
    assert [(each["kind"], each["state"]) for each in seen["kinds"]][:2] == [
        ("workforce", "counted"),
        ("payroll", "counted"),
    ]
    assert (seen["kinds"][1]["first_day"], seen["kinds"][1]["last_day"]) == ("2025-01-01", "2025-06-30")
    entries = seen["data"]
    assert {
        (each["first_day"], each["dataset_ids"][0])
        for each in entries
        if each["type"] == "dataset" and each["kind"] == "workforce"
    } == set(days.items())
    holes = {
        (each["reason"], each["first_day"], each["last_day"])
        for each in entries
        if each["reason"] not in {None, "overdue"}
    }
    assert holes == {
        ("between_periods", "2025-04-01", "2025-04-30"),
        ("expected_day", "2025-10-31", "2025-10-31"),
        ("expected_day", "2025-11-30", "2025-11-30"),
    }
    overlap = next(each for each in entries if each["type"] == "overlap")
    assert (overlap["first_day"], overlap["last_day"], overlap["dataset_count"]) == ("2025-03-15", "2025-03-31", 2)
    assert set(overlap["dataset_ids"]) == {first["id"], second["id"]}
    due = seen["sources"][0]
    assert (due["source_id"], due["next_expected_on"]) == (made["id"], "2026-01-31")
    overdue = {each["first_day"] for each in entries if each["reason"] == "overdue"}
    assert ("2026-01-31" in overdue) is (clock.today() > date(2026, 2, 7))


async def test_a_kind_that_was_never_sent_says_so(company: Company) -> None:
    seen = await company.call("GET", "/v1/coverage", params={"kind": "payroll"})
    assert [(each["kind"], each["state"], each["datasets"]) for each in seen["kinds"]] == [("payroll", "never_sent", 0)]


async def test_a_gap_outside_of_every_workforce_window_is_no_hole(company: Company) -> None:
    await pay(company, "2020-01-01", "2020-01-31")
    await pay(company, "2020-04-01", "2020-04-30")
    assert [each["type"] for each in (await company.call("GET", "/v1/coverage"))["data"]].count("hole") == 1
    await company.push(staff(company))
    assert [each["type"] for each in (await company.call("GET", "/v1/coverage"))["data"]].count("hole") == 0


async def test_coverage_is_walked_page_by_page_and_cut_by_days(company: Company) -> None:
    for number in range(3):
        await company.push(staff(company, 40 + number), as_of=f"2025-0{1 + 3 * number}-28")
    whole = (await company.call("GET", "/v1/coverage"))["data"]
    found, target = list[Any](), "/v1/coverage?limit=1"
    while target:
        page = await company.http.get(target, headers=company.headers)
        found += page.json()["data"]
        target = page.headers.get("link", "").removeprefix("<").removesuffix('>; rel="next"')
    assert found == whole
    assert [each["first_day"] for each in whole] == ["2025-07-28", "2025-04-28", "2025-01-28"]
    cut = await company.call("GET", "/v1/coverage", params={"from": "2025-02-01", "to": "2025-04-28"})
    assert [each["first_day"] for each in cut["data"]] == ["2025-04-28"]


async def test_a_dataset_that_no_longer_counts_covers_nothing(company: Company) -> None:
    made = await source(company, cadence="monthly")
    old = await company.push(staff(company), as_of="2025-11-30", source="hris")
    new = await company.push(staff(company, 41), source="hris")
    await company.call("DELETE", f"/v1/datasets/{new['id']}", 202)
    seen = await company.call("GET", "/v1/coverage", params={"to": "2025-12-31"})
    assert [each["dataset_ids"] for each in seen["data"] if each["type"] == "dataset"] == [[old["id"]]]
    assert (await read(company, made))["latest_day"] == "2025-11-30"


async def test_an_account_has_a_limited_number_of_sources(
    company: Company, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(resources.settings.__dict__, "max_sources", 1)
    await source(company)
    problem = await company.call("POST", "/v1/sources", 409, json={"name": "more", "kind": "payroll"})
    assert (problem["code"], problem["limit"]) == ("too-many-sources", 1)
