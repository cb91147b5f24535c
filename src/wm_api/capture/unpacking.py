"""A gzip file as its plain bytes, unpacked as the server unpacks it: a bounded piece at a time, and counted."""

import io
from collections.abc import Iterator
from typing import BinaryIO

from wm_api.capture.problems import FileNoLongerFits
from wm_api.records.packed import GzipMember, unpacked_members
from wm_api.records.readers import Limits, Unreadable

WHY = {
    "file_unreadable": "The gzip file is damaged or cut off. Copy it again.",
    "unpacked_too_large": "The gzip file unpacks to far more than it is. Unpack it yourself if you trust it.",
}


def unzipped(packed: BinaryIO) -> io.BufferedReader:
    """Reading raises FileNoLongerFits."""
    return io.BufferedReader(_Plain(packed))


class _Plain(io.RawIOBase):
    def __init__(self, packed: BinaryIO) -> None:
        self._pieces, self._rest = _pieces(packed), memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


def _pieces(packed: BinaryIO) -> Iterator[bytes]:
    try:
        yield from unpacked_members(packed, Limits(), GzipMember)
    except Unreadable as error:
        raise FileNoLongerFits(WHY[error.code]) from error
