"""Query parameters of lists, and the Link header."""

import json
from datetime import date
from hashlib import sha256
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

from wm_api.core.paging import Paging


async def paging(
    request: Request,
    cursor: Annotated[str | None, Query(max_length=2000, description="`next_cursor` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Items a page.")] = 50,
) -> Paging:
    secret: bytes = request.app.state.resources.secrets.cursor
    filters = tuple(sorted(item for item in request.query_params.multi_items() if item[0] not in {"cursor", "limit"}))
    binding = sha256(json.dumps([request.url.path, filters]).encode()).hexdigest()[:32]
    return Paging(limit, cursor, secret, binding, request.url.path, filters)


def days(
    first: Annotated[date | None, Query(alias="from", description="Of this day or later.")] = None,
    last: Annotated[date | None, Query(alias="to", description="Of this day or earlier.")] = None,
) -> tuple[date | None, date | None]:
    """The first and the last day that a list is asked for."""
    return first, last


DaysDep = Annotated[tuple[date | None, date | None], Depends(days)]
PagingDep = Annotated[Paging, Depends(paging)]


def link_next(response: Response, page: Paging, next_cursor: str | None) -> None:
    """The same list, with its filters: the cursor is bound to them."""
    if next_cursor is not None:
        query = urlencode([*page.filters, ("cursor", next_cursor), ("limit", page.limit)])
        response.headers["Link"] = f'<{page.path}?{query}>; rel="next"'
