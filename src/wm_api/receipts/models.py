"""Table of receipts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped

from wm_api.core.database import AccountOwned, Base


class Receipt(AccountOwned, Base):
    __tablename__ = "receipts"
    type: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    issued_at: Mapped[datetime]
    body: Mapped[dict[str, Any]]
    jws: Mapped[str]
