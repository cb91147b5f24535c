"""What is published is what was drawn and paid for, once, and never changes; the caps cannot be looked past.

The ledger's trigger read tables by a path that a session may put its own temporary tables into, and in a transaction
that sees only what was there when it began; it counted any cell, also one outside the tree.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

FROZEN = ("benchmark_releases", "benchmark_cells", "budget_lines", "contributed_cells")
SEES_ALL_LINES = """
CREATE FUNCTION see_all_lines() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'the ledger is written in a transaction that sees the lines of others'
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$"""
RELEASE = """
CREATE FUNCTION was_run() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$ BEGIN
  IF NEW.source = 'contributed' THEN
    PERFORM FROM release_runs r WHERE r.id = NEW.id AND r.name = NEW.name AND r.plan = NEW.plan
      AND r.commitment_key IS NOT NULL;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'a contributed release is one that was run' USING ERRCODE = 'check_violation';
    END IF;
  ELSIF current_user = 'wm_release' THEN
    RAISE EXCEPTION 'public statistics are released by the owner' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$"""
AS_DRAWN = """
CREATE FUNCTION published_as_drawn() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  release record;
BEGIN
  SELECT source, xmin = pg_current_xact_id()::xid AS is_new INTO release
    FROM benchmark_releases WHERE id = NEW.release_id;
  IF NOT release.is_new THEN
    RAISE EXCEPTION 'a release is frozen: a cell comes with it or never' USING ERRCODE = 'check_violation';
  ELSIF release.source = 'contributed' OR num_nonnulls(NEW.contributors_band, NEW.error) > 0 THEN
    PERFORM FROM contributed_cells c
      WHERE c.release_id = NEW.release_id AND c.statistic = NEW.metric
        AND c.cell = concat_ws('/', 'all', NEW.sector, NEW.region)
        AND (c.band, c.p25, c.p50, c.p75, c.error)
          IS NOT DISTINCT FROM (NEW.contributors_band, NEW.p25, NEW.p50, NEW.p75, NEW.error)
        AND num_nonnulls(NEW.n, NEW.p10, NEW.p90) = 0;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'a contributed value is published as it was drawn' USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  RETURN NEW;
END $$"""
TRIGGERS = (
    "CREATE TRIGGER see_all_lines BEFORE INSERT ON budget_lines EXECUTE FUNCTION see_all_lines()",
    "CREATE TRIGGER that_was_run BEFORE INSERT ON benchmark_releases FOR EACH ROW EXECUTE FUNCTION was_run()",
    "CREATE TRIGGER as_drawn BEFORE INSERT ON benchmark_cells FOR EACH ROW EXECUTE FUNCTION published_as_drawn()",
)
IN_THE_TREE = "cell ~ '^all(/[A-U](/(US-R[1-4]|(?!US)[A-Z]{2}))?)?$'"


def upgrade() -> None:
    op.execute("ALTER FUNCTION keep_caps() SET search_path = public, pg_temp")
    for statement in (SEES_ALL_LINES, RELEASE, AS_DRAWN, *TRIGGERS):
        op.execute(statement)
    op.create_check_constraint("cell", "budget_lines", IN_THE_TREE)
    op.create_check_constraint("no_count", "contributed_cells", "statistic <> 'count'")
    op.create_index(
        "uq_benchmark_cells_contributed",
        "benchmark_cells",
        ["release_id", "metric", "sector", "region"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("contributors_band IS NOT NULL"),
    )
    for table in FROZEN:
        op.execute(
            f"CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()")


def downgrade() -> None:
    for table in FROZEN:
        op.execute(f"DROP TRIGGER never_emptied ON {table}")
        op.execute(f"DROP TRIGGER never_changed ON {table}")
    op.drop_index("uq_benchmark_cells_contributed", "benchmark_cells")
    op.drop_constraint("ck_contributed_cells_no_count", "contributed_cells")
    op.drop_constraint("ck_budget_lines_cell", "budget_lines")
    for name, table in (("as_drawn", "benchmark_cells"), ("that_was_run", "benchmark_releases")):
        op.execute(f"DROP TRIGGER {name} ON {table}")
    op.execute("DROP TRIGGER see_all_lines ON budget_lines")
    for function in ("published_as_drawn", "was_run", "see_all_lines"):
        op.execute(f"DROP FUNCTION {function}()")
    op.execute("ALTER FUNCTION keep_caps() RESET search_path")
