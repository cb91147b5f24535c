"""AC6.1 over HTTP: a hostile token at any kind of call is 401, never anything else and never a 5xx."""

from typing import Any

import httpx
import pytest

from companies import Company, active_grant, sign_up
from hostile_tokens import KINDS, changed, hostile
from wm_api.core import clock, credentials, tokens
from wm_api.core.resources import Resources
from wm_api.core.signing_keys import SigningKeys, make_signing_key

USES = ("/v1/me", "/v1/account", "/v1/credential", "/v1/shared/scores")


@pytest.fixture(scope="module")
async def pair(http: httpx.AsyncClient) -> tuple[Company, Company]:
    return await sign_up(http), await sign_up(http)


def times() -> dict[str, int]:
    now = int(clock.now().timestamp())
    return {"iat": now, "exp": now + 600}


async def user_claims(resources: Resources, company: Company) -> dict[str, Any]:
    """Those of the company's living session: only what is changed can be wrong."""
    tokens_of = await company.http.post("/v1/sessions/refresh", json={"refresh_token": company.refresh_token})
    company.refresh_token = tokens_of.json()["refresh_token"]
    settings = resources.settings
    base = {"iss": settings.public_url, "aud": settings.audience, "sub": company.user_id, "jti": "j", **times()}
    return {**base, "sid": tokens_of.json()["session_id"]}


def grant_claims(resources: Resources, reader: Company, grant_id: str) -> dict[str, Any]:
    settings = resources.settings
    act = {"type": "user", "id": reader.user_id}
    base = {"iss": settings.public_url, "aud": f"{settings.audience}/shared", "sub": reader.id, "jti": "j", **times()}
    return {**base, "act": act, "grant": grant_id, "grant_version": 1, "detail": "areas", "scope": "shared:read"}


async def answer(http: httpx.AsyncClient, path: str, token: str) -> httpx.Response:
    return await http.get(path, headers={b"Authorization": b"Bearer " + token.encode("utf-8", "surrogatepass")})


async def all_refused(http: httpx.AsyncClient, path: str, bad: list[str]) -> None:
    wrong = []
    for number, token in enumerate(bad):
        got = await answer(http, path, token)
        if got.status_code != 401 or not got.json()["code"].startswith(("token-", "authentication-")):
            wrong.append((number, got.status_code, got.json().get("code")))
        assert token[:60] not in got.text or len(token) < 4
    assert wrong == []


@pytest.mark.parametrize("path", USES[:3])
async def test_ac6_1_a_hostile_user_token_is_401_at_a_user_call(
    http: httpx.AsyncClient, resources: Resources, pair: tuple[Company, Company], path: str
) -> None:
    claims = await user_claims(resources, pair[0])
    assert (await answer(http, path, tokens.issue(resources.signing_keys, tokens.ACCESS, claims))).status_code == 200
    wrong: list[dict[str, Any]] = [
        {"sid": None},
        {"sid": 1},
        {"sid": "x"},
        {"sid": claims["sub"]},
        {"sub": "x"},
        {"sub": claims["sid"]},
        {"sub": pair[1].user_id},
    ]
    more = [tokens.issue(resources.signing_keys, tokens.ACCESS, changed(claims, **each)) for each in wrong]
    bad = [*hostile(resources.signing_keys, claims), *more]
    assert len(bad) >= 60
    await all_refused(http, path, bad)


async def test_ac6_1_a_hostile_grant_token_is_401_at_a_shared_call(
    http: httpx.AsyncClient, resources: Resources, pair: tuple[Company, Company]
) -> None:
    giver, reader = pair
    claims = grant_claims(resources, reader, await active_grant(giver, reader))
    path = USES[3]
    assert (await answer(http, path, tokens.issue(resources.signing_keys, tokens.ACCESS, claims))).status_code == 200
    wrong: list[dict[str, Any]] = [
        {"act": None},
        {"act": "x"},
        {"act": {}},
        {"act": {"id": "x"}},
        {"grant": None},
        {"grant": 1},
        {"grant": "x"},
        {"sub": "x"},
    ]
    more = [tokens.issue(resources.signing_keys, tokens.ACCESS, changed(claims, **each)) for each in wrong]
    await all_refused(http, path, [*hostile(resources.signing_keys, claims), *more])


@pytest.mark.parametrize("path", USES)
async def test_ac6_1_every_other_type_and_secret_is_401_at_every_use(
    http: httpx.AsyncClient, resources: Resources, pair: tuple[Company, Company], path: str
) -> None:
    giver, reader = pair
    user, grant = (
        await user_claims(resources, giver),
        grant_claims(resources, reader, await active_grant(giver, reader)),
    )
    kinds = [kind for kind in KINDS if kind != tokens.ACCESS]
    bad = [tokens.issue(resources.signing_keys, kind, claims) for kind in kinds for claims in (user, grant)]
    prefixes = (credentials.API_KEY, credentials.REFRESH, credentials.INVITATION, credentials.ACCEPTANCE)
    bad += [credentials.make(prefix) for prefix in prefixes]
    bad += [giver.refresh_token, credentials.make("wmk")[:-1] + "!", "wm", "wmk_", "wm1_", giver.id, "null"]
    await all_refused(http, path, bad)


async def test_ac6_1_a_grant_token_opens_no_user_call_and_a_user_token_no_shared_one(
    http: httpx.AsyncClient, resources: Resources, pair: tuple[Company, Company]
) -> None:
    giver, reader = pair
    user = tokens.issue(resources.signing_keys, tokens.ACCESS, await user_claims(resources, giver))
    grant = tokens.issue(
        resources.signing_keys, tokens.ACCESS, grant_claims(resources, reader, await active_grant(giver, reader))
    )
    for path, token, code in (
        ("/v1/account", grant, "insufficient-scope"),
        ("/v1/me", grant, "person-required"),
        ("/v1/shared/scores", user, "insufficient-scope"),
    ):
        got = await answer(http, path, token)
        assert (got.status_code, got.json()["code"]) == (403, code)


async def test_ac6_1_a_receipt_and_a_token_of_another_installation_open_nothing(
    http: httpx.AsyncClient,
    resources: Resources,
    pair: tuple[Company, Company],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("other-keys")
    make_signing_key(folder)
    claims = await user_claims(resources, pair[0])
    bad = [
        tokens.issue(resources.signing_keys, tokens.RECEIPT, claims),
        tokens.issue(SigningKeys.load(folder), tokens.ACCESS, claims),
    ]
    for path in USES:
        await all_refused(http, path, bad)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic abc", "bearer", "Bearer  ", "Token x", "Bearer a b", "\t"]
)
async def test_ac6_1_a_header_that_holds_no_token_is_401(http: httpx.AsyncClient, header: str) -> None:
    got = await http.get("/v1/me", headers={"Authorization": header})
    assert (got.status_code, got.json()["code"].partition("-")[0]) == (401, "token")
