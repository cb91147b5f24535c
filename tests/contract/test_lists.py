"""Parameters of lists: a text that no database holds is refused, and the next page keeps the filters."""

import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from companies import Company, sign_up, workforce

CONTRACT: dict[str, Any] = json.loads((Path(__file__).resolve().parents[2] / "openapi" / "v1.json").read_text())
SHARE = {"detail": "headline", "purpose": "other", "expires_at": "2027-03-01T00:00:00Z"}


async def test_u0000_in_any_query_parameter_is_422_and_names_the_parameter(http: httpx.AsyncClient) -> None:
    company, tried = await sign_up(http), 0
    for path, methods in CONTRACT["paths"].items():
        for method, operation in methods.items():
            for name in (each["name"] for each in operation.get("parameters", []) if each.get("in") == "query"):
                place = re.sub(r"\{[^}]+\}", str(UUID(int=7)), path)
                answer = await http.request(method, place, params={name: "zq\0mark"}, headers=company.headers)
                assert (answer.status_code, answer.json()["code"]) == (422, "validation-failed"), (method, path, name)
                assert [each["parameter"] for each in answer.json()["errors"]] == [name]
                assert "zq" not in answer.text
                tried += 1
    assert tried > 50


async def walked(company: Company, path: str, **filters: str) -> list[Any]:
    """The first three items of a list, one a page, along the Link header."""
    found: list[Any] = []
    target = str(httpx.URL(path, params={**filters, "limit": "1"}))
    while len(found) < 3:
        page = await company.http.get(target, headers=company.headers)
        assert page.status_code == 200, (target, page.text)
        found += page.json()["data"]
        assert ("link" in page.headers) is (page.json()["next_cursor"] is not None)
        if "link" not in page.headers:
            break
        target = page.headers["link"].removeprefix("<").removesuffix('>; rel="next"')
    return found


async def test_the_link_to_the_next_page_keeps_the_filters(http: httpx.AsyncClient, worker: None) -> None:
    company, other = await sign_up(http), await sign_up(http)
    for people, day in ((40, "2025-12-31"), (41, "2025-11-30")):
        await company.pushed_and_done(workforce(company.id, people), as_of=day)
    for _ in range(2):
        body = SHARE | {"grantee": {"account_id": other.id}}
        await company.call("POST", "/v1/share-grants", 201, json=body)
    metric = (await company.call("GET", "/v1/metric-definitions"))["data"][0]
    release = (await company.call("GET", "/v1/benchmark-releases"))["data"][0]
    cells = f"/v1/benchmark-releases/{release['id']}/cells"
    cases: list[tuple[str, dict[str, str]]] = [
        ("/v1/datasets", {"kind": "workforce", "from": "2025-01-01"}),
        ("/v1/operations", {"state": "succeeded"}),
        ("/v1/metrics", {"as_of": "2025-12-31", "status": "not_reported"}),
        ("/v1/scores", {"from": "2025-01-01", "to": "2025-12-31"}),
        ("/v1/share-grants", {"direction": "given", "state": "pending"}),
        ("/v1/metric-definitions", {"area": metric["area"]}),
        ("/v1/receipts", {}),
        (cells, {"profile": "default"}),
    ]
    for path, filters in cases:
        whole = (await company.call("GET", path, params={**filters, "limit": "3"}))["data"]
        assert len(whole) > 1, path
        assert (await walked(company, path, **filters)) == whole, path
