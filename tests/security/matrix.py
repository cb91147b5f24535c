"""The object-level matrix: every operation of the contract x every caller x every id swapped for a foreign one.

It needs nothing but an HTTP client and three companies, so it runs in this process and against a live server.
"""

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from companies import workforce
from security.cast import Cast
from security.requests import A_NEW_FILE, NOT_FOUND, REQUESTS, Request
from security.rights import GRANT_STATES, RIGHTS, Outcome, Persona, refusal, sees_other_part
from wm_api.core import credentials

METHODS = ("get", "head", "post", "put", "patch", "delete")
READS = ("get", "head")
REQUEST_ID = re.compile(r'"request_id": ?"[0-9a-f-]{36}"')
Places = Mapping[str, str]
"""Ids by place, such as `path:score_id`; they take the place of the caller's own."""


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    declared: Mapping[str, Any]

    @property
    def parameters(self) -> set[str]:
        return {f"{each['in']}:{each['name']}" for each in self.declared.get("parameters", ())}


def operations_of(contract: Mapping[str, Any]) -> list[Operation]:
    return [
        Operation(declared["operationId"], method, path, declared)
        for path, methods in contract["paths"].items()
        for method, declared in methods.items()
        if method in METHODS
    ]


def id_places(contract: Mapping[str, Any], operation: Operation) -> set[str]:
    """Where an id of a thing may stand: path parameters, anything that is a UUID, cursors and tokens."""
    found = set()
    for each in operation.declared.get("parameters", ()):
        named = each["name"] in {"cursor", "WM-Account"} or each["name"].endswith(("_id", "token"))
        if each["in"] == "path" or named or "uuid" in json.dumps(each["schema"]):
            found.add(f"{each['in']}:{each['name']}")
    for content in operation.declared.get("requestBody", {}).get("content", {}).values():
        found |= {f"body:{place}" for place in _body_places(contract, content["schema"], ())}
    return found


