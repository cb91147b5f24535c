"""AC2.4: what was submitted, value or name, comes back in no answer that refuses it, in no log and in no event."""

import contextlib
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import structlog

from companies import Company, sign_up
from security.cast import furnish, push
from security.marked import NAME, PLACE, VALUE, all_marked
from security.rights import RIGHTS
from wm_api.core.logs import configure_logs
from wm_api.core.resources import Resources
from wm_api.dev import Installation
from wm_api.pipeline.run import run_operation

CONTRACT: dict[str, Any] = json.loads((Path(__file__).resolve().parents[2] / "openapi" / "v1.json").read_text())
LAST = ("me_change_password", "sessions_end")


@pytest.fixture
def service_log() -> Iterator[io.StringIO]:
    """What the service writes, as configured for its processes."""
    written, before = io.StringIO(), structlog.get_config()
    with contextlib.redirect_stderr(written):
        configure_logs(logging.DEBUG)
    yield written
    structlog.configure(**before)


@pytest.fixture
async def admin(installation: Installation) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(installation.admin_url.rpartition("/")[0] + "/wm")
    yield connection
    await connection.close()


def holds_a_mark(text: str) -> bool:
    return any(mark in text.lower() for mark in (VALUE, NAME, PLACE))


def echoed(answer: httpx.Response) -> bool:
    """A text that was accepted is the company's own, and is shown to it later; nothing else comes back."""
    headers = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
    body = answer.text.lower().replace(VALUE, "") if answer.status_code < 300 else answer.text
    return holds_a_mark(headers) or holds_a_mark(body)


async def in_stores(admin: asyncpg.Connection, installation: Installation) -> dict[str, bool]:
    events = await admin.fetchval("SELECT string_agg(e::text, ' ') FROM events e")
    log = (installation.folder / "postgres" / "log").read_text(errors="replace")
    return {"events": holds_a_mark(events), "database log": holds_a_mark(log)}


async def company_with_things(http: httpx.AsyncClient, worker_resources: Resources) -> Company:
    company, other = await sign_up(http), await sign_up(http)

    async def settle(_: Company) -> None:
        for operation in (await company.call("GET", "/v1/operations", params={"state": "queued"}))["data"]:
            await run_operation(worker_resources, UUID(company.id), UUID(operation["id"]))

    await push(company, settle)
    other.known["score"] = company.known["shared_score"] = company.known["score"]
    await furnish(company, other)
    company.known["queued"] = company.known["operation"]
    return company


async def test_ac2_4_no_submitted_value_or_name_comes_back_in_answers_logs_and_events(
    http: httpx.AsyncClient,
    worker_resources: Resources,
    installation: Installation,
    admin: asyncpg.Connection,
    service_log: io.StringIO,
    caplog: pytest.LogCaptureFixture,
) -> None:
    company = await company_with_things(http, worker_resources)
    requests = sorted(
        all_marked(CONTRACT, company.known),
        key=lambda each: LAST.index(each.operation.id) if each.operation.id in LAST else -1,
    )
    echoes, broken, refused = [], [], 0
    for marked in requests:
        headers = {} if RIGHTS[marked.operation.id].who == "anybody" else company.headers
        parts = {**marked.parts, "headers": {**headers, **marked.parts["headers"]}}
        answer = await http.request(marked.operation.method.upper(), **parts)
        refused += answer.status_code >= 400
        echoes += [f"{marked.operation.id}: {marked.where}: {answer.status_code}"] if echoed(answer) else []
        broken += [f"{marked.operation.id}: {marked.where}"] if answer.status_code >= 500 else []
    assert (echoes, broken) == ([], [])
    assert {marked.operation.id for marked in requests} == set(RIGHTS)
    assert refused > 500
    lines = service_log.getvalue()
    assert lines.count('"event": "request"') >= len(requests)
    assert not holds_a_mark(lines)
    assert not holds_a_mark(caplog.text)
    assert await in_stores(admin, installation) == {"events": False, "database log": False}


async def test_ac2_4_the_search_finds_a_mark_that_is_there(
    admin: asyncpg.Connection, installation: Installation
) -> None:
    with pytest.raises(asyncpg.PostgresError):
        await admin.execute("DO $$ BEGIN RAISE EXCEPTION 'zqy'; END $$")
    log = (installation.folder / "postgres" / "log").read_text(errors="replace")
    assert "zqy" in log
    assert holds_a_mark(f"x {VALUE.upper()} y")
