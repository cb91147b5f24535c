"""Gzip and zstd: unpacked a bounded piece at a time, and counted, so that a few bytes never become a flood."""

import sys
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from wm_api.records.limits import BLOCK, Limits, Ratio, Unreadable

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACKED_RATIO, PACKED_FREE = 100, 1 << 20
FED = 1 << 16
"""Packed bytes that are given at a time: what follows the end of a small member is copied, so it is kept short."""
WINDOW_LOG = 23
"""A sender may use windows of 8 MiB at most (RFC 9659)."""


class Member(Protocol):
    """One of the members or frames that a packed file is made of."""

    @property
    def ended(self) -> bool: ...
    @property
    def rest(self) -> bytes:
        """Packed bytes after its end."""
        ...

    def pieces(self, packed: bytes) -> Iterator[bytes]: ...


class GzipMember:
    def __init__(self) -> None:
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)

    @property
    def ended(self) -> bool:
        return self._inflater.eof

    @property
    def rest(self) -> bytes:
        return self._inflater.unused_data

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        while packed:
            yield self._inflater.decompress(packed, BLOCK)
            packed = self._inflater.unconsumed_tail


class ZstdFrame:
    """A frame of data, or one to be skipped, which gives nothing."""

    def __init__(self) -> None:
        self._decompressor = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: WINDOW_LOG})

    @property
    def ended(self) -> bool:
        return self._decompressor.eof

    @property
    def rest(self) -> bytes:
        return self._decompressor.unused_data

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        yield self._decompressor.decompress(packed, BLOCK)
        while not (self.ended or self._decompressor.needs_input):
            yield self._decompressor.decompress(b"", BLOCK)


def unpacked_members(source: BinaryIO, limits: Limits, begun: Callable[[], Member]) -> Iterator[bytes]:
    """Blocks of the unpacked file. Raises Unreadable, also where the last member is cut."""
    ratio, member = Ratio(limits, PACKED_RATIO, PACKED_FREE), None
    for packed in _fed(source):
        ratio.packed += len(packed)
        rest = packed
        while rest:
            if member is None or member.ended:
                member = begun()
            try:
                for piece in member.pieces(rest):
                    ratio.unpacked(len(piece))
                    yield piece
            except (zlib.error, zstd.ZstdError) as error:
                raise Unreadable("file_unreadable") from error
            rest = member.rest if member.ended else b""
    if member is not None and not member.ended:
        raise Unreadable("file_unreadable")


def _fed(source: BinaryIO) -> Iterator[bytes]:
    while block := source.read(BLOCK // 8):
        for start in range(0, len(block), FED):
            yield block[start : start + FED]
