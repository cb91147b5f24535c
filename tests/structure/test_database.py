"""The database's own catalogue: row policies, rights, keys; and what an unbound transaction sees."""

from uuid import UUID

import asyncpg
import httpx
import pytest
from sqlalchemy import text

from companies import sign_up, workforce
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.dev import Installation
from wm_api.tables import metadata

WITHOUT_ACCOUNT = {
    "users", "sessions", "spent_tokens", "login_failures", "benchmark_releases", "benchmark_cells", "alembic_version",
}  # fmt: skip
LOOKS = {
    ("members", "own_memberships"), ("invitations", "by_secret"), ("api_keys", "by_secret"), ("share_grants", "by_secret"),
    ("share_grants", "designated"), ("grant_answers", "to_grantor"), ("grant_reads", "to_grantor"),
    ("score_publications", "to_grantee"), ("events", "counterpart"), ("operations", "open_work"),
}  # fmt: skip


@pytest.fixture
async def admin(installation: Installation) -> asyncpg.Connection:
    connection = await asyncpg.connect(installation.admin_url.rpartition("/")[0] + "/wm")
    yield connection
    await connection.close()


async def test_ac3_1_every_account_owned_table_has_a_forced_policy(admin: asyncpg.Connection) -> None:
    rows = await admin.fetch(
        "SELECT relname, relrowsecurity AND relforcerowsecurity AS forced FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    )
    unforced = {row["relname"] for row in rows if not row["forced"]}
    assert unforced == WITHOUT_ACCOUNT
    assert {row["relname"] for row in rows} == {*metadata.tables, "alembic_version"}


async def test_ac3_1_every_other_policy_is_for_select_and_on_the_list(admin: asyncpg.Connection) -> None:
    rows = await admin.fetch("SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies")
    own = [row for row in rows if row["policyname"] == "own"]
    assert all(row["cmd"] == "ALL" and row["qual"] and row["with_check"] for row in own)
    others = [row for row in rows if row["policyname"] != "own"]
    assert {(row["tablename"], row["policyname"]) for row in others} == LOOKS
    assert {row["cmd"] for row in others} == {"SELECT"}


async def test_ac3_1_no_login_role_may_bypass_and_events_are_append_only(admin: asyncpg.Connection) -> None:
    roles = await admin.fetch(
        "SELECT rolname, rolsuper OR rolbypassrls AS strong FROM pg_roles WHERE rolname LIKE 'wm_%'"
    )
    assert {row["rolname"]: row["strong"] for row in roles} == dict.fromkeys(
        ["wm_owner", "wm_migrator", "wm_app", "wm_worker"], False
    )
    for right in ("UPDATE", "DELETE", "TRUNCATE"):
        assert not await admin.fetchval("SELECT has_table_privilege('wm_app', 'events', $1)", right)
    assert await admin.fetchval("SELECT count(*) FROM pg_class WHERE relkind = 'm'") == 0
    owned = "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname IN ('wm_app', 'wm_worker')"
    assert await admin.fetchval(owned) == 0


async def test_ac3_1_a_planted_fault_is_found(admin: asyncpg.Connection) -> None:
    await admin.execute("ALTER TABLE scores NO FORCE ROW LEVEL SECURITY")
    try:
        with pytest.raises(AssertionError):
            await test_ac3_1_every_account_owned_table_has_a_forced_policy(admin)
    finally:
        await admin.execute("ALTER TABLE scores FORCE ROW LEVEL SECURITY")


@pytest.mark.usefixtures("worker")
async def test_ac3_3_a_bound_transaction_sees_and_changes_no_foreign_row(
    http: httpx.AsyncClient, resources: Resources
) -> None:
    one, other = await sign_up(http), await sign_up(http)
    await one.pushed_and_done(workforce(one.id))
    owned = [table for table in metadata.sorted_tables if "account_id" in table.c]
    for account_id, may_see in ((None, False), (UUID(other.id), False), (UUID(one.id), True)):
        async with transaction(resources, account_id) as session:
            found = 0
            for table in owned:
                rows = await session.execute(
                    text(f"SELECT count(*) FROM {table.name} WHERE account_id = :id"), {"id": one.id}
                )
                found += rows.scalar_one()
            assert (found > 0) is may_see
    async with transaction(resources, UUID(other.id)) as session:
        changed = await session.execute(
            text("UPDATE datasets SET state = 'refused' WHERE account_id = :id RETURNING id"), {"id": one.id}
        )
        assert changed.all() == []
