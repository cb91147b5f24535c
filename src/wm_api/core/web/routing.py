"""One kind of route: unknown parameters are refused, JSON is read strictly, answers of writes can be replayed."""

import re
from collections.abc import Callable, Coroutine, Iterator, Mapping
from datetime import date
from typing import Any, get_args

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import AwareDatetime

from wm_api.core.problems import FieldError, UnknownParameter, ValidationFailed
from wm_api.core.web.accept import JSON, check_accept
from wm_api.core.web.body import read_json
from wm_api.core.web.idempotency import keep_answer

FORMS: Mapping[Any, re.Pattern[str]] = {
    bool: re.compile(r"true|false"),
    int: re.compile(r"-?(0|[1-9][0-9]{0,17})"),
    float: re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?"),
    date: re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    AwareDatetime: re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:.]{5,20}([Zz]|[+-][0-9]{2}:[0-9]{2})"),
}
"""How a value of a type is written in a query: one way, where the library would take many."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def dependants(dependant: Dependant) -> Iterator[Dependant]:
    """The dependant of a route and all below it."""
    yield dependant
    for child in dependant.dependencies:
        yield from dependants(child)


class StrictRoute(APIRoute):
    """Refuses what FastAPI would ignore, and keeps the answer of an idempotent write in its transaction."""

    def get_route_handler(self) -> Handler:
        original = super().get_route_handler()
        known = {
            field.alias: _form(field.field_info.annotation)
            for each in dependants(self.dependant)
            for field in each.query_params
        }
        reads_json = self.body_field is not None
        offered = _offered(self)

        async def handler(request: Request) -> Response:
            check_accept(request.headers.get("accept"), offered)
            _check_parameters(request, known)
            if reads_json:
                await read_json(request)
            response = await original(request)
            await keep_answer(request, response)
            return response

        return handler


def _offered(route: APIRoute) -> frozenset[str]:
    """JSON with its problems, unless the route's own 2xx names other media types only."""
    kinds = {
        kind for status, each in route.responses.items() if str(status)[0] == "2" for kind in each.get("content", ())
    }
    return frozenset(kinds | JSON) if "application/json" in kinds else frozenset(kinds) or JSON


def _form(annotation: Any) -> re.Pattern[str] | None:
    """None of a type that is a text, or says its own form."""
    return next((FORMS[each] for each in (get_args(annotation) or (annotation,)) if each in FORMS), None)


def _check_parameters(request: Request, known: Mapping[str, re.Pattern[str] | None]) -> None:
    names = [name for name, _ in request.query_params.multi_items()]
    listed = ", ".join(sorted(known)) or "none"
    if unknown := sum(name not in known for name in names):
        error = FieldError(code="unknown-parameter", detail=f"{unknown} not known; known are: {listed}.", parameter="")
        raise UnknownParameter(f"Known parameters: {listed}.", errors=[error])
    for name in known:
        if names.count(name) > 1:
            error = FieldError(code="repeated", detail="This parameter may be given once.", parameter=name)
            raise UnknownParameter(f"Known parameters: {listed}, each once.", errors=[error])
    for name, value in request.query_params.multi_items():
        if "\x00" in value:  # PostgreSQL knows no such text
            error = FieldError(code="invalid", detail="U+0000 is not allowed.", parameter=name)
            raise ValidationFailed(errors=[error])
        form = known[name]
        if form is not None and not form.fullmatch(value):
            error = FieldError(code="invalid", detail=f"The form is {form.pattern}.", parameter=name)
            raise ValidationFailed(errors=[error])


def new_router(prefix: str, tag: str) -> APIRouter:
    return APIRouter(prefix=prefix, tags=[tag], route_class=StrictRoute)
