"""The story of the examples: Lone Star Foods is scored and designates Prairie Lending, which reads the score."""

import base64
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol

import companies
from companies import SECRET
from wm_api.records.crosswalk import crosswalk

OWNER, LENDER = "olive.ortega@lonestarfoods.example", "paul.reyes@prairielending.example"
ANALYST, AUDITOR = "nadia.klein@lonestarfoods.example", "sam.wu@lonestarfoods.example"
PASSWORD, OTHER_PASSWORD = "gravel teapot 42 lantern", "copper meadow 19 violin"
CSV = {"Content-Type": "text/csv"}
SVG = {"Accept": "image/svg+xml"}
AS_OF = "2025-12-31"


class Tells(Protocol):
    async def do(self, name: str, token: str | None = None, **parts: Any) -> Any: ...
    async def wrong(self, name: str, code: str, token: str | None = None, **parts: Any) -> None: ...
    async def settle(self) -> None: ...
    async def usual_problems(self, token: str) -> None: ...


def workforce(account: str, people: int = 300) -> str:
    return companies.placed(companies.workforce(account, people))


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT00:00:00Z")


def company(name: str, person: str, email: str, **facts: str) -> dict[str, Any]:
    owner = {"name": person, "email": email, "password": PASSWORD}
    return {"name": name, "country": "US", **facts, "owner": owner, "us_hosting_acknowledged": True}


async def tell(story: Tells) -> None:
    account, owner = await sign_up(story)
    lender = await sign_up_lender(story)
    await people(story, owner)
    key = await keys(story, owner)
    dataset = await push(story, account, key["secret"])
    await review(story, account, key["secret"])
    await large_file(story, account, key["secret"])
    score = await look(story, owner)
    await correct(story, account, key["secret"], owner, dataset)
    await share(story, owner, lender["access_token"], lender["memberships"][0]["account_id"], score)
    await rotate_keys(story, account, key["secret"])
    await end(story, owner, dataset, score, key)


async def sign_up(story: Tells) -> tuple[str, str]:
    facts = {
        "street": "1200 Mill Road", "city": "Austin", "postal_code": "78701", "region": "US-TX",
        "industry_scheme": "naics_2022", "industry_code": "311812", "size_band": "250-499", "ownership": "private",
        "fiscal_year_start": "01-01",
    }  # fmt: skip
    made = await story.do("accounts_create", body=company("Lone Star Foods", "Olive Ortega", OWNER, **facts))
    again = company("Lone Star Foods", "Olive Ortega", OWNER)
    await story.wrong("accounts_create", "email-in-use", body=again)
    await story.wrong("sessions_create", "login-failed", body={"email": OWNER, "password": "not the password"})
    tokens = await story.do("sessions_create", body={"email": OWNER, "password": PASSWORD})
    await story.wrong("sessions_refresh", "token-malformed", body={"refresh_token": tokens["refresh_token"][:-1]})
    tokens = await story.do("sessions_refresh", body={"refresh_token": tokens["refresh_token"]})
    token = tokens["access_token"]
    for name in ("me_get", "credential_get", "account_get"):
        await story.do(name, token)
        await story.wrong(name, "authentication-required")
    etag = {"If-Match": '"0123456789abcdef0123456789abcdef"'}
    await story.wrong("account_update", "precondition-failed", token, headers=etag, body={"city": "San Antonio"})
    await story.do("contribution_get", token)
    await story.wrong("contribution_get", "authentication-required")
    await story.wrong("contribution_set", "precondition-failed", token, headers=etag, body={"taking_part": True})
    await story.do("contribution_set", token, body={"taking_part": True})
    await story.do("account_update", token, body={"city": "San Antonio", "postal_code": "78205"})
    return made["account"]["id"], token


async def sign_up_lender(story: Tells) -> Any:
    facts = {"region": "US-KS", "industry_scheme": "naics_2022", "industry_code": "522110"}
    await story.do("accounts_create", body=company("Prairie Lending", "Paul Reyes", LENDER, **facts))
    return await story.do("sessions_create", body={"email": LENDER, "password": PASSWORD})


