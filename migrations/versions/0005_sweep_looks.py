"""The sweep asks which accounts there are: ids and ends of chains, nothing else."""

from alembic import op
from migrations import rls

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rls.also_show("chain_heads", "to_sweep", "true", "wm_worker")


def downgrade() -> None:
    op.execute("DROP POLICY to_sweep ON chain_heads")
