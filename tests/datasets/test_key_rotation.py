"""A new key with a crosswalk: nobody becomes somebody else, figures stay what they were, and any fault refuses all."""

import gzip
import io
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
import polars as pl
import pytest
from sqlalchemy import text as sql

from beside import LATER, Row, findings, key, paid, person, pushed, run, text, worked
from companies import SECRET, Company, sign_up
from shared import scaled
from wm_api.core import clock
from wm_api.core.encryption import Place, seal
from wm_api.core.ids import new_id
from wm_api.core.keystore import KeyGone
from wm_api.core.principal import SYSTEM
from wm_api.core.problems import TemporarilyUnavailable
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.core.web.body import in_blocks
from wm_api.datasets.errors import RotationRefused
from wm_api.datasets.service import datasets, files, key_links, key_rotations
from wm_api.datasets.service.pushes import push_of
from wm_api.pipeline.retention import remove_orphans
from wm_api.records.crosswalk import crosswalk
from wm_api.records.employee_keys import kid_of

SECOND, THIRD = b"\x21" * 32, b"\x22" * 32
URL = "/v1/employee-key-rotations"


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


def pairs(company: Company, people: int, old: bytes = SECRET, new: bytes = SECOND) -> bytes:
    made = crosswalk(company.id, (old, "1"), (new, "1"), [str(number) for number in range(people)])
    return made.write_csv().encode()


async def rotated(company: Company, content: bytes, status: int = 201, **headers: str) -> Any:
    return await company.call("POST", URL, status, content=content, headers={"Content-Type": "text/csv", **headers})


async def snapshots(resources: Resources, company: Company) -> list[tuple[str, str]]:
    rows = sql("SELECT snapshot_sha256, key_id FROM datasets WHERE snapshot_sha256 IS NOT NULL ORDER BY id")
    async with transaction(resources, UUID(company.id)) as session:
        return [(row.snapshot_sha256, row.key_id) for row in await session.execute(rows)]


async def figures(company: Company) -> list[dict[str, Any]]:
    values = (await company.call("GET", "/v1/metrics", params={"limit": "200"}))["data"]
    return [{name: each[name] for name in ("metric", "profile", "value", "status", "n")} for each in values]


def staff(company: Company, people: int, secret: bytes, **cells: str) -> list[Row]:
    return [person(company, number, secret, **cells) for number in range(people)]


async def stays(company: Company, resources: Resources, worker: Resources, people: int) -> None:
    """The same file under the old and under the new key: the bytes that a score pins, and all figures."""
    first = await pushed(company, staff(company, people, SECRET))
    await worked(company, worker, first)
    before = await figures(company)
    await rotated(company, pairs(company, people))
    again = await pushed(company, staff(company, people, SECOND), supersedes=first["id"])
    await worked(company, worker, again)
    (old, series), (new, same_series) = await snapshots(resources, company)
    assert (old, series) == (new, same_series)
    assert json.dumps(await figures(company)) == json.dumps(before)
    assert any(each["status"] == "ok" for each in before)


async def test_snapshots_and_figures_are_the_same_before_and_after(
    company: Company, resources: Resources, worker_resources: Resources
) -> None:
    await stays(company, resources, worker_resources, 300)


@pytest.mark.slow
@pytest.mark.measures
async def test_a_hundred_thousand_people_are_followed_within_a_minute(
    company: Company, resources: Resources, worker_resources: Resources
) -> None:
    ids = [str(number) for number in range(100_000)]
    await pushed(company, staff(company, 40, SECRET))
    content = crosswalk(company.id, (SECRET, "1"), (SECOND, "1"), ids).write_csv().encode()
    begun = time.monotonic()
    assert (await rotated(company, content))["pairs"] == 100_000
    assert time.monotonic() - begun < 60
    assert len(await snapshots(resources, company)) == 1
    other = await sign_up(company.http)
    await stays(other, resources, worker_resources, 20_000)