async def people(story: Tells, owner: str) -> None:
    invited = {"email": ANALYST, "roles": ["analyst", "data_manager"]}
    invitation = await story.do("invitations_create", owner, body=invited, headers={"Idempotency-Key": "invite-nadia"})
    joined = {"token": invitation["token"], "name": "Nadia Klein", "password": OTHER_PASSWORD}
    analyst = await story.do("invitations_accept", body=joined)
    await story.wrong("invitations_accept", "link-expired", body=joined)
    await story.wrong("invitations_create", "already-member", owner, body=invited)
    other = await story.do("invitations_create", owner, body={"email": AUDITOR, "roles": ["auditor"]})
    await story.do("invitations_list", owner)
    await story.do("invitations_get", owner, path={"invitation_id": other["id"]})
    await story.do("invitations_withdraw", owner, path={"invitation_id": other["id"]})
    await story.wrong("invitations_withdraw", "state-conflict", owner, path={"invitation_id": other["id"]})
    member = {"user_id": analyst["user"]["id"]}
    await story.do("members_list", owner)
    await story.do("members_get", owner, path=member)
    me = (await story.do("me_get", owner))["user"]["id"]
    await story.wrong("members_update", "last-owner", owner, path={"user_id": me}, body={"roles": ["auditor"]})
    await story.do("members_update", owner, path=member, body={"roles": ["data_manager"]})
    await story.wrong("members_remove", "last-owner", owner, path={"user_id": me})
    await story.do("members_remove", owner, path=member)


async def keys(story: Tells, owner: str) -> Any:
    scopes = ["datasets:read", "datasets:write", "operations:read", "metrics:read"]
    body = {"name": "Nightly push", "scopes": scopes, "expires_at": in_days(180)}
    await story.wrong("api_keys_create", "scope-not-allowed", owner, body={**body, "scopes": ["shares:write"]})
    key = await story.do("api_keys_create", owner, body=body, headers={"Idempotency-Key": "key-nightly"})
    await story.do("api_keys_list", owner)
    await story.do("api_keys_get", owner, path={"key_id": key["id"]})
    return key


async def push(story: Tells, account: str, key: str) -> Any:
    await story.do("record_kinds_list")
    await story.do("record_kinds_get", path={"kind": "workforce"})
    for name in ("record_kinds_get_schema", "record_kinds_get_template", "record_kinds_get_example"):
        await story.do(name, path={"kind": "benefit_enrolments"})
    file = workforce(account).encode()
    sample = b"\n".join(file.splitlines()[:4]) + b"\n"
    await sources(story, key)
    query = {"kind": "workforce", "as_of": AS_OF, "external_ref": "hris-2025-12"}
    spoiled = file.replace(b"employee_key", b"employee_name", 1)
    await story.wrong("datasets_create", "dataset-refused", key, query=query, headers=CSV, content=spoiled)
    headers = {**CSV, "Idempotency-Key": "hris-2025-12-v1"}
    dataset = await story.do("datasets_create", key, query=query, headers=headers, content=file, sample=sample)
    operation = {"operation_id": dataset["operation_id"]}
    await story.settle()
    await story.do("operations_get", key, path=operation)
    await story.do("operations_list", key, query={"state": "succeeded"})
    await story.do("operations_stream", key, path=operation)
    await story.wrong("operations_cancel", "state-conflict", key, path=operation)
    third = {"kind": "workforce", "as_of": "2025-11-30", "source": "hris-us", "mapping_version": "2026-01"}
    made = await story.do("datasets_create", key, query=third, headers=CSV, content=workforce(account, 40).encode())
    await story.do("operations_cancel", key, path={"operation_id": made["operation_id"]})
    await calendar(story, key)
    await story.do("datasets_get", key, path={"dataset_id": dataset["id"]})
    await story.do("datasets_list", key, query={"kind": "workforce", "from": "2025-12-01"})
    await amend(story, account, key, await undo(story, account, key))
    return dataset


