"""AC3.3 and AC3.4: the database itself keeps accounts apart, and no binding outlives its transaction."""

import asyncio
import io
import json
import random
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from companies import SECRET, Company, active_grant, grant_token, sign_up, workforce
from security.cast import designate
from security.matrix import table_hashes
from security.statements import KINDS, OWNED, Generator, Statement, owner
from shared import scaled
from wm_api.core.resources import Resources
from wm_api.core.settings import Settings
from wm_api.core.transactions import transaction
from wm_api.dev import Installation
from wm_api.pipeline.run import run_operation
from wm_api.records.crosswalk import crosswalk
from wm_api.releases.admission import admit_contributor

UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@pytest.fixture
async def admin(installation: Installation) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(installation.admin_url.rpartition("/")[0] + "/wm")
    yield connection
    await connection.close()


@pytest.fixture(scope="module")
async def pair(http: httpx.AsyncClient, worker_resources: Resources, settings: Settings) -> tuple[Company, Company]:
    """Two companies with nothing to do with each other. The second has rows in every table, through a third."""
    mine, theirs, third = [await sign_up(http) for _ in range(3)]
    for company in (mine, theirs):
        dataset = await company.push(workforce(company.id, 120))
        await run_operation(worker_resources, UUID(company.id), UUID(dataset["operation_id"]))
        await company.call("POST", "/v1/api-keys", 201, json={"name": "k", "scopes": ["events:read"]})
        await company.call("POST", "/v1/invitations", 201, json={"email": company.email + ".uk", "roles": ["auditor"]})
        await designate(company, third)
    score = (await theirs.call("GET", "/v1/scores"))["data"][0]["id"]
    await theirs.call("POST", f"/v1/scores/{score}/publication")
    changes = [{"metric": "permanent_share", "value": 90}]
    await theirs.call("POST", "/v1/score-simulations", json={"score_id": score, "changes": changes})
    await theirs.call("DELETE", f"/v1/datasets/{dataset['id']}", 202)
    operations = await theirs.call("GET", "/v1/operations", params={"state": "queued"})
    await run_operation(worker_resources, UUID(theirs.id), UUID(operations["data"][0]["id"]))
    token = await grant_token(theirs, await active_grant(third, theirs))
    assert (await http.get("/v1/shared/scores", headers=token)).status_code == 200
    begin = {"Content-Type": "text/csv", "Upload-Length": "3", "Upload-Complete": "?0", "Idempotency-Key": "k"}
    upload = await theirs.call("POST", "/v1/uploads", 201, headers=begin)
    part = {"Content-Type": "application/partial-upload", "Upload-Offset": "0", "Upload-Complete": "?0"}
    await theirs.call("PATCH", f"/v1/uploads/{upload['id']}", 204, headers=part, content=b"a")
    await theirs.call("POST", "/v1/sources", 201, json={"name": "hris", "kind": "workforce", "cadence": "monthly"})
    await theirs.call("PUT", "/v1/account/contribution", json={"taking_part": True})
    await admit_contributor(settings, UUID(theirs.id), "A group", 60)
    pairs = crosswalk(theirs.id, (SECRET, "1"), (b"\x21" * 32, "1"), ["1", "2"]).write_csv().encode()
    await theirs.call("POST", "/v1/employee-key-rotations", 201, content=pairs, headers={"Content-Type": "text/csv"})
    return mine, theirs


async def rows_of(admin: asyncpg.Connection, account_id: str) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for table in OWNED:
        query = f"SELECT to_jsonb(t)::text AS row FROM {table} t WHERE {owner(table)} = $1 LIMIT 20"
        rows = [row["row"] for row in await admin.fetch(query, UUID(account_id))]
        found[table] = [{"row": row, **json.loads(row)} for row in rows]
    return found


