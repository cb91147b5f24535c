"""wm-capture push."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from wm_api.capture import config
from wm_api.capture import push as pushing
from wm_api.capture.cli.options import Declared, FileArgument, JsonOption, MappingOption, Sending
from wm_api.capture.client import Client
from wm_api.capture.journal import Journal
from wm_api.capture.preparation import Prepared, prepare, written
from wm_api.capture.problems import REFUSED_HERE, RefusedByServer
from wm_api.capture.terminal import Watch, show_report, show_sent


def push(
    file: FileArgument,
    mapping: MappingOption,
    declared: Declared,
    sending: Sending,
    wait: Annotated[bool, typer.Option("--wait", help="Follow the operation to its end.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write the JSON line to this file too.")] = None,
    json_out: JsonOption = False,
) -> None:
    """Key, check and send. Safe to run again: the same file is the same dataset.

    A large file goes in parts; after a break the same command goes on where it was cut.

    \b
    wm-capture push staff.csv --mapping staff.toml --as-of 2025-12-31 --wait
    wm-capture push pay.gz --mapping pay.toml --from 2025-12-01 --to 2025-12-31

    Settings: WM_URL, WM_API_KEY, WM_CAPTURE_KEY (a path), WM_CAPTURE_PASSPHRASE.
    """  # noqa: D301 - the sign that keeps lines as they are
    url, api_key = config.server_url(), config.api_key()
    with Watch() as watch:
        prepared = prepare(file, mapping, config.customer_key(), declared.facts, watch.stage, declared.keep or ())
        answer: dict[str, Any] = {}
        if not prepared.report.refused:
            with Client(url, api_key) as client:
                answer = sent(client, Journal(config.journal_path(), url), prepared, sending.query, watch, wait=wait)
    line = json.dumps({**prepared.summary(), **answer})
    if report is not None:
        written(report, line.encode() + b"\n")
    if json_out:
        typer.echo(line)
    else:
        show_report(prepared)
        show_sent(prepared, answer)
    if prepared.report.refused:
        raise typer.Exit(REFUSED_HERE)
    _ended_well(prepared, answer["operation"])


def _ended_well(prepared: Prepared, operation: dict[str, Any] | None) -> None:
    if operation is not None and operation["state"] != "succeeded":
        raise RefusedByServer(prepared.in_file_rows(operation["error"] or {"code": operation["state"]}))


def sent(
    client: Client, journal: Journal, prepared: Prepared, query: dict[str, str], watch: Watch, *, wait: bool
) -> dict[str, Any]:
    """The dataset and, when waited for, its operation. Raises RefusedByServer, its rows those of the file."""
    content = prepared.content
    the_push = pushing.Push(content, pushing.parameters(prepared.facts, query))
    try:
        dataset = pushing.send(client, journal, the_push, lambda done: watch.sent(done, len(content)))
        followed = wait and dataset["operation_id"]
        operation = client.follow(dataset["operation_id"], watch.operation) if followed else None
    except RefusedByServer as refused:
        raise RefusedByServer(prepared.in_file_rows(refused.problem)) from None
    return {"dataset": dataset, "operation": operation}
