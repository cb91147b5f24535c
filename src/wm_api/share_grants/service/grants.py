"""Create, accept, decline, revoke, list; a token for one grant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts.errors import expiry_between
from wm_api.accounts.models import Account, User
from wm_api.core import clock, credentials, tokens
from wm_api.core.ids import new_id
from wm_api.core.paging import Paging, page_of
from wm_api.core.principal import Principal, Scope
from wm_api.core.problems import LinkExpired, NotFound, StateConflict
from wm_api.core.resources import Resources
from wm_api.core.transactions import bound_as
from wm_api.events import service as events
from wm_api.events.models import EventType
from wm_api.scores.models import Score
from wm_api.share_grants import schemas
from wm_api.share_grants.errors import GranteeNotEligible, GrantExpiryTooLong, GrantInactive
from wm_api.share_grants.models import GrantAnswer, GrantState, ShareGrant
from wm_api.share_grants.service.states import in_state
from wm_api.share_grants.transitions import state_of

LONGEST = timedelta(days=396)


@dataclass(frozen=True, slots=True)
class Grant:
    """Both sides of a grant."""

    row: ShareGrant
    answer: GrantAnswer | None

    @property
    def state(self) -> str:
        said = self.answer.answer if self.answer else None
        return state_of(said, self.row.revoked_at, self.row.expires_at, clock.now())

    @property
    def grantee_id(self) -> UUID | None:
        return self.row.grantee_id or (self.answer.account_id if self.answer else None)


async def account_exists(session: AsyncSession, account_id: UUID) -> bool:
    """A look at one id, bound to it."""
    async with bound_as(session, account_id=account_id):
        return await session.scalar(select(Account.id).where(Account.id == account_id)) is not None


async def create(
    session: AsyncSession, principal: Principal, body: schemas.ShareGrantCreate
) -> tuple[Grant, str | None]:
    """A pending grant; for an e-mail also the acceptance token, shown once."""
    now, grantee = clock.now(), body.grantee
    if not now < body.expires_at <= now + LONGEST:
        raise GrantExpiryTooLong(limit=LONGEST.days, errors=[expiry_between(LONGEST.days)])
    if grantee.account_id == principal.account_id:
        raise GranteeNotEligible
    if grantee.account_id is not None and not await account_exists(session, grantee.account_id):
        raise GranteeNotEligible
    await _check_listed(session, set(body.score_scope.score_ids))
    token = credentials.make(credentials.ACCEPTANCE) if grantee.email else None
    account = (await session.scalars(select(Account).where(Account.id == principal.owner_id))).one()
    row = ShareGrant(
        account_id=principal.owner_id,
        id=new_id(),
        grantor_name=account.name,
        grantee_id=grantee.account_id,
        grantee_email=grantee.email,
        secret_hash=credentials.secret_hash(token, credentials.ACCEPTANCE) if token else None,
        scope={"scores": body.score_scope.scores, "score_ids": [str(each) for each in body.score_scope.score_ids]},
        detail=body.detail,
        purpose=body.purpose,
        purpose_note=body.purpose_note,
        version=1,
        created_by=principal.actor.id,
        created_at=now,
        expires_at=body.expires_at,
    )
    session.add(row)
    await session.flush()
    await _tell(session, principal, EventType.SHARE_GRANT_CREATED, row, grantee.account_id)
    return Grant(row, None), token


async def _check_listed(session: AsyncSession, score_ids: set[UUID]) -> None:
    """Only scores of this account can be listed; a foreign one is not found."""
    own = select(func.count()).select_from(Score).where(Score.id.in_(score_ids))
    if score_ids and await session.scalar(own) != len(score_ids):
        raise NotFound


async def _tell(
    session: AsyncSession, principal: Principal, act: EventType, row: ShareGrant, counterpart: UUID | None
) -> None:
    """One line that both sides see."""
    grant = Grant(row, await _answer(session, row.id))
    subject = ("share_grant", row.id)
    await events.append(session, principal.actor, act, subject, state=grant.state, counterpart_id=counterpart)


async def _answer(session: AsyncSession, grant_id: UUID) -> GrantAnswer | None:
    answer: GrantAnswer | None = await session.scalar(select(GrantAnswer).where(GrantAnswer.id == grant_id))
    return answer


async def get(session: AsyncSession, grant_id: UUID, *, lock: bool = False) -> Grant:
    """Either side; anybody else finds nothing (row policies)."""
    rows = select(ShareGrant).where(ShareGrant.id == grant_id)
    row = await session.scalar(rows.with_for_update() if lock else rows)
    if row is None:
        raise NotFound
    return Grant(row, await _answer(session, grant_id))


async def list_grants(
    session: AsyncSession, account_id: UUID, direction: str, page: Paging, state: GrantState | None = None
) -> tuple[Sequence[Grant], str | None]:
    given = ShareGrant.account_id == account_id
    found = select(ShareGrant).where(given if direction == "given" else ~given)
    if state is not None:
        found = found.where(in_state(state, clock.now()))
    rows, next_cursor = await page_of(session, found, ShareGrant.id, page)
    ids = [row.id for row in rows]
    answers = {each.id: each for each in await session.scalars(select(GrantAnswer).where(GrantAnswer.id.in_(ids)))}
    return [Grant(row, answers.get(row.id)) for row in rows], next_cursor


async def accept(
    session: AsyncSession, principal: Principal, grant_id: UUID, token: str | None, lifetime: timedelta
) -> Grant:
    """By a person of the grantee; a grant to an e-mail needs its token, in time, and that person's address."""
    await wait_for_turn(session, grant_id)
    grant = await _to_answer(session, principal, grant_id, token, lifetime)
    if grant.state != "pending":
        raise StateConflict(state=grant.state, allowed=["pending"])
    return await _say(session, principal, grant, "accepted", EventType.SHARE_GRANT_ACCEPTED)


