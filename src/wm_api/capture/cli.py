"""wm-capture: keygen, inspect, dry-run, push. Ids are keyed and titles coded here; only mapped columns leave."""

import io
import json
import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from wm_api.capture.client import Client, NetworkAway, RefusedByServer
from wm_api.capture.key_file import CustomerKey, KeyFileBad, make_key_file, read_key_file
from wm_api.capture.mapping import MappingBad, MappingFile, Source, read_mapping
from wm_api.capture.sources import FileNoLongerFits, check_headings, read_source
from wm_api.capture.transform import CellsRefused, canonical, to_parquet
from wm_api.records.facts import Facts
from wm_api.records.intake import Report, take_in
from wm_api.records.readers import PARQUET, Limits
from wm_api.records.refusals import PERSONAL_HEADING
from wm_api.records.rules import RULES

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
screen, errors = Console(), Console(stderr=True)
REFUSED_HERE, REFUSED_THERE, NETWORK, NO_FIT = 1, 3, 4, 5
FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The vendor's file.")]
MappingOption = Annotated[Path, typer.Option("--mapping", exists=True, help="The mapping file (TOML).")]
DayOption = Annotated[str | None, typer.Option("--as-of", help="The day on which it was true; default: the mapping's.")]
FromOption = Annotated[str | None, typer.Option("--from", help="First day of the payroll period.")]
ToOption = Annotated[str | None, typer.Option("--to", help="Last day of the payroll period.")]


def _key() -> CustomerKey:
    path = os.environ.get("WM_CAPTURE_KEY")
    if not path:
        errors.print("Set WM_CAPTURE_KEY to the path of your key file; make one with [b]wm-capture keygen[/b].")
        raise typer.Exit(2)
    try:
        return read_key_file(Path(path))
    except KeyFileBad as bad:
        errors.print(str(bad))
        raise typer.Exit(2) from bad


def _facts(mapping: MappingFile, as_of: str | None, start: str | None, end: str | None) -> Facts:
    given: dict[str, Any] = dict(mapping.facts)
    if "full_time_weekly_hours" in given:
        given["full_time_weekly_hours"] = float(given["full_time_weekly_hours"])
    day = date.fromisoformat(as_of) if as_of else given.pop("as_of", None)
    given.pop("as_of", None)
    facts = Facts(kind=mapping.kind, **given)
    if mapping.kind == "payroll":
        first, last = (date.fromisoformat(text) if text else None for text in (start, end))
        return replace(facts, period_start=first, period_end=last)
    if day is None:
        errors.print("Say --as-of YYYY-MM-DD, or put as_of under [facts] of the mapping.")
        raise typer.Exit(2)
    return replace(facts, as_of=day)


def _prepared(
    file: Path, mapping_file: Path, facts: tuple[str | None, str | None, str | None]
) -> tuple[bytes, Facts, Report]:
    """The bytes that would leave, and the report of the same checks that the server makes."""
    try:
        mapping = read_mapping(mapping_file.read_text(encoding="utf-8"))
        declared = _facts(mapping, *facts)
        frame = read_source(file, mapping.source)
        check_headings(frame, mapping)
        content = to_parquet(canonical(frame, mapping, _key()))
    except (MappingBad, ValueError) as bad:
        errors.print(
            str(bad) if isinstance(bad, MappingBad) else "The file or a date cannot be read as the mapping says."
        )
        raise typer.Exit(2) from bad
    except FileNoLongerFits as misfit:
        errors.print(f"The file no longer fits its mapping: {misfit}")
        raise typer.Exit(NO_FIT) from misfit
    except CellsRefused as refused:
        errors.print(f"Refused here, nothing was sent: {refused}")
        raise typer.Exit(REFUSED_HERE) from refused
    report = take_in(io.BytesIO(content), PARQUET, None, declared, Limits(), lambda _keys, _frame: None)
    return content, declared, report


def show_report(report: Report) -> None:
    screen.print(
        f"{report.outcome}: {report.rows:,} rows, {report.employees:,} employees, {len(report.columns)} columns"
    )
    if report.findings:
        table = Table("severity", "rule", "column", "rows", "what to do")
        for each in report.findings:
            table.add_row(
                each.severity.value, each.code, each.column or "-", f"{each.row_count:,}", RULES[each.code].detail
            )
        screen.print(table)


@app.command()
def keygen(
    account: Annotated[str, typer.Option(help="The account's id.")],
    out: Annotated[Path, typer.Option(help="Where to write the key file, mode 0600.")] = Path("wm.key"),
) -> None:
    """Make the key that turns employee ids into keyed hashes. It never leaves this machine."""
    try:
        key = make_key_file(out, account)
    except FileExistsError as exists:
        errors.print(f"{out} exists; a key is never overwritten.")
        raise typer.Exit(2) from exists
    screen.print(f"Key {key.kid} written to {out}. Back it up: losing it means a break in every series.")


