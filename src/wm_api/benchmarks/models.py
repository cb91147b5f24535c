"""Tables of benchmark releases; they belong to no account."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from wm_api.core.database import Base


class BenchmarkRelease(Base):
    """Frozen once loaded: the database refuses every change, whoever asks."""

    __tablename__ = "benchmark_releases"
    __table_args__ = (Index("uq_benchmark_releases_name", "name", unique=True),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    source: Mapped[str]
    label: Mapped[str]
    published_at: Mapped[datetime]
    sha256: Mapped[str]
    sources: Mapped[list[Any]]
    plan: Mapped[str | None]


class BenchmarkCell(Base):
    """Comes with its release, in one transaction. The database lets a contributed one in only as it was drawn."""

    __tablename__ = "benchmark_cells"
    __table_args__ = (
        Index(
            "uq_benchmark_cells_contributed",
            "release_id",
            "metric",
            "sector",
            "region",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("contributors_band IS NOT NULL"),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    release_id: Mapped[UUID] = mapped_column(ForeignKey("benchmark_releases.id", name="fk_benchmark_cells_release"))
    metric: Mapped[str]
    level: Mapped[str]
    sector: Mapped[str | None]
    size_band: Mapped[str | None]
    industry: Mapped[str | None]
    ownership: Mapped[str | None]
    part: Mapped[str | None]
    profile: Mapped[str] = mapped_column(server_default="default")
    kind: Mapped[str]
    n: Mapped[int | None]
    p10: Mapped[float | None]
    p25: Mapped[float | None]
    p50: Mapped[float | None]
    p75: Mapped[float | None]
    p90: Mapped[float | None]
    unit: Mapped[str]
    label: Mapped[str]
    region: Mapped[str | None]
    contributors_band: Mapped[str | None]
    error: Mapped[float | None]
