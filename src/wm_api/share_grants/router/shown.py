"""A grant as the contract shows it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core.principal import ActorType
from wm_api.core.schemas import Actor
from wm_api.receipts import service as receipts
from wm_api.share_grants import schemas
from wm_api.share_grants.service.grants import Grant


async def shown_all(session: AsyncSession, grants: Sequence[Grant]) -> list[schemas.ShareGrant]:
    """Each with the receipt of its own side."""
    latest = await receipts.latest_of(session, [grant.row.id for grant in grants])
    return [shown(grant, latest.get(grant.row.id)) for grant in grants]


async def shown_one(session: AsyncSession, grant: Grant) -> schemas.ShareGrant:
    [one] = await shown_all(session, [grant])
    return one


def shown(grant: Grant, receipt_id: UUID | None) -> schemas.ShareGrant:
    """Both sides of a grant, with the caller's own latest receipt."""
    row, answer = grant.row, grant.answer
    accepted = answer is not None and answer.answer != "declined"
    return schemas.ShareGrant.model_validate(
        {
            "id": row.id,
            "grantor": {"account_id": row.account_id, "name": row.grantor_name},
            "grantee": {
                "account_id": grant.grantee_id,
                "name": answer.grantee_name if answer else None,
                "email": row.grantee_email,
            },
            "state": grant.state,
            "score_scope": row.scope,
            "detail": row.detail,
            "purpose": row.purpose,
            "purpose_note": row.purpose_note,
            "expires_at": row.expires_at,
            "version": row.version,
            "created_at": row.created_at,
            "created_by": Actor(type=ActorType.USER, id=row.created_by),
            "accepted_at": answer.answered_at if answer and accepted else None,
            "ended_at": row.revoked_at or (answer.ended_at if answer else None),
            "first_read_at": answer.first_read_at if answer else None,
            "receipt_id": receipt_id,
        }
    )
