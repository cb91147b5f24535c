"""Issue and read receipts."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core import clock, tokens
from wm_api.core.ids import new_id
from wm_api.core.paging import Paging, page_of
from wm_api.core.principal import Scope
from wm_api.core.problems import NotFound
from wm_api.core.resources import Resources
from wm_api.core.schemas import instant_text
from wm_api.receipts.models import Receipt


class ReceiptType(StrEnum):
    DATASET_DELETION = "dataset_deletion"
    SHARE_GRANT = "share_grant"


SCOPES: Mapping[ReceiptType, Scope] = {
    ReceiptType.DATASET_DELETION: Scope.DATASETS_READ,
    ReceiptType.SHARE_GRANT: Scope.SHARES_READ,
}


async def issue(
    session: AsyncSession, resources: Resources, kind: str, subject: tuple[str, UUID], body: dict[str, Any]
) -> Receipt:
    """Sign and keep; anybody can check the signature offline with the published keys."""
    now, receipt_id = clock.now(), new_id()
    payload = {
        "iss": resources.settings.public_url,
        "jti": str(receipt_id),
        "type": kind,
        "subject": {"type": subject[0], "id": str(subject[1])},
        "issued_at": instant_text(now),
        "body": body,
    }
    receipt = Receipt(
        account_id=session.info["account_id"],
        id=receipt_id,
        type=kind,
        subject_type=subject[0],
        subject_id=subject[1],
        issued_at=now,
        body=body,
        jws=tokens.issue(resources.signing_keys, tokens.RECEIPT, payload),
    )
    session.add(receipt)
    await session.flush()
    return receipt


async def list_receipts(
    session: AsyncSession, page: Paging, kinds: Collection[ReceiptType]
) -> tuple[Sequence[Receipt], str | None]:
    return await page_of(session, select(Receipt).where(Receipt.type.in_(kinds)), Receipt.id, page)


async def latest_of(session: AsyncSession, subject_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The bound account's latest receipt of each subject."""
    rows = select(Receipt.subject_id, Receipt.id).where(Receipt.subject_id.in_(subject_ids)).order_by(Receipt.id)
    return {row.subject_id: row.id for row in await session.execute(rows)}


async def get_receipt(session: AsyncSession, receipt_id: UUID, kinds: Collection[ReceiptType]) -> Receipt:
    receipt = await session.scalar(select(Receipt).where(Receipt.id == receipt_id, Receipt.type.in_(kinds)))
    if receipt is None:
        raise NotFound
    return receipt
