"""Undo of a commit, and what counted when: an answer about the past never changes."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from beside import succeeded
from companies import Company, payroll, sign_up, workforce
from waiting import swept
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.metrics.sources import sources_of

DAY = "2025-12-31"


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def counted(company: Company, resources: Resources, people: int, **query: str) -> Any:
    pushed = await company.push(workforce(company.id, people), 202, **query)
    await succeeded(company, resources, pushed["operation_id"])
    return await company.call("GET", f"/v1/datasets/{pushed['id']}")


async def undone(company: Company, resources: Resources, dataset_id: str) -> Any:
    operation = await company.call("POST", f"/v1/datasets/{dataset_id}/reversal", 202)
    await succeeded(company, resources, operation["id"])
    return await company.call("GET", f"/v1/datasets/{dataset_id}")


async def known_at(company: Company, instant: str) -> list[str]:
    rows = await company.call("GET", "/v1/datasets", params={"known_at": instant})
    return sorted(each["id"] for each in rows["data"])


async def rests_on(company: Company, day: str = DAY) -> list[str]:
    """The datasets of the open draft, which are those of every figure of the day."""
    drafts = (await company.call("GET", "/v1/scores", params={"as_of": day, "state": "draft"}))["data"]
    figures = (await company.call("GET", "/v1/metrics", params={"as_of": day, "limit": "200"}))["data"]
    found = [sorted(each["id"] for each in draft["datasets"]) for draft in drafts]
    assert all([sorted(each["dataset_ids"])] == found for each in figures)
    return found[0] if found else []


def earlier(instant: str) -> str:
    return (datetime.fromisoformat(instant) - timedelta(milliseconds=1)).isoformat()


async def test_after_an_undo_the_replaced_dataset_counts_again_and_draft_and_figures_follow(
    company: Company, worker_resources: Resources
) -> None:
    right = await counted(company, worker_resources, 300)
    wrong = await counted(company, worker_resources, 299, supersedes=right["id"])
    assert await rests_on(company) == [wrong["id"]]
    reverted = await undone(company, worker_resources, wrong["id"])
    assert reverted["state"] == "reverted"
    assert reverted["ended_at"] is not None
    again = await company.call("GET", f"/v1/datasets/{right['id']}")
    assert (again["state"], again["superseded_by"], again["ended_at"]) == ("accepted", None, None)
    assert again["accepted_at"] == right["accepted_at"]
    assert await rests_on(company) == [right["id"]]


async def test_an_undo_of_a_first_push_leaves_neither_figures_nor_a_draft_of_its_day(
    company: Company, worker_resources: Resources
) -> None:
    only = await counted(company, worker_resources, 300)
    await undone(company, worker_resources, only["id"])
    assert await rests_on(company) == []
    assert (await company.call("GET", "/v1/metrics", params={"as_of": DAY}))["data"] == []
    assert (await company.call("GET", "/v1/scores"))["data"][0]["state"] == "superseded"


async def test_an_undo_of_a_correction_to_another_day_computes_both_days(
    company: Company, worker_resources: Resources
) -> None:
    right = await counted(company, worker_resources, 300)
    moved = await counted(company, worker_resources, 299, as_of="2025-12-30", supersedes=right["id"])
    await undone(company, worker_resources, moved["id"])
    assert await rests_on(company) == [right["id"]]
    assert await rests_on(company, "2025-12-30") == []


async def test_an_undo_of_a_payroll_period_computes_the_days_whose_windows_held_it(
    company: Company, worker_resources: Resources
) -> None:
    people = await counted(company, worker_resources, 300)
    period = {"kind": "payroll", "period_start": "2025-11-01", "period_end": "2025-11-14"}
    content = payroll(company.id, "2025-11-01", "2025-11-14").encode()
    parts = {"params": period, "content": content, "headers": {"Content-Type": "text/csv"}}
    paid = await company.call("POST", "/v1/datasets", 202, **parts)
    await succeeded(company, worker_resources, paid["operation_id"])
    assert await rests_on(company) == sorted([people["id"], paid["id"]])
    await undone(company, worker_resources, paid["id"])
    assert await rests_on(company) == [people["id"]]


async def test_a_published_score_stays_as_it_is_and_the_new_draft_restates_it(
    company: Company, worker_resources: Resources
) -> None:
    right = await counted(company, worker_resources, 300)
    wrong = await counted(company, worker_resources, 299, supersedes=right["id"])
    score = (await company.call("GET", "/v1/scores", params={"state": "draft"}))["data"][0]
    published = await company.call("POST", f"/v1/scores/{score['id']}/publication")
    await undone(company, worker_resources, wrong["id"])
    after = await company.call("GET", f"/v1/scores/{score['id']}")
    assert {**after, "ended_datasets": None} == {**published, "ended_datasets": None}
    draft = (await company.call("GET", "/v1/scores", params={"state": "draft"}))["data"][0]
    assert draft["restates"] == score["id"]
    assert await rests_on(company) == [right["id"]]


async def test_of_two_undos_at_once_one_wins(company: Company, worker_resources: Resources) -> None:
    only = await counted(company, worker_resources, 100)
    path = f"/v1/datasets/{only['id']}/reversal"
    answers = await asyncio.gather(*(company.http.post(path, headers=company.headers) for _ in range(2)))
    assert sorted(each.status_code for each in answers) == [202, 409]
    assert {each.json().get("code") for each in answers} == {None, "state-conflict"}


async def test_only_what_counts_can_be_undone_and_only_in_the_version_that_was_looked_at(
    company: Company, worker_resources: Resources
) -> None:
    first = await counted(company, worker_resources, 100)
    second = await counted(company, worker_resources, 101, supersedes=first["id"])
    refused = await company.call("POST", f"/v1/datasets/{first['id']}/reversal", 409)
    assert (refused["code"], refused["state"], refused["allowed"]) == ("state-conflict", "superseded", ["accepted"])
    stale = {"If-Match": '"0123456789abcdef0123456789abcdef"'}
    await company.call("POST", f"/v1/datasets/{second['id']}/reversal", 412, headers=stale)
    assert (await company.call("GET", f"/v1/datasets/{second['id']}"))["state"] == "accepted"


async def test_an_undo_whose_predecessor_was_deleted_just_stops_counting(
    company: Company, worker_resources: Resources
) -> None:
    first = await counted(company, worker_resources, 100)
    second = await counted(company, worker_resources, 101, supersedes=first["id"])
    gone = await company.call("DELETE", f"/v1/datasets/{first['id']}", 202)
    await succeeded(company, worker_resources, gone["id"])
    await undone(company, worker_resources, second["id"])
    assert (await company.call("GET", "/v1/datasets", params={"state": "accepted"}))["data"] == []
    assert await rests_on(company) == []


async def test_the_bytes_of_a_reverted_dataset_pushed_again_are_a_new_push(
    company: Company, worker_resources: Resources
) -> None:
    first = await counted(company, worker_resources, 100, external_ref="hr")
    await undone(company, worker_resources, first["id"])
    second = await counted(company, worker_resources, 100, external_ref="hr")
    assert second["id"] != first["id"]
    assert second["state"] == "accepted"
    assert await rests_on(company) == [second["id"]]


async def test_what_another_has_taken_the_name_or_the_bytes_of_does_not_come_back(
    company: Company, worker_resources: Resources
) -> None:
    named = await counted(company, worker_resources, 100, external_ref="a")
    renamed = await counted(company, worker_resources, 101, external_ref="b", supersedes=named["id"])
    taker = await counted(company, worker_resources, 102, external_ref="a")
    refused = await company.call("POST", f"/v1/datasets/{renamed['id']}/reversal", 409)
    assert (refused["code"], refused["existing"]) == ("dataset-exists", taker["id"])
    same = await counted(company, worker_resources, 100, external_ref="c", supersedes=taker["id"])
    refused = await company.call("POST", f"/v1/datasets/{renamed['id']}/reversal", 409)
    assert (refused["code"], refused["existing"]) == ("duplicate-content", same["id"])
    assert (await company.call("GET", f"/v1/datasets/{renamed['id']}"))["state"] == "accepted"


@pytest.mark.parametrize(("people", "name", "code"), [(100, "", "duplicate-content"), (102, "a", "dataset-exists")])
async def test_a_held_file_whose_bytes_or_name_an_undo_brought_back_is_not_committed(
    company: Company, people: int, name: str, code: str
) -> None:
    first = await company.push(workforce(company.id, 100), external_ref="a")
    better = await company.push(workforce(company.id, 101), external_ref="b", supersedes=first["id"])
    other = await company.push(workforce(company.id, 101), as_of="2025-11-30")
    said = {"external_ref": name} if name else {}
    twin = await company.push(workforce(company.id, people), 202, hold="true", supersedes=other["id"], **said)
    await company.call("POST", f"/v1/datasets/{better['id']}/reversal", 202)
    refused = await company.call("POST", f"/v1/datasets/{twin['id']}/commit", 409)
    assert (refused["code"], refused["existing"]) == (code, first["id"])
    await company.call("POST", f"/v1/datasets/{first['id']}/reversal", 202)
    assert (await company.call("POST", f"/v1/datasets/{twin['id']}/commit", 202))["state"] == "accepted"


async def test_a_correction_by_the_name_of_another_file_of_its_day_is_refused(company: Company) -> None:
    taken = await company.push(workforce(company.id, 100), external_ref="a")
    other = await company.push(workforce(company.id, 101), external_ref="b")
    refused = await company.push(workforce(company.id, 102), 409, external_ref="a", supersedes=other["id"])
    assert (refused["code"], refused["existing"]) == ("dataset-exists", taken["id"])
    await company.push(workforce(company.id, 102), external_ref="b", supersedes=other["id"])


async def test_an_undo_of_a_push_with_a_new_key_gives_the_account_its_key_back(
    company: Company, worker_resources: Resources
) -> None:
    old = await counted(company, worker_resources, 100)
    other = workforce(company.id, 100, secret=b"\x08" * 32)
    new = await company.push(other, supersedes=old["id"], new_key="true")
    await undone(company, worker_resources, new["id"])
    assert (await company.push(other, 409, as_of="2025-11-30"))["code"] == "employee-key-changed"
    await counted(company, worker_resources, 99, as_of="2025-11-30")


async def test_rows_that_stand_in_another_dataset_by_now_do_not_come_back(
    company: Company, worker_resources: Resources
) -> None:
    whole = workforce(company.id, 40).splitlines(keepends=True)
    all_ = await company.push("".join(whole))
    most = await company.push("".join(whole[:31]), supersedes=all_["id"])
    rest = await company.push("".join([whole[0], *whole[31:]]))
    refused = await company.call("POST", f"/v1/datasets/{most['id']}/reversal", 409)
    assert refused["code"] == "reversal-refused"
    found = {each["code"]: each["rows"] for each in refused["findings"]}
    assert found["person_in_two_files"] == list(range(31, 41))
    states = {each["id"]: each["state"] for each in (await company.call("GET", "/v1/datasets"))["data"]}
    assert states == {all_["id"]: "superseded", most["id"]: "accepted", rest["id"]: "accepted"}
    await undone(company, worker_resources, rest["id"])
    await undone(company, worker_resources, most["id"])
    assert await rests_on(company) == [all_["id"]]


async def test_pay_runs_that_stand_in_another_file_by_now_do_not_come_back(company: Company) -> None:
    period = {"kind": "payroll", "period_start": "2025-11-01", "period_end": "2025-11-14"}
    runs = payroll(company.id, "2025-11-01", "2025-11-14", 40).splitlines(keepends=True)

    async def paid(rows: list[str], **more: str) -> Any:
        parts = {"params": {**period, **more}, "content": "".join(rows), "headers": {"Content-Type": "text/csv"}}
        return await company.call("POST", "/v1/datasets", 202, **parts)

    whole = await paid(runs)
    most = await paid(runs[:31], supersedes=whole["id"])
    await paid([runs[0], *runs[31:]])
    refused = await company.call("POST", f"/v1/datasets/{most['id']}/reversal", 409)
    found = {each["code"]: each["rows"] for each in refused["findings"] if each["severity"] == "refuse"}
    assert (refused["code"], found) == ("reversal-refused", {"duplicate_row_conflict": list(range(31, 41))})


async def test_people_who_work_at_two_sites_hinder_no_undo(company: Company) -> None:
    one = await company.push(workforce(company.id, 40))
    corrected = await company.push(workforce(company.id, 42), supersedes=one["id"])
    await company.push("\n".join(workforce(company.id, 60).splitlines()[i] for i in (0, 1, 2, *range(43, 61))))
    await company.call("POST", f"/v1/datasets/{corrected['id']}/reversal", 202)


async def test_what_counts_again_is_computed_though_the_undone_dataset_is_deleted_at_once(
    company: Company, worker_resources: Resources
) -> None:
    right = await counted(company, worker_resources, 300)
    moved = await counted(company, worker_resources, 299, as_of="2026-01-31", supersedes=right["id"])
    assert await rests_on(company) == []
    undo = await company.call("POST", f"/v1/datasets/{moved['id']}/reversal", 202)
    deletion = await company.call("DELETE", f"/v1/datasets/{moved['id']}", 202)
    await succeeded(company, worker_resources, undo["id"])
    await succeeded(company, worker_resources, deletion["id"])
    queued = (await company.call("GET", "/v1/operations", params={"state": "queued"}))["data"]
    for each in queued:
        await succeeded(company, worker_resources, each["id"])
    assert await rests_on(company) == [right["id"]]
    assert (await company.call("GET", "/v1/metrics", params={"as_of": DAY}))["data"]
    assert (await company.call("GET", "/v1/metrics", params={"as_of": "2026-01-31"}))["data"] == []


async def test_an_undo_gives_the_source_the_mapping_version_of_its_last_accepted_file(company: Company) -> None:
    source = await company.call("POST", "/v1/sources", 201, json={"name": "hris", "kind": "workforce"})
    old = await company.push(workforce(company.id, 100), source="hris", mapping_version="v1")
    said = {"source": "hris", "mapping_version": "v2", "accept_drift": "true", "supersedes": old["id"]}
    wrong = await company.push(workforce(company.id, 101), 202, **said)
    await company.call("POST", f"/v1/datasets/{wrong['id']}/reversal", 202)
    assert (await company.call("GET", f"/v1/sources/{source['id']}"))["mapping_version"] == "v1"
    await company.push(workforce(company.id, 102), as_of="2026-01-31", source="hris", mapping_version="v1")


async def test_a_mapping_version_that_was_announced_since_stays_after_an_undo(company: Company) -> None:
    source = await company.call("POST", "/v1/sources", 201, json={"name": "hris", "kind": "workforce"})
    await company.push(workforce(company.id, 100), source="hris", mapping_version="v1")
    said = {"source": "hris", "mapping_version": "v2", "accept_drift": "true", "as_of": "2026-01-31"}
    wrong = await company.push(workforce(company.id, 101), 202, **said)
    await company.call("PATCH", f"/v1/sources/{source['id']}", json={"mapping_version": "v3"})
    await company.call("POST", f"/v1/datasets/{wrong['id']}/reversal", 202)
    assert (await company.call("GET", f"/v1/sources/{source['id']}"))["mapping_version"] == "v3"


async def test_the_key_of_the_account_is_that_of_what_counts_after_each_undo_and_stays_where_nothing_does(
    company: Company,
) -> None:
    other = b"\x08" * 32
    first = await company.push(workforce(company.id, 100))
    key = (await company.call("GET", "/v1/account"))["employee_key_id"]
    new = await company.push(workforce(company.id, 100, secret=other), as_of="2026-01-31", new_key="true")
    third = await company.push(workforce(company.id, 101, secret=other), as_of="2026-02-28")
    for each, back in ((new, False), (third, True), (first, True)):
        await company.call("POST", f"/v1/datasets/{each['id']}/reversal", 202)
        assert ((await company.call("GET", "/v1/account"))["employee_key_id"] == key) == back


async def test_what_counted_at_a_past_instant_is_listed_whatever_came_after(
    company: Company, worker_resources: Resources
) -> None:
    first = await counted(company, worker_resources, 100)
    second = await counted(company, worker_resources, 101, supersedes=first["id"])
    reverted = await undone(company, worker_resources, second["id"])
    gone = await company.call("DELETE", f"/v1/datasets/{first['id']}", 202)
    await succeeded(company, worker_resources, gone["id"])
    await swept(worker_resources)
    assert await known_at(company, earlier(first["accepted_at"])) == []
    assert await known_at(company, first["accepted_at"]) == [first["id"]]
    assert await known_at(company, earlier(second["accepted_at"])) == [first["id"]]
    assert await known_at(company, second["accepted_at"]) == [second["id"]]
    assert await known_at(company, reverted["ended_at"]) == [first["id"]]
    listed = await company.call("GET", "/v1/datasets", params={"known_at": first["accepted_at"]})
    assert listed["data"][0]["deleted_at"] is not None  # it was deleted since, and is no longer there by its id
    await company.call("GET", f"/v1/datasets/{first['id']}", 410)
    now = datetime.fromisoformat(listed["data"][0]["deleted_at"]).isoformat()
    assert await known_at(company, now) == []


async def test_the_sources_of_a_day_are_told_as_they_were_known(company: Company, worker_resources: Resources) -> None:
    first = await counted(company, worker_resources, 100)
    second = await counted(company, worker_resources, 101, as_of="2025-12-30", supersedes=first["id"])
    async with transaction(worker_resources, UUID(company.id)) as session:
        for moment, expected in ((first["accepted_at"], first["id"]), (second["accepted_at"], second["id"])):
            known = datetime.fromisoformat(moment)
            sources = await sources_of(session, date(2025, 12, 31), known_at=known)
            assert sources is not None
            assert [str(each.id) for each in sources.datasets] == [expected]
        before = datetime.fromisoformat(earlier(first["accepted_at"]))
        assert await sources_of(session, date(2025, 12, 31), known_at=before) is None


async def test_the_future_and_an_instant_without_a_zone_are_refused(company: Company) -> None:
    for wrong in ("2999-01-01T00:00:00Z", "2025-12-31T00:00:00", "yesterday"):
        problem = await company.call("GET", "/v1/datasets", 422, params={"known_at": wrong})
        assert problem["errors"][0]["parameter"] == "known_at"


@pytest.mark.parametrize("statement", ["UPDATE dataset_countings SET counts = true", "DELETE FROM dataset_countings"])
async def test_the_application_has_no_right_to_change_a_line_of_the_history(
    company: Company, resources: Resources, statement: str
) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with transaction(resources, UUID(company.id)) as session:
            await session.execute(text(statement))
