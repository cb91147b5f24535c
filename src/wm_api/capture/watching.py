"""Pushes each finished file of a folder once, and says what became of it. A refused file never stops the rest."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from wm_api.capture.client import Client
from wm_api.capture.delivery import Delivered, Order, delivered
from wm_api.capture.folder import Folder, Naming, Stamp, digest
from wm_api.capture.journal import Journal
from wm_api.capture.preparation import declared, mapping_of
from wm_api.capture.problems import (
    REFUSED_HERE,
    USAGE,
    CaptureProblem,
    MappingBad,
    NetworkAway,
    RefusedByServer,
    UsageWrong,
    problem_line,
)
from wm_api.records.facts import Expectations

OF_THE_FILE = {"dataset-refused", "content-too-large"}
"""Problems of the server that last as long as the file stays as it is. All others a person or time may solve."""
OF_ALL_FILES = {401, 403, 404, 408, 429, 502, 503, 504}
"""Statuses that each further file would meet as well."""
FIRST_WAIT, LONGEST_WAIT = 60.0, 3600.0
"""Seconds until a file is tried again that waits for a person; doubled each time."""
NO_OPTIONS = {"mapping", "key", "facts", "keep", "wait"}
FOLDER = "."
KNOWN = {
    "sent": "Sent before with this mapping, these dates and this key.",
    "refused": "Refused before with this mapping, these dates, options and key: change what is wrong.",
}


class Silent:
    """Nobody looks on: a line for each file is all there is."""

    def stage(self, name: str) -> None: ...
    def sent(self, done: int, total: int) -> None: ...
    def operation(self, operation: Mapping[str, Any]) -> None: ...


class RoundOver(Exception):  # noqa: N818 - named for what it does
    """What went wrong would for every file: all wait for the next look."""

    def __init__(self, line: dict[str, Any]) -> None:
        super().__init__(line["error"])
        self.line = line


@dataclass(frozen=True, slots=True)
class Seen:
    """The last that was told of a file. It is tried again at `again`, unless `pause` is none; or when it changes."""

    stamp: Stamp | None
    said: str
    again: float
    pause: float | None


@dataclass
class Watcher:
    """`tell` gets a line for each file: its name, `outcome` (sent, refused, later, skipped), `exit_code`, and more.

    The same line of the same file is told once.
    """

    folder: Folder
    naming: Naming
    order: Order
    client: Client
    journal: Journal
    tell: Callable[[dict[str, Any]], None]
    stopped: Callable[[], bool]
    _seen: dict[str, Seen] = field(default_factory=dict)

    def look(self) -> list[dict[str, Any]]:
        """One round. Raises nothing of a file; ends early when stopped, and when the server is away."""
        lines: list[dict[str, Any]] = []
        try:
            due = [(path, stamp) for path, stamp in self.folder.finished() if self._is_due(path.name, stamp)]
        except OSError as error:
            return [self._told(FOLDER, None, _unreadable(error), None)]
        self._seen.pop(FOLDER, None)
        known = self.journal.files() if due else {}
        for path, stamp in due:
            if self.stopped():
                break
            try:
                line = self._handled(path, known)
            except RoundOver as over:
                lines.append(self._told(path.name, stamp, over.line, 0))
                break
            lines.append(self._told(path.name, stamp, line, self._pause(path.name, stamp, line)))
        return lines

    def _is_due(self, name: str, stamp: Stamp) -> bool:
        seen = self._seen.get(name)
        if seen is None or seen.stamp != stamp:
            return True
        return seen.pause is not None and self.folder.clock() >= seen.again

    def _pause(self, name: str, stamp: Stamp, line: Mapping[str, Any]) -> float | None:
        if line["outcome"] != "later":
            return None
        seen = self._seen.get(name)
        before = seen.pause if seen is not None and seen.stamp == stamp else None
        return min(2 * before, LONGEST_WAIT) if before else FIRST_WAIT

    def _told(self, name: str, stamp: Stamp | None, line: dict[str, Any], pause: float | None) -> dict[str, Any]:
        line = {"file": name, **line}
        said, before = str(line.get("error", "")), self._seen.get(name)
        if before is None or (before.stamp, before.said) != (stamp, said):
            self.tell(line)
        self._seen[name] = Seen(stamp, said, self.folder.clock() + (pause or 0), pause)
        return line

    def _handled(self, path: Path, known: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """What became of it; `known` is what the journal knows. Raises RoundOver."""
        facts = self.naming.facts(path.name)
        if facts is None:
            return {"outcome": "skipped", "exit_code": 0, "error": "The name is not of the pattern."}
        order = replace(self.order, facts={**self.order.facts, **facts})
        try:
            keys = _keys(digest(path), order)
        except OSError as error:
            return _unreadable(error)
        except MappingBad as bad:
            raise RoundOver(_line("later", bad)) from bad
        except UsageWrong as wrong:
            return _line("later", wrong)
        for outcome, key in keys.items():
            if known.get(key, {}).get("outcome") == outcome:
                code = 0 if outcome == "sent" else REFUSED_HERE
                return {"outcome": "skipped", "exit_code": code, "error": KNOWN[outcome]}
        line = self._pushed(path, order)
        if line["outcome"] in keys:
            key, dataset = keys[line["outcome"]], line.get("dataset", {}).get("id")
            self.journal.note_file(key, line["outcome"], name=path.name, id=dataset)
            known[key] = line
        return line

    def _pushed(self, path: Path, order: Order) -> dict[str, Any]:
        """Raises RoundOver."""
        try:
            return _ended(delivered(path, order, self.client, self.journal, Silent()))
        except NetworkAway as away:
            raise RoundOver(_line("later", away)) from away
        except RefusedByServer as refused:
            line = _of_the_server(refused)
            if refused.problem.get("status") in OF_ALL_FILES:
                raise RoundOver(line) from refused
            return line
        except CaptureProblem as problem:
            return _of_the_agent(problem)
        except OSError as error:
            return _unreadable(error)


def _ended(done: Delivered) -> dict[str, Any]:
    if done.problem is not None:
        return _of_the_server(done.problem)
    if done.prepared.report.refused:
        return {"outcome": "refused", "exit_code": REFUSED_HERE, "report": done.line}
    return {"outcome": "sent", "exit_code": 0, "report": done.prepared.summary(), **done.answer}


def _keys(content: str, order: Order) -> dict[str, str]:
    """By outcome, what it hangs on: a refusal also on the options. Raises MappingBad, UsageWrong."""
    mapping = mapping_of(order.mapping)
    facts = declared(mapping, order.facts)
    lasting = asdict(replace(facts, expectations=Expectations()))  # what was taken once is not sent again for a ceiling
    made = [content, mapping.digest, list(order.keep), lasting, order.key.kid]
    options = {each.name: getattr(order, each.name) for each in fields(order) if each.name not in NO_OPTIONS}
    ceiling = facts.expectations.quarantine_ceiling
    options |= {"quarantine_ceiling": ceiling} if ceiling else {}
    return {"sent": _digest_of(made), "refused": _digest_of([*made, options])}


def _digest_of(parts: Sequence[Any]) -> str:
    return sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _of_the_server(refused: RefusedByServer) -> dict[str, Any]:
    return _line("refused" if refused.problem.get("code") in OF_THE_FILE else "later", refused)


def _of_the_agent(problem: CaptureProblem) -> dict[str, Any]:
    """Refused for what is in the file; not for the mapping, an option, or a disk that fails."""
    if isinstance(problem.__cause__, OSError) and problem.__cause__.errno:
        return _unreadable(problem.__cause__)
    return _line("later" if isinstance(problem, MappingBad | UsageWrong) else "refused", problem)


def _line(outcome: str, problem: CaptureProblem) -> dict[str, Any]:
    return {"outcome": outcome, **problem_line(problem)}


def _unreadable(error: OSError) -> dict[str, Any]:
    said = f"Not readable: {error.strerror or 'input error'}."
    return {"outcome": "later", "exit_code": USAGE, "error": said}
