"""A file beside the account's other datasets: on both paths, before it counts, and never with one that it replaces."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update

from companies import Company, payroll, sign_up, workforce
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.models import Dataset
from wm_api.datasets.service.datasets import lock_account
from wm_api.pipeline.run import run_operation

LATER = {"as_of": "2026-01-31"}


@pytest.fixture
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def findings(company: Company, dataset: dict[str, Any]) -> dict[str, Any]:
    report = await company.call("GET", f"/v1/datasets/{dataset['id']}/validation")
    return {each["code"]: each for each in report["findings"]}


async def test_an_old_file_under_a_new_day_is_warned_of(company: Company) -> None:
    first = await company.push(workforce(company.id, 60))
    again = await company.push(workforce(company.id, 61), 202, **LATER)
    assert "stale_copy" not in await findings(company, first)
    assert (await findings(company, again))["stale_copy"]["severity"] == "warn"


async def test_a_file_that_says_something_new_is_no_copy(company: Company) -> None:
    text = workforce(company.id, 60)
    await company.push(text)
    raised = text.replace(",30.", ",31.")
    assert raised != text
    assert "stale_copy" not in await findings(company, await company.push(raised, 202, **LATER))


async def test_the_replaced_dataset_is_no_comparison(company: Company) -> None:
    wrong_day = await company.push(workforce(company.id, 60))
    moved = await company.push(workforce(company.id, 61), 202, **LATER, supersedes=wrong_day["id"])
    assert "stale_copy" not in await findings(company, moved)


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


async def test_a_large_file_is_compared_by_its_operation(company: Company, worker_resources: Resources) -> None:
    await company.push(workforce(company.id, 60))
    large = await uploaded(company, workforce(company.id, 61).encode(), **LATER)
    await worked(company, worker_resources, large)
    assert "stale_copy" in await findings(company, large)


@asynccontextmanager
async def returning(company: Company, resources: Resources, dataset: dict[str, Any]) -> AsyncIterator[None]:
    """Inside, the dataset does not count and nobody else changes what counts; at the end it counts again."""
    mine = update(Dataset).where(Dataset.id == UUID(dataset["id"]))
    async with transaction(resources, UUID(company.id)) as session:
        await session.execute(mine.values(state="superseded"))
    async with transaction(resources, UUID(company.id)) as session:
        await lock_account(session)
        await session.execute(mine.values(state="accepted"))
        yield


async def test_what_counts_at_last_is_what_was_compared(company: Company, resources: Resources) -> None:
    first = await company.push(workforce(company.id, 60))
    async with returning(company, resources, first):
        pushing = asyncio.create_task(company.push(workforce(company.id, 61), 202, **LATER))
        await asyncio.wait({pushing}, timeout=2)
        assert not pushing.done()
    assert "stale_copy" in await findings(company, await pushing)


async def test_what_counts_at_last_is_what_a_large_file_was_compared_with(
    company: Company, resources: Resources, worker_resources: Resources
) -> None:
    first = await company.push(workforce(company.id, 60))
    large = await uploaded(company, workforce(company.id, 61).encode(), **LATER)
    async with returning(company, resources, first):
        working = asyncio.create_task(worked(company, worker_resources, large))
        await asyncio.wait({working}, timeout=3)
        assert not working.done()
    await working
    assert "stale_copy" in await findings(company, large)


async def paid(company: Company, start: str, end: str, **query: str) -> Any:
    parameters = {"kind": "payroll", "as_of": "", "period_start": start, "period_end": end, **query}
    parameters = {name: value for name, value in parameters.items() if value}
    headers = {"Content-Type": "text/csv"}
    text = payroll(company.id, start, end, 60).encode()
    return await company.call("POST", "/v1/datasets", 202, params=parameters, content=text, headers=headers)


async def test_days_without_payroll_since_the_last_period_are_named(company: Company) -> None:
    first = await paid(company, "2025-01-01", "2025-01-31")
    next_month = await paid(company, "2025-02-01", "2025-02-28")
    late = await paid(company, "2025-04-01", "2025-04-30")
    found = [await findings(company, each) for each in (first, next_month, late)]
    assert ["payroll_gap" in each for each in found] == [False, False, True]
