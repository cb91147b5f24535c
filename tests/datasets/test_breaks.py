"""What comes between: uploads that are cancelled, workers that are killed, pushes that ended without their check."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from companies import Company, sign_up, workforce
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.service import cases, settling, uploads, verdicts
from wm_api.pipeline import intake
from wm_api.pipeline.run import run_operation

PART = "application/partial-upload"


class Killed(BaseException):
    """No code of ours catches it."""


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def begun(company: Company, content: bytes) -> str:
    headers = {"Content-Type": "text/csv", "Upload-Complete": "?0", "Upload-Length": str(len(content))}
    return str((await company.call("POST", "/v1/uploads", 201, headers=headers))["id"])


async def appended(company: Company, upload: str, part: Any) -> httpx.Response:
    headers = {**company.headers, "Content-Type": PART, "Upload-Offset": "0", "Upload-Complete": "?1"}
    return await company.http.patch(f"/v1/uploads/{upload}", headers=headers, content=part)


async def received(company: Company, content: str) -> dict[str, Any]:
    """A large file whose check has not begun."""
    upload = await begun(company, content.encode())
    assert (await appended(company, upload, content.encode())).status_code == 200
    query = {"kind": "workforce", "as_of": "2025-12-31", "upload_id": upload}
    return {**await company.call("POST", "/v1/datasets", 202, params=query), "upload": upload}


async def stored(resources: Resources, company: Company) -> list[str]:
    return [name async for name in resources.storage.names(f"uploads/{company.id}")]


async def test_a_push_of_bytes_whose_large_file_was_canceled_is_checked_and_counts(company: Company) -> None:
    content = workforce(company.id, 60)
    first = await received(company, content)
    await company.call("POST", f"/v1/operations/{first['operation_id']}/cancellation")
    problem = await company.call("GET", f"/v1/datasets/{first['id']}/validation", 409)
    assert "never checked" in problem["detail"]
    second = await company.push(content)
    assert (second["state"], second["rows"]) == ("accepted", 60)
    assert (await company.call("GET", f"/v1/datasets/{first['id']}"))["state"] == "refused"


async def test_a_push_that_nobody_checked_because_its_like_was_there_comes_again_when_that_has_gone(
    company: Company, resources: Resources
) -> None:
    content = workforce(company.id, 60)
    first = await company.push(content)
    async with transaction(resources, UUID(company.id)) as session:
        await session.execute(text("SELECT 1 FROM accounts WHERE id = :id FOR UPDATE"), {"id": UUID(company.id)})
        query = {"kind": "workforce", "as_of": "2025-12-31"}
        headers = {**company.headers, "Content-Type": "text/csv"}
        push = company.http.post("/v1/datasets", params=query, headers=headers, content=content.encode())
        again = asyncio.create_task(push)
        await asyncio.sleep(0.5)  # it has seen what is there, and waits for the account
        gone = text("UPDATE datasets SET state = 'deleting' WHERE id = :id")
        await session.execute(gone, {"id": UUID(first["id"])})
    answer = await again
    assert (answer.status_code, answer.json().get("code")) == (503, "temporarily-unavailable")
    assert answer.headers["retry-after"] == "1"
    assert (await company.push(content))["state"] == "accepted"


async def test_a_dataset_without_anything_to_check_is_refused_with_its_operation(
    company: Company, worker_resources: Resources
) -> None:
    dataset = await received(company, workforce(company.id, 60))
    account, operation = UUID(company.id), UUID(dataset["operation_id"])
    async with transaction(worker_resources, account) as session:
        bare = text("UPDATE datasets SET upload_id = NULL WHERE id = :id")
        await session.execute(bare, {"id": UUID(dataset["id"])})
    await run_operation(worker_resources, account, operation)
    ended = await company.call("GET", f"/v1/operations/{operation}")
    assert (ended["state"], ended["error"]["code"]) == ("failed", "computation-failed")
    assert (await company.call("GET", f"/v1/datasets/{dataset['id']}"))["state"] == "refused"


async def test_a_refusal_killed_after_its_bytes_went_ends_with_the_same_findings(
    company: Company, worker_resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = await received(company, workforce(company.id, 60).replace("11-1021", "Zanzibar", 1))
    account, operation, destroy = UUID(company.id), UUID(dataset["operation_id"]), uploads.destroy

    async def killed(*arguments: Any) -> None:
        await destroy(*arguments)
        raise Killed

    monkeypatch.setattr(uploads, "destroy", killed)
    with pytest.raises(Killed):
        await run_operation(worker_resources, account, operation)
    monkeypatch.setattr(uploads, "destroy", destroy)
    assert await stored(worker_resources, company) == []
    async with transaction(worker_resources, account) as session:
        over = text("UPDATE operations SET lease_until = now() - interval '1 second' WHERE id = :id")
        await session.execute(over, {"id": operation})
    await run_operation(worker_resources, account, operation)
    error = (await company.call("GET", f"/v1/operations/{operation}"))["error"]
    assert (error["code"], error["findings"][0]["column"]) == ("dataset-refused", "soc_code")
    assert (await company.call("GET", f"/v1/datasets/{dataset['id']}/validation"))["outcome"] == "refused"


async def test_the_end_of_an_upload_that_a_dataset_was_made_of_takes_nothing(
    company: Company, worker_resources: Resources
) -> None:
    dataset = await received(company, workforce(company.id, 60))
    account, upload = UUID(company.id), UUID(dataset["upload"])
    await uploads.end(worker_resources, account, upload)
    assert len(await stored(worker_resources, company)) == 1
    await run_operation(worker_resources, account, UUID(dataset["operation_id"]))
    assert (await company.call("GET", f"/v1/datasets/{dataset['id']}"))["state"] == "accepted"


@pytest.mark.parametrize("before_the_key", [True, False])
async def test_an_append_to_an_upload_that_is_cancelled_meanwhile_is_410_and_leaves_nothing(
    company: Company, resources: Resources, *, before_the_key: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = await begun(company, b"x" * 1000)
    make, going, gone = resources.keystore.make_object_key, asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"x" * 500
        going.set()
        await gone.wait()
        yield b"x" * 500

    async def waited(*arguments: Any) -> bytes:
        going.set()
        await gone.wait()
        return await make(*arguments)

    if before_the_key:
        monkeypatch.setattr(resources.keystore, "make_object_key", waited)
    appending = asyncio.create_task(appended(company, upload, slow()))
    await going.wait()
    await company.call("DELETE", f"/v1/uploads/{upload}", 204)
    gone.set()
    answer = await appending
    assert (answer.status_code, answer.json()["code"]) == (410, "upload-expired")
    assert await stored(resources, company) == []


async def due(resources: Resources, company: Company, operation: UUID) -> None:
    """A lease, or a pause before another try, is over."""
    async with transaction(resources, UUID(company.id)) as session:
        over = text("UPDATE operations SET lease_until = now() - interval '1 second' WHERE id = :id")
        await session.execute(over, {"id": operation})


async def test_a_commit_whose_answer_was_lost_has_kept_the_file_and_the_next_attempt_goes_on_with_it(
    company: Company, worker_resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = await received(company, workforce(company.id, 60))
    account, operation, accepted = UUID(company.id), UUID(dataset["operation_id"]), intake._settled

    async def unheard(*arguments: Any) -> None:
        assert await accepted(*arguments)
        raise ConnectionResetError

    monkeypatch.setattr(intake, "_settled", unheard)
    await run_operation(worker_resources, account, operation)
    monkeypatch.setattr(intake, "_settled", accepted)
    assert (await company.call("GET", f"/v1/operations/{operation}"))["state"] == "queued"
    await due(worker_resources, company, operation)
    await run_operation(worker_resources, account, operation)
    assert (await company.call("GET", f"/v1/operations/{operation}"))["state"] == "succeeded"
    assert (await company.call("GET", f"/v1/datasets/{dataset['id']}"))["state"] == "accepted"
    figures = (await company.call("GET", "/v1/metrics"))["data"]
    assert {dataset["id"]} == {each for figure in figures for each in figure["dataset_ids"]}


async def test_a_large_file_beside_which_others_keep_coming_is_tried_again_with_its_bytes_still_there(
    company: Company, worker_resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = await received(company, workforce(company.id, 60))
    account, operation = UUID(company.id), UUID(dataset["operation_id"])

    async def slow(_: cases.Case) -> None:
        await asyncio.sleep(60)

    quick = worker_resources.settings.model_copy(update={"transaction_idle": timedelta(seconds=0.1)})
    with monkeypatch.context() as busy:
        busy.setattr(settling, "ROUNDS", 0)  # as if others had come in every one of them
        busy.setattr(verdicts, "compared", slow)
        await run_operation(replace(worker_resources, settings=quick), account, operation)
    assert (await company.call("GET", f"/v1/operations/{operation}"))["state"] == "queued"
    assert len(await stored(worker_resources, company)) == 1
    assert [name async for name in worker_resources.storage.names(f"datasets/{account}")] == []
    await due(worker_resources, company, operation)
    await run_operation(worker_resources, account, operation)
    assert (await company.call("GET", f"/v1/datasets/{dataset['id']}"))["state"] == "accepted"
