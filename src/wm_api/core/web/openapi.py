"""The contract file: made from the routes, with problems by reference, scopes and security as they are enforced."""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from wm_api.core.web import auth
from wm_api.core.web.routing import dependants

DESCRIPTION = (
    "Human-capital metrics, benchmarks and a Social Impact Score from payroll and HR extracts. "
    "Errors are RFC 9457 problems; `code` never changes."
)
ALWAYS = ("400", "401", "403", "404", "405", "406", "422", "429", "500", "503")
PUBLIC = ("400", "404", "405", "406", "422", "429", "500", "503")
WRITES = ("409", "410", "412", "413", "415")
READS = ("409", "410", "412")
CALLERS = {auth.require, auth.require_person, auth.require_grant, auth.any_person, auth.any_credential}
TEXT, NULLABLE = {"type": "string"}, {"type": ["string", "null"]}
PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457). Further members depend on the code.",
    "properties": {
        "type": {**TEXT, "format": "uri"},
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "instance": NULLABLE,
        "code": TEXT,
        "request_id": TEXT,
        "retryable": {"type": "boolean"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"code": TEXT, "detail": TEXT, "pointer": TEXT, "parameter": TEXT, "header": TEXT},
                "required": ["code", "detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id", "retryable", "errors"],
    "additionalProperties": True,
}


def contract_document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document as a sorted, plain value."""
    routes = [route for route in app.routes if isinstance(route, APIRoute) and route.include_in_schema]
    document = get_openapi(
        title="Working Metrics API",
        version=app.version,
        openapi_version="3.1.0",
        description=DESCRIPTION,
        routes=routes,
        separate_input_output_schemas=False,
        license_info={"name": "Proprietary", "identifier": "LicenseRef-Proprietary"},
    )
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    document["components"]["responses"] = {
        "Problem": {"description": "A problem.", "content": {"application/problem+json": problem}}
    }
    for route in routes:
        for method in route.methods or ():
            _complete(document["paths"][route.path_format][method.lower()], route, method)
    return document


def _complete(operation: dict[str, Any], route: APIRoute, method: str) -> None:
    found = [each for each in dependants(route.dependant) if each.call in CALLERS]
    scopes = sorted({scope for each in found for scope in each.own_oauth_scopes or ()})
    operation["security"] = [{"bearer": []}] if found else []
    operation["x-wm-scopes"] = scopes
    operation["x-wm-person-only"] = any(each.call in {auth.require_person, auth.any_person} for each in found)
    responses = operation["responses"]
    responses.pop("422", None)
    codes = {*(ALWAYS if found else PUBLIC), *(WRITES if method != "GET" else READS)}
    if not found and method != "GET":
        codes |= {"401", "403"}
    for code in codes - set(responses):
        responses[code] = {"$ref": "#/components/responses/Problem"}
    parameters = operation.setdefault("parameters", [])
    if found and not any(each.call is auth.require_grant for each in found):
        parameters.append(_header("WM-Account", "The account that is meant, for a person with several memberships."))
    if method == "POST":
        parameters.append(_header("Idempotency-Key", "1 to 255 visible ASCII characters; the answer is kept 7 days."))
    operation["parameters"] = [each for each in parameters if each["name"].lower() != "authorization"]


def _header(name: str, text: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": text,
        "schema": {"type": "string", "maxLength": 255},
    }


def contract_bytes(app: FastAPI) -> bytes:
    """As committed and served."""
    return (json.dumps(contract_document(app), indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
