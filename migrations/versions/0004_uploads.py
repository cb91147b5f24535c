"""Large files in parts; a dataset that is received before it is checked."""

import sqlalchemy as sa
from alembic import op
from migrations import rls

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DATES = ["account_id", "kind", "as_of", "period_start", "period_end", "external_ref"]
REF = "uq_datasets_external_ref"
NAMED = "deleted_at IS NULL AND external_ref IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("content_encoding", sa.String(), nullable=True),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("declared_sha256", sa.String(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("writer", sa.Uuid(), nullable=True),
        sa.Column("created_by_type", sa.String(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_uploads")),
    )
    op.create_table(
        "upload_parts",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "upload_id"],
            ["uploads.account_id", "uploads.id"],
            name="fk_upload_parts_upload",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_upload_parts")),
    )
    op.create_index("uq_upload_parts_start", "upload_parts", ["account_id", "upload_id", "start"], unique=True)
    for table in ("uploads", "upload_parts"):
        rls.protect(table)
        rls.grant(table)
    op.add_column("datasets", sa.Column("new_key", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("datasets", sa.Column("object_id", sa.Uuid(), nullable=True))
    _name_once("state = 'accepted'")


def _name_once(states: str) -> None:
    op.drop_index(REF, "datasets")
    where = sa.text(f"{states} AND {NAMED}")
    op.create_index(REF, "datasets", DATES, unique=True, postgresql_nulls_not_distinct=True, postgresql_where=where)


def downgrade() -> None:
    _name_once("state IN ('received', 'accepted')")
    op.drop_column("datasets", "object_id")
    op.drop_column("datasets", "new_key")
    op.drop_table("upload_parts")
    op.drop_table("uploads")
