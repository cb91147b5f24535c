"""Of a day the newest published score alone is readable, and a deletion leaves nothing to compute it again from."""

import asyncio
import json
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from companies import Company, grant_token, sign_up, workforce
from score_drafts import computed_score, draft_like, publication
from wm_api.core.principal import SYSTEM
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.scores import service
from wm_api.scores.models import Score
from wm_api.scores.router import CHANGED

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
async def giver(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def granted(giver: Company, reader: Company, scope: dict[str, Any]) -> dict[str, str]:
    """The headers of a token that reads what the grant shows."""
    body = {
        "grantee": {"account_id": reader.id},
        "score_scope": scope,
        "detail": "metrics",
        "purpose": "lending",
        "expires_at": "2027-06-01T00:00:00Z",
    }
    grant = await giver.call("POST", "/v1/share-grants", 201, json=body)
    await reader.call("POST", f"/v1/share-grants/{grant['id']}/acceptance", json={})
    return await grant_token(reader, grant["id"])


async def second_draft(giver: Company, resources: Resources) -> str:
    return await draft_like(giver, resources, await computed_score(giver, resources))


async def test_a_correction_ends_what_it_restates_and_its_own_withdrawal_never_brings_that_back(
    giver: Company, resources: Resources
) -> None:
    reader, first = await sign_up(giver.http), await publication(giver, resources)
    tokens = {
        name: await granted(giver, reader, scope)
        for name, scope in (
            ("latest", {"scores": "latest"}),
            ("all", {"scores": "all"}),
            ("listed", {"scores": "listed", "score_ids": [first]}),
        )
    }

    async def seen(name: str) -> tuple[list[str], int]:
        listed = (await giver.http.get("/v1/shared/scores", headers=tokens[name])).json()["data"]
        one = await giver.http.get(f"/v1/shared/scores/{first}", headers=tokens[name])
        return [each["score_id"] for each in listed], one.status_code

    assert [await seen(name) for name in tokens] == [([first], 200)] * 3
    second = await second_draft(giver, resources)
    await giver.call("POST", f"/v1/scores/{second}/publication")
    assert [await seen(name) for name in tokens] == [([second], 404), ([second], 410), ([], 410)]
    await giver.call("DELETE", f"/v1/scores/{second}/publication")
    assert [await seen(name) for name in tokens] == [([], 410)] * 3


async def test_a_withdrawal_is_not_overwritten_by_a_publication_at_the_same_moment(
    giver: Company, resources: Resources
) -> None:
    first = await publication(giver, resources)
    second = await second_draft(giver, resources)
    async with transaction(resources, UUID(giver.id)) as session:
        await service.withdraw(session, SYSTEM, await service.get_score(session, UUID(first), lock=True))
        publishing = asyncio.create_task(giver.call("POST", f"/v1/scores/{second}/publication"))
        await asyncio.sleep(0.3)
        assert not publishing.done()
    await publishing
    states = {each["id"]: each["state"] for each in (await giver.call("GET", "/v1/scores"))["data"]}
    assert states == {first: "withdrawn", second: "published"}


async def test_ac4_5_after_a_deletion_a_score_keeps_ids_and_hashes_and_no_figure(
    giver: Company, resources: Resources
) -> None:
    dataset = await giver.pushed_and_done(workforce(giver.id))
    withdrawn = (await giver.call("GET", "/v1/scores"))["data"][0]["id"]
    await giver.call("POST", f"/v1/scores/{withdrawn}/publication")
    await giver.call("DELETE", f"/v1/scores/{withdrawn}/publication")
    operation = await giver.call("DELETE", f"/v1/datasets/{dataset['id']}", 202)
    await giver.call("GET", f"/v1/operations/{operation['id']}", params={"wait": "20"})
    async with transaction(resources, UUID(giver.id)) as session:
        row = (await session.scalars(select(Score).where(Score.id == UUID(withdrawn)))).one()
    assert set(row.record) == {"datasets", "benchmark_release", "methodology", "code_version"}
    assert (row.result, row.headline, row.star) == ({}, None, None)
    assert "value" not in json.dumps(row.record)
    shown = await giver.call("GET", f"/v1/scores/{withdrawn}")
    assert (shown["state"], shown["headline"], shown["areas"]) == ("withdrawn", None, [])
    assert [each["id"] for each in shown["datasets"]] == [dataset["id"]]
    assert (await giver.call("GET", f"/v1/scores/{withdrawn}/explanation"))["contributions"] == []


async def test_a_draft_from_before_the_account_changed_is_refused_and_a_new_one_takes_its_place(giver: Company) -> None:
    await giver.pushed_and_done(workforce(giver.id))
    old = (await giver.call("GET", "/v1/scores"))["data"][0]["id"]
    await giver.call("PATCH", "/v1/account", json={"name": "Another name"})
    await giver.call("PATCH", "/v1/account", json={"industry_code": "622110"})
    refused = await giver.call("POST", f"/v1/scores/{old}/publication", 409)
    assert (refused["code"], refused["detail"]) == ("state-conflict", CHANGED)
    queued = (await giver.call("GET", "/v1/operations", params={"type": "score.compute"}))["data"]
    ended = await giver.call("GET", f"/v1/operations/{queued[0]['id']}", params={"wait": "20"})
    new = ended["result"]["id"]
    states = {each["id"]: each["state"] for each in (await giver.call("GET", "/v1/scores"))["data"]}
    assert (len(queued), states) == (1, {old: "superseded", new: "draft"})
    assert (await giver.call("POST", f"/v1/scores/{new}/publication"))["state"] == "published"
