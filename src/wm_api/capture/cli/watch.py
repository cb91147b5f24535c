"""wm-capture watch."""

import json
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from wm_api.capture import config
from wm_api.capture.cli.options import Declared, JsonOption, MappingOption, Sending, Tolerated
from wm_api.capture.client import Client
from wm_api.capture.delivery import Order
from wm_api.capture.folder import Folder, Naming
from wm_api.capture.journal import Journal
from wm_api.capture.problems import NETWORK, UsageWrong
from wm_api.capture.report_files import report_file
from wm_api.capture.terminal import beside, errors, remedy, screen
from wm_api.capture.watching import FOLDER, Watcher

COLOURS = {"sent": "green", "refused": "red", "later": "yellow", "skipped": "dim"}
FolderArgument = Annotated[
    Path, typer.Argument(metavar="FOLDER", exists=True, file_okay=False, readable=True, help="The folder.")
]


@dataclass(frozen=True, slots=True)
class Looking:
    """What to look for, and how often."""

    as_of_from_name: Annotated[str | None, typer.Option(metavar="PATTERN", help="staff_%Y-%m-%d.csv")] = None
    period_from_name: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="pay_%Y%m%d-%Y%m%d.csv, or pay_%Y-%m.csv")
    ] = None
    every: Annotated[float, typer.Option(min=0.1, metavar="SECONDS", help="Between two looks.")] = 10
    settle: Annotated[float, typer.Option(min=0, metavar="SECONDS", help="A file is finished when unchanged for.")] = 5
    reports: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", exists=True, file_okay=False, help="Write a page for each file into it."),
    ] = None
    once: Annotated[bool, typer.Option("--once", help="Push what is there, then end: for schedulers.")] = False


def watch(
    folder: FolderArgument,
    mapping: MappingOption,
    declared: Declared,
    tolerated: Tolerated,
    sending: Sending,
    looking: Looking,
    wait: Annotated[bool, typer.Option("--wait", help="Follow each operation to its end.")] = False,
    json_out: JsonOption = False,
) -> None:
    """Push each new file of a folder once, when it is finished.

    The journal beside the key file knows what was sent: a restart sends nothing twice. Files stay where they
    are. A refused file does not stop the rest; it is tried again when it, the mapping, an option or the key has
    changed. What a person or time may solve is tried later. Ctrl-C and SIGTERM end after the file in hand.

    \b
    wm-capture watch inbox --mapping staff.toml \\
      --as-of-from-name 'staff_%Y-%m-%d.csv'

    With --once the exit code is that of the first file that was not sent, now or before, else 0.
    """  # noqa: D301 - the sign that keeps lines as they are
    if looking.reports is not None and looking.reports.resolve() == folder.resolve():
        raise UsageWrong("--reports must be another folder: its pages would be taken for files to push.")
    naming = Naming(looking.as_of_from_name, looking.period_from_name)
    url, api_key = config.server_url(), config.api_key()
    facts = {**declared.facts, **tolerated.facts}
    order = Order(mapping, config.customer_key(), facts, sending.query, declared.keep or (), wait)
    stop = threading.Event()
    _on_signals(stop)
    with Client(url, api_key) as client:
        look = Folder(folder, looking.settle, time.monotonic)
        tell = _telling(_json_line if json_out else _line, looking.reports)
        watcher = Watcher(look, naming, order, client, Journal(config.journal_path(), url), tell, stop.is_set)
        if looking.once:
            raise typer.Exit(_once(watcher, looking.settle, stop))
        while not stop.is_set():
            watcher.look()
            stop.wait(looking.every)


def _once(watcher: Watcher, settle: float, stop: threading.Event) -> int:
    """Two looks: what did not change between them is finished."""
    watcher.look()
    stop.wait(settle)
    codes = [line["exit_code"] for line in watcher.look() if line["exit_code"]]
    return next((code for code in codes if code == NETWORK), next(iter(codes), 0))


def _on_signals(stop: threading.Event) -> None:
    if threading.current_thread() is not threading.main_thread():
        return

    def polite(_number: int, _frame: object) -> None:
        errors.print("Ending after the file in hand.")
        stop.set()
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.default_int_handler)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, polite)


def _telling(tell: Callable[[dict[str, Any]], None], reports: Path | None) -> Callable[[dict[str, Any]], None]:
    """Each line, and where pages are wanted that of its file; what is only skipped keeps the page that it has."""
    if reports is None:
        return tell

    def told(line: dict[str, Any]) -> None:
        tell(line)
        if line["outcome"] != "skipped" and line["file"] != FOLDER:
            try:
                report_file(reports / f"{line['file']}.html", line, line["file"])
            except UsageWrong as wrong:  # a full disk ends no watch
                errors.print(escape(str(wrong)))

    return told


def _json_line(line: dict[str, Any]) -> None:
    typer.echo(json.dumps(line))


def _line(line: dict[str, Any]) -> None:
    outcome, report = line["outcome"], line.get("report", {})
    text = f"[{COLOURS[outcome]}]{outcome:8}[/{COLOURS[outcome]}] {escape(line['file'])}"
    if "dataset" in line:
        text += f"  {report['rows']:,} rows"
    screen.print(text)
    said = [f"dataset {line['dataset']['id']}"] if "dataset" in line else []
    said += (
        [line["error"]]
        if "error" in line
        else [f"{each['code']} {each['column'] or ''}" for each in report.get("findings", [])]
    )
    for each in [*said, *filter(None, [remedy(line.get("problem", {}))])]:
        beside("", f"[dim]{escape(each)}[/dim]", 9)
