"""How metrics changed over a year among the people of both days."""

import sqlalchemy as sa
from alembic import op
from migrations import rls
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "like_for_like",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("compared_with", sa.Date(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("before", sa.Double(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("change", sa.Double(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("dataset_ids", postgresql.JSONB(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_like_for_like")),
    )
    op.create_index("uq_like_for_like_day", "like_for_like", ["account_id", "as_of", "metric"], unique=True)
    rls.protect("like_for_like")
    rls.grant("like_for_like")


def downgrade() -> None:
    op.drop_table("like_for_like")
