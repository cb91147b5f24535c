"""Row-level security of account-owned tables. A function here never changes once a migration has used it."""

from alembic import op

BOUND = "nullif(current_setting('app.account_id', true), '')::uuid"  # unset or empty: no row
USER = "nullif(current_setting('app.user_id', true), '')::uuid"
HASHED = "decode(nullif(current_setting('app.secret_hash', true), ''), 'hex')"
READ_WRITE = "SELECT, INSERT, UPDATE, DELETE"


def protect(table: str, key: str = "account_id") -> None:
    """Show and accept rows of the bound account only, even for the owner of the table."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own ON {table} USING ({key} = {BOUND}) WITH CHECK ({key} = {BOUND})")


def also_show(table: str, name: str, condition: str, role: str = "PUBLIC") -> None:
    """One more policy, for SELECT only; each is on the closed list of the catalogue test."""
    op.execute(f"CREATE POLICY {name} ON {table} FOR SELECT TO {role} USING ({condition})")


def grant(table: str, rights: str = READ_WRITE, roles: str = "wm_app, wm_worker") -> None:
    op.execute(f"GRANT {rights} ON {table} TO {roles}")
