"""PURE: what each role may do, and what a machine may never do (api.md 4)."""

from collections.abc import Iterable
from enum import StrEnum

from wm_api.core.principal import Scope


class Role(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    DATA_MANAGER = "data_manager"
    ANALYST = "analyst"
    REPRESENTATIVE = "representative"
    AUDITOR = "auditor"


_LETTERS = dict(zip("OADNRU", Role, strict=True))
_RIGHTS = {
    Scope.ACCOUNT_READ: "OADNRU",
    Scope.ACCOUNT_WRITE: "OA",
    Scope.CONTRIBUTION_WRITE: "O",
    Scope.MEMBERS_READ: "OAU",
    Scope.MEMBERS_WRITE: "OA",
    Scope.KEYS_READ: "OADU",
    Scope.KEYS_WRITE: "OAD",
    Scope.DATASETS_READ: "OADNU",
    Scope.DATASETS_WRITE: "OD",
    Scope.DATASETS_DELETE: "OD",
    Scope.OPERATIONS_READ: "OADNR",
    Scope.METRICS_READ: "OADNR",
    Scope.BENCHMARKS_READ: "OADNR",
    Scope.SCORES_READ: "OANR",
    Scope.SCORES_PUBLISH: "OR",
    Scope.SHARES_READ: "OARU",
    Scope.SHARES_WRITE: "OR",
    Scope.SHARED_READ: "ONR",
    Scope.EVENTS_READ: "OAU",
}
ROLE_SCOPES = {
    role: frozenset(s for s, letters in _RIGHTS.items() if sign in letters) for sign, role in _LETTERS.items()
}

PERSON_ONLY = frozenset(
    {
        Scope.ACCOUNT_WRITE,
        Scope.CONTRIBUTION_WRITE,
        Scope.MEMBERS_READ,
        Scope.MEMBERS_WRITE,
        Scope.KEYS_READ,
        Scope.KEYS_WRITE,
        Scope.SCORES_PUBLISH,
        Scope.SHARES_WRITE,
    }
)
KEY_SCOPES = frozenset(Scope) - PERSON_ONLY


def scopes_of(roles: Iterable[str]) -> frozenset[Scope]:
    """Roles add up."""
    return frozenset().union(*(ROLE_SCOPES[Role(role)] for role in roles))


def roles_with(scopes: Iterable[Scope]) -> list[str]:
    """The roles that have all the scopes, for `required_roles` of a refusal."""
    needed = frozenset(scopes)
    return [role.value for role in Role if needed <= ROLE_SCOPES[role]]
