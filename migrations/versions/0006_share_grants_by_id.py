"""Both sides of a grant find it by its id alone."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_share_grants_id", "share_grants", ["id"])


def downgrade() -> None:
    op.drop_index("ix_share_grants_id", table_name="share_grants")
