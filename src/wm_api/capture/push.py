"""One push: small files in one call, large ones by the resumable path; the same push again is the same dataset."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

from wm_api.capture.client import Client, Later, Sent
from wm_api.capture.journal import Journal
from wm_api.capture.problems import NetworkAway, RefusedByServer
from wm_api.records.facts import Facts

MEDIA_TYPE = "application/vnd.apache.parquet"
SMALL, PART = 32 << 20, 8 << 20
AGAIN = 12
"""How often a push begins anew because what the server remembers of it was deleted or refused meanwhile."""
LIVING = {"received", "held", "accepted", "superseded"}
"""States of a dataset that still stands for its push."""
GONE = {"upload-expired", "gone", "not-found", "http-404", "http-410"}
ASK_AGAIN = {"mismatching-upload-offset", "completed-upload", "upload-incomplete", "state-conflict"}
DECLARED = ("as_of", "period_start", "period_end", "window_start", "window_end", "declared_headcount", "perimeter")


@dataclass(frozen=True, slots=True)
class Push:
    """Content and what is declared with it."""

    content: bytes
    parameters: Mapping[str, str]

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()

    @property
    def digest_header(self) -> str:
        return f"sha-256=:{base64.b64encode(sha256(self.content).digest()).decode()}:"

    def key(self, step: str = "dataset", attempt: int = 0) -> str:
        """Of kind, dates, external ref, all else that is declared, and content: together they are one request."""
        parts = [
            step,
            str(attempt),
            self.sha256,
            *(f"{name}={self.parameters[name]}" for name in sorted(self.parameters)),
        ]
        return sha256("\0".join(parts).encode()).hexdigest()


def parameters(facts: Facts, query: Mapping[str, str]) -> dict[str, str]:
    """The query of the push: what is declared of the file, and how it counts."""
    found = {name: str(value) for name in DECLARED if (value := getattr(facts, name)) is not None}
    expected = facts.expectations
    known = {"rows": expected.rows, "headcount": expected.headcount, "gross": expected.gross}
    found |= {f"expected_{name}": str(value) for name, value in known.items() if value is not None}
    if expected.quarantine_ceiling:
        found["quarantine_ceiling"] = f"{expected.quarantine_ceiling:f}"
    hours = {"full_time_weekly_hours": f"{facts.full_time_weekly_hours:.2f}"}
    return {"kind": facts.kind, **hours, **found, **query}


def send(
    client: Client, journal: Journal, push: Push, sent: Sent, *, small: int | None = None, part: int = PART
) -> dict[str, Any]:
    """The dataset. Raises RefusedByServer, NetworkAway."""
    kind = client.call("GET", f"/v1/record-kinds/{push.parameters['kind']}").body
    limit = small if small is not None else int(kind.get("limits", {}).get("push_bytes", SMALL))
    for attempt in range(AGAIN):
        if len(push.content) <= limit:
            dataset, replayed = _create(client, push, attempt, sent)
        else:
            dataset, replayed = _create(
                client, push, attempt, sent, _uploaded(client, journal, push, attempt, sent, part)
            )
        if not (replayed and _is_over(client, dataset)):
            sent_as = {"kind": push.parameters["kind"], "columns": columns_digest(kind)}
            journal.note(push.key(), dataset=dataset["id"], sha256=push.sha256, bytes=len(push.content), **sent_as)
            return dataset
    raise NetworkAway("The server remembers this push, but its dataset is gone. Run the same command later.")


def columns_digest(kind: Mapping[str, Any]) -> str:
    """Of a record kind as the server describes it, its limits left out: what a mapping depends on."""
    lasting = {name: value for name, value in kind.items() if name != "limits"}
    return sha256(json.dumps(lasting, sort_keys=True).encode()).hexdigest()


def _create(
    client: Client, push: Push, attempt: int, sent: Sent, upload: str | None = None
) -> tuple[dict[str, Any], bool]:
    headers = {"Idempotency-Key": push.key(f"dataset:{upload or ''}", attempt)}
    if upload is not None:
        query = {**push.parameters, "upload_id": upload}
        answer = client.call("POST", "/v1/datasets", params=query, headers=headers)
    else:
        headers |= {"Content-Type": MEDIA_TYPE, "Repr-Digest": push.digest_header}
        answer = client.call(
            "POST", "/v1/datasets", params=push.parameters, headers=headers, body=push.content, sent=sent
        )
    return answer.body, answer.headers.get("idempotency-replayed") == "true"


def _is_over(client: Client, dataset: Mapping[str, Any]) -> bool:
    """A remembered answer may name a dataset that was deleted, discarded, undone or refused since, or whose operation
    ended without. Then it is a new push.
    """
    try:
        now = client.call("GET", f"/v1/datasets/{dataset['id']}").body
    except RefusedByServer as refused:
        return refused.problem.get("code") in GONE
    return now.get("state") not in LIVING or _ended_without(client, now.get("operation_id"))


def _ended_without(client: Client, operation_id: str | None) -> bool:
    """An operation that is no longer known, or not shown to this key, has not."""
    try:
        state = client.call("GET", f"/v1/operations/{operation_id}").body.get("state") if operation_id else None
    except RefusedByServer:
        return False
    return state in {"failed", "canceled"}


def _uploaded(client: Client, journal: Journal, push: Push, attempt: int, sent: Sent, part: int) -> str:
    """The id of a complete upload; goes on where an earlier run of the same push was cut."""
    begun = journal.open_upload(push.key()) if attempt == 0 else None
    for again in range(AGAIN):
        upload = begun or _new_upload(client, journal, push, attempt * AGAIN + again)
        begun = None
        try:
            _send_parts(client, push, upload, sent, part)
        except RefusedByServer as refused:
            if refused.problem.get("code") in GONE:
                continue
            raise
        return upload
    raise NetworkAway("The upload expired again and again. Run the same command later.")


def _new_upload(client: Client, journal: Journal, push: Push, number: int) -> str:
    headers = {
        "Content-Type": MEDIA_TYPE,
        "Upload-Complete": "?0",
        "Upload-Length": str(len(push.content)),
        "Repr-Digest": push.digest_header,
        "Idempotency-Key": push.key("upload", number),
    }
    upload = str(client.call("POST", "/v1/uploads", headers=headers).body["id"])
    journal.note(push.key(), upload=upload, bytes=len(push.content))
    return upload


def _send_parts(client: Client, push: Push, upload: str, sent: Sent, part: int) -> None:
    """Part after part from the offset that the server names; after any break it is asked again."""
    path, lost = f"/v1/uploads/{upload}", 0
    offset, complete, largest = _offset(client, path)
    while not complete:
        sent(offset)
        end = min(offset + min(part, largest), len(push.content))
        headers = {
            "Content-Type": "application/partial-upload",
            "Upload-Offset": str(offset),
            "Upload-Complete": f"?{int(end == len(push.content))}",
        }
        before = offset
        try:
            client.once(
                "PATCH", path, body=push.content[before:end], sent=partial(_shifted, sent, before), headers=headers
            )
            offset, complete = end, end == len(push.content)
            lost = 0
        except (Later, RefusedByServer) as broken:
            if isinstance(broken, RefusedByServer) and broken.problem.get("code") not in ASK_AGAIN:
                raise
            client.pause(lost, broken.seconds if isinstance(broken, Later) else None)
            offset, complete, largest = _offset(client, path)
            lost = 0 if offset > before else lost + 1


def _shifted(sent: Sent, before: int, more: int) -> None:
    sent(before + more)


def _offset(client: Client, path: str) -> tuple[int, bool, int]:
    """Where to go on, whether all is there, and the largest part that the server takes."""
    headers = client.call("HEAD", path).headers
    limits = dict(pair.strip().split("=", 1) for pair in headers.get("upload-limit", "").split(",") if "=" in pair)
    offset, complete = int(headers.get("upload-offset", 0)), headers.get("upload-complete") == "?1"
    return offset, complete, int(limits.get("max-append-size", PART))
