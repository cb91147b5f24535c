"""A large file in parts: resumed after any break at any byte, hashed, checked by its operation, gone afterwards."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import text

from companies import Company, sign_up, workforce
from waiting import until
from wm_api.core.keystore import KeyGone
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.service import uploads
from wm_api.datasets.service.files import open_records
from wm_api.operations import leases
from wm_api.pipeline.run import run_operation

PART = "application/partial-upload"


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


@pytest.fixture
async def address(application: FastAPI) -> AsyncIterator[tuple[str, int]]:
    """A real server, for connections that break."""
    server = uvicorn.Server(uvicorn.Config(application, port=0, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    await until(lambda: asyncio.sleep(0, server.started))
    yield server.servers[0].sockets[0].getsockname()
    server.should_exit = True
    await serving


async def begun(company: Company, content: bytes, **headers: str) -> str:
    given = {"Content-Type": "text/csv", "Upload-Complete": "?0", "Upload-Length": str(len(content)), **headers}
    return str((await company.call("POST", "/v1/uploads", 201, headers=given))["id"])


async def appended(company: Company, upload: str, offset: int, part: Any, *, last: bool = False) -> httpx.Response:
    headers = {**company.headers, "Content-Type": PART, "Upload-Offset": str(offset), "Upload-Complete": f"?{last:d}"}
    return await company.http.patch(f"/v1/uploads/{upload}", headers=headers, content=part)


async def offset_of(company: Company, upload: str) -> int:
    answer = await company.http.head(f"/v1/uploads/{upload}", headers=company.headers)
    assert answer.status_code == 204
    return int(answer.headers["upload-offset"])


async def uploaded(company: Company, content: bytes, pieces: int = 3) -> str:
    upload, size = await begun(company, content), -(-len(content) // pieces)
    for start in range(0, len(content), size):
        part = content[start : start + size]
        answer = await appended(company, upload, start, part, last=start + len(part) == len(content))
        assert answer.status_code in {200, 204}, answer.text
    return upload


async def used(company: Company, upload: str, status: int = 202, **query: str) -> Any:
    parameters = {"kind": "workforce", "as_of": "2025-12-31", **query, "upload_id": upload}
    return await company.call("POST", "/v1/datasets", status, params=parameters)


async def ended(company: Company, resources: Resources, dataset: dict[str, Any]) -> Any:
    await run_operation(resources, UUID(company.id), UUID(dataset["operation_id"]))
    return await company.call("GET", f"/v1/operations/{dataset['operation_id']}")


async def stored(resources: Resources, upload: str) -> list[str]:
    return [name async for name in resources.storage.names("uploads") if f"/{upload}/" in name]


async def test_parts_become_a_dataset_and_nothing_of_them_is_left(
    company: Company, worker_resources: Resources
) -> None:
    content = workforce(company.id).encode()
    upload = await uploaded(company, content)
    shown = await company.call("GET", f"/v1/uploads/{upload}")
    assert (shown["state"], shown["sha256"]) == ("complete", sha256(content).hexdigest())
    dataset = await used(company, upload)
    assert (dataset["state"], dataset["rows"]) == ("received", None)
    operation = await ended(company, worker_resources, dataset)
    assert (operation["state"], operation["result"]["type"]) == ("succeeded", "score")
    accepted = await company.call("GET", f"/v1/datasets/{dataset['id']}")
    assert (accepted["state"], accepted["rows"], accepted["sha256"]) == ("accepted", 300, sha256(content).hexdigest())
    assert (await company.call("GET", f"/v1/uploads/{upload}"))["state"] == "used"
    assert await stored(worker_resources, upload) == []
    with pytest.raises(KeyGone):
        await worker_resources.keystore.object_key(company.id, upload, uploads.KIND)
    assert (await used(company, upload, 200))["id"] == dataset["id"]


async def test_the_large_and_the_small_path_give_the_same_figures(
    company: Company, http: httpx.AsyncClient, worker_resources: Resources
) -> None:
    other, figures = await sign_up(http), []
    small = await other.push(workforce(other.id))
    large = await used(company, await uploaded(company, workforce(company.id).encode()))
    for each, dataset in ((other, small), (company, large)):
        await ended(each, worker_resources, dataset)
        rows = (await each.call("GET", "/v1/metrics", params={"limit": "200"}))["data"]
        figures.append({(row["metric"], row["profile"]): (row["value"] or 0.0, row["n"] or 0) for row in rows})
    assert len(figures[0]) > 17
    for key, figure in figures[0].items():
        assert figures[1][key] == pytest.approx(figure, rel=1e-12)


async def test_what_came_before_a_broken_connection_is_kept(
    company: Company, address: tuple[str, int], worker_resources: Resources
) -> None:
    content = workforce(company.id).encode()
    upload = await begun(company, content)
    _, writer = await asyncio.open_connection(*address)
    head = (
        f"PATCH /v1/uploads/{upload} HTTP/1.1\r\nHost: test\r\nAuthorization: {company.headers['Authorization']}\r\n"
        f"Content-Type: {PART}\r\nUpload-Offset: 0\r\nUpload-Complete: ?1\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    writer.write(head.encode() + content[:20_000])
    await writer.drain()
    await asyncio.sleep(0.2)
    writer.close()

    async def kept() -> bool:
        return await offset_of(company, upload) == 20_000

    await until(kept)
    answer = await appended(company, upload, 20_000, content[20_000:], last=True)
    assert answer.json()["sha256"] == sha256(content).hexdigest()
    assert (await ended(company, worker_resources, await used(company, upload)))["state"] == "succeeded"


async def test_the_newer_append_wins_and_the_older_is_told_where_to_go_on(company: Company) -> None:
    content, newer_is_done = workforce(company.id).encode(), asyncio.Event()
    upload = await begun(company, content)

    async def slow() -> AsyncIterator[bytes]:
        yield content[:1000]
        await newer_is_done.wait()
        yield content[1000:2000]

    older = asyncio.create_task(appended(company, upload, 0, slow()))
    await asyncio.sleep(0.1)
    assert (await appended(company, upload, 0, content[:5000])).status_code == 204
    newer_is_done.set()
    refused = await older
    assert (refused.status_code, refused.headers["upload-offset"]) == (409, "5000")
    problem = refused.json()
    assert (problem["code"], problem["expected-offset"]) == ("mismatching-upload-offset", 5000)
    answer = await appended(company, upload, 5000, content[5000:], last=True)
    assert answer.json()["sha256"] == sha256(content).hexdigest()


async def test_bytes_that_do_not_match_the_digest_are_destroyed(company: Company, resources: Resources) -> None:
    content = workforce(company.id).encode()
    digest = base64.b64encode(sha256(b"something else").digest()).decode()
    upload = await begun(company, content, **{"Repr-Digest": f"sha-256=:{digest}:"})
    refused = await appended(company, upload, 0, content, last=True)
    assert (refused.status_code, refused.json()["code"]) == (422, "digest-mismatch")
    assert await stored(resources, upload) == []
    gone = await company.call("GET", f"/v1/uploads/{upload}", 410)
    assert gone["code"] == "upload-expired"


async def test_lengths_and_offsets_that_do_not_fit_are_refused(company: Company) -> None:
    upload = await begun(company, b"x" * 1000)
    for offset, part, last, code in (
        (10, b"x", False, "mismatching-upload-offset"),
        (0, b"x" * 1001, False, "inconsistent-upload-length"),
        (0, b"x" * 400, True, "inconsistent-upload-length"),
    ):
        assert (await appended(company, upload, offset, part, last=last)).json()["code"] == code
    assert await offset_of(company, upload) == 400  # what fitted is kept
    assert (await appended(company, upload, 400, b"x" * 600, last=True)).status_code == 200
    assert (await appended(company, upload, 1000, b"x", last=True)).json()["code"] == "completed-upload"


async def test_a_header_of_a_wrong_form_is_named(company: Company) -> None:
    upload = await begun(company, b"x" * 1000)
    for name, value in (("Upload-Offset", "ten"), ("Upload-Offset", "-1"), ("Upload-Complete", "1")):
        headers = {**company.headers, "Content-Type": PART, "Upload-Offset": "0", "Upload-Complete": "?0", name: value}
        problem = (await company.http.patch(f"/v1/uploads/{upload}", headers=headers, content=b"x")).json()
        assert (problem["code"], problem["errors"][0]["header"]) == ("malformed-request", name)
    begin = {"Content-Type": "text/csv", "Upload-Complete": "?0"}
    for length, status in (("", 400), ("0", 400), (str(6 * 2**30), 413)):
        await company.call("POST", "/v1/uploads", status, headers={**begin, "Upload-Length": length})


async def test_a_cancelled_upload_is_gone_and_another_s_is_not_found(
    company: Company, http: httpx.AsyncClient, resources: Resources
) -> None:
    upload = await begun(company, b"x" * 1000)
    await appended(company, upload, 0, b"x" * 500)
    other = await sign_up(http)
    assert (await appended(other, upload, 500, b"x" * 500, last=True)).status_code == 404
    await other.call("DELETE", f"/v1/uploads/{upload}", 404)
    assert len(await stored(resources, upload)) == 1
    await company.call("DELETE", f"/v1/uploads/{upload}", 204)
    assert await stored(resources, upload) == []
    assert (await appended(company, upload, 500, b"x" * 500, last=True)).status_code == 410


async def test_an_incomplete_upload_makes_no_dataset(company: Company) -> None:
    upload = await begun(company, b"x" * 1000)
    await appended(company, upload, 0, b"x" * 600)
    problem = await used(company, upload, 409)
    assert (problem["code"], problem["offset"], problem["length"]) == ("upload-incomplete", 600, 1000)


async def test_a_process_lost_before_the_hash_is_made_up_for(company: Company, resources: Resources) -> None:
    content = workforce(company.id).encode()
    upload = await uploaded(company, content)
    async with transaction(resources, UUID(company.id)) as session:
        await session.execute(text("UPDATE uploads SET state = 'open', sha256 = NULL"))
    state = await company.http.head(f"/v1/uploads/{upload}", headers=company.headers)
    assert state.headers["upload-complete"] == "?1", "who asks where to go on would append nothing for ever"
    assert (await used(company, upload))["sha256"] == sha256(content).hexdigest()


async def test_a_refused_large_file_leaves_no_byte_and_its_operation_says_why(
    company: Company, worker_resources: Resources
) -> None:
    before = {name async for name in worker_resources.storage.names()}
    marked = workforce(company.id).replace("11-1021", "Zanzibar Quux", 1)
    upload = await uploaded(company, marked.encode())
    dataset = await used(company, upload)
    operation = await ended(company, worker_resources, dataset)
    assert (operation["state"], operation["error"]["code"]) == ("failed", "dataset-refused")
    found = operation["error"]["findings"][0]
    assert (found["code"], found["column"], found["rows"]) == ("value_not_in_vocabulary", "soc_code", [1])
    assert "Zanzibar" not in str(operation)
    report = await company.call("GET", f"/v1/datasets/{dataset['id']}/validation")
    assert (report["outcome"], report["findings"][0]["column"]) == ("refused", "soc_code")
    assert {name async for name in worker_resources.storage.names()} == before
    again = await used(company, await uploaded(company, marked.encode()))
    assert again["id"] != dataset["id"]  # a refused file may be pushed again


async def test_a_zombie_that_wakes_up_late_takes_nothing_away(company: Company, worker_resources: Resources) -> None:
    content = workforce(company.id).encode()
    dataset = await used(company, await uploaded(company, content))
    account, operation = UUID(company.id), UUID(dataset["operation_id"])
    first = asyncio.create_task(run_operation(worker_resources, account, operation))

    async def checking() -> bool:
        return bool((await company.call("GET", f"/v1/operations/{operation}"))["stage"] == "check")

    await until(checking)
    async with transaction(worker_resources, account) as session:
        await session.execute(text("UPDATE operations SET lease_until = now() - interval '1 second'"))
        assert await leases.claim(session, account, operation, timedelta(milliseconds=1)) is not None
    await first  # it finds that another has taken over, before or after it accepted
    await run_operation(worker_resources, account, operation)
    shown = await company.call("GET", f"/v1/operations/{operation}")
    assert (shown["state"], shown["attempt"]) == ("succeeded", 3)
    async with transaction(worker_resources, account) as session:
        stored_id = await session.scalar(text("SELECT object_id FROM datasets"))
    assert isinstance(stored_id, UUID)
    frames = [frame async for frame in open_records(worker_resources, account, stored_id)]
    assert sum(frame.height for frame in frames) == 300


async def test_employee_keys_of_another_key_in_a_large_file_are_refused_and_with_new_key_break_the_series(
    company: Company, worker_resources: Resources
) -> None:
    await ended(company, worker_resources, await company.push(workforce(company.id)))
    other = workforce(company.id, 200, secret=b"\x08" * 32).encode()
    refused = await used(company, await uploaded(company, other), as_of="2026-03-31")
    assert (await ended(company, worker_resources, refused))["error"]["code"] == "employee-key-changed"
    taken = await used(company, await uploaded(company, other), as_of="2026-03-31", new_key="true")
    assert (await ended(company, worker_resources, taken))["state"] == "succeeded"
    assert (await company.call("GET", f"/v1/datasets/{taken['id']}"))["series_break"] is True


async def test_a_large_file_takes_the_place_of_the_one_that_it_supersedes(
    company: Company, worker_resources: Resources
) -> None:
    name = "hris-2025-12"
    old = await company.push(workforce(company.id), external_ref=name)
    await ended(company, worker_resources, old)
    upload = await uploaded(company, workforce(company.id, 250).encode())
    assert (await used(company, upload, 409, external_ref=name))["code"] == "dataset-exists"
    new = await used(company, upload, external_ref=name, supersedes=old["id"])
    assert (await company.call("GET", f"/v1/datasets/{old['id']}"))["state"] == "accepted"  # until the new one counts
    assert (await ended(company, worker_resources, new))["state"] == "succeeded"
    assert (await company.call("GET", f"/v1/datasets/{old['id']}"))["superseded_by"] == new["id"]
