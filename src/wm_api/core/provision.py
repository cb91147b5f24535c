"""What the embedded servers need once: roles that own nothing, a database, secrets of mode 0600."""

import base64
import json
import os
import secrets
from pathlib import Path

import asyncpg

from wm_api.core.signing_keys import make_signing_key

DATABASE = "wm"
LOGINS = ("wm_migrator", "wm_app", "wm_worker", "wm_release")


async def provision(admin_url: str, folder: Path, database: str = DATABASE) -> dict[str, str]:
    """Make roles and database as the superuser, who is never used for requests. Idempotent.

    Returns the URLs by role. Passwords are kept in the folder, mode 0600.
    """
    passwords = _passwords(folder / "roles.json")
    admin = await asyncpg.connect(admin_url)
    try:
        await _ensure_role(admin, "wm_owner", "NOLOGIN")
        for name in LOGINS:
            await _ensure_role(admin, name, f"LOGIN PASSWORD '{passwords[name]}'")
        await admin.execute("GRANT wm_owner TO wm_migrator")
        if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
            await admin.execute(f'CREATE DATABASE "{database}" OWNER wm_owner')
    finally:
        await admin.close()
    await _close_schema(admin_url.rpartition("/")[0] + f"/{database}")
    server = admin_url.partition("@")[2].partition("/")[0]
    return {name: f"postgresql://{name}:{passwords[name]}@{server}/{database}" for name in LOGINS}


async def _close_schema(url: str) -> None:
    """Nobody but the owner makes anything in the schema."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        await connection.execute("ALTER SCHEMA public OWNER TO wm_owner")
        await connection.execute("GRANT USAGE ON SCHEMA public TO wm_app, wm_worker, wm_release")
    finally:
        await connection.close()


async def _ensure_role(admin: "asyncpg.Connection", name: str, options: str) -> None:
    exists = await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", name)
    verb = "ALTER" if exists else "CREATE"
    await admin.execute(f"{verb} ROLE {name} NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE {options}")


def _passwords(file: Path) -> dict[str, str]:
    """Made once each; a role that came later gets one beside those of before."""
    found: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    if missing := [name for name in LOGINS if name not in found]:
        found |= {name: secrets.token_hex(16) for name in missing}
        write_secret(file, json.dumps(found))
    return found


def write_secret(file: Path, text: str) -> None:
    """Mode 0600 before the first byte; whole and on the disk, or not there."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    with draft.open("w") as writing:
        writing.write(text)
        writing.flush()
        os.fsync(writing.fileno())
    draft.rename(file)


def embedded_secrets(folder: Path) -> dict[str, str]:
    """Master key, pepper and signing key of an embedded installation; made once."""
    values = {}
    for name in ("master_key", "password_pepper"):
        file = folder / name
        if not file.exists():
            write_secret(file, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
        values[name] = file.read_text().strip()
    keys = folder / "signing-keys"
    if not list(keys.glob("*.pem")):
        make_signing_key(keys)
    return {**values, "signing_keys": str(keys)}