async def test_a_chain_of_rotations_ends_in_the_first_key(
    company: Company, resources: Resources, worker_resources: Resources
) -> None:
    first = await pushed(company, staff(company, 60, SECRET))
    await rotated(company, pairs(company, 60))
    await rotated(company, pairs(company, 60, SECOND, THIRD))
    third = await pushed(company, staff(company, 60, THIRD), supersedes=first["id"])
    assert third["series_break"] is False
    (old, series), (new, same_series) = await snapshots(resources, company)
    assert (new, same_series) == (old, series) == (old, kid_of(SECRET))
    assert (await company.call("GET", "/v1/account"))["employee_key_id"] == kid_of(THIRD)


async def test_links_that_were_sealed_as_one_table_are_read_still(company: Company, resources: Resources) -> None:
    first = await pushed(company, staff(company, 40, SECRET))
    account_id, rotation_id = UUID(company.id), UUID((await rotated(company, pairs(company, 40)))["id"])
    links = await key_links.links_of(resources, account_id, kid_of(SECOND))
    assert links is not None
    buffer, place = io.BytesIO(), Place(company.id, str(rotation_id), key_links.KIND)
    links.table.write_parquet(buffer, compression="uncompressed", statistics=False)
    sealing = await resources.keystore.object_key(company.id, str(rotation_id), key_links.KIND)
    stored = key_links.name(account_id, rotation_id)
    await resources.storage.put(stored, seal(buffer.getvalue(), sealing, place))
    again = await pushed(company, staff(company, 40, SECOND), supersedes=first["id"])
    assert again["series_break"] is False
    (old, series), (new, same_series) = await snapshots(resources, company)
    assert (old, series) == (new, same_series)


async def test_rotations_are_listed_with_who_when_and_which_is_in_use(company: Company) -> None:
    await pushed(company, staff(company, 10, SECRET))
    first = await rotated(company, pairs(company, 10))
    assert (first["state"], first["created_by"]) == ("in_use", {"type": "user", "id": company.user_id})
    second = await rotated(company, pairs(company, 7, SECOND, THIRD))
    page = await company.call("GET", URL, params={"limit": "1"})
    rest = await company.call("GET", URL, params={"limit": "1", "cursor": page["next_cursor"]})
    assert (page["data"], rest["data"], rest["next_cursor"]) == ([second], [first | {"state": "replaced"}], None)
    assert await company.call("GET", f"{URL}/{first['id']}") == first | {"state": "replaced"}
    other = await sign_up(company.http)
    assert (await other.call("GET", URL))["data"] == []
    assert (await other.call("GET", f"{URL}/{first['id']}", 404))["code"] == "not-found"


async def test_who_left_and_who_came_is_told_across_a_rotation(
    company: Company, resources: Resources, worker_resources: Resources
) -> None:
    before = await pushed(company, staff(company, 400, SECRET))
    await rotated(company, pairs(company, 400))
    rows = [person(company, number, SECOND) for number in range(40, 440)]
    after = await pushed(company, rows, 202, **LATER)
    found = await findings(company, after)
    assert not {"keys_mostly_new", "rekeyed_without_mapping", "stale_copy"} & found.keys()
    for each in (before, after):
        await worked(company, worker_resources, each)
    turnover = await company.call("GET", "/v1/metrics", params={"metric": "turnover_rate", "as_of": "2026-01-31"})
    shown = next(each for each in turnover["data"] if each["profile"] == "default")
    assert (shown["status"], shown["basis"]) == ("ok", "two_points")
    assert shown["value"] == pytest.approx(100 * 40 / 400 * 365.25 / 31)


async def test_after_a_rotation_the_old_key_is_refused_and_its_payroll_under_the_new_is_known(company: Company) -> None:
    await pushed(company, staff(company, 30, SECRET))
    await rotated(company, pairs(company, 30))
    assert (await pushed(company, staff(company, 31, SECRET), 409, **LATER))["code"] == "employee-key-changed"
    runs = [run(company, number) | {"employee_key": key(company, number, SECOND)} for number in range(31)]
    assert (await findings(company, await paid(company, runs)))["payroll_without_person"]["rows"] == [31]