async def correct(story: Tells, account: str, key: str, owner: str, dataset: Any) -> None:
    """After the publication a correction comes; the draft that restates is looked at beside the published score."""
    query = {"kind": "workforce", "as_of": AS_OF, "external_ref": "hris-2025-12", "supersedes": dataset["id"]}
    corrected = workforce(account, 287).encode()
    await story.do("datasets_create", key, query=query, headers=CSV, content=corrected)
    await story.settle()
    drafts = await story.do("scores_list", owner, query={"as_of": AS_OF, "state": "draft"})
    await story.do("scores_get_restatement", owner, path={"score_id": drafts["data"][0]["id"]})


async def undo(story: Tells, account: str, key: str) -> str:
    """A correction that was none is taken back, and what it had replaced counts again; the id of this one."""
    query = {"kind": "workforce", "as_of": "2025-10-31"}
    right = await story.do("datasets_create", key, query=query, headers=CSV, content=workforce(account, 83).encode())
    query["supersedes"] = right["id"]
    wrong = await story.do("datasets_create", key, query=query, headers=CSV, content=workforce(account, 84).encode())
    await story.do("datasets_reverse", key, path={"dataset_id": wrong["id"]})
    await story.wrong("datasets_reverse", "state-conflict", key, path={"dataset_id": wrong["id"]})
    return str(right["id"])


async def amend(story: Tells, account: str, key: str, old: str) -> None:
    """Two people were missing, and three have another row: these are sent alone."""
    query = {"kind": "workforce", "as_of": "2025-10-31", "amends": old}
    heading, *rows = workforce(account, 85).replace("permanent", "fixed_term").splitlines(keepends=True)
    part = "".join([heading, *rows[80:]]).encode()
    whole = await story.do("datasets_create", key, query=query, headers=CSV, content=part)
    await story.do("datasets_get_validation", key, path={"dataset_id": whole["id"]})


async def sources(story: Tells, key: str) -> None:
    body = {"name": "hris-us", "kind": "workforce", "cadence": "monthly", "grace_days": 5}
    source = await story.do("sources_create", key, body=body, headers={"Idempotency-Key": "source-hris-us"})
    await story.wrong("sources_create", "source-exists", key, body=body)
    named = {"path": {"source_id": source["id"]}}
    etag = {"If-Match": '"0123456789abcdef0123456789abcdef"'}
    await story.wrong("sources_update", "precondition-failed", key, **named, headers=etag, body={"grace_days": 10})
    await story.do("sources_update", key, **named, body={"grace_days": 10, "mapping_version": "2026-01"})


async def calendar(story: Tells, key: str) -> None:
    source = (await story.do("sources_list", key, query={"kind": "workforce"}))["data"][0]
    await story.do("sources_get", key, path={"source_id": source["id"]})
    await story.do("coverage_get", key, query={"from": "2025-01-01"})
    body = {"name": "hris-old", "kind": "workforce"}
    other = await story.do("sources_create", key, body=body)
    await story.do("sources_delete", key, path={"source_id": other["id"]})


async def review(story: Tells, account: str, key: str) -> None:
    """Held, looked at, committed or discarded."""
    first, second = [
        await story.do(
            "datasets_create", key, query={"kind": "workforce", "as_of": "2025-09-30", "hold": "true"}, headers=CSV,
            content=workforce(account, people).encode(),
        ) for people in (290, 291)
    ]  # fmt: skip
    await story.settle()
    await story.do("datasets_get_preview", key, path={"dataset_id": first["id"]})
    for name, dataset in (("datasets_commit", first), ("datasets_discard", second)):
        named = {"dataset_id": dataset["id"]}
        await story.do(name, key, path=named)
        await story.wrong("datasets_commit", "state-conflict", key, path=named)
    await story.wrong("datasets_discard", "state-conflict", key, path={"dataset_id": first["id"]})


