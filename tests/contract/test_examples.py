"""Every example fits its schema, and the requests of the examples work when they are sent."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from answers import Contract
from companies import Company, sign_up
from wm_api.core.web.policies import Clause

CONTRACT: dict[str, Any] = json.loads((Path(__file__).resolve().parents[2] / "openapi" / "v1.json").read_text())
CHECKER = Contract(CONTRACT)
OPERATIONS = {
    each["operationId"]: (method, path, each)
    for path, methods in CONTRACT["paths"].items()
    for method, each in methods.items()
}
FILES = ("text/csv", "application/partial-upload")


def examples_of(operation: dict[str, Any]) -> list[tuple[str, dict[str, Any], Any]]:
    responses = [each for each in operation["responses"].values() if "content" in each]
    bodies = [*responses, operation.get("requestBody", {"content": {}})]
    content = [(kind, each) for body in bodies for kind, each in body["content"].items() if "example" in each]
    parameters = [("parameter", each) for each in operation["parameters"] if "example" in each]
    return [(kind, each["schema"], each["example"]) for kind, each in [*content, *parameters]]


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_example_fits_its_schema(name: str) -> None:
    for kind, schema, example in examples_of(OPERATIONS[name][2]):
        value = int(example) if schema.get("type") == "integer" else example
        assert list(CHECKER.errors(schema, value)) == [], (kind, example)


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_problem_example_has_a_code_that_the_operation_declares(name: str) -> None:
    operation = OPERATIONS[name][2]
    found = [example for kind, _, example in examples_of(operation) if kind == "application/problem+json"]
    assert {example["code"] for example in found} <= set(operation["x-wm-problems"])


def test_every_clause_of_the_policy_is_served_by_an_operation() -> None:
    assert {each["x-wm-policy"] for _, _, each in OPERATIONS.values()} == {clause.value for clause in Clause}


def body_of(name: str) -> Any:
    content = OPERATIONS[name][2]["requestBody"]["content"]
    return next(each["example"] for each in content.values() if "example" in each)


def parameters_of(name: str, place: str) -> dict[str, str]:
    named = [each for each in OPERATIONS[name][2]["parameters"] if each["in"] == place and "example" in each]
    return {each["name"]: each["example"] for each in named}


@pytest.mark.usefixtures("worker")
async def test_the_small_push_of_the_examples_works_as_it_stands(http: httpx.AsyncClient) -> None:
    company = await sign_up(http)
    key = await company.call("POST", "/v1/api-keys", 201, json=body_of("api_keys_create"))
    headers = {
        "Authorization": f"Bearer {key['secret']}",
        "Content-Type": "text/csv",
        **parameters_of("datasets_create", "header"),
    }
    query, file = parameters_of("datasets_create", "query"), body_of("datasets_create").encode()
    pushed = await http.post("/v1/datasets", params=query, headers=headers, content=file)
    assert (pushed.status_code, pushed.json()["rows"]) == (202, 3)
    again = await http.post("/v1/datasets", params=query, headers=headers, content=file)
    assert (again.status_code, again.content, again.headers["idempotency-replayed"]) == (202, pushed.content, "true")
    assert again.headers["location"] == pushed.headers["location"]
    done = await http.get(pushed.headers["location"], params={"wait": "25"}, headers=headers)
    assert done.json()["state"] == "succeeded"


@pytest.mark.usefixtures("worker")
async def test_the_large_push_of_the_examples_works_in_parts(http: httpx.AsyncClient) -> None:
    company, file = await sign_up(http), body_of("datasets_create").encode()
    begin = {"Content-Type": "text/csv", "Upload-Length": str(len(file)), "Upload-Complete": "?0"}
    made = await http.post("/v1/uploads", headers=company.headers | begin | {"Idempotency-Key": "up-8841"})
    assert made.status_code == 201
    upload = made.headers["location"]
    for start, last in ((0, "?0"), (100, "?1")):
        part = file[:100] if start == 0 else file[100:]
        headers = {"Content-Type": FILES[1], "Upload-Offset": str(start), "Upload-Complete": last}
        assert (await http.patch(upload, headers=company.headers | headers, content=part)).status_code in {200, 204}
        head = await http.head(upload, headers=company.headers)
        assert head.headers["upload-offset"] == str(start + len(part))
    query = {**parameters_of("datasets_create", "query"), "upload_id": upload.rpartition("/")[2]}
    pushed = await http.post("/v1/datasets", params=query, headers=company.headers)
    assert pushed.status_code == 202
    done = await http.get(pushed.headers["location"], params={"wait": "25"}, headers=company.headers)
    assert done.json()["state"] == "succeeded"


async def test_sign_up_sign_in_and_a_grant_of_the_examples_work(http: httpx.AsyncClient) -> None:
    body = body_of("accounts_create")
    body["owner"]["email"] = "olive@example-of-examples.test"
    assert (await http.post("/v1/accounts", json=body)).status_code == 201
    credentials = {"email": body["owner"]["email"], "password": body["owner"]["password"]}
    tokens = (await http.post("/v1/sessions", json=credentials)).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    company = Company(http, tokens["memberships"][0]["account_id"], "", headers, tokens["refresh_token"], "")
    await company.call("PATCH", "/v1/account", json=body_of("account_update"))
    await company.call("POST", "/v1/invitations", 201, json=body_of("invitations_create"))
    other = await sign_up(http)
    grant = {
        **body_of("share_grants_create"),
        "grantee": {"account_id": other.id},
        "expires_at": "2027-03-01T00:00:00Z",
    }
    made = await company.call("POST", "/v1/share-grants", 201, json=grant)
    await other.call("POST", f"/v1/share-grants/{made['id']}/acceptance", json=body_of("share_grants_accept"))
    revoked = await company.call(
        "POST", f"/v1/share-grants/{made['id']}/revocation", json=body_of("share_grants_revoke")
    )
    receipt = await company.call("GET", f"/v1/receipts/{revoked['receipt_id']}")
    assert (receipt["type"], receipt["body"]["reason"]) == ("share_grant", body_of("share_grants_revoke")["reason"])
