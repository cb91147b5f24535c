"""Who may accept a grant, and how often."""

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update

from companies import Company, active_grant, sign_up
from wm_api.core import clock
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.share_grants.models import GrantState, ShareGrant

BODY = {"detail": "headline", "purpose": "lending", "expires_at": "2027-06-01T00:00:00Z"}


@pytest.fixture
async def giver(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


@pytest.fixture
async def reader(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def by_email(giver: Company, email: str) -> tuple[str, dict[str, str]]:
    """Path of the acceptance, and its body."""
    grant = await giver.call("POST", "/v1/share-grants", 201, json={**BODY, "grantee": {"email": email}})
    return f"/v1/share-grants/{grant['id']}/acceptance", {"acceptance_token": grant["acceptance_token"]}


async def test_a_grant_by_email_is_accepted_by_that_person_with_its_token_only(
    giver: Company, reader: Company, http: httpx.AsyncClient
) -> None:
    path, body = await by_email(giver, reader.email.upper())
    stranger = await sign_up(http)
    assert (await stranger.call("POST", path, 410, json=body))["code"] == "link-expired"
    other, _ = await by_email(giver, reader.email)
    assert (await reader.call("POST", other, 410, json=body))["code"] == "link-expired"
    await reader.call("POST", path, 404, json={})
    accepted = await reader.call("POST", path, json=body)
    assert (accepted["state"], accepted["grantee"]["account_id"]) == ("active", reader.id)


async def test_a_grant_by_email_is_for_one_company_even_where_the_person_has_two(
    giver: Company, reader: Company, http: httpx.AsyncClient
) -> None:
    second = await sign_up(http)
    invited = await second.call("POST", "/v1/invitations", 201, json={"email": reader.email, "roles": ["owner"]})
    joined = await http.post("/v1/invitations/acceptance", json={"token": invited["token"]}, headers=reader.headers)
    assert joined.status_code == 200, joined.text
    path, body = await by_email(giver, reader.email)
    await reader.call("POST", path, json=body, headers={"WM-Account": reader.id})
    again = await reader.call("POST", path, 410, json=body, headers={"WM-Account": second.id})
    assert again["code"] == "link-expired"


async def test_a_link_of_more_than_seven_days_is_spent(giver: Company, reader: Company, resources: Resources) -> None:
    path, body = await by_email(giver, reader.email)
    async with transaction(resources, UUID(giver.id)) as session:
        made = update(ShareGrant).where(ShareGrant.id == UUID(path.split("/")[3]))
        await session.execute(made.values(created_at=clock.now() - timedelta(days=7, seconds=1)))
    assert (await reader.call("POST", path, 410, json=body))["code"] == "link-expired"


async def test_of_many_acceptances_at_once_one_counts(giver: Company, reader: Company) -> None:
    grant = await giver.call("POST", "/v1/share-grants", 201, json={**BODY, "grantee": {"account_id": reader.id}})
    path = f"/v1/share-grants/{grant['id']}/acceptance"
    answers = await asyncio.gather(*(giver.http.post(path, json={}, headers=reader.headers) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + 7 * [409]


async def test_the_state_filter_and_the_grant_say_the_same(
    giver: Company, reader: Company, resources: Resources
) -> None:
    await giver.call("POST", "/v1/share-grants", 201, json={**BODY, "grantee": {"account_id": reader.id}})
    for act, by in (("revocation", giver), ("decline", reader), ("", reader), ("expiry", reader)):
        grant_id = await active_grant(giver, reader)
        if act == "expiry":
            async with transaction(resources, UUID(giver.id)) as session:
                past = update(ShareGrant).where(ShareGrant.id == UUID(grant_id))
                await session.execute(past.values(expires_at=clock.now()))
        elif act:
            await by.call("POST", f"/v1/share-grants/{grant_id}/{act}")
    refused = await giver.call("POST", "/v1/share-grants", 201, json={**BODY, "grantee": {"account_id": reader.id}})
    await reader.call("POST", f"/v1/share-grants/{refused['id']}/decline")
    for side, direction in ((giver, "given"), (reader, "received")):
        seen = []
        for state in GrantState:
            query = {"direction": direction, "state": state.value}
            seen += [each["state"] for each in (await side.call("GET", "/v1/share-grants", params=query))["data"]]
        assert seen == [state.value for state in GrantState]