async def large_file(story: Tells, account: str, key: str) -> None:
    file = workforce(account, 60).encode()
    digest = base64.b64encode(sha256(file).digest()).decode()
    begin = {"Upload-Length": str(len(file)), "Upload-Complete": "?0", "Repr-Digest": f"sha-256=:{digest}:"}
    await story.wrong("uploads_create", "malformed-request", key, headers={**CSV, **begin, "Upload-Length": "many"})
    upload = await story.do("uploads_create", key, headers={**CSV, **begin})
    named, half = {"upload_id": upload["id"]}, len(file) // 2
    part = {"Content-Type": "application/partial-upload"}
    late = {**part, "Upload-Offset": str(half), "Upload-Complete": "?1"}
    await story.wrong("uploads_append", "mismatching-upload-offset", key, path=named, headers=late, content=file[half:])
    last = {**part, "Upload-Offset": "0", "Upload-Complete": "?1"}
    shown = {"content": file, "sample": "(the bytes of the file from the offset on)"}
    await story.do("uploads_append", key, path=named, headers=last, **shown)
    await story.do("uploads_head", key, path=named)
    await story.do("uploads_get", key, path=named)
    other = await story.do("uploads_create", key, headers={**CSV, **begin})
    await story.do("uploads_cancel", key, path={"upload_id": other["id"]})


async def look(story: Tells, owner: str) -> str:
    for name in ("health_get", "readiness_get", "jwks_get", "problems_list", "metric_definitions_list"):
        await story.do(name)
    await story.do("problems_get", path={"code": "dataset-refused"})
    await story.do("contract_get")
    await story.do("metric_definitions_get", path={"key": "gender_gap_median_hourly"})
    await story.do("metrics_list", owner, query={"metric": "gender_gap_median_hourly", "as_of": AS_OF})
    await story.do(
        "metrics_compare_profiles", owner, path={"metric": "gender_gap_median_hourly"}, query={"as_of": AS_OF}
    )
    await story.do("metric_breakdowns_list", owner, query={"dimension": "establishment", "metric": "permanent_share"})
    await story.do("like_for_like_list", owner, query={"metric": "median_hourly_pay"})
    release = (await story.do("benchmark_releases_list", owner))["data"][0]["id"]
    await story.do("benchmark_releases_get", owner, path={"release_id": release})
    await story.do("benchmark_beside_get", owner, path={"metric": "benefit_access_rate"})
    cells = {"metric": "gender_gap_median_hourly"}
    await story.do("benchmark_cells_list", owner, path={"release_id": release}, query=cells)
    scores = await story.do("scores_list", owner, query={"as_of": AS_OF, "state": "draft"})
    score = scores["data"][0]["id"]
    await story.do("scores_get", owner, path={"score_id": score})
    await story.do("scores_get_explanation", owner, path={"score_id": score})
    await story.do("scores_get_report", owner, path={"score_id": score}, query={"chart": "score"}, headers=SVG)
    await story.do("methodologies_list")
    await story.do("methodologies_get", path={"version": "sis-2026.1"})
    await story.do("scores_get_under_methodology", owner, path={"score_id": score, "version": "sis-2026.1"})
    what_if = {"score_id": score, "changes": [{"metric": "permanent_share", "value": 95.0}]}
    await story.do("score_simulations_create", owner, body=what_if)
    beyond = {"score_id": score, "changes": [{"metric": "permanent_share", "value": 101.0}]}
    await story.wrong("score_simulations_create", "validation-failed", owner, body=beyond)
    named = {"path": {"score_id": score}}
    await story.wrong("scores_withdraw", "state-conflict", owner, **named)
    await story.do("scores_publish", owner, **named)
    await story.wrong("scores_publish", "state-conflict", owner, **named)
    await story.wrong("scores_get_restatement", "restates-nothing", owner, **named)
    return str(score)


