"""Which published score a score is compared with."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("scores", sa.Column("previous_id", sa.Uuid(), nullable=True))
    op.create_foreign_key("fk_scores_previous", "scores", "scores", ["account_id", "previous_id"], ["account_id", "id"])


def downgrade() -> None:
    op.drop_constraint("fk_scores_previous", "scores", type_="foreignkey")
    op.drop_column("scores", "previous_id")
