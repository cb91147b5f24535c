"""PURE: the state of a grant from what both sides have said."""

from datetime import datetime

ENDED = frozenset({"declined", "relinquished", "revoked", "expired"})


def state_of(answer: str | None, revoked_at: datetime | None, expires_at: datetime, now: datetime) -> str:
    """Ended is final; a revocation comes before everything."""
    if revoked_at is not None:
        return "revoked"
    if answer in {"declined", "relinquished"}:
        return answer
    if expires_at <= now:
        return "expired"
    return "active" if answer == "accepted" else "pending"
