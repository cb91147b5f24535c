"""What a person sees, within 80 columns: stages, progress, report. Progress goes to standard error."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from wm_api.capture.preparation import Prepared
from wm_api.capture.problems import CaptureProblem, FileNoLongerFits, FileRefused, MappingBad, RefusedByServer, listed
from wm_api.capture.survey import Survey

screen, errors = Console(highlight=False), Console(stderr=True, highlight=False)
STAGES = {
    "reading": "reading the file",
    "keying": "keying ids, mapping columns",
    "writing": "writing Parquet",
    "checking": "checking as the server does",
    "queued": "server: waiting",
    "running": "server: working",
}
COLOURS = {"refuse": "red", "quarantine": "red", "warn": "yellow"}
ROWS_SHOWN = 6
HIGHEST_CEILING = 0.05
KILO = 1024
FIRST_AGAIN = 2
ROWS_ARE = "Rows are data rows of the file: row 1 is the line below the headings."


class Watch:
    """One line that moves: local stages, bytes sent, then the server's operation."""

    def __init__(self) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(24), TaskProgressColumn())
        self._bar = Progress(
            *columns, TimeElapsedColumn(), console=errors, transient=True, disable=not errors.is_terminal
        )
        self._task = self._bar.add_task("starting", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def stage(self, name: str) -> None:
        self._bar.update(self._task, description=STAGES.get(name, name), total=None)

    def sent(self, done: int, total: int) -> None:
        self._bar.update(self._task, description=f"sending {size(total)}", total=total, completed=done)

    def waiting(self, attempt: int) -> None:
        """The server is away or busy: said once, so that nobody wonders."""
        if attempt == FIRST_AGAIN:
            errors.print(
                "[yellow]The server does not answer or is busy.[/yellow] Trying again for about half a minute."
            )

    def operation(self, operation: Mapping[str, Any]) -> None:
        progress, state = operation.get("progress") or {}, operation["state"]
        name = f"server: {operation['stage']}" if operation.get("stage") else STAGES.get(state, state)
        done, total = progress.get("done", 0), progress.get("total")
        if state == "succeeded":
            done = total = total or 1
        self._bar.update(self._task, description=name, total=total, completed=done)


def size(count: int) -> str:
    """Bytes as a person reads them."""
    number, unit = float(count), "bytes"
    for larger in ("KiB", "MiB", "GiB"):
        if number < KILO:
            break
        number, unit = number / KILO, larger
    return f"{count} bytes" if unit == "bytes" else f"{number:.1f} {unit}"


def show_report(prepared: Prepared) -> None:
    """Counts of the file, and what was found in it."""
    report, counts = prepared.report, prepared.counts
    colour = "red" if report.refused else "green"
    employees = "" if report.refused else f", {report.employees:,} employee keys"
    screen.print(
        f"[{colour}]{report.outcome}[/{colour}]  {report.rows:,} rows{employees}, {len(report.columns)} columns"
    )
    screen.print(f"          of {counts.rows:,} rows and {counts.employee_ids:,} employee ids in the file")
    if report.quarantined:
        screen.print(f"          {report.quarantined:,} of them set aside")
    show_totals(prepared.summary()["totals"])
    for column, rows in counts.left_out.items():
        screen.print(f"          {rows:,} rows left out by \\[\\[rows.keep]] on {escape(column)}")
    for name, codes in prepared.new_codes.items():
        if codes:
            screen.print(f"          {codes:,} new local codes kept in {escape(name)}")
    found = prepared.summary()["findings"]
    show_findings(found)
    if report.refused and _can_be_set_aside(found, report.rows):
        screen.print("Rows in quarantine may be set aside, up to 5 % of all: --quarantine-ceiling 0.05")


def _can_be_set_aside(found: Sequence[Mapping[str, Any]], rows: int) -> bool:
    """Nothing refuses but rows in quarantine, and no rule has too many of them."""
    stop = [each for each in found if each["severity"] != "warn"]
    return all(each["severity"] == "quarantine" and each["row_count"] <= HIGHEST_CEILING * rows for each in stop)


def show_totals(totals: Sequence[Mapping[str, Any]]) -> None:
    """What a person compares with the system that the file is from."""
    for each in totals:
        measure = each["measure"] if each["currency"] is None else f"sum of {each['measure']}"
        screen.print(f"          {measure} {Decimal(each['value']):,f} {each['currency'] or ''}".rstrip())


def show_findings(found: Sequence[Mapping[str, Any]]) -> None:
    """One block a finding: severity, rule, where, and what to do. One rule at many columns without name is one."""
    if not found:
        return
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    for (severity, code, column), same in _folded(found).items():
        colour, first = COLOURS.get(severity, "white"), same[0]
        places = sorted({each["column_index"] for each in same if each.get("column_index")})
        where = f"  {escape(column)}" if column else ""
        where += f"  column {listed(places, ROWS_SHOWN)}" if places else ""
        where += f"  {escape(', '.join(first['about']))}" if first.get("about") else ""
        count, rows = first.get("row_count", 0), first.get("rows") or []
        which = f"  {count:,} {'row' if count == 1 else 'rows'}: {listed(rows, ROWS_SHOWN)}" if rows else ""
        which = which or (f"  {count:,} of them" if count else "")
        detail = " ".join(str(first[name]) for name in ("detail", "remedy") if first.get(name))
        table.add_row(f"[{colour}]{severity}[/{colour}]", f"[b]{code}[/b]{where}{which}\n[dim]{escape(detail)}[/dim]")
    screen.print(table)
    if any(each.get("rows") for each in found):
        screen.print(f"[dim]{ROWS_ARE}[/dim]")


def _folded(found: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str, str | None], list[Mapping[str, Any]]]:
    folded: dict[tuple[str, str, str | None], list[Mapping[str, Any]]] = {}
    for each in found:
        folded.setdefault((each["severity"], each["code"], each.get("column")), []).append(each)
    return folded


