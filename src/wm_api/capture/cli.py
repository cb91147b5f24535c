"""wm-capture keys your employees' ids, codes your job titles and sends only the columns that you map.

Ids, titles and unmapped columns never leave this machine.

\b
A first push:
  wm-capture keygen --account ACCOUNT_ID --out wm.key
  wm-capture inspect staff.csv
  export WM_CAPTURE_KEY=wm.key WM_URL=https://api.example.com
  export WM_API_KEY=wmk_...
  wm-capture dry-run staff.csv --mapping staff.toml --as-of 2025-12-31
  wm-capture push staff.csv --mapping staff.toml --as-of 2025-12-31 --wait

\b
Exit codes: 0 done, 1 refused here, 2 usage, 3 refused by the server,
4 network (run the same command again), 5 the file no longer fits its mapping.
"""  # noqa: D301 - the sign that keeps lines as they are

import functools
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, ParamSpec
from uuid import UUID

import typer
from rich.markup import escape

from wm_api.capture import config
from wm_api.capture import push as pushing
from wm_api.capture.client import Client
from wm_api.capture.inspection import Profile
from wm_api.capture.journal import Journal
from wm_api.capture.key_file import make_key_file
from wm_api.capture.preparation import Prepared, prepare
from wm_api.capture.problems import REFUSED_HERE, CaptureProblem, FileRefused, RefusedByServer, UsageWrong
from wm_api.capture.sniffing import sniffed
from wm_api.capture.sources import opened
from wm_api.capture.terminal import Watch, say_problem, screen, show_profiles, show_report, show_sent, size
from wm_api.capture.transform import ROW

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False, rich_markup_mode=None
)
P = ParamSpec("P")
DAYS = ["%Y-%m-%d"]
FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The vendor's file.")]
MappingOption = Annotated[Path, typer.Option("--mapping", exists=True, dir_okay=False, help="The mapping (TOML).")]
Day = datetime | None
AsOf = Annotated[Day, typer.Option("--as-of", formats=DAYS, help="The day on which it was true (workforce).")]
From = Annotated[Day, typer.Option("--from", formats=DAYS, help="First day of the period (payroll).")]
To = Annotated[Day, typer.Option("--to", formats=DAYS, help="Last day of the period (payroll).")]
WindowStart = Annotated[Day, typer.Option(formats=DAYS, help="First day of the reporting window.")]
WindowEnd = Annotated[Day, typer.Option(formats=DAYS, help="Last day of the reporting window.")]
Headcount = Annotated[int | None, typer.Option(min=1, max=5_000_000, help="Employees by your own count.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON line on standard output.")]


