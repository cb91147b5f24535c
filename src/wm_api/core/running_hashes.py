"""Hashes of uploads as they come in parts; only what this process has seen from the first byte on."""

from collections import OrderedDict
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

MOST = 256


class RunningHashes:
    """SHA-256 by upload, each with the offset up to which it is; the ones used longest ago are forgotten."""

    def __init__(self) -> None:
        self._known: OrderedDict[UUID, tuple[int, Hash]] = OrderedDict()

    def follow(self, upload_id: UUID, offset: int) -> "Hash | None":
        """A copy to go on with from an offset; None where it is not known."""
        if offset == 0:
            return sha256()
        known = self._known.get(upload_id)
        return known[1].copy() if known is not None and known[0] == offset else None

    def keep(self, upload_id: UUID, offset: int, hashed: "Hash | None") -> None:
        self._known.pop(upload_id, None)
        if hashed is not None:
            self._known[upload_id] = (offset, hashed)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
