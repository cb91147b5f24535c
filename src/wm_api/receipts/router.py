"""Routes of /v1/receipts."""

from typing import Annotated
from uuid import UUID

from fastapi import Response, Security

from wm_api.core.principal import Principal, Scope
from wm_api.core.web.auth import require_either
from wm_api.core.web.dependencies import SessionDep
from wm_api.core.web.pagination import PagingDep, link_next
from wm_api.core.web.routing import new_router
from wm_api.receipts import service
from wm_api.receipts.schemas import Receipt, ReceiptList

router = new_router("/v1/receipts", "receipts")
ReceiptReader = Annotated[Principal, Security(require_either, scopes=[Scope.DATASETS_READ, Scope.SHARES_READ])]


def readable(principal: Principal) -> list[service.ReceiptType]:
    """Receipts of deletions belong to who reads datasets, those of grants to who reads grants."""
    return [kind for kind, scope in service.SCOPES.items() if scope in principal.scopes]


@router.get("", operation_id="receipts_list", summary="List receipts")
async def list_receipts(
    principal: ReceiptReader, session: SessionDep, page: PagingDep, response: Response
) -> ReceiptList:
    """Newest first, of the types that the credential may read; readable after the deletion."""
    rows, next_cursor = await service.list_receipts(session, page, readable(principal))
    link_next(response, page, next_cursor)
    return ReceiptList(data=[Receipt.of(row) for row in rows], next_cursor=next_cursor)


@router.get("/{receipt_id}", operation_id="receipts_get", summary="Read one receipt")
async def get_receipt(receipt_id: UUID, principal: ReceiptReader, session: SessionDep) -> Receipt:
    """With its signature."""
    return Receipt.of(await service.get_receipt(session, receipt_id, readable(principal)))
