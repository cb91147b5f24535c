"""The register of acts: every event type, and the call that must write it. In order: later acts use earlier ones."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from companies import PASSWORD, SECRET, Company, sign_up, workforce
from wm_api.core.resources import Resources
from wm_api.core.transactions import transaction
from wm_api.datasets.service import sources
from wm_api.events.models import EventType
from wm_api.pipeline.run import run_operation
from wm_api.records.crosswalk import crosswalk
from wm_api.releases.admission import admit_contributor, revoke_contributor

NEW_PASSWORD = "velvet harbour 58 anvil"
NOT_ACTS: dict[EventType, str] = {}
"""Names of the contract that no act writes, and why."""
WITHOUT_EVENT = {
    "sessions_refresh": "the sign-in goes on; its misuse is an act: session.reuse_detected",
    "share_grants_make_token": "a token for what is granted already; every read with it is in the access log",
    "score_simulations_create": "nothing is kept of it; turns are counted",
    "uploads_create": "bytes on their way; the dataset that is made of them is the act",
    "uploads_append": "as above",
    "uploads_cancel": "as above; nothing was kept",
}
"""Operations of the contract that change something and are no act, and why."""


@dataclass
class Scene:
    """Two companies, and what the acts before have made."""

    http: httpx.AsyncClient
    worker: Resources
    giver: Company
    reader: Company
    move: Callable[[timedelta], None]
    made: dict[str, Any] = field(default_factory=dict)

    async def push(self, people: int, status: int = 202, **more: str) -> dict[str, Any]:
        pushed: dict[str, Any] = await self.giver.push(workforce(self.giver.id, people), status, **more)
        return pushed

    async def run(self, operation_id: str) -> None:
        await run_operation(self.worker, UUID(self.giver.id), UUID(operation_id))

    async def score(self) -> str:
        return str((await self.giver.call("GET", "/v1/scores"))["data"][0]["id"])

    async def granted(self) -> str:
        body = {"grantee": {"account_id": self.reader.id}, "detail": "areas", "purpose": "lending"}
        body |= {"expires_at": "2027-06-01T00:00:00Z"}
        return str((await self.giver.call("POST", "/v1/share-grants", 201, json=body))["id"])

    async def answer(self, grant: str, word: str) -> None:
        await self.reader.call("POST", f"/v1/share-grants/{grant}/{word}", json={} if word == "acceptance" else None)


Do = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True)
class Act:
    operation: str
    """Of the contract; `worker` for what a job does, `any` for what any call may."""
    types: tuple[EventType, ...]
    do: Do
    who: str = "giver"
    """Whose chain holds the line."""


async def sign_up_again(scene: Scene) -> None:
    scene.giver = await sign_up(scene.http)


async def sign_in(scene: Scene) -> None:
    body = {"email": scene.giver.email, "password": PASSWORD}
    tokens = (await scene.http.post("/v1/sessions", json=body)).json()
    scene.made["tokens"] = tokens


async def reuse(scene: Scene) -> None:
    spent = {"refresh_token": scene.made["tokens"]["refresh_token"]}
    assert (await scene.http.post("/v1/sessions/refresh", json=spent)).status_code == 200
    scene.move(timedelta(seconds=11))
    answer = await scene.http.post("/v1/sessions/refresh", json=spent)
    scene.move(timedelta(0))
    assert answer.json()["code"] == "session-ended"


async def update_account(scene: Scene) -> None:
    await scene.giver.call("PATCH", "/v1/account", json={"city": "Austin"})


async def take_part(scene: Scene) -> None:
    await scene.giver.call("PUT", "/v1/account/contribution", json={"taking_part": True})


async def invite(scene: Scene) -> None:
    body = {"email": f"ana@{scene.giver.id}.test", "roles": ["analyst"]}
    scene.made["invitation"] = await scene.giver.call("POST", "/v1/invitations", 201, json=body)


async def withdraw_invitation(scene: Scene) -> None:
    await scene.giver.call("DELETE", f"/v1/invitations/{scene.made['invitation']['id']}", 204)


async def join(scene: Scene) -> None:
    await invite(scene)
    body = {"token": scene.made["invitation"]["token"], "name": "Ana", "password": PASSWORD}
    joined = await scene.http.post("/v1/invitations/acceptance", json=body)
    scene.made["member"] = joined.json()["user"]["id"]


async def change_roles(scene: Scene) -> None:
    await scene.giver.call("PATCH", f"/v1/members/{scene.made['member']}", json={"roles": ["auditor"]})


async def remove_member(scene: Scene) -> None:
    await scene.giver.call("DELETE", f"/v1/members/{scene.made['member']}", 204)


async def make_key(scene: Scene) -> None:
    body = {"name": "k", "scopes": ["events:read"]}
    scene.made["key"] = await scene.giver.call("POST", "/v1/api-keys", 201, json=body)


async def expose_key(scene: Scene) -> None:
    await scene.giver.call("GET", f"/v1/events?after={scene.made['key']['secret']}", 400)


async def revoke_key(scene: Scene) -> None:
    await scene.giver.call("DELETE", f"/v1/api-keys/{scene.made['key']['id']}", 204)


async def push(scene: Scene) -> None:
    scene.made["first"] = await scene.push(50)


async def make_source(scene: Scene) -> None:
    body = {"name": "night", "kind": "workforce", "cadence": "monthly"}
    scene.made["source"] = await scene.giver.call("POST", "/v1/sources", 201, json=body)


async def change_source(scene: Scene) -> None:
    await scene.giver.call("PATCH", f"/v1/sources/{scene.made['source']['id']}", json={"grace_days": 2})


async def be_overdue(scene: Scene) -> None:
    scene.move(timedelta(days=40))
    async with transaction(scene.worker, UUID(scene.giver.id)) as session:
        assert await sources.tell_overdue(session) == 1
    scene.move(timedelta(0))


async def delete_source(scene: Scene) -> None:
    await scene.giver.call("DELETE", f"/v1/sources/{scene.made['source']['id']}", 204)


async def refused_push(scene: Scene) -> None:
    await scene.giver.push("employee_key,hire_date\nAnn,2020-01-01\n", 422)


async def compute(scene: Scene) -> None:
    await scene.run(scene.made["first"]["operation_id"])


async def supersede(scene: Scene) -> None:
    scene.made["second"] = await scene.push(300, supersedes=scene.made["first"]["id"])


async def compute_again(scene: Scene) -> None:
    await scene.run(scene.made["second"]["operation_id"])


async def hold(scene: Scene) -> None:
    scene.made["held"] = [await scene.push(number, as_of="2025-11-15", hold="true") for number in (52, 53)]


async def commit(scene: Scene) -> None:
    await scene.giver.call("POST", f"/v1/datasets/{scene.made['held'][0]['id']}/commit", 202)


async def discard(scene: Scene) -> None:
    await scene.giver.call("POST", f"/v1/datasets/{scene.made['held'][1]['id']}/discard")


async def publish(scene: Scene) -> None:
    scene.made["score"] = await scene.score()
    await scene.giver.call("POST", f"/v1/scores/{scene.made['score']}/publication")


async def grant(scene: Scene) -> None:
    scene.made["grant"] = await scene.granted()


async def accept(scene: Scene) -> None:
    await scene.answer(scene.made["grant"], "acceptance")


async def first_read(scene: Scene) -> None:
    made = await scene.reader.call("POST", f"/v1/share-grants/{scene.made['grant']}/tokens", 201)
    read = await scene.http.get("/v1/shared/scores", headers={"Authorization": f"Bearer {made['token']}"})
    assert read.status_code == 200


async def relinquish(scene: Scene) -> None:
    await scene.answer(scene.made["grant"], "decline")


async def decline(scene: Scene) -> None:
    await scene.answer(await scene.granted(), "decline")


async def revoke_grant(scene: Scene) -> None:
    await scene.giver.call("POST", f"/v1/share-grants/{await scene.granted()}/revocation")


async def withdraw(scene: Scene) -> None:
    await scene.giver.call("DELETE", f"/v1/scores/{scene.made['score']}/publication")


async def reverse(scene: Scene) -> None:
    """Of a dataset that took the place of another, which counts again."""
    first = await scene.push(46, as_of="2025-09-30")
    second = await scene.push(47, as_of="2025-09-30", supersedes=first["id"])
    await scene.giver.call("POST", f"/v1/datasets/{second['id']}/reversal", 202)


async def delete(scene: Scene) -> None:
    operation = await scene.giver.call("DELETE", f"/v1/datasets/{scene.made['second']['id']}", 202)
    scene.made["deletion"] = operation["id"]


async def destroy(scene: Scene) -> None:
    await scene.run(scene.made["deletion"])


async def fail(scene: Scene) -> None:
    dataset = await scene.push(40, as_of="2025-11-30")
    for name in [name async for name in scene.worker.storage.names(f"datasets/{scene.giver.id}")]:
        await scene.worker.storage.delete(name)
    await scene.run(dataset["operation_id"])


async def cancel(scene: Scene) -> None:
    dataset = await scene.push(45, as_of="2025-10-31")
    await scene.giver.call("POST", f"/v1/operations/{dataset['operation_id']}/cancellation")


async def rotate_keys(scene: Scene) -> None:
    account = scene.giver.id
    pairs = crosswalk(account, (SECRET, "1"), (b"\x31" * 32, "1"), ["1", "2"]).write_csv().encode()
    headers = {"Content-Type": "text/csv"}
    await scene.giver.call("POST", "/v1/employee-key-rotations", 201, content=pairs, headers=headers)


async def sign_out(scene: Scene) -> None:
    await scene.giver.call("DELETE", "/v1/sessions/current", 204)


async def change_password(scene: Scene) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    await scene.giver.call("PUT", "/v1/me/password", 204, json=body)


async def be_admitted(scene: Scene) -> None:
    await admit_contributor(scene.worker.settings, UUID(scene.giver.id), f"group {len(scene.made)}", 60)
    scene.made[f"admitted {len(scene.made)}"] = True  # said again with the same name, it would be no act


async def be_revoked(scene: Scene) -> None:
    await revoke_contributor(scene.worker.settings, UUID(scene.giver.id))


T = EventType
REGISTER = (
    Act("accounts_create", (T.ACCOUNT_CREATED, T.MEMBER_JOINED), sign_up_again),
    Act("sessions_create", (T.SESSION_CREATED,), sign_in),
    Act("sessions_refresh", (T.SESSION_REUSE_DETECTED,), reuse),
    Act("account_update", (T.ACCOUNT_UPDATED,), update_account),
    Act("contribution_set", (T.ACCOUNT_CONTRIBUTION_CHANGED,), take_part),
    Act("operator", (T.ACCOUNT_CONTRIBUTOR_ADMITTED,), be_admitted),
    Act("operator", (T.ACCOUNT_CONTRIBUTOR_REVOKED,), be_revoked),
    Act("invitations_create", (T.MEMBER_INVITED,), invite),
    Act("invitations_withdraw", (T.INVITATION_WITHDRAWN,), withdraw_invitation),
    Act("invitations_accept", (T.MEMBER_JOINED,), join),
    Act("members_update", (T.MEMBER_ROLES_CHANGED,), change_roles),
    Act("members_remove", (T.MEMBER_REMOVED,), remove_member),
    Act("api_keys_create", (T.API_KEY_CREATED,), make_key),
    Act("any", (T.API_KEY_EXPOSED,), expose_key),
    Act("api_keys_revoke", (T.API_KEY_REVOKED,), revoke_key),
    Act("sources_create", (T.SOURCE_CREATED,), make_source),
    Act("sources_update", (T.SOURCE_UPDATED,), change_source),
    Act("worker", (T.SOURCE_OVERDUE,), be_overdue),
    Act("sources_delete", (T.SOURCE_DELETED,), delete_source),
    Act("datasets_create", (T.DATASET_ACCEPTED,), push),
    Act("datasets_create", (T.DATASET_REFUSED,), refused_push),
    Act("worker", (T.METRICS_COMPUTED, T.SCORE_COMPUTED), compute),
    Act("datasets_create", (T.DATASET_SUPERSEDED, T.DATASET_ACCEPTED), supersede),
    Act("worker", (T.SCORE_SUPERSEDED, T.SCORE_COMPUTED), compute_again),
    Act("datasets_create", (T.DATASET_HELD,), hold),
    Act("datasets_commit", (T.DATASET_ACCEPTED,), commit),
    Act("datasets_discard", (T.DATASET_DISCARDED,), discard),
    Act("scores_publish", (T.SCORE_PUBLISHED,), publish),
    Act("share_grants_create", (T.SHARE_GRANT_CREATED,), grant),
    Act("share_grants_accept", (T.SHARE_GRANT_ACCEPTED,), accept, "reader"),
    Act("any", (T.SHARE_GRANT_FIRST_READ,), first_read, "reader"),
    Act("share_grants_decline", (T.SHARE_GRANT_RELINQUISHED,), relinquish, "reader"),
    Act("share_grants_decline", (T.SHARE_GRANT_DECLINED,), decline, "reader"),
    Act("share_grants_revoke", (T.SHARE_GRANT_REVOKED,), revoke_grant),
    Act("scores_withdraw", (T.SCORE_WITHDRAWN,), withdraw),
    Act("datasets_reverse", (T.DATASET_REVERTED, T.DATASET_ACCEPTED), reverse),
    Act("datasets_delete", (T.DATASET_DELETED,), delete),
    Act("worker", (T.DATASET_DELETED,), destroy),
    Act("worker", (T.OPERATION_FAILED,), fail),
    Act("operations_cancel", (T.OPERATION_CANCELED,), cancel),
    Act("employee_key_rotations_create", (T.EMPLOYEE_KEY_ROTATED,), rotate_keys),
    Act("me_change_password", (T.USER_PASSWORD_CHANGED,), change_password),
    Act("sessions_end", (T.SESSION_ENDED,), sign_out),
)
