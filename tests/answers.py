"""Every answer of every test is compared with the contract: an undeclared status, media type, field or header fails."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any
from uuid import UUID

import httpx
import jsonschema_rs

CSP = "default-src 'none'; frame-ancestors 'none'"
PAGE_CSP = re.compile(
    r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
OWN_HEADERS = {
    "etag", "location", "retry-after", "link", "idempotency-replayed", "allow", "www-authenticate", "upload-offset",
    "upload-length", "upload-complete", "upload-limit", "repr-digest",
}  # fmt: skip
OUTSIDE = ("/docs", "/static-offline-docs")
NOT_IN_CONTRACT = {400: {"token-in-url"}, 404: {"not-found"}, 405: {"method-not-allowed"}}
"""What a path or method that the contract does not have may be answered with."""


class UndeclaredError(AssertionError):
    """The answer is not as the contract says."""


class Contract:
    """The contract, closed: a field that is not declared is not allowed."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.components = closed(document["components"])
        self.paths = {
            re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"): methods
            for path, methods in sorted(document["paths"].items(), key=lambda each: "{" in each[0])
        }
        self._validators: dict[str, jsonschema_rs.Validator] = {}

    def operation(self, method: str, path: str) -> Mapping[str, Any] | None:
        for pattern, methods in self.paths.items():
            if pattern.match(path) and method.lower() in methods:
                found: Mapping[str, Any] = methods[method.lower()]
                return found
        return None

    def resolved(self, response: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.components["responses"]["Problem"] if "$ref" in response else response

    def errors(self, schema: Mapping[str, Any], value: Any) -> Iterator[str]:
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            whole = {**closed(schema), "components": self.components}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        for error in self._validators[key].iter_errors(value):
            yield f"{error.instance_path}: {error.message[:200]}"


def closed(schema: Any) -> Any:
    if isinstance(schema, dict):
        inner = {name: closed(each) for name, each in schema.items()}
        if schema.get("type") == "object" and "properties" in schema and "additionalProperties" not in schema:
            inner["additionalProperties"] = False
        return inner
    return [closed(each) for each in schema] if isinstance(schema, list) else schema


class Answer:
    """One answer with what the contract says of it."""

    def __init__(self, contract: Contract, request: httpx.Request, response: httpx.Response) -> None:
        self.contract, self.request, self.response = contract, request, response
        self.operation = contract.operation(request.method, request.url.path)
        self.media_type = response.headers.get("content-type", "").partition(";")[0]
        self.problem = self.media_type == "application/problem+json"

    @cached_property
    def body(self) -> Any:
        return json.loads(self.response.content)

    def faults(self) -> Iterator[str]:
        if self.request.url.path.startswith(OUTSIDE):
            return
        yield from self._security()
        if self.response.status_code >= 400 and not self.problem and not self._declared_otherwise():
            yield "an error that is not problem+json"
        if self.operation is None:
            yield from self._outside()
        else:
            yield from self._inside(self.operation)

    def _declared_otherwise(self) -> bool:
        """readyz answers 503 with its checks; a HEAD has no body."""
        return self.request.method == "HEAD" or (self.operation or {}).get("operationId") == "readiness_get"

    def _security(self) -> Iterator[str]:
        headers = self.response.headers
        wanted = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
        yield from (f"{name} is {headers.get(name)}" for name, value in wanted.items() if headers.get(name) != value)
        policy = headers.get("content-security-policy", "")
        if not (PAGE_CSP.fullmatch(policy) if self.media_type == "text/html" else policy == CSP):
            yield f"content-security-policy is {policy}"
        if "set-cookie" in headers:
            yield "a cookie is set"
        if "cache-control" not in headers:
            yield "no Cache-Control"
        UUID(headers["wm-request-id"])

    def _outside(self) -> Iterator[str]:
        code = self.body["code"] if self.problem and self.response.content else None
        if code not in NOT_IN_CONTRACT.get(self.response.status_code, set()) and self.request.method != "HEAD":
            yield f"{self.response.status_code} {code} on a path or method that the contract does not have"
        if self.response.status_code == 405 and not self.response.headers.get("allow"):
            yield "405 without Allow"

    def _inside(self, operation: Mapping[str, Any]) -> Iterator[str]:
        declared = operation["responses"].get(str(self.response.status_code))
        if declared is None:
            yield f"status {self.response.status_code} is not declared"
            return
        declared = self.contract.resolved(declared)
        yield from self._headers(declared)
        content = declared.get("content", {})
        if not self.response.content:
            if content and self.request.method != "HEAD" and "text/event-stream" not in content:
                yield "an empty body where one is declared"
            return
        if self.media_type not in content:
            yield f"media type {self.media_type} is not declared for {self.response.status_code}"
            return
        if "json" in self.media_type:
            yield from self.contract.errors(content[self.media_type]["schema"], self.body)
        if self.problem:
            yield from self._code(operation)

    def _headers(self, declared: Mapping[str, Any]) -> Iterator[str]:
        if self.problem:
            declared = self.contract.components["responses"]["Problem"]
        named = {name.lower() for name in declared.get("headers", {})}
        yield from (f"{name} is not declared" for name in OWN_HEADERS & set(self.response.headers) - named)

    def _code(self, operation: Mapping[str, Any]) -> Iterator[str]:
        code = self.body["code"]
        if code not in operation["x-wm-problems"]:
            yield f"problem {code} is not declared"
        if self.body["status"] != self.response.status_code:
            yield "status in the body differs"


class CheckedTransport(httpx.AsyncBaseTransport):
    """Any transport, with each answer compared with the contract."""

    def __init__(self, inner: httpx.AsyncBaseTransport, document: Mapping[str, Any]) -> None:
        self._inner, self._contract = inner, Contract(document)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        await response.aread()
        if faults := list(Answer(self._contract, request, response).faults()):
            raise UndeclaredError(f"{request.method} {request.url.path} {response.status_code}: {faults}")
        return response
