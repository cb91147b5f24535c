"""Links of employee keys after a rotation: sealed tables `u new -> u first`, one for each key id that was rotated to.

Datasets are not written again, because scores pin their hashes: what comes under a new key is stored under the first.
"""

import asyncio
import hmac
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

import numpy as np
import polars as pl
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core.encryption import Place, open_stream, seal_stream
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.models import EmployeeKeyRotation
from wm_api.records.crosswalk import COLUMNS
from wm_api.records.employee_keys import LENGTH
from wm_api.records.typed import pack, unpack

KIND, FOLDER = "key-links", "key-links"
ROWS_AT_ONCE = 65_536
PARQUET = b"PAR1"
STORED, KEYED_AT_ONCE = np.dtype("V32"), 4096


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
    place = Place(str(account_id), str(rotation_id), KIND)
    key = await resources.keystore.object_key(place.account_id, place.object_id, KIND)
    sealed = resources.storage.stream(name(account_id, rotation_id))
    plain = b"".join([block async for block in open_stream(sealed, key, place)])
    if plain.startswith(PARQUET):  # the form of before: one table, not in segments
        return await asyncio.to_thread(pl.read_parquet, plain)
    return pl.concat([part async for part in unpack(_once(plain))])


async def _once(plain: bytes) -> AsyncIterator[bytes]:
    yield plain


class KeyedPairs:
    """The pairs of a crosswalk as they come: keyed again under the account's own key, 64 bytes each."""

    def __init__(self, employee_key_key: bytes) -> None:
        self._employee_key_key, self._parts = employee_key_key, list[pl.DataFrame]()
        self.new_key_id = ""

    async def add(self, pairs: pl.DataFrame) -> None:
        self.new_key_id = self.new_key_id or str(pairs.get_column("new_key").str.slice(4, 8).first())
        self._parts.append(await asyncio.to_thread(self._keyed, pairs))

    def _keyed(self, pairs: pl.DataFrame) -> pl.DataFrame:
        old, new = (keyed(pairs.get_column(name), self._employee_key_key) for name in COLUMNS)
        return pl.DataFrame({"new": new, "old": old})

    def table(self) -> pl.DataFrame:
        """Whatever the order in which they came."""
        return pl.concat(self._parts).sort("new")


def digest_of(table: pl.DataFrame) -> str:
    """The same pairs have the same, however they were written and sent."""
    digest = sha256()
    for part in table.iter_slices(ROWS_AT_ONCE):
        for column in part.iter_columns():
            digest.update(b"".join(column))
    return digest.hexdigest()


async def keep_links(
    resources: Resources, account_id: UUID, rotation_id: UUID, table: pl.DataFrame, before: KeyLinks | None
) -> None:
    """Sealed under a key of their own. Chains end in the first key: the links before are looked up in."""
    place = Place(str(account_id), str(rotation_id), KIND)
    key = await resources.keystore.make_object_key(place.account_id, place.object_id, KIND)
    parts = (_packed(part, before) for part in table.iter_slices(ROWS_AT_ONCE))
    await resources.storage.put(name(account_id, rotation_id), seal_stream(_taken(parts), key, place))


async def _taken(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    while (part := await asyncio.to_thread(next, parts, None)) is not None:
        yield part


def _packed(part: pl.DataFrame, before: KeyLinks | None) -> bytes:
    old = part.get_column("old")
    return pack(part.select("new", (before.first(old) if before else old).alias("first")))


def keyed(tokens: pl.Series, employee_key_key: bytes) -> pl.Series:
    """Employee keys as they are stored: keyed again under the account's own key."""
    again = [hmac.digest(employee_key_key, token, "sha256") for token in tokens.cast(pl.Binary)]
    return pl.Series(tokens.name, again, dtype=pl.Binary)


def tokens_of(keys: bytes) -> Iterator[pl.Series]:
    """Employee keys that stand one after another, a few thousand at a time: each is an object."""
    for begun in range(0, len(keys), KEYED_AT_ONCE * LENGTH):
        part = keys[begun : begun + KEYED_AT_ONCE * LENGTH]
        tokens = [part[start : start + LENGTH] for start in range(0, len(part), LENGTH)]
        yield pl.Series("employee_key", tokens, dtype=pl.Binary)


class StoredKeys:
    """Keys as they are stored, by number: 32 bytes each, in one place that grows without a copy."""

    def __init__(self) -> None:
        self._keys = np.zeros(0, dtype=STORED)

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, keys: pl.Series) -> None:
        begun = len(self._keys)
        self._keys.resize(begun + len(keys), refcheck=False)
        self._keys[begun:] = np.frombuffer(b"".join(keys), dtype=STORED)

    def of(self, numbers: pl.Series) -> pl.Series:
        """The key of each number."""
        taken = self._keys.take(numbers.to_numpy()).view(np.uint8).reshape(-1, STORED.itemsize)
        return pl.Series(numbers.name, taken).cast(pl.List(pl.UInt8)).cast(pl.Binary)


async def forget_links(resources: Resources, account_id: UUID, rotation_id: UUID) -> None:
    """Destroy the key, then the bytes. Safe to repeat."""
    await resources.keystore.destroy_object_key(str(account_id), str(rotation_id), KIND)
    await resources.storage.delete(name(account_id, rotation_id))
