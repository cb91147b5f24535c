"""The object store: a local folder or S3, through obstore. Names are random and made by the caller."""

import asyncio
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


class Storage:
    """Missing objects raise FileNotFoundError; a store that is away or full raises StoreUnavailable."""

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    async def put(self, name: str, blocks: AsyncIterator[bytes] | bytes) -> None:
        """Written whole or not at all; large ones as a multipart upload, block by block."""
        with _told_apart():
            if isinstance(blocks, bytes):
                await obstore.put_async(self._store, name, blocks)
            else:
                await obstore.put_async(self._store, name, blocks, chunk_size=PART, max_concurrency=2)

    async def create(self, name: str, content: bytes) -> None:
        """Raises Exists when the name is taken: of two writers one wins."""
        with _told_apart():
            try:
                await obstore.put_async(self._store, name, content, mode="create")
            except AlreadyExistsError as error:
                raise Exists from error

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
        async for name, _ in self.listed(prefix):
            yield name

    async def listed(self, prefix: str = "") -> AsyncIterator[tuple[str, datetime]]:
        """Name, and when it was last written. Of a local folder also what a lost writer left: `name#1`."""
        for file in self._unfinished():
            written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            yield str(file.relative_to(self._folder or file)), written
        with _told_apart():
            async for listed in obstore.list(self._store, prefix=prefix or None):
                for item in listed:
                    yield str(item["path"]), item["last_modified"]

    async def delete_unfinished(self, name: str) -> None:
        """What a lost writer of this name left. In S3 the lifecycle of the bucket ends unfinished uploads."""
        for file in self._unfinished():
            if str(file.relative_to(self._folder or file)).startswith((f"{name}#", f"{name}/")):
                await asyncio.to_thread(file.unlink, missing_ok=True)

    def _unfinished(self) -> list[Path]:
        return [] if self._folder is None else list(self._folder.rglob("*#[0-9]*"))


def open_store(url: str) -> Storage:
    """`file:///folder` or any URL that obstore reads, such as s3://bucket/prefix."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        folder = Path(unquote(parts.path))
        return Storage(LocalStore(folder, mkdir=True), folder)
    return Storage(from_url(url))
