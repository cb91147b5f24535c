"""Routes of /v1/receipts."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Response, Security

from wm_api.core.principal import Principal, Scope
from wm_api.core.schemas import Instant, Output, Page, Ref
from wm_api.core.web.auth import require
from wm_api.core.web.dependencies import SessionDep
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router
from wm_api.events.service import href
from wm_api.receipts import models, service

router = new_router("/v1/receipts", "receipts")
ReceiptReader = Annotated[Principal, Security(require, scopes=[Scope.DATASETS_READ])]


class Receipt(Output):
    """What was done and when, signed (ES256, /.well-known/jwks.json)."""

    id: UUID
    type: str
    subject: Ref
    issued_at: Instant
    body: dict[str, Any]
    jws: str


class ReceiptList(Page):
    data: list[Receipt]


def shown(row: models.Receipt) -> Receipt:
    subject = Ref(type=row.subject_type, id=row.subject_id, href=href(row.subject_type, row.subject_id))
    return Receipt(id=row.id, type=row.type, subject=subject, issued_at=row.issued_at, body=row.body, jws=row.jws)


@router.get("", operation_id="receipts_list", summary="List receipts")
async def list_receipts(_: ReceiptReader, session: SessionDep, page: PagingDep, response: Response) -> ReceiptList:
    """Newest first; readable after the deletion."""
    rows, next_cursor = await service.list_receipts(session, page)
    link_next(response, page, next_cursor)
    return ReceiptList(data=[shown(row) for row in rows], next_cursor=next_cursor)


@router.get("/{receipt_id}", operation_id="receipts_get", summary="Read one receipt")
async def get_receipt(receipt_id: UUID, _: ReceiptReader, session: SessionDep) -> Receipt:
    """With its signature."""
    return shown(await service.get_receipt(session, receipt_id))
