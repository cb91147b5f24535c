"""wm-capture push."""

from typing import Annotated

import typer

from wm_api.capture import config
from wm_api.capture.cli.endings import ReportFile, ended
from wm_api.capture.cli.options import (
    Declared,
    Expected,
    FileArgument,
    JsonOption,
    MappingOption,
    ReportOption,
    Sending,
)
from wm_api.capture.client import Client
from wm_api.capture.delivery import Order, delivered
from wm_api.capture.delivery_report import show_delivered
from wm_api.capture.journal import Journal
from wm_api.capture.problems import REFUSED_HERE
from wm_api.capture.terminal import Watch


def push(
    file: FileArgument,
    mapping: MappingOption,
    declared: Declared,
    expected: Expected,
    sending: Sending,
    wait: Annotated[bool, typer.Option("--wait", help="Follow the operation to its end.")] = False,
    report: ReportOption = None,
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
    order = Order(
        mapping, config.customer_key(), {**declared.facts, **expected.facts}, sending.query, declared.keep or (), wait
    )
    with Watch() as watch, Client(url, api_key, watch.waiting) as client:
        done = delivered(file, order, client, Journal(config.journal_path(), url), watch)
    ended(
        json_out,
        done.line,
        lambda: show_delivered(done),
        done.problem,
        REFUSED_HERE if done.prepared.report.refused else 0,
        ReportFile(report, file.name) if report else None,
    )
