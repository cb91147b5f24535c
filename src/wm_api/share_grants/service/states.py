"""The states of grants as conditions of a query; `transitions.state_of` says the same of one grant."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, not_, select

from wm_api.share_grants.models import GrantAnswer, GrantState, ShareGrant


def _said(*words: str) -> ColumnElement[bool]:
    """The grantee's answer is one of these."""
    return select(GrantAnswer.id).where(GrantAnswer.id == ShareGrant.id, GrantAnswer.answer.in_(words)).exists()


def in_state(state: GrantState, now: datetime) -> ColumnElement[bool]:
    """Grants that are in a state now."""
    revoked = ShareGrant.revoked_at.is_not(None)
    ended = _said("declined", "relinquished")
    expired = ShareGrant.expires_at <= now
    living = and_(not_(revoked), not_(ended), not_(expired))
    conditions = {
        GrantState.REVOKED: revoked,
        GrantState.DECLINED: and_(not_(revoked), _said("declined")),
        GrantState.RELINQUISHED: and_(not_(revoked), _said("relinquished")),
        GrantState.EXPIRED: and_(not_(revoked), not_(ended), expired),
        GrantState.ACTIVE: and_(living, _said("accepted")),
        GrantState.PENDING: and_(living, not_(_said("accepted"))),
    }
    return conditions[state]
