"""Identifiers: UUIDv7 (RFC 9562), so that ids sort by the time they were made."""

import secrets
from uuid import UUID

from wm_api.core import clock

_VERSION_7 = 0x7 << 76
_VARIANT = 0b10 << 62


def new_id() -> UUID:
    """48 bits of milliseconds, then 74 random bits from the system's source."""
    milliseconds = int(clock.now().timestamp() * 1000) & ((1 << 48) - 1)
    random_a, random_b = secrets.randbits(12), secrets.randbits(62)
    return UUID(int=milliseconds << 80 | _VERSION_7 | random_a << 64 | _VARIANT | random_b)
