"""One operation of the contract: what it can answer follows from what its route asks for and declares."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fastapi.routing import APIRoute

from wm_api.core.problems import every_problem
from wm_api.core.web import auth, dependencies, examples
from wm_api.core.web.declarations import ETAG
from wm_api.core.web.policies import BY_TAG
from wm_api.core.web.routing import dependants

EVERY = (
    "malformed-request", "token-in-url", "method-not-allowed", "not-acceptable", "unknown-parameter", "rate-limited",
    "internal-error", "temporarily-unavailable",
)  # fmt: skip
WITH_CREDENTIAL = (
    "authentication-required", "token-malformed", "token-expired", "token-invalid", "session-ended",
    "account-not-allowed",
)  # fmt: skip
BY_CALLER: Mapping[Any, tuple[str, ...]] = {
    auth.require: ("account-required", "insufficient-scope", "insufficient-role"),
    auth.require_either: ("account-required", "insufficient-scope", "insufficient-role"),
    auth.require_person: ("account-required", "person-required", "insufficient-role"),
    auth.require_grant: ("insufficient-scope",),
    auth.any_person: ("person-required",),
    auth.any_credential: (),
}
WITH_BODY = ("content-too-large", "unsupported-media-type", "validation-failed")
BY_PARAMETER = {
    "cursor": ("cursor-invalid", "cursor-expired"),
    "If-Match": ("precondition-failed",),
    "Idempotency-Key": ("idempotency-key-in-use", "idempotency-key-reused"),
}
CLAIMED = {dependencies.write, dependencies.write_session, dependencies.public_session}
PROBLEM = {"$ref": "#/components/responses/Problem"}
PROBLEM_SCHEMA = {"$ref": "#/components/schemas/Problem"}
TEXT, COUNT = {"type": "string"}, {"type": "integer", "minimum": 0}
HEADERS: dict[str, Any] = {
    "WM-Request-Id": {"description": "The id of this request, ours.", "schema": {**TEXT, "format": "uuid"}},
    "ETag": {"description": "Strong: changes with the object.", "schema": TEXT},
    "Location": {"description": "Path of what was made, or of the operation.", "schema": TEXT},
    "Retry-After": {"description": "Seconds to wait.", "schema": COUNT},
    "Idempotency-Replayed": {"description": "`true` on a replayed answer.", "schema": {**TEXT, "const": "true"}},
    "Link": {"description": '`<...>; rel="next"` where there is a next page.', "schema": TEXT},
    "Allow": {"description": "The methods of this path, with 405.", "schema": TEXT},
    "WWW-Authenticate": {"description": "The challenge, with 401 and missing scopes.", "schema": TEXT},
    "Upload-Offset": {"description": "Bytes kept so far.", "schema": COUNT},
    "Upload-Length": {"description": "Bytes in all.", "schema": COUNT},
    "Upload-Complete": {"description": "`?1` when all bytes are here.", "schema": TEXT},
    "Upload-Limit": {"description": "max-size, max-append-size, max-age.", "schema": TEXT},
    "Repr-Digest": {"description": "SHA-256 of the whole.", "schema": TEXT},
}


def completed(operation: dict[str, Any], route: APIRoute) -> dict[str, Any]:
    """The operation with rights, policy, problems, headers and examples."""
    found = [each for each in dependants(route.dependant) if each.call in BY_CALLER]
    calls = {each.call for each in dependants(route.dependant)}
    operation["security"] = [{"bearer": []}] if found else []
    operation["x-wm-scopes"] = sorted({scope for each in found for scope in each.own_oauth_scopes or ()})
    operation["x-wm-scopes-any"] = auth.require_either in calls
    operation["x-wm-person-only"] = not calls.isdisjoint({auth.require_person, auth.any_person})
    operation.setdefault("x-wm-policy", BY_TAG[operation["tags"][0]].value)
    own_headers = set(operation.pop("x-wm-headers", ()))
    operation["parameters"] = list(_parameters(operation, route, calls, own_headers))
    operation["responses"].pop("422", None)
    codes = {*operation.pop("x-wm-problems", ()), *_common_problems(operation, calls)}
    operation["x-wm-problems"] = sorted(codes)
    _add_headers(operation, {*own_headers, *_common_headers(operation, calls)})
    _add_problems(operation["responses"], codes)
    examples.add(operation)
    return operation


def _parameters(operation: dict[str, Any], route: APIRoute, calls: set[Any], own: set[str]) -> Iterator[dict[str, Any]]:
    for each in operation.get("parameters", ()):
        if each["name"].lower() != "authorization":
            yield {**each, "schema": _without_null(each["schema"])}
    if not calls.isdisjoint(BY_CALLER) and auth.require_grant not in calls:
        yield _header("WM-Account", "The account that is meant, for a person with several memberships.")
    if not calls.isdisjoint(CLAIMED):
        yield _header("Idempotency-Key", "1 to 255 visible ASCII characters; the answer is kept 7 days.")
    if ETAG in own and route.methods == {"GET"}:
        yield _header("If-None-Match", "The ETag that you have; 304 where it is still the one.")


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is given or left out; there is no spelling of null."""
    kinds = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if not kinds:
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**rest, **(kinds[0] if len(kinds) == 1 else {"anyOf": kinds})}


