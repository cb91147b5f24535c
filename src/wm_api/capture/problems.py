"""What can stop a command, each with the exit code that a script sees. No text holds a value of the file."""

from collections.abc import Mapping, Sequence
from typing import Any

REFUSED_HERE, USAGE, REFUSED_THERE, NETWORK, NO_FIT, FAULT, INTERRUPTED = 1, 2, 3, 4, 5, 6, 130
LISTED, FIRST_ROWS = 10, 100
AMBIGUOUS, UNFIT = "date_format_ambiguous", "does_not_fit_mapping"
"""Codes of what the agent alone can find: it ends a command before the rules of the service are asked."""
MEND = "Mend the cells in your file, or say in the mapping how they are written."


class CaptureProblem(Exception):  # noqa: N818 - named for what is wrong
    """Ends the command: the text says what is wrong and what to do. `checked` is the report of a file that has one."""

    exit_code = USAGE
    checked: Mapping[str, Any] | None = None


class UsageWrong(CaptureProblem):
    """A setting or an option is missing or wrong."""


class MappingBad(CaptureProblem):
    """The mapping has an error; the text names its key and the remedy."""


class KeyFileBad(CaptureProblem):
    """Not a key file, damaged, or open to others."""


class FileNoLongerFits(CaptureProblem):
    """The file is not of the form that the mapping describes. Headings are named: they stay on this machine."""

    exit_code = NO_FIT


class FileRefused(CaptureProblem):
    """Nothing was sent: cells or rows are wrong. Column, reason and rows, never a value."""

    exit_code = REFUSED_HERE

    def __init__(self, wrong: "Sequence[WrongCells]") -> None:
        super().__init__("\n".join(each.text for each in wrong))
        self.wrong = tuple(wrong)


class RefusedByServer(CaptureProblem):
    """The server's problem document."""

    exit_code = REFUSED_THERE

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{problem.get('code', 'no-code')}: {problem.get('detail') or problem.get('title') or ''}")
        self.problem = problem


class NetworkAway(CaptureProblem):
    """No answer after several tries; the same command may be run again."""

    exit_code = NETWORK


class Interrupted(CaptureProblem):
    """Somebody pressed Ctrl-C."""

    exit_code = INTERRUPTED

    def __init__(self) -> None:
        super().__init__("Interrupted. Run the same command again: it goes on, and sends nothing twice.")


class Fault(CaptureProblem):
    """The agent's own. Only the kind of error and its place are told: its text could hold a cell."""

    exit_code = FAULT

    def __init__(self, kind: str, place: str) -> None:
        super().__init__(f"A fault of wm-capture itself: {kind} in {place}. Tell us, with this line.")


class WrongCells:
    """Cells of one column that do not fit the mapping. Rows are data rows of the file, from 1."""

    def __init__(self, column: str, why: str, rows: Sequence[int]) -> None:
        self.column, self.why, self.rows = column, why, tuple(rows)

    @property
    def code(self) -> str:
        """The rule of the report: what only the agent can find."""
        return AMBIGUOUS if self.why.startswith(AMBIGUOUS) else UNFIT

    def public(self) -> dict[str, object]:
        """As a finding of the report."""
        rows = {"rows": list(self.rows[:FIRST_ROWS]), "row_count": len(self.rows)}
        where: dict[str, object] = {"severity": "refuse", "column": self.column, "column_index": None, "about": []}
        detail = self.why.removeprefix(f"{AMBIGUOUS}: ")
        return {"code": self.code, **where, **rows, "detail": f"{detail[:1].upper()}{detail[1:]}.", "remedy": MEND}

    @property
    def text(self) -> str:
        if not self.rows:
            return f"{self.column}: {self.why}"
        counted = "1 row" if len(self.rows) == 1 else f"{len(self.rows):,} rows"
        return f"{self.column}: {self.why}; {counted}: {listed(self.rows)}"


def listed(rows: Sequence[int], most: int = LISTED) -> str:
    """The first rows, and whether there are more."""
    return ", ".join(str(row) for row in rows[:most]) + (", ..." if len(rows) > most else "")


def problem_line(problem: CaptureProblem) -> dict[str, object]:
    """What --json shows of a problem."""
    line: dict[str, object] = {"error": str(problem), "exit_code": problem.exit_code}
    if isinstance(problem, RefusedByServer):
        line["problem"] = dict(problem.problem)
    if problem.checked is not None:
        line["report"] = dict(problem.checked)
    if isinstance(problem, FileRefused):
        line["findings"] = [each.public() for each in problem.wrong]
    return line
