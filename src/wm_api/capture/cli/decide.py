"""wm-capture commit, wm-capture discard."""

from typing import Annotated, Any
from uuid import UUID

import typer

from wm_api.capture import config
from wm_api.capture.cli.endings import ended
from wm_api.capture.cli.options import JsonOption
from wm_api.capture.client import Client
from wm_api.capture.held import decided
from wm_api.capture.problems import RefusedByServer
from wm_api.capture.terminal import Watch, screen

Dataset = Annotated[UUID, typer.Argument(metavar="DATASET", help="Id of the held dataset.")]


def commit(
    dataset: Dataset,
    wait: Annotated[bool, typer.Option("--wait", help="Follow the operation to its end.")] = False,
    json_out: JsonOption = False,
) -> None:
    """Let a held dataset count. Safe to run again.

    Where the account has moved on meanwhile the server says why not, and the dataset stays held.
    """
    operation, problem = None, None
    with Watch() as watch, Client(config.server_url(), config.api_key(), watch.waiting) as client:
        done = decided(client, str(dataset), "commit")
        if wait and done["operation_id"]:
            operation = client.follow(done["operation_id"], watch.operation)
    if operation is not None and operation["state"] != "succeeded":
        problem = RefusedByServer(operation["error"] or {"code": operation["state"]})
    ended(json_out, {"dataset": done, "operation": operation}, lambda: _show(done), problem)


def discard(dataset: Dataset, json_out: JsonOption = False) -> None:
    """Destroy a held dataset.

    Its key and bytes are gone before this ends. Safe to run again.
    """
    with Watch() as watch, Client(config.server_url(), config.api_key(), watch.waiting) as client:
        done = decided(client, str(dataset), "discard")
    ended(json_out, {"dataset": done}, lambda: _show(done))


def _show(dataset: dict[str, Any]) -> None:
    said = "it counts now" if dataset["state"] == "accepted" else "destroyed with its key"
    screen.print(f"[green]{dataset['state']:9}[/green] dataset {dataset['id']}: {said}")
