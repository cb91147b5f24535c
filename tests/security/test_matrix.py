"""AC3.2: nobody reaches what is not theirs, whatever the operation, the caller and the id."""

import asyncio
import copy
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from sqlalchemy import text

from companies import Company, sign_up, workforce
from security.cast import Cast, designate, gather_cast, instant, push
from security.matrix import Matrix, missing_entries, operations_of, table_hashes
from security.requests import REQUESTS
from security.rights import LETTERS, RIGHTS, TABLE
from wm_api.core import clock, tokens
from wm_api.core.principal import Scope
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.dev import Installation
from wm_api.pipeline.run import run_operation

CONTRACT: dict[str, Any] = json.loads((Path(__file__).resolve().parents[2] / "openapi" / "v1.json").read_text())
OPERATIONS = operations_of(CONTRACT)


@pytest.fixture(scope="module")
async def cast(http: httpx.AsyncClient, worker_resources: Resources, resources: Resources) -> Cast:
    async def settle(company: Company) -> None:
        async with transaction(worker_resources, UUID(company.id)) as session:
            waiting = text("SELECT id FROM operations WHERE state = 'queued' AND account_id = :id")
            ids = (await session.scalars(waiting, {"id": company.id})).all()
        for operation_id in ids:
            await run_operation(worker_resources, UUID(company.id), operation_id)

    mine, theirs, third = [await sign_up(http) for _ in range(3)]
    await push(mine, settle)
    await push(theirs, settle, publish=True)
    await push(third, settle, deleted=False, publish=True)
    made = await gather_cast(mine, theirs, third)
    for state in ("pending", "declined", "expired"):  # nobody gets such a token; the service's own key signs it here
        made.readers[state] = forged(resources, made, state)
    for company in (made.mine, made.theirs):
        pushed = await company.push(workforce(company.id, 25), as_of="2025-11-30")
        company.known["queued"] = pushed["operation_id"]
    return made


def forged(resources: Resources, cast: Cast, state: str) -> dict[str, str]:
    now, base = int(clock.now().timestamp()), resources.settings
    claims = {
        "iss": base.public_url, "aud": f"{base.audience}/shared", "sub": cast.mine.id, "jti": "j", "iat": now,
        "act": {"type": "user", "id": cast.mine.user_id}, "grant": cast.grants[state], "exp": now + 600,
    }  # fmt: skip
    return {"Authorization": f"Bearer {tokens.issue(resources.signing_keys, tokens.ACCESS, claims)}"}


@pytest.fixture
async def admin(installation: Installation) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(installation.admin_url.rpartition("/")[0] + "/wm")
    yield connection
    await connection.close()


def test_ac3_2_every_operation_id_role_and_scope_has_its_entry() -> None:
    assert missing_entries(CONTRACT) == []
    assert CONTRACT["components"]["schemas"]["Role"]["enum"] == list(LETTERS)
    assert {right.scope for _, right in TABLE if right.scope} == {scope.value for scope in Scope}


def test_ac3_2_a_new_operation_or_id_without_an_entry_is_found() -> None:
    planted = copy.deepcopy(CONTRACT)
    reading = planted["paths"]["/v1/scores"]["get"]
    planted["paths"]["/v1/planted"] = {"get": {**reading, "operationId": "planted_list"}}
    reading["parameters"] = [
        *reading["parameters"],
        {"name": "rival_id", "in": "query", "schema": {"type": "string"}},
    ]
    planted["components"]["schemas"]["AccountUpdate"]["properties"]["parent"] = {"type": "string", "format": "uuid"}
    assert missing_entries(planted) == [
        "account_update: body:parent has no entry",
        "planted_list: no request",
        "planted_list: no right",
        "scores_list: query:rival_id has no entry",
    ]


async def test_ac3_2_the_matrix_holds_and_no_row_changes(
    http: httpx.AsyncClient, cast: Cast, admin: asyncpg.Connection
) -> None:
    matrix = Matrix(http, cast, OPERATIONS)
    before = dict([each async for each in table_hashes(admin)])
    await matrix.grantees()
    await matrix.refusals()
    await matrix.cursors_and_accounts()
    after = dict([each async for each in table_hashes(admin)])
    assert matrix.failures == []
    assert {name for name in before if before[name] != after[name]} == set()
    assert matrix.requests > 1000
    await matrix.valid_requests()
    assert matrix.failures == []
    assert set(REQUESTS) == set(RIGHTS)


async def test_ac3_2_with_the_row_policy_taken_out_the_matrix_finds_it(
    http: httpx.AsyncClient, cast: Cast, admin: asyncpg.Connection
) -> None:
    caller = next(each for each in cast.personas if each.role == "data_manager")
    operation = next(each for each in OPERATIONS if each.id == "datasets_get")
    await admin.execute("CREATE POLICY planted ON datasets FOR SELECT USING (true)")
    try:
        broken = Matrix(http, cast, OPERATIONS)
        await broken.swap("planted", operation, caller.headers, "path:dataset_id", cast.theirs.known["dataset"])
    finally:
        await admin.execute("DROP POLICY planted ON datasets")
    assert [failure.partition(":")[0] for failure in broken.failures] == [
        "planted, foreign path",
        "planted, path",
        "planted, foreign path",
    ]
    sound = Matrix(http, cast, OPERATIONS)
    await sound.swap("sound", operation, caller.headers, "path:dataset_id", cast.theirs.known["dataset"])
    assert sound.failures == []


async def test_rights_are_checked_before_a_kept_answer_is_replayed(http: httpx.AsyncClient, cast: Cast) -> None:
    people = {each.role: each.headers for each in cast.personas}
    body = {
        "grantee": {"account_id": cast.third.id},
        "detail": "areas",
        "purpose": "other",
        "expires_at": instant(days=1),
    }

    async def made(headers: dict[str, str]) -> httpx.Response:
        return await http.post("/v1/share-grants", json=body, headers={**headers, "Idempotency-Key": "one-grant"})

    first, again = await made(people["representative"]), await made(people["representative"])
    assert (first.status_code, again.content, again.headers["idempotency-replayed"]) == (201, first.content, "true")
    refused, elsewhere = await made(people["analyst"]), await made(cast.theirs.headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient-role")
    assert (elsewhere.status_code, "idempotency-replayed" in elsewhere.headers) == (201, False)
    assert elsewhere.json()["grantor"]["account_id"] == cast.theirs.id


async def test_of_many_answers_to_a_grant_at_once_one_counts(http: httpx.AsyncClient, cast: Cast) -> None:
    people = [each.headers for each in cast.personas if each.role == "representative"]
    grant = await designate(cast.theirs, cast.mine)
    path = f"/v1/share-grants/{grant}"
    answers = await asyncio.gather(
        *(http.post(f"{path}/acceptance", json={}, headers=people[0]) for _ in range(8)),
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    declined = await asyncio.gather(*(http.post(f"{path}/decline", headers=people[0]) for _ in range(8)))
    assert sorted(answer.status_code for answer in declined) == [200] + [409] * 7
