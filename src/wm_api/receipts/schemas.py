"""Bodies of receipts."""

from typing import Any
from uuid import UUID

from pydantic import Field

from wm_api.core.schemas import Instant, Output, Page, Ref
from wm_api.events.service import href
from wm_api.receipts import models
from wm_api.receipts.service import ReceiptType


class Receipt(Output):
    """What was done and when, signed (ES256, /.well-known/jwks.json)."""

    id: UUID
    type: str = Field(examples=["share_grant"], json_schema_extra={"x-extensible-enum": [*ReceiptType]})
    subject: Ref
    issued_at: Instant
    body: dict[str, Any] = Field(description="Depends on the type; the signature covers it.")
    jws: str

    @classmethod
    def of(cls, row: models.Receipt) -> "Receipt":
        subject = Ref(type=row.subject_type, id=row.subject_id, href=href(row.subject_type, row.subject_id))
        return cls(id=row.id, type=row.type, subject=subject, issued_at=row.issued_at, body=row.body, jws=row.jws)


class ReceiptList(Page):
    data: list[Receipt]
