"""A score keeps all figures of its day, so that one that restates it can show old and new."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("scores", sa.Column("figures", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("scores", "figures")
