"""The companies and callers of the matrix, made through the contract alone: in this process or over a network."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from companies import ALL_KEY_SCOPES, PASSWORD, SECRET, Company, grant_token, workforce
from security.rights import LETTERS, Persona
from wm_api.records.crosswalk import crosswalk

Settle = Callable[[Company], Awaitable[None]]
"""Waits until the company's operations have ended."""
_numbers = itertools.count(1)
FIRST = b"\x31" * 32
SHORT = 3.0
"""Seconds that the grant lives which has expired when the matrix begins."""


@dataclass
class Cast:
    """`mine` calls, `theirs` is foreign, `third` has dealings with both. Things of a company are in its `known`."""

    mine: Company
    theirs: Company
    third: Company
    personas: list[Persona]
    grants: dict[str, str]
    readers: dict[str, dict[str, str]]
    other_grant: dict[str, str]


def instant(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat()


async def designate(giver: Company, reader: Company, **changes: Any) -> str:
    """A pending grant. Its id."""
    body = {
        "grantee": {"account_id": reader.id}, "detail": "metrics", "purpose": "lending", "expires_at": instant(days=30),
        "score_scope": {"scores": "all", "score_ids": []}, **changes,
    }  # fmt: skip
    made = await giver.call("POST", "/v1/share-grants", 201, json=body)
    giver.known["last_grant"] = made
    return str(made["id"])


async def push(company: Company, settle: Settle, *, deleted: bool = True, publish: bool = False) -> None:
    """A dataset with its score, and a deleted one with its receipt."""
    known = company.known
    known["rotation"] = await rotated(company)
    known["dataset"] = (await company.push(workforce(company.id), new_key="true"))["id"]
    if deleted:
        gone = await company.push(workforce(company.id, 40), as_of="2025-03-31", new_key="true")
        await company.call("DELETE", f"/v1/datasets/{gone['id']}", 202)
    held = await company.push(workforce(company.id, 23), as_of="2025-06-30", new_key="true", hold="true")
    known["previewed"] = held["id"]
    await settle(company)
    known["operation"] = (await company.call("GET", f"/v1/datasets/{known['dataset']}"))["operation_id"]
    known["score"] = (await company.call("GET", "/v1/scores", params={"as_of": "2025-12-31"}))["data"][0]["id"]
    if publish:
        await company.call("POST", f"/v1/scores/{known['score']}/publication")
    await restate(company, settle)
    if deleted:
        known["receipt"] = (await company.call("GET", "/v1/receipts"))["data"][0]["id"]


async def rotated(company: Company) -> str:
    """A rotation to the company's key, from the one of an early file that is gone. Its id."""
    first = await company.push(workforce(company.id, 21, FIRST), as_of="2025-10-31", new_key="true")
    pairs = crosswalk(company.id, (FIRST, "1"), (SECRET, "1"), ["1", "2"]).write_csv().encode()
    csv = {"Content-Type": "text/csv"}
    made = await company.call("POST", "/v1/employee-key-rotations", 201, content=pairs, headers=csv)
    await company.call("DELETE", f"/v1/datasets/{first['id']}", 202)
    return str(made["id"])


async def restate(company: Company, settle: Settle) -> None:
    """A published score of an earlier day, and the draft that restates it."""
    day = {"as_of": "2025-09-01", "new_key": "true"}
    first = await company.push(workforce(company.id, 301), 202, **day)
    await settle(company)
    draft = {"as_of": day["as_of"], "state": "draft"}
    published = (await company.call("GET", "/v1/scores", params=draft))["data"][0]["id"]
    await company.call("POST", f"/v1/scores/{published}/publication")
    await company.push(workforce(company.id, 299), 202, **day, supersedes=first["id"])
    await settle(company)
    company.known["restating"] = (await company.call("GET", "/v1/scores", params=draft))["data"][0]["id"]


async def furnish(company: Company, other: Company) -> None:
    """One of each thing that an id can name. `other` is the company that this one deals with."""
    known, number = company.known, next(_numbers)
    known["account"], known["email"], known["refresh_token"] = company.id, company.email, company.refresh_token
    known["new_email"], known["soon"], known["grantee"] = f"new{number}@matrix.test", instant(days=3), other.id
    made = await company.call("POST", "/v1/api-keys", 201, json={"name": "k", "scopes": ["events:read"]})
    known["api_key"] = made["id"]
    for name in ("invitation", "joining", "joined"):
        body = {"email": f"{name}{number}@matrix.test", "roles": ["auditor"]}
        made = await company.call("POST", "/v1/invitations", 201, json=body)
        known[name], known[f"{name}_token"] = made["id"], made["token"]
    body = {"token": known.pop("joined_token"), "name": "Joe", "password": PASSWORD}
    joined = await company.http.post("/v1/invitations/acceptance", json=body)
    known["member"], known["invitation_token"] = joined.json()["user"]["id"], known.pop("joining_token")
    for as_of, name in (("2025-08-31", "held_dataset"), ("2025-07-31", "other_held_dataset")):
        text = workforce(company.id, 400 + 2 * number + int(name == "held_dataset"))  # of each cast another file
        known[name] = (await company.push(text, as_of=as_of, new_key="true", hold="true"))["id"]
    known["event"] = (await company.call("GET", "/v1/events"))["data"][0]["id"]
    known["release"] = (await company.call("GET", "/v1/benchmark-releases"))["data"][0]["id"]
    made = await company.call("POST", "/v1/sources", 201, json={"name": f"source-{number}", "kind": "workforce"})
    known["source"] = made["id"]
    begin = {"Content-Type": "text/csv", "Upload-Length": "3", "Upload-Complete": "?0"}
    known["upload"] = (await company.call("POST", "/v1/uploads", 201, headers=begin))["id"]
    known["grant"] = await designate(company, other)
    await designate(company, other, grantee={"email": f"somebody{number}@matrix.test"})
    known["acceptance_token"] = company.known["last_grant"]["acceptance_token"]
    known["received"], known["declinable"] = await designate(other, company), await designate(other, company)
    known["held"] = await designate(other, company)
    await company.call("POST", f"/v1/share-grants/{known['held']}/acceptance", json={})
    known["shared_score"] = other.known["score"]


async def member(company: Company, role: str) -> tuple[str, dict[str, str]]:
    """A new person in the company: user id and credential."""
    email = f"{role}{next(_numbers)}@{company.id[:8]}.matrix.test"
    made = await company.call("POST", "/v1/invitations", 201, json={"email": email, "roles": [role]})
    body = {"token": made["token"], "name": role, "password": PASSWORD}
    joined = await company.http.post("/v1/invitations/acceptance", json=body)
    signed_in = await company.http.post("/v1/sessions", json={"email": email, "password": PASSWORD})
    token = signed_in.json()["access_token"]
    return joined.json()["user"]["id"], {"Authorization": f"Bearer {token}"}


async def api_key(company: Company, scopes: list[str]) -> Persona:
    made = await company.call("POST", "/v1/api-keys", 201, json={"name": "k", "scopes": scopes})
    headers = {"Authorization": f"Bearer {made['secret']}"}
    return Persona(f"a key with {len(scopes)} scopes", "key", headers, scopes=frozenset(scopes))


async def callers(mine: Company) -> list[Persona]:
    """Nobody, each role, somebody who was removed, keys with all scopes, with one, and with another one."""
    others = [role for role in LETTERS if role != "owner"]
    joined = await asyncio.gather(*(member(mine, role) for role in others))
    people = [Persona(role, "person", headers, role) for role, (_, headers) in zip(others, joined, strict=True)]
    people.append(Persona("owner", "person", mine.headers, "owner"))
    user_id, headers = await member(mine, "owner")
    await mine.call("DELETE", f"/v1/members/{user_id}", 204)
    removed = Persona("a removed owner", "removed", {**headers, "WM-Account": mine.id})
    keys = [await api_key(mine, ALL_KEY_SCOPES), await api_key(mine, ["account:read"])]
    keys.append(await api_key(mine, [scope for scope in ALL_KEY_SCOPES if scope != "account:read"]))
    return [Persona("nobody", "nobody", {}), *people, removed, *keys]


async def token_that_has_read(reader: Company, grant_id: str) -> dict[str, str]:
    """Only the first read under a grant is an event; later ones are access lines."""
    token = await grant_token(reader, grant_id)
    assert (await reader.http.get("/v1/shared/scores", headers=token)).status_code == 200
    return token


async def grants_in_each_state(giver: Company, reader: Company) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Grants of the giver to the reader, and for those that were once active a token made then."""
    grants, readers = {"pending": await designate(giver, reader), "declined": await designate(giver, reader)}, {}
    await reader.call("POST", f"/v1/share-grants/{grants['declined']}/decline", 200)
    for state, life in (("active", {"days": 3.0}), ("revoked", {"days": 3.0}), ("expired", {"seconds": SHORT})):
        grants[state] = await designate(giver, reader, expires_at=instant(**life))
        await reader.call("POST", f"/v1/share-grants/{grants[state]}/acceptance", json={})
        readers[state] = await token_that_has_read(reader, grants[state])
    await giver.call("POST", f"/v1/share-grants/{grants['revoked']}/revocation")
    return grants, readers


async def gather_cast(mine: Company, theirs: Company, third: Company) -> Cast:
    """The three have pushed already; `theirs` and `third` have published."""
    await furnish(mine, third)
    await furnish(theirs, third)
    mine.known["shared_score"], third.known["shared_score"] = theirs.known["score"], third.known["score"]
    theirs.known["shared_score"] = third.known["score"]
    grants, readers = await grants_in_each_state(theirs, mine)
    expired = asyncio.create_task(asyncio.sleep(SHORT))
    other = await designate(third, mine)
    await mine.call("POST", f"/v1/share-grants/{other}/acceptance", json={})
    personas = await callers(mine)
    personas.append(Persona("a grant token", "grant", readers["active"]))
    await expired
    return Cast(mine, theirs, third, personas, grants, readers, await token_that_has_read(mine, other))
