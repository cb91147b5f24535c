"""Contributed benchmarks: consent, groups, the run of a release, its ledger with caps, and what was drawn.

Once a release has begun there is no way down: without the ledger the same budget would be spent again.
"""

import sqlalchemy as sa
from alembic import op
from migrations import rls
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TAKES_PART = """EXISTS (
  SELECT 1 FROM contribution_consents c JOIN contributor_groups g ON g.account_id = c.account_id
  WHERE c.account_id = {table}.{key} AND c.taking_part)"""
ALONG = """
CREATE FUNCTION cells_along(cell text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT array_agg(array_to_string((string_to_array(cell, '/'))[1:n], '/'))
  FROM generate_series(1, cardinality(string_to_array(cell, '/'))) n
$$"""
CAPS = """
CREATE FUNCTION keep_caps() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off -- by index: the planner thinks it empty
AS $$
DECLARE
  at record;
  leaf text;
  along text[];
  spent record;
BEGIN
  PERFORM pg_advisory_xact_lock(7208); -- one after the other: two at once would not see each other's lines
  FOR at IN SELECT DISTINCT a.cell, r.year FROM added a JOIN release_runs r ON r.id = a.release_id LOOP
    FOR leaf IN
      SELECT at.cell UNION SELECT cell FROM budget_lines WHERE cell > at.cell || '/' AND cell < at.cell || '0'
    LOOP
      along := cells_along(leaf);
      SELECT max(eps) AS eps, max(rho) AS rho, sum(rho) AS of_year INTO spent FROM (
        SELECT sum(b.eps) AS eps, sum(b.rho) AS rho
        FROM budget_lines b JOIN release_runs r ON r.id = b.release_id
        WHERE b.cell = ANY (along) AND r.year = at.year GROUP BY b.release_id
      ) of_release;
      IF spent.eps > 9.5 + 1e-9 OR spent.rho > 0.83 + 1e-9 THEN
        RAISE EXCEPTION 'a path costs too much in one release' USING ERRCODE = 'check_violation';
      ELSIF spent.of_year > 0.85 + 1e-9 THEN
        RAISE EXCEPTION 'a path costs too much in one calendar year' USING ERRCODE = 'check_violation';
      END IF;
    END LOOP;
  END LOOP;
  RETURN NULL;
END $$"""
TRIGGER = """
CREATE TRIGGER keep_caps AFTER INSERT ON budget_lines
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION keep_caps()"""
ENDS = "num_nonnulls(commitment_key, published_at, abandoned_at) = 1"
LEDGER = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM release_runs) THEN
    RAISE EXCEPTION 'the privacy ledger holds releases: there is no way back past it';
  END IF;
