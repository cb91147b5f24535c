"""Receipts of grants: each side gets one of its own act, signed."""

from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core.resources import Resources
from wm_api.core.schemas import instant_text
from wm_api.receipts import service as receipts
from wm_api.share_grants.service.grants import Grant


async def issue_receipt(
    session: AsyncSession, resources: Resources, grant: Grant, act: str, reason: str | None = None
) -> None:
    """What was granted, and what the bound account has done: created, accepted or revoked."""
    row = grant.row
    body = {
        "act": act,
        "state": grant.state,
        "grantor": str(row.account_id),
        "grantee": str(grant.grantee_id) if grant.grantee_id else None,
        "score_scope": row.scope,
        "detail": row.detail,
        "purpose": row.purpose,
        "expires_at": instant_text(row.expires_at),
        "version": row.version,
        "reason": reason,
    }
    await receipts.issue(session, resources, receipts.ReceiptType.SHARE_GRANT, ("share_grant", row.id), body)
