"""Rows that are new or changed are sent alone: the whole is a new dataset in the place of the old one."""

import asyncio
import base64
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
import polars as pl
import pytest

from companies import SECRET, Company, payroll, sign_up, workforce
from datasets.test_previews import done, preview, printed, told
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.models import Dataset
from wm_api.datasets.service.files import open_records
from wm_api.pipeline.run import run_operation
from wm_api.records.crosswalk import crosswalk

PERIOD = {"kind": "payroll", "as_of": "", "period_start": "2025-11-01", "period_end": "2025-11-14"}


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def pushed(company: Company, text: str, status: int = 202, **query: str) -> Any:
    given = {name: value for name, value in query.items() if value}
    headers = {"Content-Type": "text/csv"}
    return await company.call("POST", "/v1/datasets", status, params=given, content=text.encode(), headers=headers)


async def stored(company: Company, resources: Resources, dataset_id: str) -> pl.DataFrame:
    async with transaction(resources, UUID(company.id)) as session:
        row = await session.get_one(Dataset, (UUID(company.id), UUID(dataset_id)))
        name = row.stored_id
    return pl.concat([frame async for frame in open_records(resources, UUID(company.id), name)], how="diagonal")


def rows_of(text: str, first: int, last: int) -> str:
    heading, *rows = text.splitlines(keepends=True)
    return "".join([heading, *rows[first:last]])


