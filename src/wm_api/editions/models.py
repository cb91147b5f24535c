"""The table of editions; they belong to no account."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from wm_api.core.database import Base


class ReferenceEdition(Base):
    """One edition of a source: `sha256` is of the original file, `table` what was read from it. Never changed."""

    __tablename__ = "reference_editions"
    __table_args__ = (Index("uq_reference_editions_edition", "source", "edition", unique=True),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str]
    edition: Mapped[str]
    sha256: Mapped[str]
    title: Mapped[str]
    url: Mapped[str]
    licence: Mapped[str]
    label: Mapped[str]
    rows: Mapped[int]
    table: Mapped[str] = mapped_column(deferred=True)
    loaded_at: Mapped[datetime]
