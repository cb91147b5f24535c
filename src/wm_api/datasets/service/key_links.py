"""Links of employee keys after a rotation: sealed tables `u new -> u first`, one for each key id that was rotated to.

Datasets are not written again, because scores pin their hashes: what comes under a new key is stored under the first.
"""

import asyncio
import hmac
import io
from dataclasses import dataclass
from uuid import UUID

import polars as pl
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core.encryption import Place, open_sealed, seal
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.models import EmployeeKeyRotation

KIND, FOLDER = "key-links", "key-links"


@dataclass(frozen=True, slots=True)
class KeyLinks:
    """Of one key id: the rotation that made them, the first key id of the chain, and the table itself."""

    rotation_id: UUID
    first_key_id: str
    table: pl.DataFrame

    def first(self, keys: pl.Series) -> pl.Series:
        """Each key as the one under which its person was first known; a new person keeps the own."""
        rows = keys.alias("new").to_frame().join(self.table, on="new", how="left", maintain_order="left")
        return rows.select(pl.coalesce("first", "new").alias(keys.name)).to_series()


def name(account_id: UUID, rotation_id: UUID) -> str:
    return f"{FOLDER}/{account_id}/{rotation_id}"


async def rotation_to(session: AsyncSession, key_id: str | None) -> EmployeeKeyRotation | None:
    """By which a key id came to be the account's; None for one that was never rotated to."""
    return await session.scalar(select(EmployeeKeyRotation).where(EmployeeKeyRotation.new_key_id == key_id))


async def rotation_from(session: AsyncSession, key_id: str | None) -> EmployeeKeyRotation | None:
    """By which a key id ceased to be the account's."""
    return await session.scalar(select(EmployeeKeyRotation).where(EmployeeKeyRotation.old_key_id == key_id))


async def latest_key_id(session: AsyncSession, first_key_id: str | None) -> str | None:
    """The key id that is in use for a series of datasets: the first one, or what it was rotated to last."""
    series = select(EmployeeKeyRotation).where(EmployeeKeyRotation.first_key_id == first_key_id)
    last = await session.scalar(series.order_by(EmployeeKeyRotation.id.desc()).limit(1))
    return last.new_key_id if last else first_key_id


async def links_of(resources: Resources, account_id: UUID, key_id: str) -> KeyLinks | None:
    """The links of keys of this id; None where it was never rotated to. Raises KeyGone, FileNotFoundError, Tampered."""
    async with transaction(resources, account_id) as session:
        rotation = await rotation_to(session, key_id)
    if rotation is None:
        return None
    return KeyLinks(rotation.id, rotation.first_key_id, await _read(resources, account_id, rotation.id))


async def _read(resources: Resources, account_id: UUID, rotation_id: UUID) -> pl.DataFrame:
    key = await resources.keystore.object_key(str(account_id), str(rotation_id), KIND)
    sealed = await resources.storage.read(name(account_id, rotation_id))
    place = Place(str(account_id), str(rotation_id), KIND)
    return await asyncio.to_thread(lambda: pl.read_parquet(open_sealed(sealed, key, place)))


async def keep_links(
    resources: Resources, account_id: UUID, rotation_id: UUID, pairs: pl.DataFrame, before: KeyLinks | None
) -> None:
    """Sealed under a key of their own. Chains end in the first key: the links before are looked up in."""
    account = str(account_id)
    employee_key_key = await resources.keystore.employee_key_key(account)
    key = await resources.keystore.make_object_key(account, str(rotation_id), KIND)
    sealed = await asyncio.to_thread(
        _sealed, pairs, before, employee_key_key, key, Place(account, str(rotation_id), KIND)
    )
    await resources.storage.put(name(account_id, rotation_id), sealed)


def _sealed(pairs: pl.DataFrame, before: KeyLinks | None, employee_key_key: bytes, key: bytes, place: Place) -> bytes:
    old, new = (keyed(pairs.get_column(column), employee_key_key) for column in ("old_key", "new_key"))
    table = pl.DataFrame({"new": new, "first": before.first(old) if before else old}).sort("new")
    buffer = io.BytesIO()
    table.write_parquet(buffer, compression="uncompressed", statistics=False)
    return seal(buffer.getvalue(), key, place)


def keyed(tokens: pl.Series, employee_key_key: bytes) -> pl.Series:
    """Employee keys as they are stored: keyed again under the account's own key."""
    again = [hmac.digest(employee_key_key, token, "sha256") for token in tokens.cast(pl.Binary)]
    return pl.Series(tokens.name, again, dtype=pl.Binary)


async def forget_links(resources: Resources, account_id: UUID, rotation_id: UUID) -> None:
    """Destroy the key, then the bytes. Safe to repeat."""
    await resources.keystore.destroy_object_key(str(account_id), str(rotation_id), KIND)
    await resources.storage.delete(name(account_id, rotation_id))
