"""The database's own catalogue keeps the rules of tenant isolation; a planted fault of each kind is found."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from catalogue_rules import DEFINER_FUNCTIONS, LOOKS, RULES, WITHOUT_ACCOUNT, findings
from wm_api.dev import Installation
from wm_api.tables import metadata

PLANTED = {
    "a table without ENABLE": (
        "CREATE TABLE planted (account_id uuid, id uuid, PRIMARY KEY (account_id, id))",
        "row security is not enabled and forced: planted",
    ),
    "a table without policy": (
        (
            "CREATE TABLE planted (account_id uuid, id uuid, PRIMARY KEY (account_id, id));"
            "ALTER TABLE planted ENABLE ROW LEVEL SECURITY; ALTER TABLE planted FORCE ROW LEVEL SECURITY"
        ),
        "no policy of its own with USING and WITH CHECK: planted",
    ),
    "ENABLE without FORCE": (
        "ALTER TABLE scores NO FORCE ROW LEVEL SECURITY",
        "row security is not enabled and forced: scores",
    ),
    "a policy that shows everything": (
        "ALTER POLICY own ON scores USING (true)",
        "no policy of its own with USING and WITH CHECK: scores",
    ),
    "a policy without WITH CHECK": (
        "DROP POLICY own ON scores; CREATE POLICY own ON scores USING (account_id IS NOT NULL)",
        "no policy of its own with USING and WITH CHECK: scores",
    ),
    "an extra policy": (
        "CREATE POLICY more ON datasets FOR SELECT USING (true)",
        "a policy that is not on the list, or not for SELECT: datasets.more",
    ),
    "a listed policy that also writes": (
        "DROP POLICY designated ON share_grants; CREATE POLICY designated ON share_grants FOR UPDATE USING (true)",
        "a policy that is not on the list, or not for SELECT: share_grants.designated",
    ),
    "a table without account_id": (
        "CREATE TABLE planted (id uuid PRIMARY KEY)",
        "a table without account_id that is not on the list: planted",
    ),
    "a materialized view": ("CREATE MATERIALIZED VIEW planted AS SELECT * FROM scores", "a materialized view: planted"),
    "a view without security_invoker": (
        "CREATE VIEW planted AS SELECT * FROM scores",
        "a view without security_invoker: planted",
    ),
    "a SECURITY DEFINER function": (
        "CREATE FUNCTION planted() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM scores'",
        "a SECURITY DEFINER function that is not on the list: planted",
    ),
    "a foreign key without account_id": (
        (
            "CREATE UNIQUE INDEX planted_id ON scores (id);"
            "ALTER TABLE receipts ADD CONSTRAINT planted FOREIGN KEY (subject_id) REFERENCES scores (id) NOT VALID"
        ),
        "a foreign key between account tables without account_id: planted",
    ),
    "a unique key without account_id": (
        "CREATE UNIQUE INDEX planted ON datasets (id)",
        "a unique key without account_id: planted",
    ),
    "a login role with BYPASSRLS": (
        "CREATE ROLE planted LOGIN BYPASSRLS",
        "a login role with SUPERUSER or BYPASSRLS: planted",
    ),
    "a login role with SUPERUSER": ("ALTER ROLE wm_app SUPERUSER", "a login role with SUPERUSER or BYPASSRLS: wm_app"),
    "an application that owns a table": (
        "ALTER TABLE scores OWNER TO wm_app",
        "a role of the application that owns something, or may become another: scores",
    ),
    "an application that may become the owner": (
        "GRANT wm_owner TO wm_app",
        "a role of the application that owns something, or may become another: wm_app",
    ),
    "a right to change events": (
        "GRANT UPDATE (state) ON events TO wm_app",
        "a right of the application to change events: wm_app may UPDATE",
    ),
    "a right to truncate": (
        "GRANT TRUNCATE ON login_failures TO PUBLIC",
        "a right of the application to TRUNCATE: login_failures",
    ),
}


@pytest.fixture
async def admin(installation: Installation) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(installation.admin_url.rpartition("/")[0] + "/wm")
    yield connection
    await connection.close()


async def test_ac3_1_the_catalogue_keeps_every_rule(admin: asyncpg.Connection) -> None:
    assert await findings(admin) == []


@pytest.mark.parametrize("fault", PLANTED)
async def test_ac3_1_a_planted_fault_is_found(admin: asyncpg.Connection, fault: str) -> None:
    statement, finding = PLANTED[fault]
    planting = admin.transaction()
    await planting.start()
    try:
        await admin.execute(statement)
        found = await findings(admin)
    finally:
        await planting.rollback()
    assert finding in found


def test_ac3_1_each_rule_has_a_planted_fault() -> None:
    assert {finding.partition(": ")[0] for _, finding in PLANTED.values()} == set(RULES)


async def test_ac3_1_the_lists_name_what_is_there_and_nothing_more(admin: asyncpg.Connection) -> None:
    tables = {row[0] for row in await admin.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert tables == {*metadata.tables, "alembic_version"}
    assert tables >= set(WITHOUT_ACCOUNT)
    policies = {tuple(row) for row in await admin.fetch("SELECT tablename, policyname FROM pg_policies")}
    assert policies >= LOOKS
    assert len(DEFINER_FUNCTIONS) <= 5


async def test_ac3_1_the_roles_are_the_five_of_the_installation(admin: asyncpg.Connection) -> None:
    rows = await admin.fetch("SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname LIKE 'wm\\_%'")
    assert dict(row.values() for row in rows) == {
        "wm_owner": False,
        "wm_migrator": True,
        "wm_app": True,
        "wm_worker": True,
        "wm_release": True,
    }
