"""Routes of /v1/record-kinds: what may be pushed."""

from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse

from wm_api.core.paging import page_of_items
from wm_api.core.problems import NotFound
from wm_api.core.settings import Settings
from wm_api.core.web.dependencies import ResourcesDep
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router
from wm_api.datasets import schemas
from wm_api.records import kind_documents
from wm_api.records.columns import Code, Column, Day, Flag, Integer, Key, Number
from wm_api.records.kinds import KINDS, RecordKind
from wm_api.records.limits import Limits, most_rows
from wm_api.records.readers import CSV

router = new_router("/v1/record-kinds", "record-kinds")
NAMES = {Key: "employee_key", Day: "date", Number: "decimal", Integer: "integer", Code: "code", Flag: "code"}
SCHEMA = "application/schema+json"
CACHED = {"Cache-Control": "public, max-age=300"}


def _answer(media_type: str, schema: dict[str, Any], said: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {"schema": schema}}, "description": said}}


def column_definition(column: Column) -> schemas.ColumnDefinition:
    kind = column.type
    ranged = isinstance(kind, Number | Integer)
    codes = (
        ["true", "false"] if isinstance(kind, Flag) else list(kind.codes) or None if isinstance(kind, Code) else None
    )
    return schemas.ColumnDefinition(
        name=column.name,
        type=NAMES[type(kind)],
        required=column.required,
        unit=kind.unit if isinstance(kind, Number) else None,
        minimum=f"{kind.minimum}" if ranged else None,  # type: ignore[union-attr]
        maximum=f"{kind.maximum}" if ranged else None,  # type: ignore[union-attr]
        scale=kind.places if isinstance(kind, Number) else None,
        codes=codes,
        pattern=kind.pattern if isinstance(kind, Code) else None,
        description=column.description,
    )


def shown(kind: RecordKind, settings: Settings) -> schemas.RecordKind:
    limits = Limits()
    return schemas.RecordKind(
        kind=kind.name,
        version=kind.version,
        dating=kind.dating,
        natural_key=list(kind.natural_key),
        columns=[column_definition(column) for column in kind.columns],
        limits=schemas.RecordLimits(
            push_bytes=settings.push_bytes,
            upload_bytes=settings.upload_bytes,
            rows=most_rows(kind.name),
            columns=limits.columns,
            cell_bytes=limits.cell_bytes,
        ),
    )


@router.get("", operation_id="record_kinds_list", summary="What may be pushed")
async def list_record_kinds(resources: ResourcesDep, page: PagingDep, response: Response) -> schemas.RecordKindList:
    """Every record kind with its columns, types, ranges and codes."""
    response.headers.update(CACHED)
    kinds, next_cursor = page_of_items(list(KINDS.values()), page)
    link_next(response, page, next_cursor)
    data = [shown(kind, resources.settings) for kind in kinds]
    return schemas.RecordKindList(data=data, next_cursor=next_cursor)


@router.get("/{kind}", operation_id="record_kinds_get", summary="One record kind")
async def get_record_kind(kind: str, resources: ResourcesDep, response: Response) -> schemas.RecordKind:
    """Its columns, types, ranges and codes."""
    response.headers.update(CACHED)
    return shown(_known(kind), resources.settings)


@router.get(
    "/{kind}/schema",
    operation_id="record_kinds_get_schema",
    summary="JSON Schema of a row",
    response_class=Response,
    responses=_answer(SCHEMA, {"type": "object"}, "A JSON Schema."),
)
async def get_schema(kind: str) -> Response:
    """One row as a flat object, in JSON Schema 2020-12: the form of a line of NDJSON."""
    return JSONResponse(kind_documents.row_schema(_known(kind)), media_type=SCHEMA, headers=CACHED)


@router.get(
    "/{kind}/template",
    operation_id="record_kinds_get_template",
    summary="Headings as CSV",
    response_class=Response,
    responses=_answer(CSV, {"type": "string"}, "One line of headings."),
)
async def get_template(kind: str) -> Response:
    """Every heading of the kind; columns that are not required may be left out."""
    return Response(kind_documents.template(_known(kind)), media_type=CSV, headers=CACHED)


@router.get(
    "/{kind}/example",
    operation_id="record_kinds_get_example",
    summary="An example as CSV",
    response_class=Response,
    responses=_answer(CSV, {"type": "string"}, "A file that is accepted."),
)
async def get_example(kind: str) -> Response:
    """Made-up rows as of 2025-12-31, pay of December 2025, of the same people in every kind.

    The key of their employee keys is public: push them with `dry_run`, or to an account for tests.
    """
    return Response(kind_documents.example(_known(kind)), media_type=CSV, headers=CACHED)


def _known(kind: str) -> RecordKind:
    if kind not in KINDS:
        raise NotFound
    return KINDS[kind]
