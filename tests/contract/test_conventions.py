"""Conventions that hold for every call: versions, paths, methods, formats, tokens in addresses, other origins."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from companies import Company, sign_up
from wm_api.core.resources import Resources
from wm_api.core.settings import Settings
from wm_api.main import OWN_HEADERS, create_app

CONTRACT: dict[str, Any] = json.loads((Path(__file__).resolve().parents[2] / "openapi" / "v1.json").read_text())
ORIGIN = "https://app.lonestarfoods.example"
STALE = {"If-Match": '"0123456789abcdef0123456789abcdef"'}


@pytest.fixture(scope="module")
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def test_what_was_read_already_is_304_and_a_stale_change_412(company: Company) -> None:
    read = await company.http.get("/v1/account", headers=company.headers)
    etag = read.headers["etag"]
    again = await company.http.get("/v1/account", headers=company.headers | {"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    await company.call("PATCH", "/v1/account", json={"city": "Waco"}, headers={"If-Match": etag})
    problem = await company.call("PATCH", "/v1/account", 412, json={"city": "Paris"}, headers={"If-Match": etag})
    assert problem["code"] == "precondition-failed"
    assert (await company.call("GET", "/v1/account"))["city"] == "Waco"


async def test_every_kind_of_thing_refuses_a_stale_if_match(company: Company) -> None:
    key = await company.call("POST", "/v1/api-keys", 201, json={"name": "k", "scopes": ["scores:read"]})
    invited = {"email": "new@lonestarfoods.example", "roles": ["analyst"]}
    invitation = await company.call("POST", "/v1/invitations", 201, json=invited)
    other = await sign_up(company.http)
    grant = await company.call("POST", "/v1/share-grants", 201, json={
        "grantee": {"account_id": other.id}, "detail": "headline", "purpose": "other", "expires_at": "2027-03-01T00:00:00Z",
    })  # fmt: skip
    for method, path, body in (
        ("DELETE", f"/v1/api-keys/{key['id']}", None),
        ("DELETE", f"/v1/invitations/{invitation['id']}", None),
        ("PATCH", f"/v1/members/{company.user_id}", {"roles": ["owner"]}),
        ("DELETE", f"/v1/members/{company.user_id}", None),
        ("POST", f"/v1/share-grants/{grant['id']}/revocation", {}),
    ):
        parts = {"json": body} if body is not None else {}
        assert (await company.call(method, path, 412, headers=STALE, **parts))["code"] == "precondition-failed"
    await other.call("POST", f"/v1/share-grants/{grant['id']}/acceptance", 412, headers=STALE)
    for state, there in (("pending", True), ("active", False)):
        found = (await company.call("GET", "/v1/share-grants", params={"state": state}))["data"]
        assert (grant["id"] in {each["id"] for each in found}) is there


async def test_facts_of_a_company_fit_each_other(company: Company) -> None:
    for body, pointer in (
        ({"country": "XX"}, "/country"),
        ({"region": "CA-ON"}, "/region"),
        ({"industry_scheme": "nace_2"}, "/industry_code"),
        ({"industry_scheme": None}, "/industry_scheme"),
        ({"sector": "K"}, "/sector"),
    ):
        problem = await company.call("PATCH", "/v1/account", 422, json=body)
        assert [each["pointer"] for each in problem["errors"]] == [pointer], body


async def test_a_credential_is_told_its_times(company: Company) -> None:
    said = await company.call("GET", "/v1/credential")
    assert said["issued_at"] < said["expires_at"]


async def test_the_place_in_the_log_is_opaque_and_never_null(company: Company) -> None:
    first = await company.call("GET", "/v1/events", params={"limit": "1"})
    after = await company.call("GET", "/v1/events", params={"after": first["next_after"], "limit": "1"})
    assert after["data"][0]["sequence"] == first["data"][0]["sequence"] + 1
    none = await company.call("GET", "/v1/events", params={"type": "score.published"})
    assert (
        await company.call("GET", "/v1/events", params={"after": none["next_after"], "type": "score.published"}) == none
    )
    assert (await company.call("GET", "/v1/events", 400, params={"after": "changed"}))["code"] == "cursor-invalid"


async def test_another_method_is_405_with_every_method_of_the_path(http: httpx.AsyncClient) -> None:
    for path, methods in CONTRACT["paths"].items():
        offered = {each.upper() for each in methods}
        place = path.replace("{", "").replace("}", "")
        for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} - offered:
            answer = await http.request(method, place)
            if place.rpartition("/")[2] in {"acceptance", "current", "refresh"}:
                continue  # the same place can be an id of the path beside it
            assert answer.status_code == 405, (method, place)
            assert set(answer.headers["allow"].split(", ")) == offered, (method, place)


async def test_a_trailing_slash_is_not_found_and_never_a_redirect(http: httpx.AsyncClient) -> None:
    for path in CONTRACT["paths"]:
        answer = await http.get(path.replace("{", "").replace("}", "") + "/")
        assert answer.status_code == 404, path


async def test_a_format_that_is_not_made_here_is_406(company: Company) -> None:
    for accept, status in (("text/html", 406), ("application/json;q=0, text/html", 406), ("text/html, */*;q=0.1", 200)):
        answer = await company.http.get("/v1/account", headers=company.headers | {"Accept": accept})
        assert answer.status_code == status, accept


async def test_a_token_in_the_address_is_refused_and_an_exposed_key_is_in_the_log(company: Company) -> None:
    key = await company.call("POST", "/v1/api-keys", 201, json={"name": "k", "scopes": ["scores:read"]})
    token = company.headers["Authorization"].removeprefix("Bearer ")
    for secret in (key["secret"], token, company.refresh_token):
        answer = await company.http.get("/v1/scores", params={"access_token": secret})
        assert (answer.status_code, answer.json()["code"]) == (400, "token-in-url")
        assert secret not in answer.text
    lines = await company.call("GET", "/v1/events", params={"type": "api_key.exposed"})
    assert [line["subject"]["id"] for line in lines["data"]] == [key["id"]]


async def test_a_replay_keeps_status_body_and_location(company: Company) -> None:
    other = await sign_up(company.http)
    body = {
        "grantee": {"account_id": other.id},
        "detail": "headline",
        "purpose": "other",
        "expires_at": "2027-03-01T00:00:00Z",
    }
    headers = company.headers | {"Idempotency-Key": "grant-1"}
    first, again = [await company.http.post("/v1/share-grants", json=body, headers=headers) for _ in range(2)]
    assert (again.status_code, again.content) == (201, first.content)
    assert (again.headers["location"], again.headers["idempotency-replayed"]) == (first.headers["location"], "true")


@pytest.fixture
async def browser(settings: Settings, resources: Resources) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings.model_copy(update={"cors_origins": (ORIGIN,)}), resources)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


def preflight(origin: str, headers: str) -> dict[str, str]:
    return {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": headers}


async def test_a_listed_origin_may_send_and_read_our_headers(browser: httpx.AsyncClient) -> None:
    asked = (
        "authorization, content-type, idempotency-key, if-match, if-none-match, wm-account, repr-digest, upload-offset"
    )
    allowed = await browser.options("/v1/datasets", headers=preflight(ORIGIN, asked))
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, ORIGIN)
    answer = await browser.get("/v1/account", headers={"Origin": ORIGIN})
    assert answer.status_code == 401
    assert set(answer.headers["access-control-expose-headers"].split(", ")) == set(OWN_HEADERS)
    assert "access-control-allow-credentials" not in answer.headers


async def test_an_origin_that_is_not_listed_gets_no_permission(
    browser: httpx.AsyncClient, http: httpx.AsyncClient
) -> None:
    elsewhere = "https://elsewhere.example"
    refused = await browser.options("/v1/datasets", headers=preflight(elsewhere, "authorization"))
    assert "access-control-allow-origin" not in refused.headers
    assert "access-control-allow-origin" not in (await browser.get("/healthz", headers={"Origin": elsewhere})).headers
    assert (await http.options("/v1/datasets", headers=preflight(ORIGIN, "authorization"))).status_code == 405


async def test_a_body_nobody_asked_for_is_read_under_the_limit_of_json_only(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    unknown = "01900000-0000-7000-8000-000000000000"
    for method, path in (("POST", f"/v1/share-grants/{unknown}/decline"), ("DELETE", f"/v1/datasets/{unknown}")):
        large = await http.request(method, path, headers=company.headers, content=b"x" * (1 << 20))
        assert (large.status_code, large.json()["code"]) == (413, "content-too-large")
