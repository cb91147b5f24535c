"""How many simulations an account has asked for in the window of its last one."""

import sqlalchemy as sa
from alembic import op
from migrations import rls

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "simulation_counts",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_simulation_counts")),
    )
    rls.protect("simulation_counts")
    rls.grant("simulation_counts", "SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("simulation_counts")