async def owners_touched(connection: asyncpg.Connection, statement: Statement) -> list[str]:
    """The accounts of the rows that the statement read or changed."""
    if statement.kind == "COPY" and statement.text.endswith("TO STDOUT"):
        out = io.BytesIO()
        await connection.copy_from_query(
            statement.text[6:].rpartition(")")[0], output=out
        ) if statement.text.startswith("COPY (") else await connection.copy_from_table(
            statement.table, columns=[owner(statement.table)], output=out
        )
        return out.getvalue().decode().split()
    if statement.kind == "COPY":
        source = io.BytesIO(b"")
        await connection.copy_to_table(statement.table, source=source)
        return []
    return [
        str(row[owner(statement.table)] if statement.text.startswith("TABLE") else row[0])
        for row in await connection.fetch(statement.text)
    ]


def denied(error: asyncpg.PostgresError) -> bool:
    return isinstance(error, asyncpg.InsufficientPrivilegeError)


@pytest.mark.parametrize("bound", [True, False])
async def test_ac3_3_generated_statements_read_and_change_no_foreign_row(
    installation: Installation, admin: asyncpg.Connection, pair: tuple[Company, Company], bound: bool
) -> None:
    mine, theirs = pair
    rows = await rows_of(admin, theirs.id)
    assert {table for table in rows if not rows[table]} <= {"metric_values", "metric_breakdowns", "like_for_like"}, (
        "a table without rows proves nothing"
    )
    generator = Generator(bound, theirs.id, rows)
    before = dict([each async for each in table_hashes(admin)])
    connection = await asyncpg.connect(installation.urls["wm_app"])
    seen, refused, wrong = dict.fromkeys(KINDS, 0), dict.fromkeys(KINDS, 0), []
    for number in range(scaled(2_000) * (2 if bound else 1)):
        statement = generator.statement()
        attempt = connection.transaction()
        await attempt.start()
        await connection.execute("SELECT set_config('app.account_id', $1, true)", mine.id if bound else "")
        try:
            touched = await owners_touched(connection, statement)
        except asyncpg.PostgresError as error:
            await attempt.rollback()
            wrong += [statement.text] if isinstance(error, asyncpg.SyntaxOrAccessError) and not denied(error) else []
            refused[statement.kind] += 1
            continue
        assert set(touched) <= ({mine.id} if bound else set()), (number, statement.text)
        seen[statement.kind] += len(touched)
        if touched and statement.kind in {"UPDATE", "DELETE", "INSERT"}:
            await attempt.rollback()  # its own rows; they stay
        else:
            await attempt.commit()
    await connection.close()
    assert dict([each async for each in table_hashes(admin)]) == before
    assert (refused["INSERT"] > 0, wrong) == (True, [])
    assert (seen["SELECT"] > 0) is bound


REQUESTS = ("/v1/account", "/v1/datasets", "/v1/scores", "/v1/events", "/v1/members", "/v1/share-grants", "/v1/metrics")


async def one_request(http: httpx.AsyncClient, company: Company, others: set[str], source: random.Random) -> int:
    """An answer without a foreign id; or a request that is broken off, fails, or takes too long."""
    path, fate = source.choice(REQUESTS), source.random()
    if fate < 0.1:
        path = f"/v1/scores/{source.choice(sorted(others))}"
    elif fate < 0.2:
        path += "?unknown=1"
    task = asyncio.create_task(http.get(path, headers=company.headers))
    if fate > 0.9:
        await asyncio.sleep(source.random() * 0.05)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return 0
    try:
        async with asyncio.timeout(source.choice((0.005, 30, 30, 30))):
            answer = await task
    except TimeoutError:
        return 0
    found = set(UUIDS.findall(answer.text.replace(path, "")))
    assert not found & others, path
    return int(answer.status_code == 200)


async def broken_transaction(resources: Resources, account_id: str) -> None:
    with suppress(ZeroDivisionError, PoolTimeout):  # connections that are broken off while they are made leave a queue
        async with transaction(resources, UUID(account_id)) as session:
            await session.execute(text("SELECT 1"))
            raise ZeroDivisionError


