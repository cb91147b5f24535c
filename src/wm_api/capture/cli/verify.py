"""wm-capture verify."""

import dataclasses
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer
from rich.markup import escape

from wm_api.capture import config
from wm_api.capture.cli.endings import ended
from wm_api.capture.cli.options import JsonOption
from wm_api.capture.client import Client
from wm_api.capture.journal import Journal
from wm_api.capture.terminal import Watch, beside
from wm_api.capture.verification import Check, verified

SHOWN = {True: "[green]ok[/green]", False: "[red]wrong[/red]", None: "[dim]-[/dim]"}


def verify(
    dataset: Annotated[
        UUID | None, typer.Argument(metavar="DATASET", help="A dataset that was sent from here; default: the latest.")
    ] = None,
    json_out: JsonOption = False,
) -> None:
    """Check this machine, and what the server holds.

    Is it fit to push, and are the bytes there that were sent? It changes nothing.
    Key file, clock (within 60 seconds), account, key id, record kinds since the last push, and the SHA-256 of
    datasets against the journal. The exit code is that of the first line that is wrong, else 0.
    """
    url, api_key, key = config.server_url(), config.api_key(), config.customer_key()
    journal = Journal(config.journal_path(), url)
    with Watch() as watch, Client(url, api_key, watch.waiting) as client:
        watch.stage("asking the server")
        checks = list(verified(client, journal, key, str(dataset) if dataset else None, lambda: datetime.now(UTC)))
    line = {"checks": [dataclasses.asdict(each) for each in checks]}
    ended(json_out, line, lambda: _show(checks), code=next((each.code for each in checks if each.ok is False), 0))


def _show(checks: list[Check]) -> None:
    for each in checks:
        _show_one(each)


def _show_one(check: Check) -> None:
    remedy = f"\n{escape(check.remedy)}" if check.ok is False and check.remedy else ""
    beside(SHOWN[check.ok], f"{escape(check.name)}: {escape(check.said)}{remedy}", 7)
