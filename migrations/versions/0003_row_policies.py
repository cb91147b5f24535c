"""Row policies and rights: an account's rows are its own; each further look is on this list."""

from alembic import op
from migrations import rls

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OWNED = (
    "api_keys", "chain_heads", "datasets", "events", "grant_answers", "grant_reads", "invitations", "members",
    "metric_values", "operations", "receipts", "score_publications", "scores", "share_grants",
)  # fmt: skip
SHARED = ("login_failures", "sessions", "spent_tokens", "users")
REFERENCE = ("benchmark_releases", "benchmark_cells")
APPEND_ONLY = ("events", "grant_reads")
ACTIVE_GRANT = f"""EXISTS (
  SELECT 1 FROM share_grants g JOIN grant_answers a ON a.id = g.id
  WHERE g.account_id = score_publications.account_id AND g.revoked_at IS NULL AND g.expires_at > now()
    AND a.account_id = {rls.BOUND} AND a.answer = 'accepted')"""
ANSWERED = f"EXISTS (SELECT 1 FROM grant_answers a WHERE a.id = share_grants.id AND a.account_id = {rls.BOUND})"
LOOKS = (
    ("members", "own_memberships", f"user_id = {rls.USER}", "PUBLIC"),
    ("invitations", "by_secret", f"secret_hash = {rls.HASHED}", "PUBLIC"),
    ("api_keys", "by_secret", f"secret_hash = {rls.HASHED}", "PUBLIC"),
    ("share_grants", "by_secret", f"secret_hash = {rls.HASHED}", "PUBLIC"),
    ("share_grants", "designated", f"grantee_id = {rls.BOUND} OR {ANSWERED}", "PUBLIC"),
    ("grant_answers", "to_grantor", f"grantor_id = {rls.BOUND}", "PUBLIC"),
    ("grant_reads", "to_grantor", f"grantor_id = {rls.BOUND}", "PUBLIC"),
    ("score_publications", "to_grantee", ACTIVE_GRANT, "PUBLIC"),
    ("events", "counterpart", f"counterpart_id = {rls.BOUND}", "PUBLIC"),
    ("operations", "open_work", "state IN ('queued', 'running')", "wm_worker"),
)


def upgrade() -> None:
    rls.protect("accounts", key="id")
    rls.grant("accounts")
    for table in OWNED:
        rls.protect(table)
        rls.grant(table, "SELECT, INSERT" if table in APPEND_ONLY else rls.READ_WRITE)
    for table, name, condition, role in LOOKS:
        rls.also_show(table, name, condition, role)
    for table in SHARED:
        rls.grant(table)
    for table in REFERENCE:
        rls.grant(table, "SELECT")


def downgrade() -> None:
    for table, name, _, _ in LOOKS:
        op.execute(f"DROP POLICY {name} ON {table}")
    for table in ("accounts", *OWNED):
        op.execute(f"DROP POLICY own ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    for table in ("accounts", *OWNED, *SHARED, *REFERENCE):
        op.execute(f"REVOKE ALL ON {table} FROM wm_app, wm_worker")
