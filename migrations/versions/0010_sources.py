"""Sources: integrations with a kind, a rhythm and a mapping version; a dataset says from which it came."""

import sqlalchemy as sa
from alembic import op
from migrations import rls

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sources",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("cadence", sa.String(), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("mapping_version", sa.String(), nullable=True),
        sa.Column("told_until", sa.Date(), nullable=False),
        sa.Column("created_by_type", sa.String(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_sources_account"),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_sources")),
    )
    op.create_index("uq_sources_name", "sources", ["account_id", "name"], unique=True)
    rls.protect("sources")
    rls.grant("sources")
    op.add_column("datasets", sa.Column("source_id", sa.Uuid(), nullable=True))
    op.add_column("datasets", sa.Column("mapping_version", sa.String(), nullable=True))
    op.add_column("datasets", sa.Column("accept_drift", sa.Boolean(), nullable=False, server_default=sa.false()))
    pair = (["account_id", "source_id"], ["account_id", "id"])
    op.create_foreign_key("fk_datasets_source", "datasets", "sources", *pair)
    op.create_index("ix_datasets_source", "datasets", ["account_id", "source_id", "accepted_at"])


def downgrade() -> None:
    op.drop_index("ix_datasets_source", table_name="datasets")
    op.drop_constraint("fk_datasets_source", "datasets", type_="foreignkey")
    for column in ("accept_drift", "mapping_version", "source_id"):
        op.drop_column("datasets", column)
    op.drop_table("sources")
