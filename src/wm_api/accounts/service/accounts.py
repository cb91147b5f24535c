"""Sign-up of a company, and its facts."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from wm_api.accounts import schemas
from wm_api.accounts.errors import EmailInUse, PasswordRefused
from wm_api.accounts.models import Account, AccountState, Member, User
from wm_api.accounts.roles import Role
from wm_api.core import clock
from wm_api.core.ids import new_id
from wm_api.core.passwords import Busy, acceptable
from wm_api.core.principal import Actor, ActorType
from wm_api.core.problems import NotFound, TemporarilyUnavailable
from wm_api.core.resources import Resources
from wm_api.core.transactions import bind_account
from wm_api.events import service as events
from wm_api.events.models import EventType


async def new_user(
    session: AsyncSession, resources: Resources, name: str, email: str, password: str, words: tuple[str, ...] = ()
) -> User:
    """A person with a login. Raises PasswordRefused, EmailInUse, TemporarilyUnavailable."""
    if not acceptable(password, (name, email, *words)):
        raise PasswordRefused
    try:
        password_hash = await resources.passwords.hash(password)
    except Busy as error:
        raise TemporarilyUnavailable(headers={"Retry-After": "2"}) from error
    if await session.scalar(select(User.id).where(User.email == email)):
        raise EmailInUse
    user = User(id=new_id(), email=email, name=name, password_hash=password_hash, created_at=clock.now())
    session.add(user)
    await session.flush()
    return user


async def sign_up(session: AsyncSession, resources: Resources, body: schemas.AccountCreate) -> tuple[Account, User]:
    """A company and its first owner."""
    owner = body.owner
    user = await new_user(session, resources, owner.name, owner.email, owner.password, (body.name,))
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
    member = Member(
        account_id=account.id,
        user_id=user.id,
        account_name=account.name,
        roles=[role.value for role in roles],
        joined_at=clock.now(),
    )
    session.add(member)
    await session.flush()
    await events.append(session, Actor(ActorType.USER, user.id), EventType.MEMBER_JOINED, ("user", user.id))
    return member


async def get_account(session: AsyncSession, account_id: UUID) -> Account:
    account = await session.scalar(select(Account).where(Account.id == account_id))
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
