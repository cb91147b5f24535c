"""The object store: a local folder or S3, through obstore. Names are random and made by the caller."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

BLOCK = 1 << 20
PART = 8 << 20


class Exists(Exception):  # noqa: N818 - named for what is wrong
    """An object of this name is there already."""


class Storage:
    """Missing objects raise FileNotFoundError."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, name: str, blocks: AsyncIterator[bytes] | bytes) -> None:
        """Written whole or not at all; large ones as a multipart upload, block by block."""
        if isinstance(blocks, bytes):
            await obstore.put_async(self._store, name, blocks)
        else:
            await obstore.put_async(self._store, name, blocks, chunk_size=PART, max_concurrency=2)

    async def create(self, name: str, content: bytes) -> None:
        """Raises Exists when the name is taken: of two writers one wins."""
        try:
            await obstore.put_async(self._store, name, content, mode="create")
        except AlreadyExistsError as error:
            raise Exists from error

    async def read(self, name: str) -> bytes:
        """A small object at once."""
        try:
            result = await obstore.get_async(self._store, name)
            return bytes(await result.bytes_async())
        except NotFoundError as error:
            raise FileNotFoundError from error

    async def stream(self, name: str) -> AsyncIterator[bytes]:
        """A large object in blocks."""
        try:
            result = await obstore.get_async(self._store, name)
        except NotFoundError as error:
            raise FileNotFoundError from error
        async for block in result.stream(min_chunk_size=BLOCK):
            yield bytes(block)

    async def delete(self, name: str) -> None:
        """Safe to repeat."""
        try:
            await obstore.delete_async(self._store, name)
        except (NotFoundError, FileNotFoundError):
            return

    async def names(self, prefix: str = "") -> AsyncIterator[str]:
        async for listed in obstore.list(self._store, prefix=prefix or None):
            for item in listed:
                yield str(item["path"])


def open_store(url: str) -> Storage:
    """`file:///folder` or any URL that obstore reads, such as s3://bucket/prefix."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Storage(LocalStore(Path(unquote(parts.path)), mkdir=True))
    return Storage(from_url(url))
