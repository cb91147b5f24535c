"""How to make a valid request of each operation. One entry per operation; `{name}` stands for an id of the caller's.

The names are those that `cast.furnish` gives to each company's things. A new operation or id needs its line here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from companies import PASSWORD
from security.rights import Outcome

NOT_FOUND = Outcome(404, "not-found")
FILE, CSV = {"kind": "workforce", "as_of": "2025-09-30"}, {"Content-Type": "text/csv"}
BEGIN, PART = {**CSV, "Upload-Length": "3", "Upload-Complete": "?0"}, {"Content-Type": "application/partial-upload"}
A_NEW_FILE = b"a workforce file with new bytes"
""" Stands for one: the same bytes twice would be the same dataset."""


@dataclass(frozen=True, slots=True)
class Request:
    """`may_be`: things for optional ids. `swapped`: what a foreign id gives where that is not 404.

    `free`: places that look like an id and are none, each with its reason.
    """

    success: tuple[int, ...] = (200,)
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    may_be: Mapping[str, str] = field(default_factory=dict)
    swapped: Mapping[str, Outcome] = field(default_factory=dict)
    free: Mapping[str, str] = field(default_factory=dict)


def one(parameter: str, thing: str, *success: int, **parts: Any) -> Request:
    return Request(success=success or (200,), path={parameter: f"{{{thing}}}"}, **parts)


SECRET = "a secret names itself; a foreign one cannot be known"
REQUESTS: dict[str, Request] = {
    # Public.
    "health_get": Request(),
    "readiness_get": Request(),
    "jwks_get": Request(),
    "contract_get": Request(),
    "problems_list": Request(),
    "problems_get": Request(path={"code": "not-found"}, free={"path:code": "a public name"}),
    "record_kinds_list": Request(),
    "record_kinds_get": Request(path={"kind": "workforce"}, free={"path:kind": "a public name"}),
    "record_kinds_get_schema": Request(path={"kind": "workforce"}, free={"path:kind": "a public name"}),
    "record_kinds_get_template": Request(path={"kind": "workforce"}, free={"path:kind": "a public name"}),
    "record_kinds_get_example": Request(path={"kind": "workforce"}, free={"path:kind": "a public name"}),
    "metric_definitions_list": Request(),
    "metric_definitions_get": Request(
        path={"key": "gender_gap_mean_hourly"}, free={"path:key": "a public name"}
    ),
    "methodologies_list": Request(),
    "methodologies_get": Request(path={"version": "sis-2026.1"}, free={"path:version": "a public name"}),
    "accounts_create": Request((201, 409), body={
        "name": "Newcomer", "country": "US", "us_hosting_acknowledged": True,
        "owner": {"name": "New", "email": "new@newcomer.test", "password": PASSWORD},
    }),
    "sessions_create": Request((201,), body={"email": "{email}", "password": PASSWORD}),
    "sessions_refresh": Request(body={"refresh_token": "{refresh_token}"}, free={"body:refresh_token": SECRET}),
    "invitations_accept": Request(
        body={"token": "{invitation_token}", "name": "Ina", "password": PASSWORD}, free={"body:token": SECRET}
    ),
    # Reading what is the account's own.
    "account_get": Request(),
    "credential_get": Request(),
    "me_get": Request(),
    "members_list": Request(),
    "members_get": one("user_id", "member"),
    "invitations_list": Request(),
    "invitations_get": one("invitation_id", "invitation"),
    "api_keys_list": Request(),
    "api_keys_get": one("key_id", "api_key"),
    "datasets_list": Request(),
    "datasets_get": one("dataset_id", "dataset"),
    "datasets_get_validation": one("dataset_id", "dataset"),
    "sources_list": Request(),
    "sources_get": one("source_id", "source"),
    "coverage_get": Request(),
    "employee_key_rotations_list": Request(),
    "employee_key_rotations_get": one("rotation_id", "rotation"),
    "receipts_list": Request(),
    "receipts_get": one("receipt_id", "receipt"),
    "operations_list": Request(),
    "operations_get": one("operation_id", "operation"),
    "operations_stream": one("operation_id", "operation"),
    "metrics_list": Request(),
    "metric_breakdowns_list": Request(),
    "like_for_like_list": Request(),
    "metrics_compare_profiles": Request(
        path={"metric": "gender_gap_mean_hourly"}, free={"path:metric": "a public name"}
    ),
    "datasets_get_preview": one("dataset_id", "previewed"),
    "benchmark_releases_list": Request(),
    "benchmark_beside_get": Request(path={"metric": "benefit_access_rate"}, free={"path:metric": "a public name"}),
    "benchmark_releases_get": one("release_id", "release", free={"path:release_id": "public statistics"}),
    "benchmark_cells_list": one("release_id", "release", free={"path:release_id": "public statistics"}),
    "contribution_get": Request(),
    "scores_list": Request(),
    "scores_get": one("score_id", "score"),
    "scores_get_explanation": one("score_id", "score"),
    "scores_get_report": one("score_id", "score"),
    "scores_get_under_methodology": Request(
        path={"score_id": "{score}", "version": "sis-2026.1"}, free={"path:version": "a public name"}
    ),
    "scores_get_restatement": one("score_id", "restating"),
    "share_grants_list": Request(),
    "share_grants_get": one("grant_id", "grant"),
    "share_grants_preview": one("grant_id", "grant"),
    "share_grants_access_log": one("grant_id", "grant"),
    "events_list": Request(
        may_be={"query:subject_id": "score"}, swapped={"query:subject_id": Outcome(200)},
    ),
    "events_get": one("event_id", "event"),
    # With a grant token: a foreign score is one that the grant does not show.
    "shared_scores_list": Request(),
    "shared_scores_get": one("score_id", "shared_score"),
    "shared_scores_get_report": one("score_id", "shared_score"),
    # Writing; what ends a thing or the caller's own session stands last.
    "contribution_set": Request(body={"taking_part": True}),
    "account_update": Request(body={"city": "Austin"}),
    "api_keys_create": Request((201,), body={"name": "night push", "scopes": ["events:read"]}),
    "invitations_create": Request((201,), body={"email": "{new_email}", "roles": ["auditor"]}),
    "members_update": one("user_id", "member", body={"roles": ["auditor"]}),
    "datasets_create": Request((202,), query=FILE, content=A_NEW_FILE, headers=CSV, may_be={
        "query:supersedes": "dataset", "query:amends": "dataset", "query:upload_id": "upload",
    }),
    "sources_create": Request((201, 409), body={"name": "a-new-one", "kind": "payroll", "cadence": "weekly"}),
    "sources_update": one("source_id", "source", body={"grace_days": 3}),
    "datasets_commit": one("dataset_id", "held_dataset", 202),
    "datasets_discard": one("dataset_id", "other_held_dataset"),
    "employee_key_rotations_create": Request((422,), content=b"old_key,new_key", headers=CSV),  # no pair changes no key
    "uploads_create": Request((201,), headers=BEGIN),
    "uploads_head": one("upload_id", "upload", 204),
    "uploads_get": one("upload_id", "upload"),
    "uploads_append": one("upload_id", "upload", content=b"a,b", headers=PART | {"Upload-Offset": "0", "Upload-Complete": "?1"}),
    "operations_cancel": one("operation_id", "queued", 200, 409),
    "score_simulations_create": Request(
        body={"score_id": "{score}", "changes": [{"metric": "permanent_share", "value": 90}]},
    ),
    "share_grants_create": Request(
        (201,),
        body={
            "grantee": {"account_id": "{grantee}"}, "detail": "headline", "purpose": "other", "expires_at": "{soon}",
            "score_scope": {"scores": "listed", "score_ids": ["{score}"]},
        },
        free={"body:grantee.account_id": "names the company that is designated; it is never the caller's own"},
    ),
    "share_grants_make_token": one("grant_id", "held", 201),
    "share_grants_accept": one(
        "grant_id", "received", body={},
        may_be={"body:acceptance_token": "acceptance_token"},
        swapped={"body:acceptance_token": Outcome(410, "link-expired")},
    ),
    "share_grants_decline": one("grant_id", "declinable"),
    "scores_publish": one("score_id", "score"),
    "scores_withdraw": one("score_id", "score"),
    "share_grants_revoke": one("grant_id", "grant"),
    "api_keys_revoke": one("key_id", "api_key", 204),
    "invitations_withdraw": one("invitation_id", "invitation", 204),
    "members_remove": one("user_id", "member", 204),
    "uploads_cancel": one("upload_id", "upload", 204),
    "datasets_reverse": one("dataset_id", "dataset", 202),
    "sources_delete": one("source_id", "source", 204),
    "datasets_delete": one("dataset_id", "dataset", 202),
    "me_change_password": Request((204,), body={"current_password": PASSWORD, "new_password": PASSWORD + " two"}),
    "sessions_end": Request((204,)),
}  # fmt: skip
