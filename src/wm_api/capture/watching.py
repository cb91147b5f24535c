"""Pushes each finished file of a folder once, and says what became of it. A refused file never stops the rest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from wm_api.capture.client import Client
from wm_api.capture.delivery import Order, delivered
from wm_api.capture.folder import Folder, Naming, Stamp, digest
from wm_api.capture.journal import Journal
from wm_api.capture.problems import REFUSED_HERE, CaptureProblem, NetworkAway, RefusedByServer

NOT_THE_FILE = {401, 403, 404, 408, 429}
SERVER_FAULT = 500


class Silent:
    """Nobody looks on: a line for each file is all there is."""

    def stage(self, name: str) -> None: ...
    def sent(self, done: int, total: int) -> None: ...
    def operation(self, operation: Mapping[str, Any]) -> None: ...


@dataclass
class Watcher:
    """`tell` gets a line for each file: its name, `outcome` (sent, refused, later, skipped), `exit_code`, and more."""

    folder: Folder
    naming: Naming
    order: Order
    client: Client
    journal: Journal
    tell: Callable[[dict[str, Any]], None]
    stopped: Callable[[], bool]
    _done: dict[str, Stamp] = field(default_factory=dict)

    def look(self) -> list[dict[str, Any]]:
        """One round. Raises nothing of a file; ends early when stopped, and when the server is away."""
        lines: list[dict[str, Any]] = []
        for path, stamp in self.folder.finished():
            if self.stopped():
                break
            if self._done.get(path.name) == stamp:
                continue
            line = self._handled(path)
            if line is not None:
                lines.append(line)
                self.tell(line)
            if line is not None and line["outcome"] == "later":
                break
            self._done[path.name] = stamp
        return lines

    def _handled(self, path: Path) -> dict[str, Any] | None:
        """None where the journal knows the file."""
        facts = self.naming.facts(path.name)
        if facts is None:
            return {"file": path.name, "outcome": "skipped", "exit_code": 0, "error": "The name is not of the pattern."}
        try:
            content, mapping = digest(path), digest(self.order.mapping)
        except OSError as error:
            return {"file": path.name, "outcome": "later", "exit_code": 2, "error": f"Not readable: {error.strerror}."}
        if self.journal.knows_file(content, mapping):
            return None
        line = {"file": path.name, **self._pushed(path, facts)}
        if line["outcome"] != "later":
            dataset = line.get("dataset", {}).get("id")
            self.journal.note_file(content, line["outcome"], mapping=mapping, name=path.name, id=dataset)
        return line

    def _pushed(self, path: Path, facts: Mapping[str, Any]) -> dict[str, Any]:
        order = replace(self.order, facts={**self.order.facts, **facts})
        try:
            done = delivered(path, order, self.client, self.journal, Silent())
            if done.problem is not None:
                raise done.problem
        except NetworkAway as away:
            return _line("later", away)
        except RefusedByServer as refused:
            status = int(refused.problem.get("status", 0))
            later = status in NOT_THE_FILE or status >= SERVER_FAULT
            return {**_line("later" if later else "refused", refused), "problem": dict(refused.problem)}
        except CaptureProblem as problem:
            return _line("refused", problem)
        if done.prepared.report.refused:
            return {"outcome": "refused", "exit_code": REFUSED_HERE, "report": done.line}
        return {"outcome": "sent", "exit_code": 0, "report": done.prepared.summary(), **done.answer}


def _line(outcome: str, problem: CaptureProblem) -> dict[str, Any]:
    return {"outcome": outcome, "exit_code": problem.exit_code, "error": str(problem)}
