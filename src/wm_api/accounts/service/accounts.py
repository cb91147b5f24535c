"""Sign-up of a company, and its facts."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts import schemas
from wm_api.accounts.errors import AlreadyMember, EmailInUse
from wm_api.accounts.models import Account, AccountState, Member, User
from wm_api.accounts.roles import Role
from wm_api.core import clock
from wm_api.core.faults import taken_is
from wm_api.core.ids import new_id
from wm_api.core.principal import Actor, ActorType
from wm_api.core.problems import NotFound
from wm_api.core.transactions import bind_account
from wm_api.events import service as events
from wm_api.events.models import EventType


async def new_user(session: AsyncSession, name: str, email: str, password_hash: str) -> User:
    """A person with a login. Raises EmailInUse."""
    if await session.scalar(select(User.id).where(User.email == email)):
        raise EmailInUse
    user = User(id=new_id(), email=email, name=name, password_hash=password_hash, created_at=clock.now())
    session.add(user)
    with taken_is(EmailInUse()):
        await session.flush()
    return user


async def sign_up(session: AsyncSession, body: schemas.AccountCreate, password_hash: str) -> tuple[Account, User]:
    """A company and its first owner."""
    user = await new_user(session, body.owner.name, body.owner.email, password_hash)
    facts = body.model_dump(exclude={"owner", "us_hosting_acknowledged"})
    account = Account(id=new_id(), state=AccountState.ACTIVE.value, created_at=clock.now(), **facts)
    await bind_account(session, account.id)
    session.add(account)
    await session.flush()
    actor = Actor(ActorType.USER, user.id)
    await events.append(session, actor, EventType.ACCOUNT_CREATED, ("account", account.id), state=account.state)
    await add_member(session, account, user, [Role.OWNER])
    return account, user


async def add_member(session: AsyncSession, account: Account, user: User, roles: list[Role]) -> Member:
    """Raises AlreadyMember."""
    member = Member(
        account_id=account.id,
        user_id=user.id,
        account_name=account.name,
        roles=[role.value for role in roles],
        joined_at=clock.now(),
    )
    session.add(member)
    with taken_is(AlreadyMember()):
        await session.flush()
    await events.append(session, Actor(ActorType.USER, user.id), EventType.MEMBER_JOINED, ("user", user.id))
    return member


async def get_account(session: AsyncSession, account_id: UUID, *, lock: bool = False) -> Account:
    rows = select(Account).where(Account.id == account_id)
    account = await session.scalar(rows.with_for_update() if lock else rows)
    if account is None:
        raise NotFound
    return account


async def update_account(session: AsyncSession, actor: Actor, account: Account, body: schemas.AccountUpdate) -> Account:
    """A merge patch: what is left out stays, null empties; name and country cannot be emptied."""
    for name, value in body.model_dump(exclude_unset=True).items():
        if value is not None or name not in {"name", "country"}:
            setattr(account, name, value)
    await session.flush()
    await events.append(session, actor, EventType.ACCOUNT_UPDATED, ("account", account.id))
    return account
