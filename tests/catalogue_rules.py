"""The rules of tenant isolation, read from the database's own catalogue over any connection."""

import asyncpg

WITHOUT_ACCOUNT = {
    "users": "a person may be a member of several accounts",
    "sessions": "belongs to a person",
    "spent_tokens": "belongs to a session",
    "login_failures": "counts by keyed hash, before anybody is known",
    "benchmark_releases": "public statistics",
    "benchmark_cells": "public statistics",
    "release_runs": "of all that take part",
    "release_entries": "groups without names, until the release is published",
    "budget_lines": "costs of cells",
    "contributed_cells": "noisy statistics of many",
    "reference_editions": "public statistics, as they were loaded",
    "alembic_version": "the schema's own version",
}
LOOKS = {
    ("members", "own_memberships"), ("invitations", "by_secret"), ("api_keys", "by_secret"), ("share_grants", "by_secret"),
    ("share_grants", "designated"), ("grant_answers", "to_grantor"), ("grant_reads", "to_grantor"),
    ("score_publications", "to_grantee"), ("events", "counterpart"), ("operations", "open_work"), ("chain_heads", "to_sweep"),
    ("contribution_consents", "to_release"), ("contributor_groups", "to_release"), ("accounts", "to_release"), ("scores", "to_release"),
}  # fmt: skip
"""Policies beside an account's own: SELECT only, each with a reason in architecture.md 2."""
DEFINER_FUNCTIONS: set[str] = set()
"""SECURITY DEFINER functions; five at most."""
APPLICATION = ("wm_app", "wm_worker", "wm_release")
SUPERUSER = "postgres"
"""Of the embedded server: makes roles and databases, and is never used for requests or jobs."""

TABLES = "c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
OWNED = f"""SELECT c.oid FROM pg_class c WHERE {TABLES} AND (c.relname = 'accounts' OR EXISTS (
  SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'account_id' AND NOT a.attisdropped))"""
NAMES = "ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = {table} AND a.attnum = ANY({keys}))"

RULES = {
    "row security is not enabled and forced": f"""
      SELECT c.relname AS name FROM pg_class c
      WHERE c.oid IN ({OWNED}) AND NOT (c.relrowsecurity AND c.relforcerowsecurity)""",
    "no policy of its own with USING and WITH CHECK": f"""
      SELECT c.relname AS name FROM pg_class c WHERE c.oid IN ({OWNED}) AND NOT EXISTS (
        SELECT 1 FROM pg_policies p WHERE p.tablename = c.relname AND p.policyname = 'own' AND p.cmd = 'ALL'
        AND p.permissive = 'PERMISSIVE' AND p.qual = p.with_check
        AND p.qual LIKE '%app.account_id%' AND p.roles = '{{public}}')""",
    "a policy that is not on the list, or not for SELECT": """
      SELECT tablename || '.' || policyname AS name FROM pg_policies
      WHERE policyname <> 'own' AND (cmd <> 'SELECT' OR NOT (tablename || '.' || policyname = ANY($1)))""",
    "a table without account_id that is not on the list": f"""
      SELECT c.relname AS name FROM pg_class c WHERE {TABLES} AND c.oid NOT IN ({OWNED}) AND NOT c.relname = ANY($2)""",
    "a materialized view": """
      SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'm' AND n.nspname NOT IN ('pg_catalog', 'information_schema')""",
    "a view without security_invoker": """
      SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'v' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND NOT coalesce(c.reloptions, '{}') && ARRAY['security_invoker=true', 'security_invoker=on']""",
    "a SECURITY DEFINER function that is not on the list": """
      SELECT p.proname AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND NOT p.proname = ANY($3)""",
    "a foreign key between account tables without account_id": f"""
      SELECT k.conname AS name FROM pg_constraint k WHERE k.contype = 'f'
      AND k.conrelid IN ({OWNED}) AND k.confrelid IN ({OWNED})
      AND NOT ('account_id' = ANY({NAMES.format(table="k.conrelid", keys="k.conkey")})
        AND CASE WHEN k.confrelid = 'accounts'::regclass THEN 'id' ELSE 'account_id' END
          = ANY({NAMES.format(table="k.confrelid", keys="k.confkey")}))""",
    "a unique key without account_id": f"""
      SELECT i.indexrelid::regclass::text AS name FROM pg_index i
      WHERE i.indisunique AND i.indrelid IN ({OWNED}) AND i.indrelid <> 'accounts'::regclass
      AND NOT 'account_id' = ANY({NAMES.format(table="i.indrelid", keys="i.indkey::int2[]")})""",
    "a login role with SUPERUSER or BYPASSRLS": """
      SELECT rolname AS name FROM pg_roles WHERE rolcanlogin AND (rolsuper OR rolbypassrls) AND rolname <> $4""",
    "a role of the application that owns something, or may become another": """
      SELECT c.relname AS name FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = ANY($5)
      UNION ALL SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = ANY($5)
      UNION ALL SELECT r.rolname FROM pg_roles r WHERE r.rolname = ANY($5) AND (rolcreaterole OR rolcreatedb)
      UNION ALL SELECT r || ' may create' FROM unnest($5::text[]) r WHERE has_schema_privilege(r, 'public', 'CREATE')""",
    "a right of the application to change events": """
      SELECT r || ' may ' || p AS name FROM unnest($5::text[]) r, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) p
      WHERE has_table_privilege(r, 'events', p) OR (p = 'UPDATE' AND has_any_column_privilege(r, 'events', 'UPDATE'))""",
    "a right of the application to TRUNCATE": f"""
      SELECT c.relname AS name FROM pg_class c, unnest($5::text[]) r
      WHERE {TABLES} AND has_table_privilege(r, c.oid, 'TRUNCATE')""",
}


async def findings(connection: asyncpg.Connection) -> list[str]:
    """Each broken rule with the thing that breaks it; none is what must be."""
    lists = (
        [f"{table}.{policy}" for table, policy in LOOKS], list(WITHOUT_ACCOUNT), list(DEFINER_FUNCTIONS), SUPERUSER,
        list(APPLICATION),
    )  # fmt: skip
    found = []
    for rule, query in RULES.items():
        used = [number for number in range(1, 6) if f"${number}" in query]
        text = query
        for place, number in enumerate(used, 1):
            text = text.replace(f"${number}", f"${place}")
        rows = await connection.fetch(text, *(lists[number - 1] for number in used))
        found += [f"{rule}: {row['name']}" for row in rows]
    return found
