"""The committed contract is the application's, valid, and complete."""

import json
from pathlib import Path

import httpx
from fastapi import FastAPI
from openapi_spec_validator import OpenAPIV31SpecValidator

FILE = Path(__file__).resolve().parents[2] / "openapi" / "v1.json"
PUBLIC = {
    "health_get", "readiness_get", "jwks_get", "problems_list", "problems_get", "contract_get", "accounts_create",
    "sessions_create", "sessions_refresh", "invitations_accept", "record_kinds_list", "record_kinds_get",
    "record_kinds_get_schema", "record_kinds_get_template", "record_kinds_get_example",
    "metric_definitions_list", "metric_definitions_get", "methodologies_list", "methodologies_get",
}  # fmt: skip


async def test_the_committed_file_is_the_application_s_and_is_served(
    application: FastAPI, http: httpx.AsyncClient
) -> None:
    assert FILE.read_bytes() == application.state.contract()
    assert (await http.get("/v1/openapi.json")).content == FILE.read_bytes()


def test_the_contract_is_valid_openapi_3_1() -> None:
    assert list(OpenAPIV31SpecValidator(json.loads(FILE.read_text())).iter_errors()) == []


def test_every_operation_has_a_scope_or_is_on_the_public_list() -> None:
    document = json.loads(FILE.read_text())
    operations = [each for methods in document["paths"].values() for each in methods.values()]
    assert {each["operationId"] for each in operations if each["security"] == []} == PUBLIC
    without = {each["operationId"] for each in operations if each["security"] and not each["x-wm-scopes"]}
    assert without == {"me_get", "me_change_password", "sessions_end", "credential_get"}
    assert all(each["summary"] and each["description"] and len(each["tags"]) == 1 for each in operations)
