"""What a grantee reads: exactly the granted detail of published scores, each read on record."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.core.paging import Paging, page_of
from wm_api.core.principal import Principal
from wm_api.core.problems import Gone, NotFound
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.scores.models import ScorePublication
from wm_api.share_grants import schemas
from wm_api.share_grants.errors import GrantInactive
from wm_api.share_grants.models import GrantAnswer, GrantRead, ShareGrant
from wm_api.share_grants.service.grants import Grant


async def live_grant(session: AsyncSession, principal: Principal) -> Grant:
    """The grant's row decides, not the token: a revocation counts at once. Raises GrantInactive, NotFound."""
    mine = and_(GrantAnswer.id == ShareGrant.id, GrantAnswer.account_id == principal.account_id)
    both = select(ShareGrant, GrantAnswer).outerjoin(GrantAnswer, mine).where(ShareGrant.id == principal.share_grant_id)
    found = (await session.execute(both)).one_or_none()
    if found is None:
        raise NotFound
    grant = Grant(found[0], found[1])
    if grant.state != "active":
        raise GrantInactive(state=grant.state)
    return grant


async def read_scores(
    session: AsyncSession, principal: Principal, network: str, page: Paging
) -> tuple[list[schemas.SharedScore], str | None]:
    grant = await live_grant(session, principal)
    rows, next_cursor = await page_of(session, _in_scope(grant), ScorePublication.id, page)
    kept = await _latest_only(grant, rows)
    await _record(session, principal, grant, "list", None, network)
    return [shown(row, grant) for row in kept], next_cursor if grant.row.scope["scores"] != "latest" else None


async def read_score(session: AsyncSession, principal: Principal, score_id: UUID, network: str) -> schemas.SharedScore:
    """Raises NotFound outside the scope, Gone when it was withdrawn."""
    grant = await live_grant(session, principal)
    row = await session.scalar(_in_scope(grant, withdrawn=True).where(ScorePublication.id == score_id))
    if row is None or not await _allowed(session, grant, row):
        raise NotFound
    if row.withdrawn_at is not None:
        raise Gone
    await _record(session, principal, grant, "read", score_id, network)
    return shown(row, grant)


def _in_scope(grant: Grant, *, withdrawn: bool = False):  # type: ignore[no-untyped-def]  # noqa: ANN202
    rows = select(ScorePublication).where(ScorePublication.account_id == grant.row.account_id)
    if not withdrawn:
        rows = rows.where(ScorePublication.withdrawn_at.is_(None))
    if grant.row.scope["scores"] == "listed":
        rows = rows.where(ScorePublication.id.in_([UUID(each) for each in grant.row.scope["score_ids"]]))
    return rows


async def _allowed(session: AsyncSession, grant: Grant, row: ScorePublication) -> bool:
    """Under `latest` only the newest day counts."""
    if grant.row.scope["scores"] != "latest":
        return True
    newest = _in_scope(grant, withdrawn=row.withdrawn_at is not None)
    newest = newest.order_by(ScorePublication.as_of.desc(), ScorePublication.id.desc()).limit(1)
    latest = await session.scalar(newest)
    return latest is not None and latest.id == row.id


async def _latest_only(grant: Grant, rows: Sequence[ScorePublication]) -> list[ScorePublication]:
    if grant.row.scope["scores"] != "latest":
        return list(rows)
    return sorted(rows, key=lambda row: (row.as_of, row.id))[-1:]


async def _record(
    session: AsyncSession, principal: Principal, grant: Grant, action: str, score_id: UUID | None, network: str
) -> None:
    """In the read's own transaction: the read is in the owner's access log, or it did not happen."""
    values = {
        "account_id": principal.owner_id,
        "id": new_id(),
        "grantor_id": grant.row.account_id,
        "grant_id": grant.row.id,
        "reader_type": principal.claims["act"]["type"],  # type: ignore[index]
        "reader_id": principal.actor.id,
        "action": action,
        "score_id": score_id,
        "status": 200,
        "network": network,
        "at": clock.now(),
    }
    await session.execute(insert(GrantRead).values(values))
    if grant.answer is not None and grant.answer.first_read_at is None:
        mine = (GrantAnswer.id == grant.row.id, GrantAnswer.account_id == principal.account_id)
        await session.execute(update(GrantAnswer).where(*mine).values(first_read_at=values["at"]))


def shown(row: ScorePublication, grant: Grant) -> schemas.SharedScore:
    """From the frozen publication what the grant's level of detail allows."""
    document, detail = row.document, grant.row.detail
    metrics = [{**each, "unit": CATALOGUE[each["metric"]].unit} for each in document["metrics"]]
    return schemas.SharedScore.model_validate(
        {
            "score_id": row.id,
            "grant_id": grant.row.id,
            "company": {"id": row.account_id, "name": row.company},
            "as_of": row.as_of,
            **{name: document[name] for name in ("headline", "star", "interval", "data_grade")},
            "areas": document["areas"] if detail in {"areas", "metrics"} else None,
            "metrics": metrics if detail == "metrics" else None,
            **{name: document[name] for name in ("methodology_version", "benchmark_label", "restates")},
            "published_at": row.published_at,
            "grant_expires_at": grant.row.expires_at,
        }
    )


async def preview(session: AsyncSession, grant: Grant) -> list[schemas.SharedScore]:
    """Made by the code that serves the grantee, also while pending."""
    rows = (await session.scalars(_in_scope(grant))).all()
    return [shown(row, grant) for row in await _latest_only(grant, rows)]


async def access_log(session: AsyncSession, grant_id: UUID, page: Paging) -> tuple[Sequence[GrantRead], str | None]:
    reads = select(GrantRead).where(GrantRead.grant_id == grant_id, GrantRead.grantor_id == session.info["account_id"])
    return await page_of(session, reads, GrantRead.id, page)