async def wait_for_turn(session: AsyncSession, grant_id: UUID) -> None:
    """Of two acts at once the second sees the first. The grantor's row is not the grantee's to lock."""
    key = int.from_bytes(grant_id.bytes[8:], "big", signed=True)
    await session.execute(select(func.pg_advisory_xact_lock(key)))


async def _to_answer(
    session: AsyncSession, principal: Principal, grant_id: UUID, token: str | None, lifetime: timedelta
) -> Grant:
    if token is None:
        return await _received(session, principal, grant_id)
    try:
        secret_hash = credentials.secret_hash(token, credentials.ACCEPTANCE)
    except credentials.MalformedCredential as error:
        raise LinkExpired from error
    async with bound_as(session, secret_hash=secret_hash):
        row = await session.scalar(select(ShareGrant).where(ShareGrant.secret_hash == secret_hash))
    user = await session.scalar(select(User).where(User.id == principal.user_id))
    if row is None or row.id != grant_id or user is None or user.email != row.grantee_email:
        raise LinkExpired
    if row.account_id == principal.account_id:
        raise GranteeNotEligible
    async with bound_as(session, account_id=row.account_id):  # another account of the same person may have accepted
        answer = await _answer(session, grant_id)
    spent = answer is not None and answer.account_id != principal.account_id
    if spent or row.created_at + lifetime < clock.now():
        raise LinkExpired
    return Grant(row, answer)


async def _received(session: AsyncSession, principal: Principal, grant_id: UUID) -> Grant:
    grant = await get(session, grant_id)
    if grant.row.account_id == principal.account_id:
        raise NotFound
    return grant


async def decline(session: AsyncSession, principal: Principal, grant_id: UUID) -> Grant:
    """Declined while pending; given back when it was active."""
    await wait_for_turn(session, grant_id)
    grant = await _received(session, principal, grant_id)
    if grant.state == "pending":
        return await _say(session, principal, grant, "declined", EventType.SHARE_GRANT_DECLINED)
    if grant.state == "active":
        return await _say(session, principal, grant, "relinquished", EventType.SHARE_GRANT_RELINQUISHED)
    raise StateConflict(state=grant.state, allowed=["pending", "active"])


async def _say(session: AsyncSession, principal: Principal, grant: Grant, word: str, act: EventType) -> Grant:
    answer, now = grant.answer, clock.now()
    if answer is None:
        account = (await session.scalars(select(Account).where(Account.id == principal.owner_id))).one()
        answer = GrantAnswer(
            account_id=principal.owner_id,
            id=grant.row.id,
            grantor_id=grant.row.account_id,
            grantee_name=account.name,
            answer=word,
            answered_at=now,
        )
        session.add(answer)
    answer.answer = word
    answer.ended_at = None if word == "accepted" else now
    await session.flush()
    await _tell(session, principal, act, grant.row, grant.row.account_id)
    return Grant(grant.row, answer)


async def revoke(session: AsyncSession, principal: Principal, grant_id: UUID) -> Grant:
    """Its tokens are dead with this answer: each read looks at this row."""
    await wait_for_turn(session, grant_id)
    grant = await get(session, grant_id, lock=True)
    if grant.row.account_id != principal.account_id:
        raise NotFound
    if grant.state not in {"pending", "active"}:
        raise StateConflict(state=grant.state, allowed=["pending", "active"])
    grant.row.revoked_at = clock.now()
    await session.flush()
    await _tell(session, principal, EventType.SHARE_GRANT_REVOKED, grant.row, grant.grantee_id)
    return grant


def issue_token(resources: Resources, principal: Principal, grant: Grant) -> tuple[str, int]:
    """For one grant, ten minutes, never past the grant. Reads take scope and detail from the row."""
    if grant.row.account_id == principal.account_id:
        raise NotFound
    if grant.state != "active":
        raise GrantInactive(state=grant.state)
    now = clock.now()
    ends: datetime = min(now + resources.settings.grant_token_lifetime, grant.row.expires_at)
    seconds = int((ends - now).total_seconds())
    issued = int(now.timestamp())
    claims = {
        "iss": resources.settings.public_url,
        "aud": f"{resources.settings.audience}/shared",
        "sub": str(principal.owner_id),
        "act": {"type": principal.actor.type.value, "id": str(principal.actor.id)},
        "grant": str(grant.row.id),
        "grant_version": grant.row.version,
        "detail": grant.row.detail,
        "scope": Scope.SHARED_READ.value,
        "jti": str(new_id()),
        "iat": issued,
        "exp": issued + max(seconds, 1),
    }
    return tokens.issue(resources.signing_keys, tokens.ACCESS, claims), seconds
