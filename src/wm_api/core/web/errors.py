"""Problems as answers. No submitted value, no unknown name and no text of an exception leaves by this door."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from wm_api.core import problems
from wm_api.core.faults import OF_SERVERS, passes
from wm_api.core.logs import failure, log
from wm_api.core.problems import FieldError, Problem
from wm_api.core.web.idempotency import Replay

SAFE_TEXTS: Mapping[str, str] = {
    "missing": "This field is required.",
    "string_too_short": "The text is too short.",
    "string_too_long": "The text is too long.",
    "string_pattern_mismatch": "The text does not have the form that the contract gives.",
    "string_type": "A text is expected.",
    "int_type": "A whole number is expected.",
    "int_parsing": "A whole number is expected.",
    "bool_type": "true or false is expected.",
    "bool_parsing": "true or false is expected.",
    "uuid_parsing": "A UUID is expected.",
    "uuid_type": "A UUID is expected.",
    "enum": "The value is not one of those that the contract lists.",
    "literal_error": "The value is not one of those that the contract lists.",
    "date_from_datetime_parsing": "A date of the form YYYY-MM-DD is expected.",
    "date_parsing": "A date of the form YYYY-MM-DD is expected.",
    "datetime_parsing": "An instant of the form 2026-11-01T09:30:00Z is expected.",
    "datetime_from_date_parsing": "An instant of the form 2026-11-01T09:30:00Z is expected.",
    "timezone_aware": "The instant needs a time zone, such as Z.",
    "greater_than_equal": "The number is too small.",
    "less_than_equal": "The number is too large.",
    "too_short": "Too few items.",
    "too_long": "Too many items.",
    "extra_forbidden": "A field here is not known.",
    "model_attributes_type": "A JSON object is expected.",
    "value_error": "The value does not fit the contract.",
}
GENERIC = "The value does not fit the contract."


def problem_response(request: Request, problem: Problem) -> JSONResponse:
    base = request.app.state.resources.settings.public_url
    body = problem.document(base, request.state.request_id, instance_of(request))
    headers = {"Cache-Control": "no-store", **problem.headers}
    return JSONResponse(body, problem.status, headers, media_type="application/problem+json")


def instance_of(request: Request) -> str | None:
    """The path, where it holds nothing but a route's own words and UUIDs; else the route's template, or null."""
    route = request.scope.get("route")
    try:
        for value in request.path_params.values():
            UUID(value)
    except ValueError:
        return getattr(route, "path", None)
    return request.url.path if route is not None else None


async def on_problem(request: Request, error: Exception) -> Response:
    return problem_response(request, error if isinstance(error, Problem) else problems.InternalError())


async def on_replay(_: Request, error: Exception) -> Response:
    if not isinstance(error, Replay):
        raise TypeError
    return error.response


async def on_validation(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    return problem_response(request, validation_problem(found))


def validation_problem(found: Sequence[Any]) -> Problem:
    """Location and code only: `input`, `ctx` and `msg` are dropped, an unknown field is named by its parent."""
    kinds = {item["type"] for item in found}
    if any(item["loc"][:1] == ("path",) for item in found):
        return problems.NotFound()
    if "json_invalid" in kinds:
        return problems.MalformedRequest()
    errors = [_field_error(item) for item in found]
    if kinds == {"extra_forbidden"}:
        return problems.UnknownField(errors=errors)
    return problems.ValidationFailed(errors=errors)


def _field_error(item: Mapping[str, Any]) -> FieldError:
    place, *rest = item["loc"]
    if item["type"] == "extra_forbidden":
        rest = rest[:-1]
    detail = SAFE_TEXTS.get(item["type"], GENERIC)
    code = item["type"].replace("_", "-") if item["type"] in SAFE_TEXTS else "invalid"
    if place == "query":
        return FieldError(code, detail, parameter=str(rest[0]) if rest else "")
    if place == "header":
        return FieldError(code, detail, header=str(rest[0]) if rest else "")
    return FieldError(code, detail, pointer="".join(f"/{part}" for part in rest))


async def on_http_exception(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 405:  # noqa: PLR2004
        allowed = ", ".join(sorted(_methods(request)))
        return problem_response(request, problems.MethodNotAllowed(headers={"Allow": allowed}))
    if status == 404:  # noqa: PLR2004
        return problem_response(request, problems.NotFound())
    if status == 400:  # noqa: PLR2004
        return problem_response(request, problems.MalformedRequest())
    return problem_response(request, problems.InternalError())


def _methods(request: Request) -> set[str]:
    """All methods that any route offers for this path."""
    routes = (route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE)
    return {method for route in routes for method in getattr(route, "methods", None) or ()}


async def on_database_error(request: Request, error: Exception) -> Response:
    """A server that is away, full or busy is 503; any other failure of it is ours."""
    log().error("database failure", **failure(error))
    problem = (
        problems.TemporarilyUnavailable(headers={"Retry-After": "2"}) if passes(error) else problems.InternalError()
    )
    return problem_response(request, problem)


def install_errors(app: FastAPI) -> None:
    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(Replay, on_replay)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http_exception)
    for kind in OF_SERVERS:
        app.add_exception_handler(kind, on_database_error)