def ends_clearly(command: Callable[P, None]) -> Callable[P, None]:
    """Every problem is a text and an exit code; nothing ends in a traceback, which could show cells."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except CaptureProblem as problem:
            if kwargs.get("json_out"):
                line = {"error": str(problem), "exit_code": problem.exit_code}
                if isinstance(problem, RefusedByServer):
                    line["problem"] = dict(problem.problem)
                typer.echo(json.dumps(line))
            say_problem(problem)
            raise typer.Exit(problem.exit_code) from None

    return run


@app.command()
@ends_clearly
def keygen(
    account: Annotated[UUID, typer.Option(help="The account's id, as GET /v1/account shows it.")],
    out: Annotated[Path, typer.Option(help="Where to write the key file, mode 0600.")] = Path("wm.key"),
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Ask for one, and wrap the key with it.")] = False,
) -> None:
    """Make the key that turns employee ids into keyed hashes. It never leaves this machine.

    Back the file up. Losing it means a series break: everybody counts as new.
    A passphrase wraps the key; a push then asks for it, or reads WM_CAPTURE_PASSPHRASE.
    """
    key = make_key_file(out, str(account), passphrase=config.new_passphrase() if passphrase else None)
    screen.print(f"Key [b]{key.kid}[/b] written to {escape(str(out))}, mode 0600{', wrapped' if passphrase else ''}.")
    screen.print("Back it up now: losing it means a series break, because everybody then counts as new.")


@app.command()
@ends_clearly
def inspect(
    file: FileArgument,
    delimiter: Annotated[str | None, typer.Option(help="Of a CSV file; default: found out.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of a CSV file; default: found out.")] = None,
    header_row: Annotated[int | None, typer.Option(min=1, help="Row of the headings; default 1.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Of an XLSX file.")] = None,
) -> None:
    """Show headings, likely types, and columns that look personal. Counts and row numbers, never values.

    Day and month order, and the decimal sign, come with the data rows that prove them; rows count from 1
    below the headings. What nothing proves, ask the vendor: it is never guessed.
    """
    given = {"delimiter": delimiter, "encoding": encoding, "header_row": header_row, "sheet": sheet}
    try:
        source = sniffed(file, {name: value for name, value in given.items() if value is not None})
    except (ValueError, LookupError) as wrong:
        raise UsageWrong("An option is not known: see wm-capture inspect --help.") from wrong
    with opened(file, source) as vendor:
        profiles = [Profile(heading) for heading in vendor.headings]
        rows = 0
        for batch in vendor.batches:
            rows += batch.height
            for index, profile in enumerate(profiles):
                profile.add(batch.get_column(str(index)), batch.get_column(ROW))
        odd = vendor.wrong()
    show_profiles(source, rows, profiles)
    if odd:
        raise FileRefused(odd)


def _prepared(file: Path, mapping: Path, days: dict[str, Day], headcount: int | None, watch: Watch) -> Prepared:
    given = {name: day.date() for name, day in days.items() if day is not None}
    return prepare(file, mapping, config.customer_key(), {**given, "declared_headcount": headcount}, watch.stage)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageWrong(f"{path} cannot be written: {error.strerror}.") from error


@app.command("dry-run")
@ends_clearly
def dry_run(  # noqa: PLR0913, PLR0917 - one option each
    file: FileArgument,
    mapping: MappingOption,
    out: Annotated[Path, typer.Option(help="The exact bytes that would leave.")] = Path("out.parquet"),
    as_of: AsOf = None,
    start: From = None,
    end: To = None,
    window_start: WindowStart = None,
    window_end: WindowEnd = None,
    declared_headcount: Headcount = None,
    json_out: JsonOption = False,
) -> None:
    """Write what would be sent, and the report. Sends nothing.

    \b
    wm-capture dry-run staff.csv --mapping staff.toml --as-of 2025-12-31
    wm-capture dry-run pay.gz --mapping pay.toml --from 2025-12-01 --to 2025-12-31
    """  # noqa: D301 - as above
    days = {"as_of": as_of, "period_start": start, "period_end": end}
    days |= {"window_start": window_start, "window_end": window_end}
    with Watch() as watch:
        prepared = _prepared(file, mapping, days, declared_headcount, watch)
    _write(out, prepared.content)
    if json_out:
        typer.echo(json.dumps(prepared.summary()))
    else:
        show_report(prepared)
        screen.print(f"          {size(len(prepared.content))} written to {escape(str(out))}")
    raise typer.Exit(REFUSED_HERE if prepared.report.refused else 0)


@app.command()
@ends_clearly
def push(  # noqa: PLR0913, PLR0917 - one option each
    file: FileArgument,
    mapping: MappingOption,
    as_of: AsOf = None,
    start: From = None,
    end: To = None,
    window_start: WindowStart = None,
    window_end: WindowEnd = None,
    declared_headcount: Headcount = None,
    external_ref: Annotated[str | None, typer.Option(help="Your own name of this extract.")] = None,
    supersedes: Annotated[UUID | None, typer.Option(help="Id of the dataset that this one replaces.")] = None,
    new_key: Annotated[bool, typer.Option("--new-key", help="The key file is new; the series breaks.")] = False,
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
    """  # noqa: D301 - as above
    days = {"as_of": as_of, "period_start": start, "period_end": end}
    days |= {"window_start": window_start, "window_end": window_end}
    url, api_key = config.server_url(), config.api_key()
    with Watch() as watch:
        prepared = _prepared(file, mapping, days, declared_headcount, watch)
        answer: dict[str, Any] = {}
        if not prepared.report.refused:
            with Client(url, api_key) as client:
                query = (external_ref, supersedes, new_key)
                answer = _sent(client, url, prepared, watch, wait=wait, query=query)
    operation = answer.get("operation")
    ended_well = operation is None or operation["state"] == "succeeded"
    line = json.dumps({**prepared.summary(), **answer})
    if report is not None:
        _write(report, line.encode() + b"\n")
    if json_out:
        typer.echo(line)
    else:
        show_report(prepared)
        show_sent(prepared, answer)
    if prepared.report.refused:
        raise typer.Exit(REFUSED_HERE)
    if not ended_well and operation is not None:
        raise RefusedByServer(prepared.in_file_rows(operation["error"] or {"code": operation["state"]}))


def _sent(
    client: Client,
    url: str,
    prepared: Prepared,
    watch: Watch,
    *,
    wait: bool,
    query: tuple[str | None, UUID | None, bool],
) -> dict[str, Any]:
    external_ref, supersedes, new_key = query
    parameters = pushing.parameters(
        prepared.facts, external_ref, str(supersedes) if supersedes else None, new_key=new_key
    )
    content = prepared.content
    try:
        dataset = pushing.send(
            client,
            Journal(config.journal_path(), url),
            pushing.Push(content, parameters),
            lambda done: watch.sent(done, len(content)),
        )
        operation = (
            client.follow(dataset["operation_id"], watch.operation) if wait and dataset["operation_id"] else None
        )
    except RefusedByServer as refused:
        raise RefusedByServer(prepared.in_file_rows(refused.problem)) from None
    return {"dataset": dataset, "operation": operation}
