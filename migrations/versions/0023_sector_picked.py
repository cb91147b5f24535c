"""The section of ISIC 4 that an account picks where its industry code reaches several."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("sector", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("accounts", "sector")
