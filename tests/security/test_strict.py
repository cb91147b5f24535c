"""S09, S10: one way to read a request. Another type, an unknown or doubled name is refused at every body and query."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from companies import Company, sign_up
from security.matrix import Operation, operations_of
from security.rights import RIGHTS
from security.strict import JSON, wrong_bodies, wrong_queries

CONTRACT: dict[str, Any] = json.loads((Path(__file__).resolve().parents[2] / "openapi" / "v1.json").read_text())
SOME = "01900000-0000-7000-8000-000000000000"
REFUSED = {"malformed-request", "validation-failed", "unknown-field", "unknown-parameter", "422"}
"""The last is that of a HEAD, which has no body."""


@pytest.fixture(scope="module")
async def company(http: httpx.AsyncClient) -> Company:
    return await sign_up(http)


async def code(http: httpx.AsyncClient, company: Company, operation: Operation, **parts: Any) -> str:
    path = operation.path
    for each in operation.declared.get("parameters", ()):
        if each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", SOME)
    headers = ({} if RIGHTS[operation.id].who == "anybody" else company.headers) | parts.pop("headers", {})
    answer = await http.request(operation.method.upper(), path, headers=headers, **parts)
    if answer.status_code < 400:
        return str(answer.status_code)
    return str(answer.json()["code"]) if answer.content else str(answer.status_code)


async def test_s10_s09_no_body_of_another_type_or_with_a_name_more_or_twice_is_taken(
    http: httpx.AsyncClient, company: Company
) -> None:
    tried, taken = 0, []
    for operation in operations_of(CONTRACT):
        if JSON not in operation.declared.get("requestBody", {}).get("content", {}):
            continue
        for where, body in wrong_bodies(CONTRACT, operation):
            tried += 1
            found = await code(http, company, operation, content=body, headers={"Content-Type": JSON})
            taken += [f"{operation.id} {where}: {found}"] if found not in REFUSED else []
    assert taken == []
    assert tried > 300


async def test_s10_no_query_of_another_form_or_with_a_name_more_or_twice_is_taken(
    http: httpx.AsyncClient, company: Company
) -> None:
    tried, taken = 0, []
    for operation in operations_of(CONTRACT):
        for where, query in wrong_queries(CONTRACT, operation):
            tried += 1
            found = await code(http, company, operation, params=query)
            taken += [f"{operation.id} {where}: {found}"] if found not in REFUSED else []
    assert taken == []
    assert tried > 150
