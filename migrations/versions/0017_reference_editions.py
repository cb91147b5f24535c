"""Editions of reference tables, which never change; what of a metric a cell is of."""

import sqlalchemy as sa
from alembic import op
from migrations import rls

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TEXTS = ("source", "edition", "sha256", "title", "url", "licence", "label")


def upgrade() -> None:
    op.create_table(
        "reference_editions",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in TEXTS),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("table", sa.String(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_editions")),
    )
    op.create_index("uq_reference_editions_edition", "reference_editions", ["source", "edition"], unique=True)
    rls.grant("reference_editions", "SELECT")
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'a row of % is never changed', TG_TABLE_NAME; END $$"
    )
    op.execute(
        "CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON reference_editions"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    for name in ("part", "ownership"):
        op.add_column("benchmark_cells", sa.Column(name, sa.String(), nullable=True))
    op.add_column("benchmark_cells", sa.Column("profile", sa.String(), nullable=False, server_default="default"))


def downgrade() -> None:
    for name in ("profile", "ownership", "part"):
        op.drop_column("benchmark_cells", name)
    op.drop_table("reference_editions")
    op.execute("DROP FUNCTION refuse_change()")