async def test_a_source_does_not_drift_by_a_rotation_but_by_another_key(company: Company) -> None:
    await company.call("POST", "/v1/sources", 201, json={"name": "hris", "kind": "workforce"})
    await pushed(company, staff(company, 30, SECRET), source="hris")
    await rotated(company, pairs(company, 30))
    after = await pushed(company, staff(company, 31, SECOND), 202, **LATER, source="hris")
    assert "drift_key_id" not in await findings(company, after)
    strange = await pushed(company, staff(company, 31, THIRD), 409, as_of="2026-02-28", source="hris")
    assert [each["code"] for each in strange["findings"] if each["severity"] == "refuse"] == ["drift_key_id"]
    await rotated(company, pairs(company, 31, SECOND, THIRD))
    again = await pushed(company, staff(company, 31, THIRD), 202, as_of="2026-02-28", source="hris")
    assert "drift_key_id" not in await findings(company, again)


async def test_without_pairs_another_key_still_breaks_the_series(company: Company, resources: Resources) -> None:
    await pushed(company, staff(company, 30, SECRET))
    await rotated(company, pairs(company, 30))
    broken = await pushed(company, staff(company, 30, THIRD), 202, **LATER, new_key="true")
    assert broken["series_break"] is True
    assert (await snapshots(resources, company))[-1][1] == kid_of(THIRD)


