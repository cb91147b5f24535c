"""What many do at once: nobody stops the others, and of two that want one thing the second is told so."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from companies import PASSWORD, sign_up
from wm_api.core import passwords
from wm_api.core.resources import opened
from wm_api.core.settings import Settings
from wm_api.main import create_app

CONNECTIONS = 4
OWNER = {"name": "Olive Owner", "password": PASSWORD}


@pytest.fixture
async def narrow(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """An API process with few connections."""
    few = settings.model_copy(update={"database_pool": CONNECTIONS})
    async with opened(few) as resources:
        transport = httpx.ASGITransport(create_app(few, resources))
        async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=60) as client:
            yield client


async def test_many_sign_ins_at_once_all_end_and_others_are_answered_meanwhile(narrow: httpx.AsyncClient) -> None:
    company = await sign_up(narrow)

    async def sign_in(number: int) -> int:
        body = {"email": company.email, "password": PASSWORD if number % 2 else "not the password"}
        headers = {"Idempotency-Key": f"crowd-{number}"} if number % 3 else {}
        return (await narrow.post("/v1/sessions", json=body, headers=headers)).status_code

    async with asyncio.timeout(8):
        crowd = asyncio.gather(*(sign_in(number) for number in range(3 * CONNECTIONS)))
        await asyncio.sleep(0.05)
        assert (await narrow.get("/v1/me", headers=company.headers)).status_code == 200
        assert not crowd.done()
        assert Counter(await crowd) == {201: 6, 401: 6}


async def test_many_acceptances_and_sign_ups_at_once_all_end(narrow: httpx.AsyncClient) -> None:
    company = await sign_up(narrow)
    body = {"email": f"new-{company.id}@x.test", "roles": ["analyst"]}
    token = (await company.call("POST", "/v1/invitations", 201, json=body))["token"]
    accept = {"token": token, "name": "Ana", "password": PASSWORD}
    found = {"name": "Same", "country": "US", "us_hosting_acknowledged": True}
    found["owner"] = OWNER | {"email": f"same-{company.id}@x.test"}
    async with asyncio.timeout(8):
        answers = await asyncio.gather(
            *(narrow.post("/v1/invitations/acceptance", json=accept) for _ in range(CONNECTIONS)),
            *(
                narrow.post("/v1/invitations/acceptance", json=accept, headers=company.headers)
                for _ in range(CONNECTIONS)
            ),
            *(narrow.post("/v1/accounts", json=found) for _ in range(CONNECTIONS)),
        )
    said = Counter((answer.status_code, answer.json().get("code")) for answer in answers)
    assert said == {
        (200, None): 1,
        (410, "link-expired"): 2 * CONNECTIONS - 1,
        (201, None): 1,
        (409, "email-in-use"): CONNECTIONS - 1,
    }


async def test_of_two_invitations_accepted_at_once_one_makes_the_member(
    narrow: httpx.AsyncClient, http: httpx.AsyncClient
) -> None:
    company, guest = await sign_up(http), await sign_up(http)
    body = {"email": guest.email, "roles": ["analyst"]}
    tokens = [(await company.call("POST", "/v1/invitations", 201, json=body))["token"] for _ in range(2)]
    answers = await asyncio.gather(
        *(narrow.post("/v1/invitations/acceptance", json={"token": each}, headers=guest.headers) for each in tokens)
    )
    assert sorted((each.status_code, each.json().get("code")) for each in answers) == [
        (200, None),
        (409, "already-member"),
    ]


async def test_a_full_queue_of_passwords_is_503_with_retry_after(
    narrow: httpx.AsyncClient, strong: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = await sign_up(narrow)
    monkeypatch.setattr(passwords, "HASHER", strong)  # slow enough for a queue
    body = {"current_password": PASSWORD, "new_password": "another gravel teapot 42"}
    monkeypatch.setattr(passwords, "QUEUE", 4)
    many = (narrow.put("/v1/me/password", json=body, headers=company.headers) for _ in range(8))
    answers = await asyncio.gather(*many)
    said = Counter(answer.status_code for answer in answers)
    assert said[204] <= 1
    assert set(said) <= {204, 401, 503}
    assert said[503] >= 1
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 503)


async def test_wrong_current_passwords_count_as_failed_sign_ins(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    wrong = {"current_password": "not the password", "new_password": "another gravel teapot 42"}
    for _ in range(10):
        assert (await company.call("PUT", "/v1/me/password", 401, json=wrong))["code"] == "login-failed"
    right = wrong | {"current_password": PASSWORD}
    assert (await company.call("PUT", "/v1/me/password", 429, json=right))["code"] == "too-many-attempts"
    refused = await http.post("/v1/sessions", json={"email": company.email, "password": PASSWORD})
    assert refused.json()["code"] == "too-many-attempts"


async def test_a_replayed_change_of_password_is_answered_as_the_first(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    body = {"current_password": PASSWORD, "new_password": "another gravel teapot 42"}
    for _ in range(2):
        await company.call("PUT", "/v1/me/password", 204, json=body, headers={"Idempotency-Key": "change-1"})
    await company.call("PUT", "/v1/me/password", 401, json=body)


async def test_of_two_changes_of_one_version_at_once_one_is_412(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    for city in ("Waco", "Paris", "Austin"):
        etag = (await http.get("/v1/account", headers=company.headers)).headers["etag"]
        headers = company.headers | {"If-Match": etag}
        both = ({"city": f"{city} {side}"} for side in ("East", "West"))
        answers = await asyncio.gather(*(http.patch("/v1/account", json=each, headers=headers) for each in both))
        assert sorted(each.status_code for each in answers) == [200, 412]


async def test_of_two_revocations_at_once_one_is_done_and_on_record(http: httpx.AsyncClient) -> None:
    company, other = await sign_up(http), await sign_up(http)
    for proved, second in ((False, 409), (True, 412)):
        body = {"grantee": {"account_id": other.id}, "detail": "headline", "purpose": "other"}
        grant = await company.call("POST", "/v1/share-grants", 201, json=body | {"expires_at": "2027-03-01T00:00:00Z"})
        path = f"/v1/share-grants/{grant['id']}"
        etag = (await http.get(path, headers=company.headers)).headers["etag"]
        headers = company.headers | ({"If-Match": etag} if proved else {})
        answers = await asyncio.gather(*(http.post(f"{path}/revocation", json={}, headers=headers) for _ in range(2)))
        assert sorted(each.status_code for each in answers) == [200, second]
        lines = await company.call(
            "GET", "/v1/events", params={"type": "share_grant.revoked", "subject_id": grant["id"]}
        )
        assert len(lines["data"]) == 1


async def test_of_two_revocations_of_a_key_at_once_one_is_done(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    key = await company.call("POST", "/v1/api-keys", 201, json={"name": "k", "scopes": ["scores:read"]})
    gone = (http.delete(f"/v1/api-keys/{key['id']}", headers=company.headers) for _ in range(2))
    assert sorted(each.status_code for each in await asyncio.gather(*gone)) == [204, 409]
