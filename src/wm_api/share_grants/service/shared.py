"""What a grantee reads: exactly the granted detail of published scores, each read on record."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.core.paging import Paging, page_of
from wm_api.core.principal import Principal
from wm_api.core.problems import Gone, NotFound
from wm_api.core.transactions import DriverTransaction
from wm_api.events import service as events
from wm_api.events.models import EventType
from wm_api.metrics.catalogue import CATALOGUE
from wm_api.share_grants import schemas
from wm_api.share_grants.errors import GrantInactive
from wm_api.share_grants.models import GrantRead
from wm_api.share_grants.queries import END, FIRST_READ, ONE_SCORE, RECORD, SCORES, Visible
from wm_api.share_grants.transitions import state_of

Shared = tuple[list[schemas.SharedScore], str | None]


async def read_scores(open_: DriverTransaction, principal: Principal, network: str, page: Paging) -> Shared:
    """Raises GrantInactive, NotFound."""
    asked = _asked(principal.share_grant_id, principal.owner_id, page)
    rows = [Visible._make(row) for row in await open_.connection.fetch(SCORES, *asked)]
    grant = _live(rows)
    await _record_read(open_, principal, grant, "list", network)
    return _page(rows, principal.owner_id, page)


async def read_score(
    open_: DriverTransaction, principal: Principal, score_id: UUID, network: str
) -> schemas.SharedScore:
    """Raises GrantInactive; NotFound outside the scope; Gone when it was withdrawn."""
    found = await open_.connection.fetch(ONE_SCORE, principal.share_grant_id, score_id)
    row = _live([Visible._make(each) for each in found])
    if row.score_id is None:
        raise NotFound
    if row.withdrawn_at is not None:
        raise Gone
    await _record_read(open_, principal, row, "read", network)
    return shown(row)


async def preview(session: AsyncSession, grant_id: UUID, page: Paging) -> Shared:
    """Made by the code that serves the grantee, also while pending."""
    account_id: UUID = session.info["account_id"]
    found = await (await session.connection()).exec_driver_sql(SCORES, _asked(grant_id, account_id, page))
    return _page([Visible._make(row) for row in found], account_id, page)


def _asked(grant_id: UUID | None, account_id: UUID, page: Paging) -> tuple[UUID | None, UUID, int]:
    """Newest first by id, as every list; one more than the page holds."""
    before = page.position(account_id)
    return grant_id, UUID(before) if before else END, page.limit + 1


def _page(rows: Sequence[Visible], account_id: UUID, page: Paging) -> Shared:
    data = [shown(row) for row in rows[: page.limit] if row.score_id is not None]
    return data, page.cursor(str(data[-1].score_id), account_id) if len(rows) > page.limit else None


def _live(rows: Sequence[Visible]) -> Visible:
    """The grant's row decides, not the token: a revocation counts at once."""
    if not rows:
        raise NotFound
    grant = rows[0]
    state = state_of(grant.answer, grant.revoked_at, grant.expires_at, clock.now())
    if state != "active":
        raise GrantInactive(state=state)
    return grant


async def _record_read(open_: DriverTransaction, principal: Principal, row: Visible, action: str, network: str) -> None:
    """In the read's own transaction: the read is in the owner's access log, or it did not happen."""
    asked_by: Any = principal.claims["act"]
    reader, score_id = (asked_by["type"], principal.actor.id), row.score_id if action == "read" else None
    of_grant = (row.grantor_id, row.grant_id)
    line = access_line(principal.owner_id, of_grant, reader, action, network, score_id=score_id)
    await open_.connection.execute(RECORD, *line)
    if row.first_read_at is None:
        await _tell_first_read(open_, principal, row)


async def _tell_first_read(open_: DriverTransaction, principal: Principal, row: Visible) -> None:
    """Of many at once the first to set the mark tells both sides; a line per read would make them wait in a queue."""
    mark = (principal.owner_id, row.grant_id, clock.now())
    if await open_.connection.fetchval(FIRST_READ, *mark) is None:
        return
    act, subject = EventType.SHARE_GRANT_FIRST_READ, ("share_grant", row.grant_id)
    async with open_.session() as session:
        await events.append(session, principal.actor, act, subject, state="active", counterpart_id=row.grantor_id)


async def record_token(session: AsyncSession, principal: Principal, of_grant: tuple[UUID, UUID], network: str) -> None:
    """The owner sees who made a token for the grant (grantor, id)."""
    reader = (principal.actor.type.value, principal.actor.id)
    line = access_line(principal.owner_id, of_grant, reader, "token", network, status=201)
    await (await session.connection()).exec_driver_sql(RECORD, line)


def access_line(
    account_id: UUID,
    of_grant: tuple[UUID, UUID],
    reader: tuple[str, UUID | None],
    action: str,
    network: str,
    *,
    status: int = 200,
    score_id: UUID | None = None,
) -> tuple[object, ...]:
    """A line of the owner's access log, as RECORD takes it."""
    return account_id, new_id(), *of_grant, *reader, action, score_id, status, network, clock.now()


def shown(row: Visible) -> schemas.SharedScore:
    """From the frozen publication what the grant's level of detail allows."""
    document, detail = row.document, row.detail
    metrics = None
    if detail == "metrics":
        metrics = [{**each, "unit": CATALOGUE[each["metric"]].unit} for each in document["metrics"]]
    return schemas.SharedScore.model_validate(
        {
            "score_id": row.score_id,
            "grant_id": row.grant_id,
            "company": {"id": row.grantor_id, "name": row.company},
            "as_of": row.as_of,
            **{name: document[name] for name in ("headline", "star", "interval", "data_grade")},
            "beside": document.get("beside"),
            "areas": document["areas"] if detail in {"areas", "metrics"} else None,
            "metrics": metrics,
            **{name: document[name] for name in ("methodology_version", "benchmark_label", "restates")},
            "published_at": row.published_at,
            "grant_expires_at": row.expires_at,
        }
    )


async def access_log(session: AsyncSession, grant_id: UUID, page: Paging) -> tuple[Sequence[GrantRead], str | None]:
    reads = select(GrantRead).where(GrantRead.grant_id == grant_id, GrantRead.grantor_id == session.info["account_id"])
    return await page_of(session, reads, GrantRead.id, page)
