"""From when until when each dataset counted; what is there already is told from the log of events."""

import sqlalchemy as sa
from alembic import op
from migrations import rls

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ENDED = """
  UPDATE datasets d SET ended_at = coalesce(
    (SELECT min(e.occurred_at) FROM events e WHERE e.account_id = d.account_id AND e.subject_id = d.id
      AND (e.type = 'dataset.superseded' OR (e.type = 'dataset.deleted' AND e.state = 'deleting'))),
    d.deleted_at, now())
  WHERE d.accepted_at IS NOT NULL AND d.state <> 'accepted'"""
BEGAN = """
  INSERT INTO dataset_countings (account_id, id, dataset_id, at, counts)
  SELECT account_id, gen_random_uuid(), id, date_trunc('milliseconds', accepted_at), true
  FROM datasets WHERE accepted_at IS NOT NULL"""
CEASED = """
  INSERT INTO dataset_countings (account_id, id, dataset_id, at, counts)
  SELECT account_id, gen_random_uuid(), id,
    date_trunc('milliseconds', greatest(ended_at, accepted_at + interval '1 millisecond')), false
  FROM datasets WHERE ended_at IS NOT NULL"""
UNTOLD = """
  SELECT count(*) FROM datasets d WHERE d.accepted_at IS NOT NULL AND (d.state = 'accepted') <> coalesce(
    (SELECT c.counts FROM dataset_countings c WHERE c.account_id = d.account_id AND c.dataset_id = d.id
     ORDER BY c.at DESC LIMIT 1), false)"""


def upgrade() -> None:
    op.add_column("datasets", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "dataset_countings",
        sa.Column("dataset_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "dataset_id"], ["datasets.account_id", "datasets.id"], name="fk_dataset_countings_dataset"
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_dataset_countings")),
    )
    columns = ["account_id", "dataset_id", "at"]
    op.create_index("uq_dataset_countings_dataset", "dataset_countings", columns, unique=True)
    op.create_index("ix_dataset_countings_at", "dataset_countings", ["account_id", "at"])
    rls.protect("dataset_countings")
    rls.grant("dataset_countings", "SELECT, INSERT")
    _tell_the_past()


def _tell_the_past() -> None:
    """Account by account, bound to it: under FORCE the owner sees no row of any other, and no error says so."""
    connection = op.get_bind()
    for account_id in _accounts(connection):
        connection.execute(sa.text("SELECT set_config('app.account_id', :id, true)"), {"id": str(account_id)})
        for statement in (ENDED, BEGAN, CEASED):
            connection.execute(sa.text(statement))
        if untold := connection.scalar(sa.text(UNTOLD)):
            msg = f"{untold} datasets of an account have no line that says whether they count"
            raise RuntimeError(msg)
    connection.execute(sa.text("SELECT set_config('app.account_id', '', true)"))


def _accounts(connection: sa.Connection) -> list[object]:
    """All ids, which only the owner of a table without FORCE sees; it has it again before anybody else looks."""
    connection.execute(sa.text("ALTER TABLE chain_heads NO FORCE ROW LEVEL SECURITY"))
    found = list(connection.scalars(sa.text("SELECT account_id FROM chain_heads ORDER BY account_id")))
    connection.execute(sa.text("ALTER TABLE chain_heads FORCE ROW LEVEL SECURITY"))
    return found


def downgrade() -> None:
    op.drop_table("dataset_countings")
    op.drop_column("datasets", "ended_at")
