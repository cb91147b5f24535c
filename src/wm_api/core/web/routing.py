"""One kind of route: unknown parameters are refused, JSON is read strictly, answers of writes can be replayed."""

from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from wm_api.core.problems import FieldError, UnknownParameter, ValidationFailed
from wm_api.core.web.accept import JSON, check_accept
from wm_api.core.web.body import read_json
from wm_api.core.web.idempotency import keep_answer

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
        known = {field.alias for each in dependants(self.dependant) for field in each.query_params}
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
    """JSON, unless the route's own 2xx names other media types."""
    kinds = {
        kind for status, each in route.responses.items() if str(status)[0] == "2" for kind in each.get("content", ())
    }
    return frozenset(kinds) or JSON


def _check_parameters(request: Request, known: set[str]) -> None:
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


def new_router(prefix: str, tag: str) -> APIRouter:
    return APIRouter(prefix=prefix, tags=[tag], route_class=StrictRoute)
