"""AES-256-GCM bound to what an object is. Large objects go in chunks of 1 MiB (the STREAM construction)."""

import os
import struct
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK = 1 << 20
TAG = 16
MAGIC = b"WM\x01\x01"  # format, then version: a later version opens this one still
PREFIX = 7
HEADER = len(MAGIC) + PREFIX
LAST_COUNTER = 2**32 - 1


class Tampered(Exception):  # noqa: N818 - changed, cut, moved, or another key
    """The ciphertext is not the one that was sealed for this place."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a ciphertext is and where it belongs; opening it anywhere else fails."""

    account_id: str
    object_id: str
    kind: str
    version: int = 1

    def associated(self) -> bytes:
        return "\0".join((self.account_id, self.object_id, self.kind, str(self.version))).encode()


def new_key() -> bytes:
    return AESGCM.generate_key(256)


class Sealer:
    """Takes plain blocks of any size, gives sealed bytes; `finish` must follow the last block."""

    def __init__(self, key: bytes, place: Place) -> None:
        self._cipher, prefix = AESGCM(key), os.urandom(PREFIX)
        self._header = MAGIC + prefix
        self._associated = self._header + place.associated()
        self._counter, self._waiting, self._begun = 0, bytearray(), False

    def update(self, block: bytes) -> bytes:
        """Sealed bytes that are complete; a full chunk waits until it is known not to be the last."""
        self._waiting += block
        sealed = [] if self._begun else [self._header]
        self._begun = True
        while len(self._waiting) > CHUNK:
            sealed.append(self._chunk(bytes(self._waiting[:CHUNK]), last=False))
            del self._waiting[:CHUNK]
        return b"".join(sealed)

    def finish(self) -> bytes:
        return self.update(b"") + self._chunk(bytes(self._waiting), last=True)

    def _chunk(self, plain: bytes, *, last: bool) -> bytes:
        nonce = self._header[len(MAGIC) :] + struct.pack(">IB", self._counter, last)
        if self._counter >= LAST_COUNTER:
            raise OverflowError("the counter is at its end")
        self._counter += 1
        return self._cipher.encrypt(nonce, plain, self._associated)


class Opener:
    """The reverse of Sealer. Raises Tampered; nothing of a bad chunk comes out."""

    def __init__(self, key: bytes, place: Place) -> None:
        self._cipher, self._place = AESGCM(key), place.associated()
        self._header, self._counter, self._waiting = b"", 0, bytearray()

    def update(self, block: bytes) -> bytes:
        self._waiting += block
        if not self._take_header():
            return b""
        plain = []
        while len(self._waiting) > CHUNK + TAG:
            plain.append(self._chunk(bytes(self._waiting[: CHUNK + TAG]), last=False))
            del self._waiting[: CHUNK + TAG]
        return b"".join(plain)

    def finish(self) -> bytes:
        if not self._take_header():
            raise Tampered
        return self._chunk(bytes(self._waiting), last=True)

    def _take_header(self) -> bool:
        if not self._header and len(self._waiting) >= HEADER:
            self._header = bytes(self._waiting[:HEADER])
            del self._waiting[:HEADER]
            if not self._header.startswith(MAGIC):
                raise Tampered
        return bool(self._header)

    def _chunk(self, sealed: bytes, *, last: bool) -> bytes:
        nonce = self._header[len(MAGIC) :] + struct.pack(">IB", self._counter, last)
        self._counter += 1
        try:
            return self._cipher.decrypt(nonce, sealed, self._header + self._place)
        except InvalidTag as error:
            raise Tampered from error


def seal(plain: bytes, key: bytes, place: Place) -> bytes:
    """Seal something small at once."""
    sealer = Sealer(key, place)
    return sealer.update(plain) + sealer.finish()


def open_sealed(sealed: bytes, key: bytes, place: Place) -> bytes:
    """Open something small. Raises Tampered."""
    return b"".join(open_blocks(iter([sealed]), key, place))


def open_blocks(blocks: Iterator[bytes], key: bytes, place: Place) -> Iterator[bytes]:
    opener = Opener(key, place)
    for block in blocks:
        if plain := opener.update(block):
            yield plain
    yield opener.finish()


async def open_stream(blocks: AsyncIterator[bytes], key: bytes, place: Place) -> AsyncIterator[bytes]:
    """As `open_blocks`, for a stream from the object store."""
    opener = Opener(key, place)
    async for block in blocks:
        if plain := opener.update(block):
            yield plain
    yield opener.finish()


async def seal_stream(blocks: AsyncIterator[bytes], key: bytes, place: Place) -> AsyncIterator[bytes]:
    sealer = Sealer(key, place)
    async for block in blocks:
        if sealed := sealer.update(block):
            yield sealed
    yield sealer.finish()
