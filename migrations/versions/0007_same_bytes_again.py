"""The same bytes again after a correction was taken back, or while they are being deleted: one current dataset each."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NAME = "uq_datasets_sha256"


def _unique(states: str) -> None:
    op.drop_index(NAME, "datasets")
    where = sa.text(f"deleted_at IS NULL AND {states}")
    op.create_index(NAME, "datasets", ["account_id", "sha256"], unique=True, postgresql_where=where)


def upgrade() -> None:
    _unique("state IN ('received', 'accepted')")


def downgrade() -> None:
    _unique("state <> 'refused'")
