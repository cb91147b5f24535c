"""Employee keys of a new customer's key: a crosswalk is taken, and people stay who they were."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts.models import Account
from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.core.paging import Paging, page_of
from wm_api.core.principal import Actor
from wm_api.core.problems import NotFound, StateConflict
from wm_api.core.resources import Resources
from wm_api.core.sandbox_crosswalk import CrosswalkOrder, read_pairs
from wm_api.core.settings import Settings
from wm_api.core.transactions import transaction
from wm_api.datasets.errors import RotationRefused
from wm_api.datasets.models import Dataset, EmployeeKeyRotation
from wm_api.datasets.service import key_links
from wm_api.datasets.service.datasets import lock_account
from wm_api.datasets.service.key_links import KeyedPairs, digest_of
from wm_api.datasets.states import CHECKED
from wm_api.events import service as events
from wm_api.events.models import EventType
from wm_api.records.columns import finding
from wm_api.records.crosswalk import OF_THE_ACCOUNT
from wm_api.records.readers import Limits


@dataclass(frozen=True, slots=True)
class Rotation:
    """A crosswalk that was checked, and its sealed links: it holds as long as the account's key id is `old_key_id`."""

    old_key_id: str
    new_key_id: str
    first_key_id: str
    pairs: int
    sha256: str
    id: UUID = field(default_factory=new_id)


async def key_id_of(session: AsyncSession) -> str | None:
    """The key id whose employee keys the account takes now."""
    return await session.scalar(select(Account.employee_key_id).where(Account.id == session.info["account_id"]))


async def list_rotations(session: AsyncSession, page: Paging) -> tuple[Sequence[EmployeeKeyRotation], str | None]:
    return await page_of(session, select(EmployeeKeyRotation), EmployeeKeyRotation.id, page)


async def get(session: AsyncSession, rotation_id: UUID) -> EmployeeKeyRotation:
    """Raises NotFound."""
    found = await session.scalar(select(EmployeeKeyRotation).where(EmployeeKeyRotation.id == rotation_id))
    if found is None:
        raise NotFound
    return found


async def prepared(
    resources: Resources, account_id: UUID, blocks: AsyncIterator[bytes], content_encoding: str | None, sent_sha256: str
) -> Rotation | EmployeeKeyRotation:
    """Read in the sandbox and checked as a whole, its links sealed and stored; or the rotation of the same pairs.

    Raises RotationRefused, after which nothing is left.
    """
    async with transaction(resources, account_id) as session:
        kid = await key_id_of(session)
    pairs = KeyedPairs(await resources.keystore.employee_key_key(str(account_id)))
    found = await read_pairs(blocks, _order(resources.settings, content_encoding, kid), pairs.add)
    if any(each.code not in OF_THE_ACCOUNT for each in found):
        raise RotationRefused(found)
    table = await asyncio.to_thread(pairs.table)
    digest = await asyncio.to_thread(digest_of, table)
    async with transaction(resources, account_id) as session:
        if (same := await _same(session, digest, sent_sha256)) is not None:
            return same
        if found:
            raise RotationRefused(found)
        await _check_new(session, pairs.new_key_id)
    before = await key_links.links_of(resources, account_id, kid or "")
    first = before.first_key_id if before else kid or ""
    rotation = Rotation(kid or "", pairs.new_key_id, first, table.height, digest)
    try:
        await key_links.keep_links(resources, account_id, rotation.id, table, before)
    except BaseException:
        await key_links.forget_links(resources, account_id, rotation.id)
        raise
    return rotation


def _order(settings: Settings, content_encoding: str | None, key_id: str | None) -> CrosswalkOrder:
    limits = Limits(unpacked_bytes=settings.crosswalk_bytes)
    return CrosswalkOrder(content_encoding, key_id, limits, settings.sandbox_memory_bytes, settings.sandbox_seconds)


async def _same(session: AsyncSession, *digests: str) -> EmployeeKeyRotation | None:
    """The rotation that was made of these pairs; the older ones were kept with the digest of the bytes as sent."""
    return await session.scalar(select(EmployeeKeyRotation).where(EmployeeKeyRotation.sha256.in_(digests)))


async def _check_new(session: AsyncSession, key_id: str) -> None:
    """Raises RotationRefused where a rotation was of this key id, or rows of its own are stored that may yet count."""
    rotations = select(EmployeeKeyRotation.id).where(
        or_(EmployeeKeyRotation.old_key_id == key_id, EmployeeKeyRotation.new_key_id == key_id)
    )
    stored = select(Dataset.id).where(
        Dataset.key_id == key_id, Dataset.state.in_(CHECKED), Dataset.deleted_at.is_(None)
    )
    if await session.scalar(rotations.union_all(stored).limit(1)) is not None:
        raise RotationRefused([finding("key_id_not_new", "new_key")])


async def rotate(session: AsyncSession, actor: Actor, rotation: Rotation) -> EmployeeKeyRotation:
    """The account's key is the new one from now on. Raises StateConflict where it is another than was checked.

    RotationRefused where a file of the new key was taken meanwhile.
    """
    account = await lock_account(session)
    if account.employee_key_id != rotation.old_key_id:
        raise StateConflict("The account's key id has changed meanwhile.", state="changed", allowed=[])
    await _check_new(session, rotation.new_key_id)
    row = EmployeeKeyRotation(
        account_id=account.id,
        id=rotation.id,
        old_key_id=rotation.old_key_id,
        new_key_id=rotation.new_key_id,
        first_key_id=rotation.first_key_id,
        pairs=rotation.pairs,
        sha256=rotation.sha256,
        created_by_type=actor.type.value,
        created_by_id=actor.id,
        created_at=clock.now(),
    )
    session.add(row)
    account.employee_key_id = rotation.new_key_id
    await session.flush()
    await events.append(session, actor, EventType.EMPLOYEE_KEY_ROTATED, ("account", account.id))
    return row
