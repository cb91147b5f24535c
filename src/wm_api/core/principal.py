"""Who acts, for which account, and by what right."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Scope(StrEnum):
    """What kind of thing a credential may do. Whose it is, say key and row policy."""

    ACCOUNT_READ = "account:read"
    ACCOUNT_WRITE = "account:write"
    CONTRIBUTION_WRITE = "contribution:write"
    MEMBERS_READ = "members:read"
    MEMBERS_WRITE = "members:write"
    KEYS_READ = "keys:read"
    KEYS_WRITE = "keys:write"
    DATASETS_READ = "datasets:read"
    DATASETS_WRITE = "datasets:write"
    DATASETS_DELETE = "datasets:delete"
    OPERATIONS_READ = "operations:read"
    METRICS_READ = "metrics:read"
    BENCHMARKS_READ = "benchmarks:read"
    SCORES_READ = "scores:read"
    SCORES_PUBLISH = "scores:publish"
    SHARES_READ = "shares:read"
    SHARES_WRITE = "shares:write"
    SHARED_READ = "shared:read"
    EVENTS_READ = "events:read"


class ActorType(StrEnum):
    USER = "user"
    API_KEY = "api_key"
    GRANTEE = "grantee"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, as an event line says it."""

    type: ActorType
    id: UUID | None = None


SYSTEM = Actor(ActorType.SYSTEM)


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller. `account_id` is None for a person who has not said which account is meant."""

    actor: Actor
    account_id: UUID | None
    scopes: frozenset[Scope]
    roles: tuple[str, ...] = ()
    user_id: UUID | None = None
    session_id: UUID | None = None
    share_grant_id: UUID | None = None
    memberships: int = 1
    claims: dict[str, object] = field(default_factory=dict)
    issued_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def is_person(self) -> bool:
        return self.actor.type is ActorType.USER

    @property
    def owner_id(self) -> UUID:
        """The account of a principal that is bound to one; `caller()` sees to it before a route runs."""
        if self.account_id is None:
            msg = "the principal is not bound to an account"
            raise RuntimeError(msg)
        return self.account_id
