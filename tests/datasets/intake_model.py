"""What should count after each act on the datasets of a company, told in plain sets: no database, no file."""

from dataclasses import dataclass, field
from typing import Literal

State = Literal["held", "accepted", "superseded", "reverted", "discarded", "deleted"]
LIVES = {"held", "accepted"}


@dataclass(frozen=True)
class File:
    """Bytes that can be pushed: `part` amends, so that what comes of it has more people than it sends."""

    kind: str
    day: str
    name: str
    people: frozenset[int]
    part: bool = False


@dataclass(eq=False)
class Row:
    """A dataset that was acknowledged."""

    id: str
    file: File
    people: frozenset[int]
    state: State
    replaces: "Row | None" = None
    replaced_by: "Row | None" = None

    def was_told(self, replaces: "Row | None", *, hold: bool) -> bool:
        """In whose place is part of what was said of a part always, of a whole file while it waits."""
        in_place = self.replaces is replaces
        return (hold and in_place) if self.state == "held" else (in_place or not self.file.part)

    def refusal(self, *states: State) -> str | None:
        """Of an act that these states alone allow."""
        if self.state == "deleted":
            return "gone"
        return None if self.state in states else "state-conflict"

    @property
    def slot(self) -> tuple[str, str]:
        return self.file.kind, self.file.day


@dataclass
class Model:
    rows: list[Row] = field(default_factory=list)

    def counting(self) -> set[str]:
        return {each.id for each in self.rows if each.state == "accepted"}

    def same(self, file: File, replaces: Row | None, *, hold: bool) -> Row | None:
        """The dataset of these bytes: one that was pushed in these words, else one that lives, else a replaced one."""
        alike = [each for each in reversed(self.rows) if each.file == file]
        living = [each for each in alike if each.state in LIVES]
        told = [each for each in living if each.was_told(replaces, hold=hold)]
        taken = [each for each in living if each is replaces]
        replaced = [each for each in alike if each.state == "superseded" and replaces is None]
        return next(iter((*told, *taken, *living, *replaced)), None)

    def push(self, file: File, replaces: Row | None, *, hold: bool) -> str | Row | None:
        """A problem's code, the dataset that it is already, or None: it is a new one."""
        if file.part and replaces and replaces.slot != (file.kind, file.day):
            return "amendment-mismatch"
        known = self.same(file, replaces, hold=hold)
        if known is not None:
            if known.state == "superseded" or known.was_told(replaces, hold=hold):
                return known
            if known.state == "held" or known is not replaces:
                return "duplicate-content"
        if replaces is not None and (replaces.state != "accepted" or replaces.file.kind != file.kind):
            return "supersede-conflict"
        return "dataset-refused" if self.paid_twice(file, file.people, replaces) else None

    def pushed(self, dataset_id: str, file: File, replaces: Row | None, *, hold: bool) -> None:
        people = file.people | replaces.people if file.part and replaces else file.people
        row = Row(dataset_id, file, people, "held", replaces)
        self.rows.append(row)
        if not hold:
            self.count(row)

    def commit(self, row: Row) -> str | None:
        if why := row.refusal("held"):
            return why
        if self.paid_twice(row.file, row.people, row.replaces):
            return "commit-refused"
        if row.replaces and row.replaces.state != "accepted":
            return "supersede-conflict"
        return "duplicate-content" if self.same_counts(row, row.replaces) else None

    def count(self, row: Row) -> None:
        row.state = "accepted"
        if row.replaces:
            row.replaces.state, row.replaces.replaced_by = "superseded", row

    def reverse(self, row: Row) -> str | None:
        """Nothing comes back whose people are in more files than the undone one's were, nor whose bytes count."""
        if why := row.refusal("accepted"):
            return why
        back = self.comes_back(row)
        if back is None:
            return None
        twice = self.in_two_files(back, row)
        if twice and back.slot == row.slot:
            twice -= self.in_two_files(row, row)
        if twice > 0 or self.paid_twice(back.file, back.people, row):
            return "reversal-refused"
        return "duplicate-content" if self.same_counts(back, row) else None

    def reversed(self, row: Row) -> None:
        back = self.comes_back(row)
        row.state = "reverted"
        if back is not None:
            back.state, back.replaced_by = "accepted", None

    @staticmethod
    def comes_back(row: Row) -> Row | None:
        old = row.replaces
        return old if old and old.state == "superseded" and old.replaced_by is row else None

    def beside(self, slot: tuple[str, str], without: Row | None) -> frozenset[int]:
        there = (
            each.people for each in self.rows if each.state == "accepted" and each.slot == slot and each is not without
        )
        return frozenset[int]().union(*there)

    def in_two_files(self, row: Row, without: Row) -> int:
        return len(row.people & self.beside(row.slot, without)) if row.file.kind == "workforce" else 0

    def paid_twice(self, file: File, people: frozenset[int], without: Row | None) -> bool:
        return file.kind == "payroll" and bool(people & self.beside((file.kind, file.day), without))

    def same_counts(self, row: Row, without: Row | None) -> bool:
        others = (each for each in self.rows if each.state == "accepted" and each not in (row, without))
        return any(each.file == row.file for each in others)