Spoil = Callable[[list[str]], list[str]]
FAULTS: dict[str, tuple[Spoil, dict[str, tuple[str | None, list[int]]]]] = {
    "heading": (lambda rows: ["old,new", *rows[1:]], {"crosswalk_heading": (None, [])}),
    "nothing": (lambda rows: rows[:1], {"file_empty": (None, [])}),
    "cut": (lambda rows: [*rows[:4], rows[4][:-1], *rows[5:]], {"key_malformed": ("new_key", [4])}),
    "mistyped": (
        lambda rows: [*rows[:2], rows[2][:20] + ("A" if rows[2][20] != "A" else "B") + rows[2][21:], *rows[3:]],
        {"key_malformed": ("old_key", [2])},
    ),
    "turned": (
        lambda rows: [rows[0], *(",".join(reversed(row.split(","))) for row in rows[1:])],
        {"key_id_not_current": ("old_key", [1, 2, 3, 4, 5]), "key_id_not_new": ("new_key", [1, 2, 3, 4, 5])},
    ),
    "twice": (
        lambda rows: [*rows, rows[1]],
        {"key_repeated": ("new_key", [6])},
    ),
    "two for one": (
        lambda rows: [*rows[:5], f"{rows[5].split(',')[0]},{rows[4].split(',')[1]}"],
        {"key_repeated": ("new_key", [5])},
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_any_fault_refuses_all_and_names_rows_and_no_value(
    company: Company, resources: Resources, fault: str
) -> None:
    await pushed(company, staff(company, 10, SECRET))
    spoil, expected = FAULTS[fault]
    rows = pairs(company, 5).decode().splitlines()
    problem = await rotated(company, "\n".join(spoil(rows)).encode(), 422)
    assert problem["code"] == "rotation-refused"
    found = {each["code"]: (each["column"], each["rows"]) for each in problem["findings"]}
    assert found == expected
    assert not any(row[:20] in json.dumps(problem) for row in rows[1:])
    assert (await company.call("GET", "/v1/account"))["employee_key_id"] == kid_of(SECRET)
    assert await links(resources, company) == []


async def links(resources: Resources, company: Company) -> list[str]:
    return [name async for name in resources.storage.names(f"key-links/{company.id}")]


async def test_a_key_that_the_account_has_had_is_not_taken_again(company: Company) -> None:
    await pushed(company, staff(company, 10, SECRET))
    await rotated(company, pairs(company, 10))
    problem = await rotated(company, pairs(company, 10, SECOND, SECRET), 422)
    assert [each["code"] for each in problem["findings"]] == ["key_id_not_new"]


async def test_a_key_under_which_files_are_held_or_have_counted_is_not_rotated_to(company: Company) -> None:
    """Its rows are stored as they came: after the rotation a part of the people would be somebody else."""
    first = await pushed(company, staff(company, 10, SECRET))
    held = await pushed(company, staff(company, 10, SECOND), 202, **LATER, hold="true", new_key="true")
    problem = await rotated(company, pairs(company, 10), 422)
    assert [each["code"] for each in problem["findings"]] == ["key_id_not_new"]
    await company.call("POST", f"/v1/datasets/{held['id']}/commit", 202)
    problem = await rotated(company, pairs(company, 10, SECOND, SECRET), 422)
    assert [each["code"] for each in problem["findings"]] == ["key_id_not_new"]
    await company.call("POST", f"/v1/datasets/{held['id']}/reversal", 202)
    await rotated(company, pairs(company, 10))
    again = await pushed(company, staff(company, 10, SECOND), 202, supersedes=first["id"])
    assert again["series_break"] is False


async def test_a_file_of_the_key_that_comes_while_a_crosswalk_is_read_stops_the_rotation(
    company: Company, resources: Resources
) -> None:
    await pushed(company, staff(company, 10, SECRET))
    account, content = UUID(company.id), pairs(company, 10)
    rotation = await key_rotations.prepared(resources, account, in_blocks(content), None, sha256(content).hexdigest())
    assert isinstance(rotation, key_rotations.Rotation)
    await pushed(company, staff(company, 10, SECOND), 202, **LATER, hold="true", new_key="true")
    with pytest.raises(RotationRefused):
        async with transaction(resources, account) as session:
            await key_rotations.rotate(session, SYSTEM, rotation)
    await key_links.forget_links(resources, account, rotation.id)
    assert (await company.call("GET", "/v1/account"))["employee_key_id"] == kid_of(SECRET)


async def test_the_same_pairs_are_one_rotation_however_they_are_sent_also_when_another_has_followed(
    company: Company,
) -> None:
    await pushed(company, staff(company, 10, SECRET))
    heading, *rows = pairs(company, 10).splitlines()
    first = await rotated(company, pairs(company, 10))
    packed = gzip.compress(b"\r\n".join([heading, *reversed(rows)]))
    assert await rotated(company, packed, 200, **{"Content-Encoding": "gzip"}) == first
    events = (await company.call("GET", "/v1/events", params={"type": "employee_key.rotated"}))["data"]
    assert len(events) == 1
    await rotated(company, pairs(company, 10, SECOND, THIRD))
    assert await rotated(company, pairs(company, 10), 200) == first | {"state": "replaced"}
    problem = await rotated(company, pairs(company, 9), 422)
    assert {each["code"] for each in problem["findings"]} == {"key_id_not_current"}
    assert len((await company.call("GET", URL))["data"]) == 2


async def test_a_rotation_that_was_kept_with_the_digest_of_its_bytes_is_known_when_they_are_sent_again(
    company: Company, resources: Resources
) -> None:
    await pushed(company, staff(company, 10, SECRET))
    packed, zipped, account = gzip.compress(pairs(company, 10)), {"Content-Encoding": "gzip"}, UUID(company.id)
    sent = sha256(packed).hexdigest()
    rotation = await key_rotations.prepared(resources, account, in_blocks(packed), "gzip", sent)
    assert isinstance(rotation, key_rotations.Rotation)
    async with transaction(resources, account) as session:
        await key_rotations.rotate(session, SYSTEM, replace(rotation, sha256=sent))
    assert (await rotated(company, packed, 200, **zipped))["id"] == str(rotation.id)
    problem = await rotated(company, gzip.compress(pairs(company, 9)), 422, **zipped)
    assert "key_id_not_current" in {each["code"] for each in problem["findings"]}


async def test_links_are_sealed_and_have_neither_the_keys_that_were_sent_nor_those_that_are_stored(
    company: Company, resources: Resources
) -> None:
    await pushed(company, staff(company, 10, SECRET))
    made = await rotated(company, pairs(company, 10))
    assert (made["old_key_id"], made["new_key_id"], made["pairs"]) == (kid_of(SECRET), kid_of(SECOND), 10)
    (name,) = await links(resources, company)
    sealed = await resources.storage.read(name)
    employee_key_key = await resources.keystore.employee_key_key(company.id)
    token = key(company, 0, SECOND)
    stored = key_links.keyed(pl.Series([token]), employee_key_key)[0]
    assert token.encode() not in sealed
    assert stored not in sealed


async def test_a_crosswalk_that_unpacks_without_end_is_refused(company: Company, resources: Resources) -> None:
    await pushed(company, staff(company, 10, SECRET))
    rows = pairs(company, 1).splitlines(keepends=True)
    bomb = gzip.compress(rows[0] + rows[1] * (resources.settings.crosswalk_bytes // len(rows[1]) + 1))
    problem = await rotated(company, bomb, 422, **{"Content-Encoding": "gzip"})
    assert [each["code"] for each in problem["findings"]] == ["unpacked_too_large"]


async def test_a_file_that_was_checked_before_its_key_was_rotated_is_sent_again(
    company: Company, resources: Resources
) -> None:
    first = await pushed(company, staff(company, 10, SECRET))
    account, object_id = UUID(company.id), new_id()

    async def blocks(content: bytes) -> Any:
        yield content

    async with transaction(resources, account) as session:
        push = push_of(await datasets.get_dataset(session, UUID(first["id"])))
    content = text(staff(company, 10, SECOND))
    stored = await files.check_and_store(
        resources, account, object_id, lambda: blocks(content), "text/csv", None, push.facts
    )
    assert isinstance(stored, files.StoredFile)
    await rotated(company, pairs(company, 10))
    async with transaction(resources, account) as session:
        row = await datasets.get_dataset(session, UUID(first["id"]))
        with pytest.raises(TemporarilyUnavailable):
            await datasets.accept(session, SYSTEM, row, stored, object_id)
    await files.forget(resources, account, object_id)


async def test_links_of_no_rotation_are_destroyed_after_a_day(
    company: Company, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pushed(company, staff(company, 10, SECRET))
    made = await rotated(company, pairs(company, 10))
    lost, made_up = new_id(), pl.DataFrame({"new": [b"\1" * 32], "old": [b"\2" * 32]})
    await key_links.keep_links(resources, UUID(company.id), lost, made_up, None)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=25))
    await remove_orphans(resources)
    assert await links(resources, company) == [f"key-links/{company.id}/{made['id']}"]
    with pytest.raises(KeyGone):
        await resources.keystore.object_key(company.id, str(lost), key_links.KIND)


async def test_ac1_3_an_id_has_one_stored_key_in_an_account_and_another_in_every_other(resources: Resources) -> None:
    """Also where two accounts shared one customer's key."""
    ids, accounts = [str(number) for number in range(scaled(1_000_000))], [str(new_id()) for _ in range(2)]
    tokens = [crosswalk(each, (SECRET, "1"), (SECOND, "1"), ids)["old_key"] for each in accounts]
    keys = [await resources.keystore.employee_key_key(each) for each in accounts]
    mine, again, theirs = (
        key_links.keyed(*each) for each in ((tokens[0], keys[0]), (tokens[0], keys[0]), (tokens[1], keys[1]))
    )
    shared_token = key_links.keyed(tokens[0], keys[1])
    assert mine.equals(again)
    assert mine.n_unique() == len(ids)
    assert not mine.is_in(theirs.implode()).any()
    assert not mine.is_in(shared_token.implode()).any()
