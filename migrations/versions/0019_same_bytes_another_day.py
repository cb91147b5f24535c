"""The same bytes of another kind, day or period are another dataset: an unchanged list of plans counts again.

On the way down nothing is changed where it could not be undone: while the same bytes count under several kinds or
dates, the older index cannot be built, and PostgreSQL says so. Undo or delete all but one of them first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

NAME = "uq_datasets_sha256"
WHERE = sa.text("deleted_at IS NULL AND state = 'accepted'")
DATED = ["kind", "as_of", "period_start", "period_end"]


def upgrade() -> None:
    op.drop_index(NAME, "datasets")
    op.create_index(
        NAME,
        "datasets",
        ["account_id", "sha256", *DATED],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=WHERE,
    )


def downgrade() -> None:
    op.drop_index(NAME, "datasets")
    op.create_index(NAME, "datasets", ["account_id", "sha256"], unique=True, postgresql_where=WHERE)