END $$"""
RHO = "eps * eps / CASE mechanism WHEN 'count' THEN 2 WHEN 'median' THEN 8 WHEN 'aq3' THEN 16 END"


def upgrade() -> None:
    _accounts()
    _runs()
    _ledger()
    op.add_column("benchmark_releases", sa.Column("plan", sa.String(), nullable=True))
    for name in ("region", "contributors_band"):
        op.add_column("benchmark_cells", sa.Column(name, sa.String(), nullable=True))
    op.add_column("benchmark_cells", sa.Column("error", sa.Float(), nullable=True))
    _rights()


def _accounts() -> None:
    for table, columns in (
        (
            "contribution_consents",
            (
                sa.Column("taking_part", sa.Boolean(), nullable=False),
                sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
                sa.Column("changed_by", sa.Uuid(), nullable=False),
            ),
        ),
        (
            "contributor_groups",
            (
                sa.Column("name", sa.String(), nullable=False),
                sa.Column("employees", sa.Integer(), nullable=False),
                sa.Column("admitted_at", sa.DateTime(timezone=True), nullable=False),
                sa.CheckConstraint("employees >= 50", name=op.f("ck_contributor_groups_enough_employees")),
            ),
        ),
    ):
        op.create_table(
            table,
            *columns,
            sa.Column("account_id", sa.Uuid(), nullable=False),
            sa.Column("id", sa.Uuid(), nullable=False),
            sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=f"fk_{table}_account"),
            sa.PrimaryKeyConstraint("account_id", "id", name=op.f(f"pk_{table}")),
        )
        op.create_index(f"uq_{table}_account", table, ["account_id"], unique=True)
        rls.protect(table)


def _runs() -> None:
    op.create_table(
        "release_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("commitment_key", sa.LargeBinary(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("abandoned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number IN (1, 2)", name=op.f("ck_release_runs_two_a_year")),
        sa.CheckConstraint("year = extract(year FROM day)", name=op.f("ck_release_runs_year_of_day")),
        sa.CheckConstraint(ENDS, name=op.f("ck_release_runs_key_ends")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_runs")),
    )
    op.create_index("uq_release_runs_name", "release_runs", ["name"], unique=True)
    op.create_index("uq_release_runs_number", "release_runs", ["year", "number"], unique=True)
    op.create_index(
        "uq_release_runs_open",
        "release_runs",
        ["published_at"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("commitment_key IS NOT NULL"),
    )
    op.create_table(
        "release_entries",
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sector", sa.String(), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["release_id"], ["release_runs.id"], name="fk_release_entries_run"),
        sa.PrimaryKeyConstraint("release_id", "position", name=op.f("pk_release_entries")),
    )


def _ledger() -> None:
    op.create_table(
        "budget_lines",
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("cell", sa.String(collation="C"), nullable=False),
        sa.Column("statistic", sa.String(), nullable=False),
        sa.Column("mechanism", sa.String(), nullable=False),
        sa.Column("eps", sa.Float(), nullable=False),
        sa.Column("rho", sa.Float(), nullable=False),
        sa.CheckConstraint("eps > 0 AND eps <= 1.5", name=op.f("ck_budget_lines_eps")),
        sa.CheckConstraint(f"abs(rho - {RHO}) < 1e-9", name=op.f("ck_budget_lines_rho")),
        sa.ForeignKeyConstraint(["release_id"], ["release_runs.id"], name="fk_budget_lines_run"),
        sa.PrimaryKeyConstraint("release_id", "cell", "statistic", name=op.f("pk_budget_lines")),
    )
    op.create_index("ix_budget_lines_cell", "budget_lines", ["cell", "release_id"])
    line = ["release_id", "cell", "statistic"]
    op.create_table(
        "contributed_cells",
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("cell", sa.String(collation="C"), nullable=False),
        sa.Column("statistic", sa.String(), nullable=False),
        sa.Column("band", sa.String(), nullable=False),
        sa.Column("p25", sa.Float(), nullable=True),
        sa.Column("p50", sa.Float(), nullable=False),
        sa.Column("p75", sa.Float(), nullable=True),
        sa.Column("error", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(line, [f"budget_lines.{name}" for name in line], name="fk_contributed_cells_line"),
        sa.PrimaryKeyConstraint(*line, name=op.f("pk_contributed_cells")),
    )
    for statement in (ALONG, CAPS, TRIGGER):
        op.execute(statement)


def _rights() -> None:
    """The application keeps consent; wm_release reads who takes part, and adds without changing."""
    rls.grant("contribution_consents", "SELECT, INSERT, UPDATE", "wm_app")
    rls.grant("contributor_groups", "SELECT", "wm_app")
    rls.grant("contribution_consents", "SELECT", "wm_release")
    rls.grant("contributor_groups", "SELECT, INSERT, UPDATE", "wm_release")
    for table in ("contribution_consents", "contributor_groups"):
        rls.also_show(table, "to_release", "true", "wm_release")
    for table, key in (("accounts", "id"), ("scores", "account_id")):
        rls.also_show(table, "to_release", TAKES_PART.format(table=table, key=key), "wm_release")
    rls.grant("accounts", "SELECT (id, region, created_at)", "wm_release")
    rls.grant("scores", "SELECT (account_id, id, as_of, state, status, headline, record, result)", "wm_release")
    rls.grant("release_runs", "SELECT, INSERT, UPDATE (published_at, abandoned_at, commitment_key)", "wm_release")
    rls.grant("release_entries", "SELECT, INSERT, DELETE", "wm_release")
    for table in ("budget_lines", "contributed_cells", "benchmark_releases", "benchmark_cells"):
        rls.grant(table, "SELECT, INSERT", "wm_release")


def downgrade() -> None:
    op.execute(LEDGER)
    for table in ("accounts", "scores"):
        op.execute(f"DROP POLICY to_release ON {table}")
        op.execute(f"REVOKE ALL ON {table} FROM wm_release")
    for table in ("benchmark_releases", "benchmark_cells"):
        op.execute(f"REVOKE ALL ON {table} FROM wm_release")
    for name in ("error", "contributors_band", "region"):
        op.drop_column("benchmark_cells", name)
    op.drop_column("benchmark_releases", "plan")
    for table in (
        *("contributed_cells", "budget_lines", "release_entries", "release_runs"),
        *("contributor_groups", "contribution_consents"),
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION keep_caps()")
    op.execute("DROP FUNCTION cells_along(text)")
