"""The same bytes with corrected facts wait beside the dataset that they supersede: one accepted dataset each."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NAME = "uq_datasets_sha256"


def _unique(states: str) -> None:
    op.drop_index(NAME, "datasets")
    where = sa.text(f"deleted_at IS NULL AND {states}")
    op.create_index(NAME, "datasets", ["account_id", "sha256"], unique=True, postgresql_where=where)


def upgrade() -> None:
    _unique("state = 'accepted'")


def downgrade() -> None:
    _unique("state IN ('received', 'accepted')")
