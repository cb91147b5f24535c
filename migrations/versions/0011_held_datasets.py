"""A push may be held: it waits until a day, with what accepting it would change."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COLUMNS = (("held_until", sa.DateTime(timezone=True)), ("preview", JSONB))


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("datasets", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for name, _ in COLUMNS:
        op.drop_column("datasets", name)
