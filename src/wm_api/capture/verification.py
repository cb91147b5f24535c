"""Is this machine fit to push, and does the server hold what was sent? Each answer with what to do."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from wm_api.capture.client import Answer, Client
from wm_api.capture.journal import Journal
from wm_api.capture.key_file import CustomerKey
from wm_api.capture.problems import NETWORK, REFUSED_THERE, USAGE, NetworkAway, RefusedByServer
from wm_api.capture.push import columns_digest

CLOCK_SECONDS = 60
LATEST = 10
LACKS_SCOPE, GONE = 403, {404, 410}


@dataclass(frozen=True, slots=True)
class Check:
    """`ok` is none where it could not be checked; `code` is the exit code when it is wrong."""

    name: str
    ok: bool | None
    said: str
    remedy: str = ""
    code: int = USAGE


def verified(
    client: Client, journal: Journal, key: CustomerKey, dataset: str | None, now: Callable[[], datetime]
) -> Iterator[Check]:
    """The checks in order; a server that is away ends them."""
    yield Check("key file", ok=True, said=f"sound, key id {key.kid}")
    try:
        kinds = client.call("GET", "/v1/record-kinds")
        yield _clock(kinds, now())
        yield from _account(client, key)
        yield from _kinds(client, journal)
        yield from _datasets(client, journal, dataset)
    except NetworkAway as away:
        yield Check("server", ok=False, said="no answer", remedy=str(away), code=NETWORK)
    except RefusedByServer as refused:
        yield Check("server", ok=False, said=str(refused), remedy="See the code of the problem.", code=REFUSED_THERE)


def _clock(answer: Answer, now: datetime) -> Check:
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return Check("clock", ok=None, said="the server does not say its time")
    apart = abs((now - theirs.replace(tzinfo=theirs.tzinfo or UTC)).total_seconds())
    remedy = "Set this machine's clock: dates are checked against it, and tokens expire by it."
    return Check("clock", ok=apart <= CLOCK_SECONDS, said=f"{apart:.0f} s from the server's", remedy=remedy)


def _account(client: Client, key: CustomerKey) -> Iterator[Check]:
    try:
        account = client.call("GET", "/v1/account").body
    except RefusedByServer as refused:
        if refused.problem.get("status") != LACKS_SCOPE:
            raise
        yield Check("account", ok=None, said="not checked: the API key lacks account:read")
        return
    remedy = "Use the key file of this account, or the API key of the key file's account."
    yield Check("account", ok=account["id"] == key.account, said="of the key file and of the API key", remedy=remedy)
    known = account.get("employee_key_id")
    said = "no accepted push yet" if known is None else f"the account's is {known}"
    remedy = "Set WM_CAPTURE_KEY to the key file with that id. With another one everybody counts as new (--new-key)."
    yield Check("key id", ok=known in {None, key.kid}, said=said, remedy=remedy)


def _kinds(client: Client, journal: Journal) -> Iterator[Check]:
    """Each kind that was pushed: are its columns those of the last push?"""
    noted = {line["kind"]: line["columns"] for line in journal.datasets().values() if {"kind", "columns"} <= set(line)}
    for kind, columns in sorted(noted.items()):
        same = columns_digest(client.call("GET", f"/v1/record-kinds/{kind}").body) == columns
        said = "as at the last push" if same else "changed since the last push"
        remedy = "Read the changelog of the contract, bring the agent up to date, and do a dry run."
        yield Check(f"record kind {kind}", ok=same, said=said, remedy=remedy, code=REFUSED_THERE)
    if not noted:
        yield Check("record kinds", ok=None, said="nothing was pushed from here yet")


def _datasets(client: Client, journal: Journal, wanted: str | None) -> Iterator[Check]:
    """The one that is asked for, or the latest ones of the journal."""
    noted = journal.datasets()
    if wanted is not None and wanted not in noted:
        remedy = "Look at the journal beside the key file, and at WM_URL."
        yield Check(f"dataset {wanted}", ok=False, said="not sent from here", remedy=remedy)
        return
    for dataset in [wanted] if wanted else list(noted)[-LATEST:]:
        yield _dataset(client, dataset, noted[dataset], asked=wanted is not None)


def _dataset(client: Client, dataset: str, noted: Mapping[str, Any], *, asked: bool) -> Check:
    name = f"dataset {dataset}"
    try:
        held = client.call("GET", f"/v1/datasets/{dataset}").body
    except RefusedByServer as refused:
        status = refused.problem.get("status")
        if status == LACKS_SCOPE:
            return Check(name, ok=None, said="not checked: the API key lacks datasets:read")
        if status not in GONE:
            raise
        remedy = "If nobody deleted it, push the file again."
        return Check(name, ok=False if asked else None, said="no longer there", remedy=remedy, code=REFUSED_THERE)
    same = held["sha256"] == noted["sha256"]
    said = f"{held['state']}, the bytes that were sent" if same else f"{held['state']}, other bytes than were sent"
    remedy = "Tell the operator of the service, with this line and your journal."
    return Check(name, ok=same, said=said, remedy=remedy, code=REFUSED_THERE)
