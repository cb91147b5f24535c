"""Taking part: an owner's consent, which can be withdrawn; and the operator's admission of a company group."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.benchmarks.contributed.models import ContributionConsent, ContributorGroup
from wm_api.benchmarks.contributed.schemas import TakingPart
from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.core.principal import SYSTEM, Actor
from wm_api.events import service as events
from wm_api.events.models import EventType

ADMITTED = "admitted"


async def get_contribution(session: AsyncSession) -> TakingPart:
    """Of the bound account. Nobody takes part who has not said so."""
    consent = await session.scalar(select(ContributionConsent))
    admitted = await session.scalar(select(ContributorGroup.id)) is not None
    if consent is None:
        return TakingPart(taking_part=False, admitted=admitted, changed_at=None)
    return TakingPart(taking_part=consent.taking_part, admitted=admitted, changed_at=consent.changed_at)


async def set_contribution(session: AsyncSession, actor: Actor, before: TakingPart, taking_part: bool) -> None:
    """Said again, nothing changes and no line is written."""
    if before.changed_at is not None and before.taking_part == taking_part:
        return
    account_id: UUID = session.info["account_id"]
    said = {"taking_part": taking_part, "changed_at": clock.now(), "changed_by": actor.id}
    row = insert(ContributionConsent).values(account_id=account_id, id=new_id(), **said)
    await session.execute(row.on_conflict_do_update(index_elements=["account_id"], set_=said))
    state = "taking_part" if taking_part else "not_taking_part"
    await events.append(session, actor, EventType.ACCOUNT_CONTRIBUTION_CHANGED, ("account", account_id), state=state)


async def admit(session: AsyncSession, account_id: UUID, name: str, employees: int) -> None:
    """By the operator, after domain, payment and number of employees were verified; again, it corrects.

    Said again, nothing changes and no line is written.
    """
    mine = select(ContributorGroup).where(ContributorGroup.account_id == account_id)
    before = await session.scalar(mine.with_for_update())
    if before is not None and (before.name, before.employees) == (name, employees):
        return
    checked = {"name": name, "employees": employees, "admitted_at": clock.now()}
    row = insert(ContributorGroup).values(account_id=account_id, id=new_id(), **checked)
    await session.execute(row.on_conflict_do_update(index_elements=["account_id"], set_=checked))
    act, subject, was = EventType.ACCOUNT_CONTRIBUTOR_ADMITTED, ("account", account_id), ADMITTED if before else None
    await events.append(session, SYSTEM, act, subject, state=ADMITTED, previous_state=was)


async def revoke(session: AsyncSession, account_id: UUID) -> bool:
    """It counts from the next release on; what is published stays. False: it was not admitted."""
    gone = delete(ContributorGroup).where(ContributorGroup.account_id == account_id).returning(ContributorGroup.id)
    if await session.scalar(gone) is None:
        return False
    act, subject = EventType.ACCOUNT_CONTRIBUTOR_REVOKED, ("account", account_id)
    await events.append(session, SYSTEM, act, subject, state="revoked", previous_state=ADMITTED)
    return True
