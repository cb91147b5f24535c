"""An admission, or its end, is a line in the account's chain: wm_release may append one, and take an admission back."""

from alembic import op
from migrations import rls

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rls.grant("contributor_groups", "DELETE", "wm_release")
    rls.grant("chain_heads", "SELECT, INSERT, UPDATE", "wm_release")
    rls.grant("events", "INSERT", "wm_release")


def downgrade() -> None:
    for table in ("chain_heads", "events"):
        op.execute(f"REVOKE ALL ON {table} FROM wm_release")
    op.execute("REVOKE DELETE ON contributor_groups FROM wm_release")
