"""Tables of contributed benchmarks: who takes part, the run of a release, its ledger and what was drawn.

Nothing here has a row of a company but consent and group; the snapshot goes when the release is published.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from wm_api.core.database import AccountOwned, Base


class ContributionConsent(AccountOwned, Base):
    """An owner's word that the account takes part, or no longer does; it counts from the next release on."""

    __tablename__ = "contribution_consents"
    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_contribution_consents_account"),
        Index("uq_contribution_consents_account", "account_id", unique=True),
    )
    taking_part: Mapped[bool]
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID]


class ContributorGroup(AccountOwned, Base):
    """The verified corporate group that an account belongs to, admitted by the operator: the unit of privacy."""

    __tablename__ = "contributor_groups"
    __table_args__ = (
        ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_contributor_groups_account"),
        Index("uq_contributor_groups_account", "account_id", unique=True),
        CheckConstraint("employees >= 50", name="enough_employees"),
    )
    name: Mapped[str]
    employees: Mapped[int]
    admitted_at: Mapped[datetime]


class ReleaseRun(Base):
    """A release until it is published or abandoned, one at a time; `number` is its place among the two of its year.

    `commitment` is a keyed hash of the snapshot; the key is destroyed with the snapshot.
    """

    __tablename__ = "release_runs"
    __table_args__ = (
        Index("uq_release_runs_name", "name", unique=True),
        Index("uq_release_runs_number", "year", "number", unique=True),
        CheckConstraint("number IN (1, 2)", name="two_a_year"),
        Index(
            "uq_release_runs_open",
            "published_at",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("commitment_key IS NOT NULL"),
        ),
        CheckConstraint("year = extract(year FROM day)", name="year_of_day"),
        CheckConstraint("num_nonnulls(commitment_key, published_at, abandoned_at) = 1", name="key_ends"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    plan: Mapped[str]
    day: Mapped[date]
    year: Mapped[int] = mapped_column(SmallInteger)
    number: Mapped[int] = mapped_column(SmallInteger)
    commitment: Mapped[bytes]
    commitment_key: Mapped[bytes | None]
    started_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    abandoned_at: Mapped[datetime | None]


class ReleaseEntry(Base):
    """One group of the snapshot, without its name; gone when the release is published or abandoned."""

    __tablename__ = "release_entries"
    release_id: Mapped[UUID] = mapped_column(
        ForeignKey("release_runs.id", name="fk_release_entries_run"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    sector: Mapped[str | None]
    region: Mapped[str | None]
    figures: Mapped[list[Any]]


class BudgetLine(Base):
    """The ledger: what a draw costs. Written before it, in its transaction; a trigger keeps the caps of every path.

    Nobody changes a line, nor what was drawn for it: triggers refuse the owner of the tables, too.
    """

    __tablename__ = "budget_lines"
    __table_args__ = (
        CheckConstraint("eps > 0 AND eps <= 1.5", name="eps"),
        CheckConstraint("cell ~ '^all(/[A-U](/(US-R[1-4]|(?!US)[A-Z]{2}))?)?$'", name="cell"),
        CheckConstraint(
            "abs(rho - eps * eps / CASE mechanism WHEN 'count' THEN 2 WHEN 'median' THEN 8 WHEN 'aq3' THEN 16 END)"
            " < 1e-9",
            name="rho",
        ),
        Index("ix_budget_lines_cell", "cell", "release_id"),
    )
    release_id: Mapped[UUID] = mapped_column(
        ForeignKey("release_runs.id", name="fk_budget_lines_run"), primary_key=True
    )
    cell: Mapped[str] = mapped_column(String(collation="C"), primary_key=True)
    statistic: Mapped[str] = mapped_column(primary_key=True)
    mechanism: Mapped[str]
    eps: Mapped[float]
    rho: Mapped[float]


class ContributedCell(Base):
    """One draw, kept; none without its line of the ledger."""

    __tablename__ = "contributed_cells"
    __table_args__ = (
        ForeignKeyConstraint(
            ["release_id", "cell", "statistic"],
            ["budget_lines.release_id", "budget_lines.cell", "budget_lines.statistic"],
            name="fk_contributed_cells_line",
        ),
        CheckConstraint("statistic <> 'count'", name="no_count"),
    )
    release_id: Mapped[UUID] = mapped_column(primary_key=True)
    cell: Mapped[str] = mapped_column(String(collation="C"), primary_key=True)
    statistic: Mapped[str] = mapped_column(primary_key=True)
    band: Mapped[str]
    p25: Mapped[float | None]
    p50: Mapped[float]
    p75: Mapped[float | None]
    error: Mapped[float]