async def settings_left(resources: Resources) -> set[str]:
    """What is bound on each connection of the pool, looked at without the helper that binds."""
    look = text(
        "SELECT concat(current_setting('app.account_id', true), current_setting('app.user_id', true),"
        " current_setting('app.secret_hash', true))"
    )
    connections = [await resources.engine.connect() for _ in range(resources.settings.database_pool)]
    try:
        return {(await connection.execute(look)).scalar_one() for connection in connections}
    finally:
        for connection in connections:
            await connection.close()


async def test_ac3_4_mixed_accounts_in_parallel_see_no_foreign_row_and_leave_no_setting(
    http: httpx.AsyncClient, resources: Resources, pair: tuple[Company, Company]
) -> None:
    ids = {company.id: await all_ids(company) for company in pair}
    waiting = iter(range(scaled(10_000)))
    answered = 0

    async def caller(number: int) -> None:
        nonlocal answered
        source = random.Random(number)
        for _ in waiting:
            company, other = source.sample(pair, 2)
            good = await one_request(http, company, ids[other.id] - ids[company.id], source)
            answered += good
            if source.random() < 0.1:
                await broken_transaction(resources, company.id)

    await asyncio.gather(*(caller(number) for number in range(64)))
    assert answered >= scaled(10_000) // 4
    assert await settings_left(resources) == {""}


async def all_ids(company: Company) -> set[str]:
    """Every id that the company's own lists show."""
    texts = [json.dumps(await company.call("GET", path)) for path in REQUESTS]
    return {company.id, *(each for body in texts for each in UUIDS.findall(body))}


async def test_ac3_4_a_setting_left_on_a_connection_is_found(
    resources: Resources, pair: tuple[Company, Company]
) -> None:
    """The power of the look: a session-wide setting shows in it."""
    set_config = text("SELECT set_config('app.account_id', :id, false)")
    async with resources.engine.connect() as connection:
        await connection.execute(set_config, {"id": pair[0].id})
        await connection.commit()
        assert pair[0].id in await settings_left_beside(resources, connection)
        await connection.execute(set_config, {"id": ""})
        await connection.commit()


async def settings_left_beside(resources: Resources, connection: Any) -> set[str]:
    row = await connection.execute(text("SELECT current_setting('app.account_id', true)"))
    return {row.scalar_one()}


IN_REDIS = re.compile(rb'\{"t":null,"f":"run_operation","a":\["[0-9a-f-]{36}","[0-9a-f-]{36}"\],"k":\{\},"et":\d+\}')


async def test_ac3_4_redis_holds_ids_and_nothing_else_of_an_account(
    http: httpx.AsyncClient, worker_resources: Resources
) -> None:
    company = await sign_up(http)
    pool = await worker_resources.wakeups.pool()
    await pool.flushall()
    dataset = await company.push(workforce(company.id, 30), external_ref="marked-ref")
    held = {key: await content(pool, key) for key in await pool.keys("*")}
    jobs = [value for key, value in held.items() if key.startswith(b"arq:job:")]
    assert any(dataset["operation_id"].encode() in job for job in jobs)
    for key, value in held.items():
        named = UUIDS.sub("", key.decode())
        assert named in {"wm:queue", "arq:job:", "arq:in-progress:", "arq:retry:", "wm:queue:health-check"}, key
        plain = re.sub(rb"[0-9a-f-]{36}|\d+(\.\d+)?", b"", value).decode()
        assert IN_REDIS.fullmatch(value.replace(b" ", b"")) or not re.search(r"[a-z@]{4}", plain), (key, value)


async def content(pool: Any, key: bytes) -> bytes:
    kind = await pool.type(key)
    if kind == b"zset":
        return b" ".join(await pool.zrange(key, 0, -1))
    return bytes(await pool.get(key))
