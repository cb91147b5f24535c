"""Sessions, keys, members: rights end at once, secrets are shown once, a spent token never gives two."""

import asyncio

import httpx

from companies import PASSWORD, sign_up


async def test_ac6_4_fifty_refreshes_at_once_leave_one_living_successor(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    body = {"refresh_token": company.refresh_token}
    answers = await asyncio.gather(*(http.post("/v1/sessions/refresh", json=body) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1


async def test_a_spent_refresh_token_that_comes_back_ends_the_session(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    first = (await http.post("/v1/sessions/refresh", json={"refresh_token": company.refresh_token})).json()
    await http.post("/v1/sessions/refresh", json={"refresh_token": first["refresh_token"]})
    reused = await http.post("/v1/sessions/refresh", json={"refresh_token": company.refresh_token})
    assert (reused.status_code, reused.json()["code"]) == (401, "session-ended")
    assert (await http.get("/v1/me", headers=company.headers)).json()["code"] == "session-ended"


async def test_ac6_2_a_revoked_key_and_an_ended_session_are_refused_at_the_next_request(
    http: httpx.AsyncClient,
) -> None:
    company = await sign_up(http)
    key = await company.call("POST", "/v1/api-keys", 201, json={"name": "k", "scopes": ["events:read"]})
    machine = {"Authorization": f"Bearer {key['secret']}"}
    assert (await http.get("/v1/events", headers=machine)).status_code == 200
    await company.call("DELETE", f"/v1/api-keys/{key['id']}", 204)
    assert (await http.get("/v1/events", headers=machine)).json()["code"] == "token-invalid"
    await company.call("DELETE", "/v1/sessions/current", 204)
    assert (await http.get("/v1/me", headers=company.headers)).status_code == 401


async def test_a_key_has_no_scope_of_a_person(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    body = {"name": "k", "scopes": ["scores:publish", "events:read"]}
    problem = await company.call("POST", "/v1/api-keys", 422, json=body)
    assert (problem["code"], problem["scopes"]) == ("scope-not-allowed", ["scores:publish"])


async def test_an_invited_person_joins_once_and_a_removed_one_is_out_at_once(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    email = f"analyst-{company.id}@x.test"
    made = await company.call("POST", "/v1/invitations", 201, json={"email": email, "roles": ["analyst"]})
    body = {"token": made["token"], "name": "Ana", "password": PASSWORD}
    joined = await http.post("/v1/invitations/acceptance", json=body)
    assert (joined.status_code, joined.json()["roles"]) == (200, ["analyst"])
    assert (await http.post("/v1/invitations/acceptance", json=body)).json()["code"] == "link-expired"
    tokens = (await http.post("/v1/sessions", json={"email": email, "password": PASSWORD})).json()
    member = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await http.get("/v1/scores", headers=member)).status_code == 200
    refused = await http.get("/v1/events", headers=member)
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient-role")
    await company.call("DELETE", f"/v1/members/{joined.json()['user']['id']}", 204)
    out = await http.get("/v1/scores", headers=member)
    assert (out.status_code, out.json()["code"]) == (403, "account-not-allowed")


async def test_the_last_owner_stays(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    assert (await company.call("DELETE", f"/v1/members/{company.user_id}", 409))["code"] == "last-owner"


async def test_ten_failures_stop_the_eleventh_try_even_with_the_right_password(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    for _ in range(10):
        wrong = await http.post("/v1/sessions", json={"email": company.email, "password": "not the password"})
        assert wrong.json()["code"] == "login-failed"
    right = await http.post("/v1/sessions", json={"email": company.email, "password": PASSWORD})
    assert (right.status_code, right.json()["code"]) == (429, "too-many-attempts")


async def test_bad_input_gets_a_clear_problem_and_no_echo(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    mark = "zq-marked-value"
    cases = [
        ("POST", "/v1/sessions", {"json": {"email": mark, "password": mark}}, 422),
        ("POST", "/v1/sessions", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ("POST", "/v1/sessions", {"content": b'{"a":1,"a":2}', "headers": {"Content-Type": "application/json"}}, 400),
        ("POST", "/v1/sessions", {"content": mark.encode(), "headers": {"Content-Type": "text/plain"}}, 415),
        ("GET", f"/v1/scores?{mark}=1", {"headers": company.headers}, 422),
        ("GET", f"/v1/scores/{mark}", {"headers": company.headers}, 404),
        ("PATCH", "/v1/account", {"json": {mark: mark}, "headers": company.headers}, 422),
        ("GET", f"/v1/scores?cursor={mark}", {"headers": company.headers}, 400),
        ("GET", f"/v1/events?after=wmk_{'0' * 43}_0n6J4y", {"headers": company.headers}, 400),
        ("PUT", "/v1/scores", {"headers": company.headers}, 405),
        ("GET", "/v1/scores/", {"headers": company.headers}, 404),
    ]
    for method, path, parts, status in cases:
        answer = await http.request(method, path, **parts)  # type: ignore[arg-type]
        assert answer.status_code == status, (path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert mark not in answer.text.replace(path, "")
