"""The contract file: made from the routes, with problems by reference, scopes and security as they are enforced."""

import json
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from wm_api.core.schemas import Problem
from wm_api.core.web.openapi_operations import HEADERS, completed
from wm_api.core.web.policies import MEANINGS, TAGS

DESCRIPTION = (
    "Human-capital metrics, benchmarks and a Social Impact Score from payroll and HR extracts. "
    "Errors are RFC 9457 problems; `code` never changes, and each operation lists the codes that it can answer. "
    "Every answer carries `WM-Request-Id`."
)
CONTRACT_VERSION = "0.3.0"
"""Semver of the contract: minor for an addition, patch for a text. What changed: openapi/CHANGELOG.md."""


def contract_document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document as a plain value."""
    routes = [route for route in app.routes if isinstance(route, APIRoute) and route.include_in_schema]
    document = get_openapi(
        title="Working Metrics API",
        version=CONTRACT_VERSION,
        openapi_version="3.1.0",
        description=DESCRIPTION,
        routes=routes,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
        servers=[{"url": "/", "description": "Where this contract was read from."}],
        separate_input_output_schemas=False,
        license_info={"name": "Proprietary", "identifier": "LicenseRef-Proprietary"},
    )
    document["x-wm-policy-clauses"] = {clause.value: text for clause, text in MEANINGS.items()}
    _add_components(document["components"])
    for route in routes:
        for method in route.methods or ():
            path = document["paths"][route.path_format]
            path[method.lower()] = completed(path[method.lower()], route)
    return document


def _add_components(components: dict[str, Any]) -> None:
    schemas = components["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    components["headers"] = HEADERS
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    names = ("WM-Request-Id", "Retry-After", "Allow", "WWW-Authenticate", "Upload-Offset")
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    components["responses"] = {"Problem": {"description": "A problem.", "content": content, "headers": headers}}


def contract_when_asked(app: FastAPI) -> Callable[[], bytes]:
    """The file, made by the first that asks while the others wait: a second of work that few processes need."""
    making = Lock()

    @cache
    def made() -> bytes:
        return contract_bytes(app)

    def contract() -> bytes:
        with making:
            return made()

    return contract


def contract_bytes(app: FastAPI) -> bytes:
    """As committed and served: sorted, so that one contract is one text."""
    return (json.dumps(contract_document(app), indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
