"""How a command ends: a text, an exit code, and with --json one line, whatever the end."""

import functools
import json
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, ParamSpec

import typer
from typer.core import TyperCommand
from typer.exceptions import TyperException

from wm_api.capture.problems import USAGE, CaptureProblem, Fault, Interrupted, problem_line
from wm_api.capture.report_files import report_file
from wm_api.capture.terminal import say_problem, say_report

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class ReportFile:
    """Where the report goes, and the name of the file that it is about."""

    path: Path
    about: str


def ended(
    json_out: bool,
    line: Mapping[str, Any],
    show: Callable[[], None],
    problem: CaptureProblem | None = None,
    code: int = 0,
    report: ReportFile | None = None,
) -> NoReturn:
    """The line or what a person sees, then the problem and its exit code, or else `code`."""
    line = {**line, "exit_code": code, **(problem_line(problem) if problem else {})}
    _tell(line, json_out, report)
    if not json_out:
        show()
    if problem is not None:
        say_problem(problem)
    if report is not None and not json_out:
        say_report(report.path)
    raise typer.Exit(int(line["exit_code"]))


def ends_clearly(command: Callable[P, None]) -> Callable[P, None]:
    """Every problem is a text and an exit code; nothing ends in a traceback, which could show cells."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except typer.Exit:
            raise
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - its text must not be shown
            problem = _problem(error)
            report = _report_of(kwargs)
            _tell(problem_line(problem), bool(kwargs.get("json_out")), report)
            say_problem(problem)
            if report is not None and not kwargs.get("json_out"):
                say_report(report.path)
            raise typer.Exit(problem.exit_code) from None

    return run


class Command(TyperCommand):
    """With --json an option that is missing or wrong ends in a line too."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        json_out = "--json" in args
        try:
            return super().parse_args(ctx, args)
        except TyperException as error:
            _tell({"error": error.format_message(), "exit_code": USAGE}, json_out, None)
            raise


def _problem(error: BaseException) -> CaptureProblem:
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return Interrupted()
    return error if isinstance(error, CaptureProblem) else Fault(type(error).__name__, _place(error))


def _report_of(options: Mapping[str, Any]) -> ReportFile | None:
    """Of a command that takes --report."""
    path, file = options.get("report"), options.get("file")
    return ReportFile(path, file.name) if isinstance(path, Path) and isinstance(file, Path) else None


def _tell(line: Mapping[str, Any], json_out: bool, report: ReportFile | None) -> None:
    if report is not None:
        report_file(report.path, line, report.about)
    if json_out:
        typer.echo(json.dumps(line))


def _place(error: BaseException) -> str:
    """Where in the agent; never what it worked on."""
    frames = [each for each in traceback.extract_tb(error.__traceback__) if "wm_api" in each.filename]
    return f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else "an unknown place"
