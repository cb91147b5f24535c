"""Who may do what: the table of api.md 4 (an admin reads everything), written once more to check the code by.

Letters: O owner, A admin, D data_manager, N analyst, R representative, U auditor.
"""

from dataclasses import dataclass
from typing import Literal

LETTERS = {"owner": "O", "admin": "A", "data_manager": "D", "analyst": "N", "representative": "R", "auditor": "U"}
Who = Literal["members", "anybody", "person", "credential", "grant"]


@dataclass(frozen=True, slots=True)
class Right:
    """Who may call. `key` says whether an API key with the scope may; else it needs a person.

    With `other` one of two scopes is enough; whoever has `other` alone, by role or key, sees another part of the things.
    """

    who: Who
    scope: str | None = None
    roles: str = ""
    key: bool = False
    other: str | None = None
    other_roles: str = ""

    @property
    def scopes(self) -> list[str]:
        return sorted(each for each in (self.scope, self.other) if each)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call must give: a status, and the code of the problem where it is one."""

    status: int
    code: str | None = None


TABLE = (
    ("account_get contribution_get", Right("members", "account:read", "OADNRU", key=True)),
    ("account_update", Right("members", "account:write", "OA")),
    ("contribution_set", Right("members", "contribution:write", "O")),
    ("members_list members_get", Right("members", "members:read", "OAU")),
    (
        "members_update members_remove invitations_create invitations_list invitations_get invitations_withdraw",
        Right("members", "members:write", "OA"),
    ),
    ("api_keys_list api_keys_get", Right("members", "keys:read", "OADU")),
    ("api_keys_create api_keys_revoke", Right("members", "keys:write", "OAD")),
    (
        (
            "datasets_list datasets_get datasets_get_validation sources_list sources_get coverage_get "
            "employee_key_rotations_list employee_key_rotations_get"
        ),
        Right("members", "datasets:read", "OADNU", key=True),
    ),
    (
        "receipts_list receipts_get",
        Right("members", "datasets:read", "OADNU", key=True, other="shares:read", other_roles="OARU"),
    ),
    (
        (
            "datasets_create datasets_commit datasets_discard datasets_reverse operations_cancel uploads_create "
            "uploads_head uploads_get uploads_append uploads_cancel sources_create sources_update sources_delete "
            "employee_key_rotations_create"
        ),
        Right("members", "datasets:write", "OD", key=True),
    ),
    ("datasets_delete", Right("members", "datasets:delete", "OD", key=True)),
    ("operations_list operations_get operations_stream", Right("members", "operations:read", "OADNR", key=True)),
    (
        "metrics_list metrics_compare_profiles metric_breakdowns_list like_for_like_list datasets_get_preview",
        Right("members", "metrics:read", "OADNR", key=True),
    ),
    (
        "benchmark_releases_list benchmark_releases_get benchmark_cells_list benchmark_beside_get",
        Right("members", "benchmarks:read", "OADNR", key=True),
    ),
    (
        (
            "scores_list scores_get scores_get_explanation scores_get_restatement scores_get_report "
            "scores_get_under_methodology score_simulations_create"
        ),
        Right("members", "scores:read", "OANR", key=True),
    ),
    ("scores_publish scores_withdraw", Right("members", "scores:publish", "OR")),
    (
        "share_grants_list share_grants_get share_grants_preview share_grants_access_log",
        Right("members", "shares:read", "OARU", key=True),
    ),
    (
        "share_grants_create share_grants_accept share_grants_decline share_grants_revoke",
        Right("members", "shares:write", "OR"),
    ),
    ("share_grants_make_token", Right("members", "shared:read", "ONR", key=True)),
    ("shared_scores_list shared_scores_get shared_scores_get_report", Right("grant", "shared:read")),
    ("events_list events_get", Right("members", "events:read", "OAU", key=True)),
    ("me_get me_change_password sessions_end", Right("person")),
    ("credential_get", Right("credential")),
    (
        (
            "health_get readiness_get jwks_get problems_list problems_get contract_get accounts_create sessions_create "
            "sessions_refresh invitations_accept record_kinds_list record_kinds_get record_kinds_get_schema "
            "record_kinds_get_template record_kinds_get_example metric_definitions_list metric_definitions_get "
            "methodologies_list methodologies_get"
        ),
        Right("anybody"),
    ),
)
RIGHTS = {operation: right for operations, right in TABLE for operation in operations.split()}


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody who calls: `headers` are the credential."""

    name: str
    kind: Literal["nobody", "person", "removed", "key", "grant"]
    headers: dict[str, str]
    role: str = ""
    scopes: frozenset[str] = frozenset()


def refusal(right: Right, persona: Persona) -> Outcome | None:
    """What the call must be answered with, whatever the ids in it; None where the caller may."""
    if right.who == "anybody":
        return None
    if persona.kind == "nobody":
        return Outcome(401, "authentication-required")
    if persona.kind == "removed":
        return Outcome(403, "account-not-allowed")
    if right.who == "credential":
        return None
    if right.who == "grant":
        return None if persona.kind == "grant" else Outcome(403, "insufficient-scope")
    if persona.kind == "person":
        allowed = right.who == "person" or LETTERS[persona.role] in right.roles + right.other_roles
        return None if allowed else Outcome(403, "insufficient-role")
    if not right.key:
        return Outcome(403, "person-required")
    has_one = persona.kind == "key" and not persona.scopes.isdisjoint(right.scopes)
    return None if has_one else Outcome(403, "insufficient-scope")


def sees_other_part(right: Right, persona: Persona) -> bool:
    """Only by the other scope: a receipt of a deletion is not there for who reads grants alone."""
    if right.other is None:
        return False
    if persona.kind == "person":
        return LETTERS[persona.role] not in right.roles
    return right.scope not in persona.scopes


SHARED = {
    **dict.fromkeys(("pending", "declined", "revoked", "expired"), Outcome(403, "grant-inactive")),
    "active": Outcome(200),
}
GRANT_STATES: dict[str, dict[str, Outcome]] = {
    "share_grants_get": dict.fromkeys(("pending", "declined", "revoked", "expired", "active"), Outcome(200)),
    "share_grants_make_token": {
        **dict.fromkeys(("pending", "declined", "revoked", "expired"), Outcome(403, "grant-inactive")),
        "active": Outcome(201),
    },
    "share_grants_accept": dict.fromkeys(("declined", "revoked", "expired", "active"), Outcome(409, "state-conflict")),
    "share_grants_decline": dict.fromkeys(("declined", "revoked", "expired"), Outcome(409, "state-conflict")),
    **dict.fromkeys(
        ("share_grants_preview", "share_grants_access_log", "share_grants_revoke"),
        dict.fromkeys(("pending", "declined", "revoked", "expired", "active"), Outcome(404, "not-found")),
    ),
    "shared_scores_list": SHARED,
    "shared_scores_get": SHARED,
    "shared_scores_get_report": SHARED,
}
"""What a grantee gets, by the state of the grant."""
