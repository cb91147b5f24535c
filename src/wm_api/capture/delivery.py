"""One file of the customer on its way: keyed, checked, and sent where nothing refuses it. For push and watch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from wm_api.capture import push
from wm_api.capture.client import Client
from wm_api.capture.journal import Journal
from wm_api.capture.key_file import CustomerKey
from wm_api.capture.preparation import Prepared, mapping_of, prepare
from wm_api.capture.problems import NetworkAway, RefusedByServer

HELD = "held"


class Onlooker(Protocol):
    """Hears how far it is."""

    def stage(self, name: str) -> None: ...
    def sent(self, done: int, total: int) -> None: ...
    def operation(self, operation: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class Order:
    """How files are pushed: `facts` and `keep` of the file, `query` of the push."""

    mapping: Path
    key: CustomerKey
    facts: Mapping[str, Any]
    query: Mapping[str, str]
    keep: Sequence[str] = ()
    wait: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """`answer` is empty where the agent itself refused the file; else the dataset and its operation, if waited for."""

    prepared: Prepared
    answer: Mapping[str, Any] = field(default_factory=dict)

    @property
    def line(self) -> dict[str, Any]:
        """What --json shows."""
        return {**self.prepared.summary(), **self.answer}

    @property
    def problem(self) -> RefusedByServer | None:
        """Where the operation did not end well."""
        operation = self.answer.get("operation")
        if operation is None or operation["state"] == "succeeded":
            return None
        return RefusedByServer(self.prepared.in_file_rows(operation["error"] or {"code": operation["state"]}))


def delivered(file: Path, order: Order, client: Client, journal: Journal, onlooker: Onlooker) -> Delivered:
    """Raises what `prepare` raises, and RefusedByServer (its rows those of the file), NetworkAway."""
    prepared = prepare(file, order.mapping, order.key, order.facts, onlooker.stage, order.keep)
    if prepared.report.refused:
        return Delivered(prepared)
    content = prepared.content
    one = push.Push(content, push.parameters(prepared.facts, _query(order)))
    try:
        dataset = push.send(client, journal, one, lambda done: onlooker.sent(done, len(content)))
        followed = order.wait and dataset["operation_id"]
        operation = client.follow(dataset["operation_id"], onlooker.operation) if followed else None
    except (RefusedByServer, NetworkAway) as problem:
        told = problem
        if isinstance(problem, RefusedByServer):
            told = RefusedByServer(prepared.in_file_rows(problem.problem))
        told.checked = prepared.summary()
        raise told from None
    return Delivered(
        prepared, {"dataset": dataset, "operation": operation, **_looked_at(client, dataset["id"], prepared)}
    )


def _looked_at(client: Client, dataset: str, prepared: Prepared) -> dict[str, Any]:
    """The dataset as it is by now; what the server found that one file cannot show; of a held one, the preview."""
    path = f"/v1/datasets/{dataset}"
    now = client.shown(path)
    seen = {(each.code, each.column) for each in prepared.report.findings}
    report = prepared.in_file_rows(client.shown(f"{path}/validation"))
    found = [each for each in report["findings"] if (each["code"], each["column"]) not in seen]
    preview = client.shown(f"{path}/preview") if now.get("state") == HELD else {}
    return (
        {"found_there": found, "amended": report.get("amended")}
        | ({"dataset": now} if now else {})
        | ({"preview": preview} if preview else {})
    )


def _query(order: Order) -> dict[str, str]:
    """A named source comes with the version of its mapping: the beginning of its digest."""
    if "source" not in order.query:
        return dict(order.query)
    return {**order.query, "mapping_version": f"m-{mapping_of(order.mapping).digest[:12]}"}
