"""PURE: the bytes of an event line, its link to the line before, and the check of a whole chain."""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256

GENESIS = b"\0" * 32
Line = Mapping[str, object]


def canonical_json(value: object) -> bytes:
    """One value, one text: sorted keys, no spaces, UTF-8, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def link(previous: bytes, line: Line) -> bytes:
    """The hash of a line covers the line before it: none can be changed, dropped or moved unseen."""
    return sha256(b"wm-event-1\0" + previous + canonical_json(line)).digest()


def verify(lines: Iterable[tuple[Line, bytes]], head: tuple[int, bytes] | None = None) -> str | None:
    """None when every line follows from the one before and the remembered head is among them; else what is wrong.

    `lines` are (line, hash) in order; a line holds its `sequence`, from 1, without gaps.
    """
    previous, expected = GENESIS, 1
    seen: dict[int, bytes] = {}
    for line, recorded in lines:
        if line.get("sequence") != expected:
            return f"line {expected} is missing or out of order"
        previous = link(previous, line)
        if previous != recorded:
            return f"line {expected} was changed"
        seen[expected] = previous
        expected += 1
    if head is not None and seen.get(head[0]) != head[1]:
        return f"the remembered head {head[0]} is not in the chain"
    return None