REMEDIES = {
    "dataset-exists": "To replace it, run again with --supersedes {existing}",
    "duplicate-content": (
        "It is dataset {existing}. If that was declared wrongly, run again with --supersedes {existing}; "
        "if not, there is nothing to do."
    ),
    "supersede-conflict": "The dataset that counts now is {existing}.",
    "mapping-drift": (
        "Mend the export or the mapping. If the change is right, run again with --accept-drift, "
        "or with --hold to see its effect first."
    ),
    "state-conflict": "Its state is {state}.",
    "insufficient-scope": "The key in WM_API_KEY lacks {lacking}.",
    "employee-key-changed": "Use the key file of before, or run again with --new-key: everybody counts as new then.",
    "token-malformed": "WM_API_KEY is not a whole API key.",
    "token-invalid": "The key in WM_API_KEY is unknown or was revoked.",
    "token-expired": "The key in WM_API_KEY has expired; make another.",
}
"""What the remedy of a problem is on this command line."""


def say_problem(problem: CaptureProblem) -> None:
    """What stopped the command; a refusal of the server with its findings."""
    if isinstance(problem, RefusedByServer):
        errors.print(f"[red]Refused by the server[/red]  {escape(str(problem))}")
        show_findings(problem.problem.get("findings") or [])
        show_totals(problem.problem.get("totals") or [])
        if do := remedy(problem.problem):
            errors.print(escape(do))
        if request := problem.problem.get("request_id"):
            errors.print(f"[dim]Request {escape(str(request))}[/dim]")
        return
    unsent = ", nothing was sent" if isinstance(problem, FileRefused | FileNoLongerFits | MappingBad) else ""
    errors.print(f"[red]Stopped{unsent}.[/red]\n{escape(str(problem))}", soft_wrap=not errors.is_terminal)
    if isinstance(problem, FileRefused) and any(each.rows for each in problem.wrong):
        errors.print(f"[dim]{ROWS_ARE}[/dim]")


def say_report(path: Path) -> None:
    """Where the report was written."""
    errors.print(f"report    {escape(str(path))}", soft_wrap=True)


def remedy(problem: Mapping[str, Any]) -> str:
    """What to do on this command line; empty where the server's own words say it."""
    return REMEDIES.get(str(problem.get("code")), "").format_map(_said(problem))


def beside(mark: str, text: str, width: int) -> None:
    """The text, its further lines under its first."""
    table = Table.grid(padding=0)
    table.add_column(width=width)
    table.add_column(overflow="fold")
    table.add_row(mark, text)
    screen.print(table)


def _said(problem: Mapping[str, Any]) -> dict[str, str]:
    """What remedies name of a problem."""
    lacking = set(problem.get("required_scopes", ())) - set(problem.get("token_scopes", ()))
    said = {name: str(problem.get(name, "")) for name in ("existing", "state")}
    return {**said, "lacking": ", ".join(sorted(lacking))}


def show_survey(survey: Survey) -> None:
    """One line a column: counts, never values."""
    source = survey.source
    form = "XLSX" if source.format == "xlsx" else f"CSV, encoding {source.encoding}, delimiter {source.delimiter!r}"
    screen.print(f"{form}: {survey.rows:,} rows, {len(survey.profiles)} columns")
    for note in survey.notes:
        screen.print(f"[yellow]{escape(note)}[/yellow]")
    table = Table("heading", "filled", "distinct", "looks like", box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.columns[1].justify = table.columns[2].justify = "right"
    for profile in survey.profiles:
        personal = profile.personal
        shown = f"[red]{personal}[/red]" if personal else profile.likely
        table.add_row(escape(profile.heading or "(empty)"), f"{profile.filled:,}", profile.distinct, shown)
    screen.print(table)
