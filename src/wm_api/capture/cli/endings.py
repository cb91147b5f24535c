"""How a command ends: a text, an exit code, and with --json one line."""

import functools
import json
from collections.abc import Callable
from typing import ParamSpec

import typer

from wm_api.capture.problems import CaptureProblem, RefusedByServer
from wm_api.capture.terminal import say_problem

P = ParamSpec("P")


def ends_clearly(command: Callable[P, None]) -> Callable[P, None]:
    """Every problem is a text and an exit code; nothing ends in a traceback, which could show cells."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except CaptureProblem as problem:
            if kwargs.get("json_out"):
                typer.echo(json.dumps(problem_line(problem)))
            say_problem(problem)
            raise typer.Exit(problem.exit_code) from None

    return run


def problem_line(problem: CaptureProblem) -> dict[str, object]:
    """What --json shows of a problem."""
    line: dict[str, object] = {"error": str(problem), "exit_code": problem.exit_code}
    if isinstance(problem, RefusedByServer):
        line["problem"] = dict(problem.problem)
    return line
