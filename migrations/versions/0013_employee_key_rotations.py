"""Which key of employee keys followed which, and what names the sealed table of links."""

import sqlalchemy as sa
from alembic import op
from migrations import rls

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "employee_key_rotations",
        sa.Column("old_key_id", sa.String(), nullable=False),
        sa.Column("new_key_id", sa.String(), nullable=False),
        sa.Column("first_key_id", sa.String(), nullable=False),
        sa.Column("pairs", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("created_by_type", sa.String(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_employee_key_rotations")),
    )
    op.create_index(
        "uq_employee_key_rotations_new", "employee_key_rotations", ["account_id", "new_key_id"], unique=True
    )
    rls.protect("employee_key_rotations")
    rls.grant("employee_key_rotations", "SELECT, INSERT")


def downgrade() -> None:
    op.drop_table("employee_key_rotations")