def same(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    key = [name for name in ("employee_key", "period_start") if name in one.columns]
    return one.sort(key).equals(other.select(one.columns).sort(key))


async def test_an_amendment_is_the_whole_that_would_have_been_sent(company: Company, resources: Resources) -> None:
    whole = payroll(company.id, "2025-11-01", "2025-11-14", 120)
    changed = payroll(company.id, "2025-11-01", "2025-11-14", 120, rate=33.0)
    old = await pushed(company, rows_of(whole, 0, 100), 202, **PERIOD, external_ref="run")
    part = rows_of(changed, 40, 110)  # sixty changed, ten new
    new = await pushed(company, part, 202, **PERIOD, amends=old["id"])
    assert (new["amends"], new["supersedes"], new["external_ref"], new["rows"]) == (old["id"], old["id"], "run", 110)
    report = await company.call("GET", f"/v1/datasets/{new['id']}/validation")
    assert report["amended"] == {"replaced": 60, "added": 10, "kept": 40}
    other = await pushed(
        company,
        rows_of(whole, 0, 40) + "".join(changed.splitlines(keepends=True)[41:111]),
        202,
        **PERIOD,
        supersedes=new["id"],
    )
    expected = await stored(company, resources, other["id"])
    assert same(await stored(company, resources, new["id"]), expected)
    told = await company.call("GET", f"/v1/datasets/{other['id']}/validation")
    assert (told["totals"], told["employees"], told["rows"]) == (report["totals"], report["employees"], report["rows"])


async def test_the_same_amendment_again_is_the_same_dataset_and_of_two_at_once_one_wins(company: Company) -> None:
    old = await company.push(workforce(company.id, 60))
    parts = [rows_of(workforce(company.id, 70), 50, 50 + last) for last in (12, 14)]
    query = {"kind": "workforce", "as_of": "2025-12-31", "amends": old["id"]}
    headers = {**company.headers, "Content-Type": "text/csv"}
    answers = await asyncio.gather(
        *(company.http.post("/v1/datasets", params=query, content=part.encode(), headers=headers) for part in parts)
    )
    assert sorted(each.status_code for each in answers) == [202, 409]
    won = next(at for at, each in enumerate(answers) if each.status_code == 202)
    assert answers[1 - won].json()["code"] == "supersede-conflict"
    again = await pushed(company, parts[won], 200, **query)
    assert again["id"] == answers[won].json()["id"]


async def test_other_columns_or_facts_refuse_an_amendment_and_nothing_changes(company: Company) -> None:
    old = await company.push(workforce(company.id, 60), 202, full_time_weekly_hours="38.00")
    query = {"kind": "workforce", "as_of": "2025-12-31", "amends": old["id"]}
    part = rows_of(workforce(company.id, 60), 0, 5)
    assert (await pushed(company, part, 409, **query))["code"] == "amendment-mismatch"
    fewer = "\n".join(line.rpartition(",")[0] for line in part.splitlines()) + "\n"
    refused = await pushed(company, fewer, 422, **query, full_time_weekly_hours="38.00")
    assert [(each["code"], each["column"]) for each in refused["findings"]] == [
        ("amendment_columns_differ", "base_rate_start")
    ]
    clash = await pushed(company, part, 422, **query, full_time_weekly_hours="38.00", supersedes=old["id"])
    assert clash["errors"][0]["parameter"] == "amends"
    assert (await company.call("GET", f"/v1/datasets/{old['id']}"))["state"] == "accepted"


async def test_a_large_amendment_by_an_upload_is_merged_and_its_undo_brings_the_old_back(
    company: Company, resources: Resources, worker_resources: Resources
) -> None:
    old = await company.push(workforce(company.id, 300))
    part = rows_of(workforce(company.id, 320), 290, 320).encode()
    digest = base64.b64encode(sha256(part).digest()).decode()
    begin = {"Content-Type": "text/csv", "Upload-Length": str(len(part)), "Upload-Complete": "?0"}
    upload = await company.call("POST", "/v1/uploads", 201, headers={**begin, "Repr-Digest": f"sha-256=:{digest}:"})
    append = {"Content-Type": "application/partial-upload", "Upload-Offset": "0", "Upload-Complete": "?1"}
    await company.call("PATCH", f"/v1/uploads/{upload['id']}", 200, headers=append, content=part)
    query = {"kind": "workforce", "as_of": "2025-12-31", "amends": old["id"], "upload_id": upload["id"]}
    new = await company.call("POST", "/v1/datasets", 202, params=query)
    await run_operation(worker_resources, UUID(company.id), UUID(new["operation_id"]))
    now = await company.call("GET", f"/v1/datasets/{new['id']}")
    assert (now["state"], now["rows"], now["employees"]) == ("accepted", 320, 320)
    assert (await stored(company, resources, new["id"])).height == 320
    await company.call("POST", f"/v1/datasets/{new['id']}/reversal", 202)
    assert (await company.call("GET", f"/v1/datasets/{old['id']}"))["state"] == "accepted"


async def test_after_a_rotation_rows_come_under_the_new_key_and_replace_those_of_the_same_people(
    company: Company, resources: Resources
) -> None:
    old = await company.push(workforce(company.id, 60))
    second, ids = b"\x21" * 32, [str(number) for number in range(60)]
    pairs = crosswalk(company.id, (SECRET, "1"), (second, "1"), ids).write_csv().encode()
    csv = {"Content-Type": "text/csv"}
    await company.call("POST", "/v1/employee-key-rotations", 201, content=pairs, headers=csv)
    part = rows_of(workforce(company.id, 60, second), 50, 60)
    query = {"kind": "workforce", "as_of": "2025-12-31", "amends": old["id"]}
    stale = await pushed(company, rows_of(workforce(company.id, 60), 50, 60), 409, **query)
    assert stale["code"] == "employee-key-changed"
    whole = await pushed(company, part, 202, **query)
    assert (whole["rows"], whole["employees"], whole["series_break"]) == (60, 60, False)
    assert same(await stored(company, resources, old["id"]), await stored(company, resources, whole["id"]))
    third = await pushed(
        company, rows_of(workforce(company.id, 60, second), 40, 60), 202, **query | {"amends": whole["id"]}
    )
    report = await company.call("GET", f"/v1/datasets/{third['id']}/validation")
    assert report["amended"] == {"replaced": 20, "added": 0, "kept": 40}


async def test_a_held_amendment_is_previewed_and_committed_as_the_whole(
    company: Company, worker_resources: Resources
) -> None:
    old = await done(company, worker_resources, await company.push(workforce(company.id, 280)))
    query = {"kind": "workforce", "as_of": "2025-12-31", "amends": old["id"]}
    part = rows_of(workforce(company.id, 300), 280, 300)
    held = await done(company, worker_resources, await pushed(company, part, 202, **query, hold="true"))
    assert (held["state"], held["rows"]) == ("held", 300)
    (day,) = (await preview(company, held))["days"]
    assert told(day, "now") == await printed(company, "2025-12-31")
    assert day["headcount"]["accepted"] > day["headcount"]["now"]
    committed = await company.call("POST", f"/v1/datasets/{held['id']}/commit", 202)
    await done(company, worker_resources, committed)
    assert told(day, "accepted") == await printed(company, "2025-12-31")
    assert (await company.call("GET", f"/v1/datasets/{old['id']}"))["state"] == "superseded"


async def test_a_held_amendment_of_what_was_replaced_meanwhile_is_not_committed(company: Company) -> None:
    old = await company.push(workforce(company.id, 60))
    query = {"kind": "workforce", "as_of": "2025-12-31", "amends": old["id"]}
    held = await pushed(company, rows_of(workforce(company.id, 70), 60, 70), 202, **query, hold="true")
    await company.push(workforce(company.id, 61), supersedes=old["id"])
    refused = await company.call("POST", f"/v1/datasets/{held['id']}/commit", 409)
    assert refused["code"] == "supersede-conflict"
    await company.call("POST", f"/v1/datasets/{held['id']}/discard")
