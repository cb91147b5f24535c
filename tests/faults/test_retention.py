"""What is over goes on its day; what nobody names goes after a day; all with the clock moved."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from companies import Company, sign_up, workforce
from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.core.keystore import KeyGone
from wm_api.core.paging import Paging
from wm_api.core.problems import Gone
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.service import files, uploads
from wm_api.dev import Installation
from wm_api.operations import service as operations
from wm_api.pipeline.retention import remove_orphans, retain
from wm_api.pipeline.run import run_operation

Move = Callable[[timedelta], None]


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Move:
    """Move the one clock forward."""
    real = clock.now

    def move(by: timedelta) -> None:
        def later() -> datetime:
            return real() + by

        monkeypatch.setattr(clock, "now", later)

    return move


async def count(resources: Resources, company: Company, table: str) -> int:
    async with transaction(resources, UUID(company.id)) as session:
        own = text(f"SELECT count(*) FROM {table} WHERE account_id = :id")  # the worker sees all open operations
        return int((await session.execute(own, {"id": company.id})).scalar_one())


async def test_ac10_2_an_idempotent_answer_goes_after_seven_days(
    own_http: httpx.AsyncClient, own_worker: Resources, moved: Move
) -> None:
    company = await sign_up(own_http)
    body = {"email": "a@b.test", "roles": ["analyst"]}
    await company.call("POST", "/v1/invitations", 201, json=body, headers={"Idempotency-Key": "one"})
    moved(timedelta(days=7) - timedelta(minutes=1))
    await retain(own_worker)
    assert await count(own_worker, company, "idempotent_answers") == 1
    moved(timedelta(days=7, minutes=1))
    await retain(own_worker)
    assert await count(own_worker, company, "idempotent_answers") == 0


async def test_ac10_2_an_operation_goes_after_thirty_days_and_is_answered_with_410(
    own_http: httpx.AsyncClient, own_worker: Resources, moved: Move
) -> None:
    company = await sign_up(own_http)
    first = await company.push(workforce(company.id, 40))
    processed, account = UUID(first["operation_id"]), UUID(company.id)
    await run_operation(own_worker, account, processed)
    deleted = await company.call("DELETE", f"/v1/datasets/{first['id']}", 202)
    await run_operation(own_worker, account, UUID(deleted["id"]))
    moved(timedelta(days=30, minutes=-1))
    await retain(own_worker)
    assert await count(own_worker, company, "operations") == 2
    moved(timedelta(days=30, minutes=1))
    await retain(own_worker)
    assert await count(own_worker, company, "operations") == 1  # the dataset's row still names the deletion
    async with transaction(own_worker, account) as session:
        for operation in (processed, UUID(deleted["id"])):
            with pytest.raises(Gone):
                await operations.get_operation(session, operation)
        paging = Paging(50, None, b"", "", "/v1/operations")
        assert await operations.list_operations(session, None, None, paging) == ([], None)


async def test_ac10_2_an_unfinished_upload_goes_with_its_key_after_a_day(
    own_http: httpx.AsyncClient, own_worker: Resources, own: Installation, moved: Move
) -> None:
    company = await sign_up(own_http)
    upload, account = await begun(company), UUID(company.id)
    moved(timedelta(hours=24, minutes=-1))
    await retain(own_worker)
    assert [name async for name in own_worker.storage.names(f"uploads/{account}")] != []
    moved(timedelta(hours=24, minutes=1))
    await retain(own_worker)
    assert [name async for name in own_worker.storage.names(f"uploads/{account}")] == []
    assert await count(own_worker, company, "upload_parts") == 0
    with pytest.raises(KeyGone):
        own_worker.keystore._cache.clear()
        await own_worker.keystore.object_key(company.id, upload, uploads.KIND)
    moved(timedelta(days=32))
    await retain(own_worker)
    assert await count(own_worker, company, "uploads") == 0


async def begun(company: Company) -> str:
    """An upload with half of its bytes."""
    headers = {"Content-Type": "text/csv", "Upload-Length": "20", "Upload-Complete": "?0"}
    upload = await company.call("POST", "/v1/uploads", 201, headers=headers)
    part = {"Content-Type": "application/partial-upload", "Upload-Offset": "0", "Upload-Complete": "?0"}
    await company.call("PATCH", f"/v1/uploads/{upload['id']}", 204, headers=part, content=b"employee_k")
    return str(upload["id"])


async def test_an_object_without_a_row_goes_after_a_day_and_any_other_stays(
    own_http: httpx.AsyncClient, own_worker: Resources, own: Installation, moved: Move
) -> None:
    company = await sign_up(own_http)
    account = UUID(company.id)
    dataset = await company.push(workforce(company.id, 40))
    await begun(company)
    lost, torn = new_id(), new_id()
    for stray in ("datasets/notes.txt", f"datasets/{account}/draft", "uploads/a/b"):
        await own_worker.storage.put(stray, b"not ours")
    for object_id in (lost, torn):
        await own_worker.keystore.make_object_key(company.id, str(object_id), files.KIND)
        await own_worker.storage.put(files.name(account, object_id), b"sealed")
    whole = own.folder / "objects" / files.name(account, torn)
    whole.rename(f"{whole}#1")  # as a writer leaves it that was killed
    moved(timedelta(hours=23))
    assert await remove_orphans(own_worker) == 0
    moved(timedelta(hours=23, minutes=59))
    os.utime(f"{whole}#1", (clock.now().timestamp() - 3 * 24 * 3600,) * 2)
    assert await remove_orphans(own_worker) == 1
    moved(timedelta(hours=24, minutes=5))
    await remove_orphans(own_worker)
    left = {name async for name in own_worker.storage.names(f"datasets/{account}")}
    assert left == {files.name(account, UUID(dataset["id"])), f"datasets/{account}/draft"}
    assert list((own.folder / "objects").rglob("*#1")) == []
    own_worker.keystore._cache.clear()
    for object_id in (lost, torn):
        with pytest.raises(KeyGone):
            await own_worker.keystore.object_key(company.id, str(object_id), files.KIND)
    moved(timedelta(0))
    assert await asyncio.to_thread(whole.exists) is False
    await run_operation(own_worker, account, UUID(dataset["operation_id"]))
    assert len((await company.call("GET", "/v1/scores"))["data"]) == 1


async def test_an_account_whose_retention_fails_does_not_hold_up_the_others(
    own_http: httpx.AsyncClient, own_worker: Resources, moved: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    companies = [await sign_up(own_http) for _ in range(3)]
    for company in companies:
        await begun(company)
    destroy, failing = own_worker.keystore.destroy_object_key, companies[1].id

    async def sometimes(account_id: str, *more: str) -> None:
        if account_id == failing:
            raise RuntimeError
        await destroy(account_id, *more)

    monkeypatch.setattr(own_worker.keystore, "destroy_object_key", sometimes)
    moved(timedelta(hours=24, minutes=1))
    with suppress(RuntimeError):  # of the orphans, which come last
        await retain(own_worker)
    assert [await count(own_worker, company, "upload_parts") for company in companies] == [0, 1, 0]


async def test_an_invitation_that_nobody_took_expires(
    own_http: httpx.AsyncClient, own_worker: Resources, moved: Move
) -> None:
    company = await sign_up(own_http)
    await company.call("POST", "/v1/invitations", 201, json={"email": "late@b.test", "roles": ["analyst"]})
    moved(timedelta(days=8))
    await retain(own_worker)
    moved(timedelta(0))
    listed = (await company.call("GET", "/v1/invitations"))["data"]
    assert [each["state"] for each in listed] == ["expired"]


async def test_sessions_long_over_go_with_their_spent_tokens_and_old_failures(
    own_http: httpx.AsyncClient, own_worker: Resources, moved: Move
) -> None:
    company = await sign_up(own_http)
    await own_http.post("/v1/sessions/refresh", json={"refresh_token": company.refresh_token})
    await own_http.post("/v1/sessions", json={"email": company.email, "password": "not the one at all"})
    left = {}
    for days in (0, 33, 200):
        moved(timedelta(days=days))
        await retain(own_worker)
        async with transaction(own_worker, None) as session:
            for table in ("sessions", "spent_tokens", "login_failures"):
                left[table, days] = (await session.execute(text(f"SELECT count(*) > 0 FROM {table}"))).scalar_one()
    assert [left[table, 0] for table in ("sessions", "spent_tokens", "login_failures")] == [True, True, True]
    assert [left[table, 33] for table in ("sessions", "spent_tokens", "login_failures")] == [True, False, False]
    assert left["sessions", 200] is False