def _header(name: str, text: str) -> dict[str, Any]:
    schema = {"type": "string", "maxLength": 255}
    return {"name": name, "in": "header", "required": False, "description": text, "schema": schema}


def _named(operation: Mapping[str, Any]) -> set[str]:
    return {each["name"] for each in operation["parameters"]}


def _common_problems(operation: dict[str, Any], calls: set[Any]) -> set[str]:
    """What follows from the route: credential, path, query, body, cursor, keys."""
    places = {each["in"] for each in operation["parameters"]}
    body = operation.get("requestBody", {}).get("content", {})
    callers = calls & set(BY_CALLER)
    by_fact: tuple[tuple[object, tuple[str, ...]], ...] = (
        (True, EVERY),
        (callers, WITH_CREDENTIAL),
        *((True, BY_CALLER[each]) for each in callers),
        ("path" in places, ("not-found",)),
        ("query" in places or _typed_headers(operation), ("validation-failed",)),
        (body, WITH_BODY),
        (calls & CLAIMED, ("content-too-large",)),
        ("application/json" in body, ("unknown-field",)),
        *((name in _named(operation), codes) for name, codes in BY_PARAMETER.items()),
    )
    return {code for fact, codes in by_fact if fact for code in codes}


def _typed_headers(operation: Mapping[str, Any]) -> bool:
    """A header that is more than a text can be wrong."""
    headers = (each for each in operation["parameters"] if each["in"] == "header")
    return any(each["schema"].get("type") != "string" for each in headers)


def _common_headers(operation: dict[str, Any], calls: set[Any]) -> Iterator[str]:
    named = _named(operation)
    yield "WM-Request-Id"
    if "cursor" in named:
        yield "Link"
    if "If-Match" in named and "204" not in operation["responses"]:
        yield ETAG
    if not calls.isdisjoint(CLAIMED):
        yield "Idempotency-Replayed"


def _add_headers(operation: dict[str, Any], names: Iterable[str]) -> None:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in sorted(names)}
    responses = operation["responses"]
    if "If-None-Match" in _named(operation):
        responses["304"] = {"description": "You have this version already."}
    for status, response in responses.items():
        if status[0] in "23":
            response["headers"] = {**headers, **response.get("headers", {})}


def _add_problems(responses: dict[str, Any], codes: set[str]) -> None:
    by_status: dict[str, set[str]] = {}
    known = {problem.code: problem.status for problem in every_problem()}
    for code in codes:
        by_status.setdefault(str(known[code]), set()).add(code)
    for status, answered in by_status.items():
        text = ", ".join(f"`{code}`" for code in sorted(answered))
        if status in responses:
            _also(responses[status], text)
        else:
            responses[status] = {**PROBLEM, "description": text}


def _also(response: dict[str, Any], text: str) -> None:
    """A status that answers something of its own beside problems."""
    response["description"] = f"{response['description']} Or a problem: {text}"
    response["content"]["application/problem+json"] = {"schema": PROBLEM_SCHEMA}