def _body_places(contract: Mapping[str, Any], schema: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    if "$ref" in schema:
        schema = contract["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if schema.get("format") == "uuid" or (path and path[-1].endswith("token")):
        yield ".".join(path)
        return
    for name, child in schema.get("properties", {}).items():
        yield from _body_places(contract, child, (*path, name))
    for child in (*schema.get("anyOf", ()), *schema.get("allOf", ()), schema.get("items", {})):
        if child:
            yield from _body_places(contract, child, path)


def own_places(request: Request) -> dict[str, str]:
    """The caller's things in a valid request, by place."""
    filled = {f"path:{name}": value for name, value in request.path.items()}
    filled |= {f"query:{name}": value for name, value in request.query.items()}
    filled |= {f"body:{place}": value for place, value in _texts(request.body, ())}
    return {place: value[1:-1] for place, value in filled.items() if value.startswith("{")}


def _texts(body: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    children = (
        body.items() if isinstance(body, dict) else [("", each) for each in body] if isinstance(body, list) else ()
    )
    for name, child in children:
        here = (*path, name) if name else path
        if isinstance(child, str):
            yield ".".join(here), child
        else:
            yield from _texts(child, here)


def missing_entries(contract: Mapping[str, Any]) -> list[str]:
    """What the tables do not say yet: an operation, an id of one, a role, a scope; and what they say in vain."""
    operations = {each.id: each for each in operations_of(contract)}
    found = [f"{name}: no right" for name in operations.keys() - RIGHTS.keys()]
    found += [f"{name}: no request" for name in operations.keys() - REQUESTS.keys()]
    found += [f"{name}: not in the contract" for name in (RIGHTS.keys() | REQUESTS.keys()) - operations.keys()]
    for name in operations.keys() & REQUESTS.keys():
        request, places = REQUESTS[name], id_places(contract, operations[name])
        said = {*own_places(request), *request.may_be, *request.free, "query:cursor", "header:WM-Account"}
        found += [f"{name}: {place} has no entry" for place in places - said]
        found += [f"{name}: {place} is not in the contract" for place in {*request.free, *request.may_be} - places]
    for name in operations.keys() & RIGHTS.keys():
        declared, right = operations[name].declared, RIGHTS[name]
        if (declared["x-wm-scopes"], declared["x-wm-scopes-any"]) != (right.scopes, right.other is not None):
            found.append(f"{name}: the contract declares other scopes")
        if (declared["security"] == []) != (right.who == "anybody"):
            found.append(f"{name}: public or not?")
    return sorted(found)


def unknown(value: str) -> str:
    """The same kind of id, one that never existed; a neighbour in order, so that positions mean the same."""
    if value.startswith("wm"):
        return credentials.make(value[:3])
    try:
        return str(UUID(int=UUID(value).int ^ secrets.randbits(32) ^ 1))
    except ValueError:
        return secrets.token_urlsafe(len(value))[: len(value)]


@dataclass
class Matrix:
    """`failures` names each answer that is not as it must be."""

    http: httpx.AsyncClient
    cast: Cast
    operations: list[Operation]
    failures: list[str] = field(default_factory=list)
    requests: int = 0

    async def call(
        self, operation: Operation, headers: Mapping[str, str], places: Places | None = None, **parts: Any
    ) -> httpx.Response:
        """A valid request with the caller's own things, but for the given places."""
        prepared = self._prepared(operation, dict(places or {}), spoiled=parts.pop("spoiled", False))
        prepared["headers"] = {**headers, **prepared.pop("headers", {})}
        self.requests += 1
        return await self.http.request(operation.method.upper(), **prepared)

    def _prepared(self, operation: Operation, places: dict[str, str], *, spoiled: bool) -> dict[str, Any]:
        request, known = REQUESTS[operation.id], self.cast.mine.known
        own = {place: known[thing] for place, thing in own_places(request).items()} | places
        path = operation.path
        for name, value in request.path.items():
            path = path.replace(f"{{{name}}}", own.get(f"path:{name}", value))
        query = {name: own.get(f"query:{name}", value) for name, value in request.query.items()}
        query |= {place[6:]: value for place, value in places.items() if place.startswith("query:")}
        headers = {place[7:]: value for place, value in places.items() if place.startswith("header:")}
        parts: dict[str, Any] = {"url": path, "params": query, "headers": headers}
        headers |= request.headers
        if spoiled and "Content-Type" in headers:
            headers["Content-Type"] = "text/plain"
        if request.content is not None and not places.keys() & INSTEAD_OF_A_BODY:
            new = workforce(self.cast.mine.id, 30 + secrets.randbelow(40)).encode()
            parts["content"] = new if request.content == A_NEW_FILE else request.content
        elif request.body is not None:
            parts["json"] = {"unknown": 1} if spoiled else _filled(request.body, own, ())
            for place, value in places.items():
                if place in request.may_be and place.startswith("body:"):
                    parts["json"] |= {place[5:]: value}
        return parts

    def expect(self, what: str, response: httpx.Response, outcome: Outcome) -> None:
        readable = response.content and "problem" in response.headers.get("content-type", "")
        code = response.json().get("code") if readable else None
        wanted = None if response.request.method == "HEAD" else outcome.code
        if (response.status_code, code) != (outcome.status, wanted):
            self.failures.append(f"{what}: {response.status_code} {code}, not {outcome.status} {outcome.code}")

    def expect_same(self, what: str, one: httpx.Response, other: httpx.Response, ids: tuple[str, str]) -> None:
        """Body and headers equal, but for the id itself, request id, instance and date."""
        if _comparable(one, ids) != _comparable(other, ids):
            self.failures.append(f"{what}: a foreign id and one that never existed are told apart")

    async def refusals(self) -> None:
        """Every operation by every caller. Who may not is refused, whatever the ids; who may finds no foreign thing."""
        for operation in self.operations:
            if RIGHTS[operation.id].who != "anybody":
                await asyncio.gather(*(self._one(operation, persona) for persona in self.cast.personas))

    async def _one(self, operation: Operation, persona: Persona) -> None:
        what, refused = f"{operation.id} by {persona.name}", refusal(RIGHTS[operation.id], persona)
        foreign = self.foreign_places(operation)
        if refused is not None:
            self.expect(f"{what}, own ids", await self.call(operation, persona.headers), refused)
            for place, value in foreign.items():
                answer = await self.call(operation, persona.headers, {place: value})
                self.expect(f"{what}, foreign {place}", answer, refused)
            return
        for place, value in foreign.items():
            await self.swap(what, operation, persona.headers, place, value)
        if operation.method in READS:
            answer = await self.call(operation, persona.headers)
            hidden = operation.path.endswith("}") and sees_other_part(RIGHTS[operation.id], persona)
            outcome = NOT_FOUND if hidden else Outcome(REQUESTS[operation.id].success[0])
            self.expect(f"{what}, own ids", answer, outcome)
        elif "{" not in operation.path and operation.id != "sessions_end":
            answer = await self.call(operation, persona.headers, spoiled=True)
            if answer.status_code not in {415, 422}:
                self.failures.append(f"{what}, spoiled: {answer.status_code}")

    def foreign_places(self, operation: Operation) -> dict[str, str]:
        """Every id that the operation can take, as an id of theirs."""
        request = REQUESTS[operation.id]
        things = {**own_places(request), **request.may_be}
        return {place: self.cast.theirs.known[thing] for place, thing in things.items() if place in self.ids(operation)}

    def ids(self, operation: Operation) -> set[str]:
        return {*own_places(REQUESTS[operation.id]), *REQUESTS[operation.id].may_be} - {
            *REQUESTS[operation.id].free, *NO_IDS,
        }  # fmt: skip

    async def swap(self, what: str, operation: Operation, headers: Mapping[str, str], place: str, value: str) -> None:
        outcome, never = REQUESTS[operation.id].swapped.get(place, NOT_FOUND), unknown(value)
        answer = await self.call(operation, headers, {place: value})
        self.expect(f"{what}, foreign {place}", answer, outcome)
        other = await self.call(operation, headers, {place: never})
        self.expect_same(f"{what}, {place}", answer, other, (value, never))
        if any(str(each) in answer.text for each in self.strangers(value)):
            self.failures.append(f"{what}, foreign {place}: the answer holds something of theirs")

    def strangers(self, swapped: str) -> set[str]:
        """What only the foreign company knows, the id itself apart, which the caller sent."""
        known = self.cast.theirs.known
        secret = {
            "dataset",
            "held_dataset",
            "other_held_dataset",
            "previewed",
            "operation",
            "score",
            "api_key",
            "invitation",
            "member",
            "receipt",
            "email",
            "upload",
        }
        return {str(known[name]) for name in secret if name in known} - {swapped}

    async def cursors_and_accounts(self) -> None:
        """A cursor is bound to its list and account; the account header to the memberships of the person."""
        for operation in self.operations:
            owner = self._caller_of(operation)
            if RIGHTS[operation.id].who == "anybody" or owner is None:
                continue
            if "query:cursor" in operation.parameters:
                foreign = await self._foreign_cursor(operation)
                await self._told_apart(operation, owner, "query:cursor", foreign, Outcome(400, "cursor-invalid"))
            if "header:WM-Account" in operation.parameters:
                refused = Outcome(403, "account-not-allowed")
                await self._told_apart(operation, owner, "header:WM-Account", self.cast.theirs.id, refused)

    def _caller_of(self, operation: Operation) -> dict[str, str] | None:
        return self.cast.readers["active"] if RIGHTS[operation.id].who == "grant" else self.cast.mine.headers

    async def _told_apart(
        self, operation: Operation, headers: Mapping[str, str], place: str, value: str, outcome: Outcome
    ) -> None:
        never = unknown(value)
        answers = [await self.call(operation, headers, {place: each}) for each in (value, never)]
        for answer in answers:
            self.expect(f"{operation.id}, foreign {place}", answer, outcome)
        self.expect_same(f"{operation.id}, {place}", answers[0], answers[1], (value, never))

    async def _foreign_cursor(self, operation: Operation) -> str:
        """Of the same list where theirs is long enough; else of their log of members."""
        for path in (operation.path, "/v1/members"):
            answer = await self.http.get(path, params={"limit": 1}, headers=self.cast.theirs.headers)
            if answer.status_code == 200 and answer.json()["next_cursor"]:
                return str(answer.json()["next_cursor"])
        raise AssertionError(operation.id)

    async def grantees(self) -> None:
        """A grantee by the state of the grant; and a token of another grant, which shows nothing of this one."""
        for operation in self.operations:
            for state, outcome in GRANT_STATES.get(operation.id, {}).items():
                shared = RIGHTS[operation.id].who == "grant"
                if shared and state not in self.cast.readers:
                    continue
                headers = self.cast.readers[state] if shared else self.cast.mine.headers
                places = {} if shared else {"path:grant_id": self.cast.grants[state]}
                self.expect(f"{operation.id}, grant {state}", await self.call(operation, headers, places), outcome)
            if RIGHTS[operation.id].who == "grant" and operation.path.endswith("}"):
                answer = await self.call(operation, self.cast.other_grant)
                self.expect(f"{operation.id} with the token of another grant", answer, NOT_FOUND)

    async def valid_requests(self) -> None:
        """Each entry makes a request that succeeds: else the refusals would prove nothing. Changes things."""
        order = {name: at for at, name in enumerate(REQUESTS)}
        for operation in sorted(self.operations, key=lambda each: order[each.id]):
            headers = {} if RIGHTS[operation.id].who == "anybody" else self._caller_of(operation)
            answer = await self.call(operation, headers or {})
            if answer.status_code not in REQUESTS[operation.id].success:
                self.failures.append(
                    f"{operation.id}: the valid request gives {answer.status_code} {answer.text[:200]}"
                )


INSTEAD_OF_A_BODY = {"query:upload_id"}
NO_IDS = ("body:email", "body:expires_at", "body:grantee.account_id", "body:refresh_token", "body:token")


def _filled(body: Any, own: Places, path: tuple[str, ...]) -> Any:
    if isinstance(body, dict):
        return {name: _filled(child, own, (*path, name)) for name, child in body.items()}
    if isinstance(body, list):
        return [_filled(child, own, path) for child in body]
    return own.get("body:" + ".".join(path), body) if isinstance(body, str) else body


def _comparable(response: httpx.Response, ids: tuple[str, str]) -> tuple[int, str, list[tuple[str, str]]]:
    text = REQUEST_ID.sub('"request_id":""', response.text)
    for each in ids:
        text = text.replace(each, "ID")
    headers = [(name, value) for name, value in response.headers.items() if name not in {"wm-request-id", "date"}]
    return response.status_code, text, headers


async def table_hashes(connection: Any) -> AsyncIterator[tuple[str, str]]:
    """The content of each table, as the superuser sees it; access lines, counted turns and days of last use apart."""
    names = await connection.fetch("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    for (name,) in names:
        if name not in {"grant_reads", "simulation_counts"}:
            row = "(to_jsonb(t) - '{last_seen_on,last_used_on,first_read_at}'::text[])::text"
            yield name, await connection.fetchval(f"SELECT md5(string_agg({row}, '' ORDER BY {row})) FROM {name} t")
