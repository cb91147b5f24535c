"""Identifiers: UUIDv7 (RFC 9562), so that ids sort by the time they were made, in one process strictly."""

import secrets
import threading
from datetime import UTC, datetime
from uuid import UUID

from wm_api.core import clock

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62
_lock = threading.Lock()
_last = [0]


def new_id() -> UUID:
    """48 bits of milliseconds, 12 bits that count within one, 62 random bits from the system's source."""
    with _lock:
        stamp = int(clock.now().timestamp() * 1000) << 12
        _last[0] = stamp = max(stamp, _last[0] + 1)
    milliseconds, count = stamp >> 12, stamp & 0xFFF
    return UUID(int=milliseconds << 80 | _VERSION_7 | count << 64 | _VARIANT | secrets.randbits(62))


def made_at(some_id: UUID) -> datetime | None:
    """When an id was made, as it says itself; None for an id that is not of this form, or tells no time."""
    if some_id.version != 7:  # noqa: PLR2004
        return None
    try:
        return datetime.fromtimestamp((some_id.int >> 80) / 1000, UTC)
    except (OverflowError, ValueError, OSError):  # after the year 9999: nobody made it
        return None
