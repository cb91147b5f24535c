"""The hash of the method that made a stored figure; unknown of those made before."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLES = ("metric_values", "metric_breakdowns", "like_for_like")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("method_sha256", sa.String(), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "method_sha256")
