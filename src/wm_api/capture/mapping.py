"""PURE: the mapping file, checked before a row is read."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wm_api.records.kinds import KINDS

OCCURRENCE = "#occurrence"
AS = {"employee_key", "date", "decimal", "integer", "code", "local_code", "todo"}


class MappingBad(Exception):  # noqa: N818 - named for what is wrong
    """The mapping file has an error; the text names key and remedy."""


@dataclass(frozen=True, slots=True)
class Source:
    format: str = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    header_row: int = 1
    sheet: str | None = None
    decimal: str = "."
    thousands: str = ""
    date: str = "%Y-%m-%d"
    empty: tuple[str, ...] = ("",)
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Keep:
    """Rows for which the condition holds are kept."""

    column: str
    values: tuple[str, ...] = ()
    not_in: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.column,)


@dataclass(frozen=True, slots=True)
class Rule:
    """How one canonical column is made."""

    name: str
    kind: str = ""
    sources: tuple[str, ...] = ()
    constant: str | None = None
    format: str | None = None
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    otherwise: str = "refuse"
    multiply_by: str | None = None
    below: float | None = None
    above: float | None = None
    round: int | None = None
    units: tuple[str, ...] = ()
    occurrence_of: str | None = None
    blank: str | None = None

    @property
    def used(self) -> tuple[str, ...]:
        more = tuple(name for name in (self.multiply_by, self.occurrence_of) if name)
        return (*(name for name in self.sources if name != OCCURRENCE), *more)


@dataclass(frozen=True, slots=True)
class MappingFile:
    kind: str
    source: Source
    keep: tuple[Keep, ...]
    rules: tuple[Rule, ...]
    facts: Mapping[str, Any]

    def headings(self) -> set[str]:
        """Every heading that is mapped, filtered on, or ignored."""
        mapped = {name for rule in self.rules for name in rule.used}
        return mapped | {keep.column for keep in self.keep} | set(self.source.ignore)


def read_mapping(text: str) -> MappingFile:
    """Raises MappingBad."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingBad(f"The mapping is not TOML: {error}") from error
    kind = str(document.get("kind"))
    if document.get("version") != 1 or kind not in KINDS:
        raise MappingBad(f"version must be 1 and kind one of {', '.join(KINDS)}.")
    given: dict[str, Any] = dict(document.get("source", {}))
    source: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    try:
        parsed = Source(**source)
    except TypeError as error:
        raise MappingBad("[source] has a key that is not known.") from error
    keep = tuple(_keep(each) for each in document.get("rows", {}).get("keep", []))
    rules = tuple(_rule(name, parts, kind) for name, parts in document.get("columns", {}).items())
    return MappingFile(kind, parsed, keep, rules, document.get("facts", {}))


def _keep(parts: Mapping[str, Any]) -> Keep:
    return Keep(parts["column"], tuple(parts.get("in", ())), tuple(parts.get("not_in", ())))


def _rule(name: str, parts: Mapping[str, Any], kind: str) -> Rule:
    if name not in KINDS[kind].names:
        raise MappingBad(f"[columns] {name} is not a column of {kind}; see the record kind.")
    given = dict(parts)
    sources = given.pop("from", given.pop("first_of", ()))
    when = given.pop("multiply_when", {})
    as_ = given.pop("as", "")
    if as_ == "todo" or as_ not in {*AS, ""}:
        raise MappingBad(f"[columns] {name}: decide `as` ({', '.join(sorted(AS - {'todo'}))}).")
    try:
        return Rule(
            name=name,
            kind=as_,
            sources=(sources,) if isinstance(sources, str) else tuple(sources),
            constant=_text(given.pop("constant", None)),
            codes={code: tuple(spellings) for code, spellings in given.pop("codes", {}).items()},
            below=_number(when.get("below")),
            above=_number(when.get("above")),
            units=tuple(given.pop("units", ())),
            **{
                key: given.pop(key)
                for key in ("format", "otherwise", "multiply_by", "round", "occurrence_of", "blank")
                if key in given
            },
        )
    finally:
        given.pop("table", None)
        if given:
            raise MappingBad(f"[columns] {name} has a key that is not known.")


def _text(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
