"""Large files in parts: begun, appended to, resumed after any break, completed, destroyed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core import clock
from wm_api.core.encryption import Place, open_stream, seal_stream
from wm_api.core.ids import new_id
from wm_api.core.keystore import KeyGone
from wm_api.core.principal import Actor
from wm_api.core.problems import NotFound, StateConflict
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.errors import (
    CompletedUpload,
    DigestMismatch,
    InconsistentUploadLength,
    MismatchingUploadOffset,
    UploadExpired,
    UploadIncomplete,
)
from wm_api.datasets.models import Upload, UploadPart, UploadState

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

KIND = "upload"


@dataclass(frozen=True, slots=True)
class NewUpload:
    """What a caller declares of a large file. `sha256` is in hex."""

    media_type: str
    content_encoding: str | None
    length: int
    sha256: str | None


async def create(session: AsyncSession, resources: Resources, actor: Actor, declared: NewUpload) -> Upload:
    """An open upload at offset 0."""
    now = clock.now()
    upload = Upload(
        account_id=session.info["account_id"],
        id=new_id(),
        media_type=declared.media_type,
        content_encoding=declared.content_encoding,
        length=declared.length,
        offset=0,
        state=UploadState.OPEN.value,
        declared_sha256=declared.sha256,
        created_by_type=actor.type.value,
        created_by_id=actor.id,
        created_at=now,
        expires_at=now + resources.settings.upload_lifetime,
    )
    session.add(upload)
    await session.flush()
    return upload


async def get(session: AsyncSession, upload_id: UUID, *, lock: bool = False) -> Upload:
    """Raises NotFound; UploadExpired after its time, or when its bytes were destroyed."""
    rows = select(Upload).where(Upload.id == upload_id)
    upload = await session.scalar(rows.with_for_update().execution_options(populate_existing=True) if lock else rows)
    if upload is None:
        raise NotFound
    late = upload.state != UploadState.USED and upload.expires_at < clock.now()
    if late or upload.state == UploadState.EXPIRED:
        raise UploadExpired
    return upload


async def append(
    resources: Resources, account_id: UUID, upload_id: UUID, offset: int, blocks: AsyncIterator[bytes], *, last: bool
) -> Upload:
    """Keep the bytes that come, whole or cut by a break; the newest append wins, and nobody waits for another.

    Raises MismatchingUploadOffset, InconsistentUploadLength, CompletedUpload, DigestMismatch.
    """
    part_id = new_id()
    async with transaction(resources, account_id) as session:
        upload = await get(session, upload_id, lock=True)
        if upload.state != UploadState.OPEN or upload.all_received:
            raise CompletedUpload
        if upload.offset != offset:
            raise MismatchingUploadOffset(upload.offset, offset)
        upload.writer = part_id
    part = UploadPart(account_id=account_id, id=part_id, upload_id=upload_id, start=offset, length=0)
    hashed = resources.running.follow(upload_id, offset)
    async with _unless_ended(resources, account_id, upload_id):
        await _store(resources, part, blocks, upload.length - offset, hashed)
    upload = await _record(resources, part)
    resources.running.keep(upload_id, upload.offset, hashed)
    if upload.all_received:
        return await complete(resources, account_id, upload_id)
    if last:
        raise InconsistentUploadLength
    return upload


async def _store(
    resources: Resources, part: UploadPart, blocks: AsyncIterator[bytes], room: int, hashed: "Hash | None"
) -> None:
    """Seal, store and hash as it comes; `part.length` is what came."""

    async def counted() -> AsyncIterator[bytes]:
        async for block in blocks:
            part.length += len(block)
            if part.length > room:
                raise InconsistentUploadLength
            if hashed is not None:
                hashed.update(block)
            yield block

    key = await resources.keystore.make_object_key(str(part.account_id), str(part.upload_id), KIND)
    try:
        await resources.storage.put(_name(part), seal_stream(counted(), key, _place(part)))
    except BaseException:
        await resources.storage.delete(_name(part))
        raise


@asynccontextmanager
async def _unless_ended(resources: Resources, account_id: UUID, upload_id: UUID) -> AsyncIterator[None]:
    """A key or an object that is not there because the upload was ended meanwhile is no fault. Raises UploadExpired."""
    try:
        yield
    except (KeyGone, OSError):
        async with transaction(resources, account_id) as session:
            await get(session, upload_id)
        raise


async def _record(resources: Resources, part: UploadPart) -> Upload:
    """The upload with this part, unless a newer append has taken over, or it is over: then the part is forgotten."""
    try:
        upload, recorded = await _recorded(resources, part)
    except UploadExpired:
        await resources.storage.delete(_name(part))
        raise
    if not recorded:
        await resources.storage.delete(_name(part))
    if upload.offset != part.start + part.length:
        raise MismatchingUploadOffset(upload.offset, part.start)
    return upload


async def _recorded(resources: Resources, part: UploadPart) -> tuple[Upload, bool]:
    async with transaction(resources, part.account_id) as session:
        mine = (Upload.id == part.upload_id, Upload.writer == part.id, Upload.offset == part.start)
        longer = update(Upload).where(*mine, Upload.state == UploadState.OPEN)
        moved = await session.execute(longer.values(offset=part.start + part.length).returning(Upload.id))
        recorded = moved.one_or_none() is not None and part.length > 0
        if recorded:
            session.add(part)
            await session.flush()
        return await get(session, part.upload_id), recorded


async def complete(resources: Resources, account_id: UUID, upload_id: UUID) -> Upload:
    """With the hash of what was kept. Safe to repeat. Raises DigestMismatch, after which nothing is left."""
    async with transaction(resources, account_id) as session:
        upload = await get(session, upload_id)
    digest = resources.running.follow(upload_id, upload.length)
    if digest is None:  # parts came to other processes, or before this one was started
        digest = sha256()
        async with _unless_ended(resources, account_id, upload_id):
            async for block in opened(resources, account_id, upload_id):
                digest.update(block)
    async with transaction(resources, account_id) as session:
        upload = await get(session, upload_id, lock=True)
        fits = upload.declared_sha256 in {None, digest.hexdigest()}
        if fits and upload.state == UploadState.OPEN:
            upload.state, upload.sha256 = UploadState.COMPLETE.value, digest.hexdigest()
    if not fits:
        await end(resources, account_id, upload_id)
        raise DigestMismatch
    return upload


async def whole(resources: Resources, account_id: UUID, upload_id: UUID) -> Upload:
    """An upload with all its bytes and their hash. Raises UploadIncomplete."""
    async with transaction(resources, account_id) as session:
        upload = await get(session, upload_id)
    if upload.state != UploadState.OPEN:
        return upload
    if not upload.all_received:
        raise UploadIncomplete(offset=upload.offset, length=upload.length)
    return await complete(resources, account_id, upload_id)  # the process was lost between the last part and the hash


async def use(session: AsyncSession, upload_id: UUID) -> None:
    """Once: its bytes become one dataset, or none."""
    upload = await get(session, upload_id, lock=True)
    if upload.state != UploadState.COMPLETE:
        raise StateConflict(state=upload.state, allowed=[UploadState.COMPLETE.value])
    upload.state = UploadState.USED.value


async def cancel(resources: Resources, account_id: UUID, upload_id: UUID) -> None:
    """Raises StateConflict when a dataset is made of it."""
    async with transaction(resources, account_id) as session:
        upload = await get(session, upload_id, lock=True)
        if upload.state == UploadState.USED:
            raise StateConflict(state=upload.state, allowed=[UploadState.OPEN.value, UploadState.COMPLETE.value])
        upload.state, upload.writer = UploadState.EXPIRED.value, None
    await destroy(resources, account_id, upload_id)


async def end(resources: Resources, account_id: UUID, upload_id: UUID) -> None:
    """No longer there from now on: the row says so, then key and bytes go; not those of a dataset. Safe to repeat."""
    async with transaction(resources, account_id) as session:
        over = update(Upload).where(Upload.id == upload_id, Upload.state != UploadState.USED)
        ended = await session.execute(over.values(state=UploadState.EXPIRED.value, writer=None).returning(Upload.id))
        if ended.one_or_none() is None:
            return
    await destroy(resources, account_id, upload_id)


async def destroy(resources: Resources, account_id: UUID, upload_id: UUID) -> None:
    """The key, then the bytes of every part, recorded or not. Safe to repeat."""
    await resources.keystore.destroy_object_key(str(account_id), str(upload_id), KIND)
    folder = f"uploads/{account_id}/{upload_id}"
    async for name in resources.storage.names(folder):
        await resources.storage.delete(name)
    await resources.storage.delete_unfinished(folder)
    async with transaction(resources, account_id) as session:
        await session.execute(delete(UploadPart).where(UploadPart.upload_id == upload_id))


async def opened(resources: Resources, account_id: UUID, upload_id: UUID) -> AsyncIterator[bytes]:
    """The bytes of the file as sent, in blocks. Raises KeyGone, Tampered."""
    async with transaction(resources, account_id) as session:
        rows = select(UploadPart).where(UploadPart.upload_id == upload_id).order_by(UploadPart.start)
        parts = (await session.scalars(rows)).all()
    key = await resources.keystore.object_key(str(account_id), str(upload_id), KIND)
    for part in parts:
        async for block in open_stream(resources.storage.stream(_name(part)), key, _place(part)):
            yield block


def _name(part: UploadPart) -> str:
    """As `files.name`."""
    return f"uploads/{part.account_id}/{part.upload_id}/{part.id}"


def _place(part: UploadPart) -> Place:
    return Place(str(part.account_id), str(part.id), KIND)