@app.command()
def inspect(
    file: FileArgument,
    delimiter: Annotated[str, typer.Option(help="Of a CSV file.")] = ",",
    encoding: Annotated[str, typer.Option(help="Of a CSV file.")] = "utf-8",
) -> None:
    """Headings, likely types, and columns that look personal. Counts, never values."""
    source = Source(format="xlsx" if file.suffix == ".xlsx" else "csv", delimiter=delimiter, encoding=encoding)
    frame = read_source(file, source)
    table = Table("heading", "filled", "distinct", "looks like", title=f"{frame.height:,} rows")
    for name in frame.columns:
        cells = frame.get_column(name).str.strip_chars()
        filled = cells.filter(cells != "")
        table.add_row(name, f"{len(filled):,}", f"{filled.n_unique():,}", _likely(name, filled))
    screen.print(table)


def _likely(name: str, cells: pl.Series) -> str:
    if PERSONAL_HEADING.search(name):
        return "[red]personal: never map it[/red]"
    if cells.is_empty():
        return "empty"
    shapes = {
        r"^\d{1,2}/\d{1,2}/\d{2,4}( .*)?$": "date, day or month first: look at rows with a part above 12",
        r"^\d{4}-\d{2}-\d{2}": "date YYYY-MM-DD",
        r"^-?\d+$": "whole number",
        r"^-?\d+,\d+$|^-?\d+$": "number with decimal comma",
        r"^-?\d+\.\d+$|^-?\d+$": "number with decimal point",
    }
    for pattern, text in shapes.items():
        if cells.str.contains(pattern).all():
            return text
    return "code" if cells.n_unique() <= 50 else "text: map it as employee_key or local_code, or ignore it"  # noqa: PLR2004


@app.command("dry-run")
def dry_run(
    file: FileArgument,
    mapping: MappingOption,
    out: Annotated[Path, typer.Option(help="The exact bytes that would leave.")] = Path("out.parquet"),
    as_of: DayOption = None,
    start: FromOption = None,
    end: ToOption = None,
) -> None:
    """Write what would be sent, and the report. Sends nothing."""
    content, _, report = _prepared(file, mapping, (as_of, start, end))
    out.write_bytes(content)
    show_report(report)
    screen.print(f"{len(content):,} bytes written to {out}")
    raise typer.Exit(REFUSED_HERE if report.refused else 0)


@app.command()
def push(  # noqa: PLR0913, PLR0917 - one option each
    file: FileArgument,
    mapping: MappingOption,
    as_of: DayOption = None,
    start: FromOption = None,
    end: ToOption = None,
    external_ref: Annotated[str | None, typer.Option(help="Your own name of this extract.")] = None,
    supersedes: Annotated[str | None, typer.Option(help="Id of the dataset that this one replaces.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Follow the operation to its end.")] = False,
    json_out: Annotated[bool, typer.Option("--json", help="One JSON line on standard output.")] = False,
) -> None:
    """Key, check and send. Safe to run again: the same file is the same dataset."""
    content, facts, report = _prepared(file, mapping, (as_of, start, end))
    if report.refused:
        show_report(report)
        raise typer.Exit(REFUSED_HERE)
    client = Client(os.environ.get("WM_URL", "http://127.0.0.1:8080"), os.environ.get("WM_API_KEY", ""))
    names = ("as_of", "period_start", "period_end", "window_start", "window_end", "declared_headcount", "perimeter")
    parameters = {name: str(value) for name in names if (value := getattr(facts, name)) is not None}
    parameters |= {"kind": facts.kind, "full_time_weekly_hours": f"{facts.full_time_weekly_hours:.2f}"}
    optional = {"external_ref": external_ref, "supersedes": supersedes}
    parameters |= {name: value for name, value in optional.items() if value}
    try:
        dataset = client.push(content, parameters)
        operation = _followed(client, dataset, quiet=json_out) if wait else None
    except RefusedByServer as refused:
        errors.print(f"Refused by the server: {refused.problem.get('code')}: {refused.problem.get('detail')}")
        raise typer.Exit(REFUSED_THERE) from refused
    except NetworkAway as away:
        errors.print("The server does not answer. Nothing is lost: run the same command again.")
        raise typer.Exit(NETWORK) from away
    if json_out:
        typer.echo(json.dumps({"dataset": dataset, "operation": operation, "bytes": len(content)}))
    else:
        show_report(report)
        screen.print(f"Dataset {dataset['id']} {dataset['state']}, sha256 {dataset['sha256'][:16]}...")
    if operation is not None and operation["state"] != "succeeded":
        raise typer.Exit(REFUSED_THERE)


def _followed(client: Client, dataset: dict[str, Any], *, quiet: bool) -> dict[str, Any]:
    with Progress(console=errors, disable=quiet, transient=True) as bar:
        task = bar.add_task("waiting", total=4)

        def show(operation: dict[str, Any]) -> None:
            progress = operation["progress"] or {"done": 0}
            bar.update(task, description=operation["stage"] or operation["state"], completed=progress["done"])

        return client.follow(dataset["operation_id"], show)
