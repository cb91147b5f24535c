"""Reads of a grantee: on record, ended at once, many at a time."""

import asyncio
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select, update

from companies import Company, active_grant, grant_token, sign_up
from score_drafts import publication
from shared import scaled
from wm_api.core import clock
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.share_grants.models import GrantRead, ShareGrant

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
async def giver(http: httpx.AsyncClient, resources: Resources) -> Company:
    company = await sign_up(http)
    company.known["score"] = await publication(company, resources)
    return company


@pytest.fixture
async def reader(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def access_log(giver: Company, grant_id: str) -> list[dict[str, Any]]:
    log = await giver.call("GET", f"/v1/share-grants/{grant_id}/access-log", params={"limit": "200"})
    return [dict(each) for each in log["data"]]


async def test_every_read_and_every_token_stands_in_the_owners_access_log(giver: Company, reader: Company) -> None:
    grant_id = await active_grant(giver, reader)
    token, score_id = await grant_token(reader, grant_id), giver.known["score"]
    await giver.http.get("/v1/shared/scores", headers=token)
    await giver.http.get(f"/v1/shared/scores/{score_id}", headers=token)
    log = await access_log(giver, grant_id)
    assert [(each["action"], each["score_id"], each["status"]) for each in log] == [
        ("read", score_id, 200),
        ("list", None, 200),
        ("token", None, 201),
    ]
    assert {each["reader"]["account_id"] for each in log} == {reader.id}
    assert {each["reader"]["id"] for each in log} == {reader.user_id}
    assert {each["reader"]["type"] for each in log} == {"user"}
    assert {each["network"] for each in log} == {"127.0.0.0/24"}
    await reader.call("GET", f"/v1/share-grants/{grant_id}/access-log", 404)


async def test_an_unchanged_score_is_not_sent_again_and_counts_as_a_read(giver: Company, reader: Company) -> None:
    grant_id, path = await active_grant(giver, reader), f"/v1/shared/scores/{giver.known['score']}"
    token = await grant_token(reader, grant_id)
    first = await giver.http.get(path, headers=token)
    again = await giver.http.get(path, headers={**token, "If-None-Match": first.headers["etag"]})
    assert (first.headers["cache-control"], first.headers["content-type"]) == ("no-store", "application/json")
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert [each["action"] for each in await access_log(giver, grant_id)] == ["read", "read", "token"]


async def test_fifty_first_reads_at_once_tell_both_sides_once(giver: Company, reader: Company) -> None:
    grant_id = await active_grant(giver, reader)
    token = await grant_token(reader, grant_id)
    path = f"/v1/shared/scores/{giver.known['score']}"
    answers = await asyncio.gather(*(giver.http.get(path, headers=token) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert [each["action"] for each in await access_log(giver, grant_id)].count("read") == 50
    for side in (giver, reader):
        seen = await side.call("GET", "/v1/events", params={"type": "share_grant.first_read"})
        [line] = [each for each in seen["data"] if each["subject"]["id"] == grant_id]
        assert (line["account_id"], line["actor"]["type"]) == (reader.id, "grantee")
    grant = await giver.call("GET", f"/v1/share-grants/{grant_id}")
    assert grant["first_read_at"] is not None


async def test_a_read_that_is_refused_leaves_no_first_read(giver: Company, reader: Company) -> None:
    grant_id = await active_grant(giver, reader)
    token = await grant_token(reader, grant_id)
    missing = await giver.http.get(f"/v1/shared/scores/{grant_id}", headers=token)
    assert missing.status_code == 404
    assert [each["action"] for each in await access_log(giver, grant_id)] == ["token"]
    assert (await giver.call("GET", f"/v1/share-grants/{grant_id}"))["first_read_at"] is None


async def test_an_expired_grant_reads_nothing_and_gives_no_token(
    giver: Company, reader: Company, resources: Resources
) -> None:
    grant_id = await active_grant(giver, reader)
    token = await grant_token(reader, grant_id)
    async with transaction(resources, UUID(giver.id)) as session:
        past = update(ShareGrant).where(ShareGrant.id == UUID(grant_id))
        await session.execute(past.values(expires_at=clock.now() - timedelta(seconds=1)))
    for path in ("", f"/{giver.known['score']}"):
        refused = await giver.http.get(f"/v1/shared/scores{path}", headers=token)
        assert (refused.status_code, refused.json()["code"], refused.json()["state"]) == (
            403,
            "grant-inactive",
            "expired",
        )
    await reader.call("POST", f"/v1/share-grants/{grant_id}/tokens", 403)


async def test_s61_no_read_succeeds_that_begins_after_the_revocation_was_answered(
    giver: Company, reader: Company, resources: Resources
) -> None:
    path = f"/v1/shared/scores/{giver.known['score']}"
    for number in range(scaled(1000)):
        grant_id = await active_grant(giver, reader)
        token = await grant_token(reader, grant_id)
        reads: list[tuple[float, int]] = []

        async def read_on(token: dict[str, str] = token, reads: list[tuple[float, int]] = reads) -> None:
            for _ in range(20):
                begun = monotonic()
                answer = await giver.http.get(path, headers=token)
                reads.append((begun, answer.status_code))
                if answer.status_code != 200:
                    return

        async def revoke(grant_id: str = grant_id, wait: float = number % 5 * 0.01) -> float:
            await asyncio.sleep(wait)
            await giver.call("POST", f"/v1/share-grants/{grant_id}/revocation")
            return monotonic()

        answered, *_ = await asyncio.gather(revoke(), read_on(), read_on())
        reads.append((monotonic(), (await giver.http.get(path, headers=token)).status_code))
        assert {status for _, status in reads} <= {200, 403}
        assert {status for begun, status in reads if begun > answered} == {403}
        async with transaction(resources, UUID(giver.id)) as session:
            lines = select(func.count()).where(GrantRead.grant_id == UUID(grant_id), GrantRead.action == "read")
            assert await session.scalar(lines) == [status for _, status in reads].count(200)