async def share(story: Tells, owner: str, lender: str, lender_id: str, score: str) -> None:
    body = {
        "grantee": {"account_id": lender_id}, "score_scope": {"scores": "latest", "score_ids": []}, "detail": "areas",
        "purpose": "lending", "purpose_note": "Working capital, spring 2026", "expires_at": in_days(180),
    }  # fmt: skip
    await story.wrong("share_grants_create", "expiry-too-long", owner, body={**body, "expires_at": in_days(600)})
    grant = await story.do("share_grants_create", owner, body=body, headers={"Idempotency-Key": "grant-prairie"})
    named = {"path": {"grant_id": grant["id"]}}
    await story.do("share_grants_preview", owner, **named)
    await story.wrong("share_grants_make_token", "grant-inactive", lender, **named)
    await story.do("share_grants_accept", lender, **named, body={})
    await story.wrong("share_grants_accept", "state-conflict", lender, **named, body={})
    await story.do("share_grants_list", lender, query={"direction": "received", "state": "active"})
    await story.do("share_grants_get", owner, **named)
    token = (await story.do("share_grants_make_token", lender, **named))["token"]
    await story.do("shared_scores_list", token)
    await story.do("shared_scores_get", token, path={"score_id": score})
    await story.do("shared_scores_get_report", token, path={"score_id": score}, query={"chart": "score"}, headers=SVG)
    await story.do("share_grants_access_log", owner, **named)
    await story.do("share_grants_revoke", owner, **named, body={"reason": "The loan is repaid."})
    await story.wrong("share_grants_revoke", "state-conflict", owner, **named, body={})
    await story.wrong("shared_scores_list", "grant-inactive", token)
    for name in ("shared_scores_get", "shared_scores_get_report"):
        await story.wrong(name, "grant-inactive", token, path={"score_id": score})
    second = await story.do("share_grants_create", owner, body={**body, "detail": "headline"})
    other = {"path": {"grant_id": second["id"]}}
    await story.do("share_grants_decline", lender, **other)
    await story.wrong("share_grants_decline", "state-conflict", lender, **other)
    events = await story.do("events_list", owner, query={"type": "share_grant.accepted"})
    await story.do("events_get", owner, path={"event_id": events["data"][0]["id"]})


async def rotate_keys(story: Tells, account: str, key: str) -> None:
    walk = crosswalk(account, (SECRET, "1"), (b"\x31" * 32, "1"), [str(number) for number in range(300)])
    pairs = walk.write_csv().encode()
    sample = b"\n".join(pairs.splitlines()[:3]) + b"\n"
    name, spoiled = "employee_key_rotations_create", pairs.replace(b"old_key", b"alte", 1)
    await story.wrong(name, "rotation-refused", key, headers=CSV, content=spoiled)
    headers = {**CSV, "Idempotency-Key": "rotation-2026"}
    made = await story.do(name, key, headers=headers, content=pairs, sample=sample)
    await story.do("employee_key_rotations_list", key)
    await story.do("employee_key_rotations_get", key, path={"rotation_id": made["id"]})


async def end(story: Tells, owner: str, dataset: Any, score: str, key: Any) -> None:
    await story.do("scores_withdraw", owner, path={"score_id": score})
    await story.do("datasets_delete", owner, path={"dataset_id": dataset["id"]})
    await story.settle()
    await story.wrong("datasets_get", "gone", owner, path={"dataset_id": dataset["id"]})
    receipts = await story.do("receipts_list", owner)
    await story.do("receipts_get", owner, path={"receipt_id": receipts["data"][0]["id"]})
    await story.do("api_keys_revoke", owner, path={"key_id": key["id"]})
    await story.wrong("api_keys_revoke", "state-conflict", owner, path={"key_id": key["id"]})
    changed = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
    await story.wrong("me_change_password", "password-refused", owner, body={**changed, "new_password": "secret"})
    await story.do("me_change_password", owner, body=changed)
    await story.usual_problems(owner)
    await story.do("sessions_end", owner)
    await story.wrong("sessions_end", "session-ended", owner)
