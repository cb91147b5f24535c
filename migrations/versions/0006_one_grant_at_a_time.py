"""A grant token sees the publications of its own grant only, found by id; before, those of every grant received.

The wider look also cost the more, the more grants a company had received.
"""

from alembic import op
from migrations import rls

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

GRANT = "nullif(current_setting('app.grant_id', true), '')::uuid"
OF_THE_GRANT = f"""account_id = (
  SELECT g.account_id FROM share_grants g JOIN grant_answers a ON a.grantor_id = g.account_id AND a.id = g.id
  WHERE g.id = {GRANT} AND g.revoked_at IS NULL AND g.expires_at > now()
    AND a.account_id = {rls.BOUND} AND a.answer = 'accepted')"""
OF_ANY_GRANT = f"""EXISTS (
  SELECT 1 FROM share_grants g JOIN grant_answers a ON a.id = g.id
  WHERE g.account_id = score_publications.account_id AND g.revoked_at IS NULL AND g.expires_at > now()
    AND a.account_id = {rls.BOUND} AND a.answer = 'accepted')"""


def upgrade() -> None:
    op.create_index("ix_share_grants_id", "share_grants", ["id"])
    op.execute("DROP POLICY to_grantee ON score_publications")
    rls.also_show("score_publications", "to_grantee", OF_THE_GRANT)


def downgrade() -> None:
    op.execute("DROP POLICY to_grantee ON score_publications")
    rls.also_show("score_publications", "to_grantee", OF_ANY_GRANT)
    op.drop_index("ix_share_grants_id", table_name="share_grants")
