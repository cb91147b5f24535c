"""Metrics of a day by entity and region."""

import sqlalchemy as sa
from alembic import op
from migrations import rls
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "metric_breakdowns",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("groups", postgresql.JSONB(), nullable=False),
        sa.Column("dataset_ids", postgresql.JSONB(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_metric_breakdowns")),
    )
    days = ["account_id", "as_of", "dimension", "metric"]
    op.create_index("uq_metric_breakdowns_day", "metric_breakdowns", days, unique=True)
    rls.protect("metric_breakdowns")
    rls.grant("metric_breakdowns")


def downgrade() -> None:
    op.drop_table("metric_breakdowns")
