"""The object store: a local folder or S3, through obstore. Names are random and made by the caller."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, GenericError, JoinError, NotFoundError, PermissionDeniedError
from obstore.store import LocalStore, ObjectStore, from_url

from wm_api.core.faults import StoreUnavailable

BLOCK = 1 << 20
PART = 8 << 20


class Exists(Exception):  # noqa: N818 - named for what is wrong
    """An object of this name is there already."""


@contextmanager
def _told_apart() -> Iterator[None]:
    """A missing object, and a store that cannot serve, as the errors that the callers know."""
    try:
        yield
    except NotFoundError as error:
        raise FileNotFoundError from error
    except (GenericError, JoinError, PermissionDeniedError) as error:
        raise StoreUnavailable from error


def _synced(file: Path) -> None:
    """The content, then the name. An object that was deleted meanwhile is nobody's any more."""
    for path in (file, file.parent):
        with suppress(FileNotFoundError):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


class Storage:
    """Missing objects raise FileNotFoundError; a store that is away or full raises StoreUnavailable."""

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    async def put(self, name: str, blocks: AsyncIterator[bytes] | bytes) -> None:
        """Kept whole or not at all; large ones as a multipart upload, block by block.

        Where the blocks end with an error, what came is deleted and the error raised: the library would lose its place.
        """
        if isinstance(blocks, bytes):
            with _told_apart():
                await obstore.put_async(self._store, name, blocks)
            await self._settle(name)
            return
        failed: list[Exception] = []

        async def until_failure() -> AsyncIterator[bytes]:
            try:
                async for block in blocks:
                    yield block
            except Exception as error:  # noqa: BLE001 - raised below
                failed.append(error)

        with _told_apart():
            await obstore.put_async(self._store, name, until_failure(), chunk_size=PART, max_concurrency=2)
        if failed:
            await self.delete(name)
            raise failed[0]
        await self._settle(name)

    async def create(self, name: str, content: bytes) -> None:
        """Raises Exists when the name is taken: of two writers one wins."""
        with _told_apart():
            try:
                await obstore.put_async(self._store, name, content, mode="create")
            except AlreadyExistsError as error:
                raise Exists from error
        await self._settle(name)

    async def _settle(self, name: str) -> None:
        """A local folder: on the disk before anybody is told so, as S3 promises of its own."""
        if self._folder is not None:
            with _told_apart():
                await asyncio.to_thread(_synced, self._folder / name)

    async def read(self, name: str) -> bytes:
        """A small object at once."""
        with _told_apart():
            result = await obstore.get_async(self._store, name)
            return bytes(await result.bytes_async())

    async def stream(self, name: str) -> AsyncIterator[bytes]:
        """A large object in blocks."""
        with _told_apart():
            result = await obstore.get_async(self._store, name)
            async for block in result.stream(min_chunk_size=BLOCK):
                yield bytes(block)

    async def delete(self, name: str) -> None:
        """Safe to repeat."""
        with suppress(FileNotFoundError), _told_apart():
            await obstore.delete_async(self._store, name)

    async def names(self, prefix: str = "") -> AsyncIterator[str]:
        """Of whole objects below a prefix, which ends where a part of the name ends."""
        async for name, _ in self._whole(prefix):
            yield name

    async def listed(self) -> AsyncIterator[tuple[str, datetime]]:
        """Name, and when it was last written. Of a local folder also what a lost writer left: `name#1`."""
        for file in self._unfinished():
            with suppress(FileNotFoundError):  # it has been finished meanwhile
                written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
                yield str(file.relative_to(self._folder or file)), written
        async for found in self._whole(""):
            yield found

    async def _whole(self, prefix: str) -> AsyncIterator[tuple[str, datetime]]:
        with _told_apart():
            async for listed in obstore.list(self._store, prefix=prefix or None):
                for item in listed:
                    yield str(item["path"]), item["last_modified"]

    async def delete_unfinished(self, name: str) -> None:
        """What a lost writer of this name left. In S3 the lifecycle of the bucket ends unfinished uploads."""
        for file in await asyncio.to_thread(self._unfinished, name):
            await asyncio.to_thread(file.unlink, missing_ok=True)

    def _unfinished(self, name: str = "") -> list[Path]:
        """Beside an object of this name, and below it."""
        if self._folder is None:
            return []
        place = self._folder / name
        beside = place.parent.glob(f"{place.name}#[0-9]*") if name else ()
        return [*beside, *place.rglob("*#[0-9]*")]


def open_store(url: str) -> Storage:
    """`file:///folder` or any URL that obstore reads, such as s3://bucket/prefix."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        folder = Path(unquote(parts.path))
        return Storage(LocalStore(folder, mkdir=True), folder)
    return Storage(from_url(url))
