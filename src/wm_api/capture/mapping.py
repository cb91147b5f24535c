"""PURE: the mapping file, checked in full before a row is read."""

import json
import tomllib
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from wm_api.capture.problems import MappingBad
from wm_api.records.kinds import KINDS

OCCURRENCE = "#occurrence"
REFUSE = "refuse"
UNDECIDED = "todo"
"""What `as` is in a draft where nothing proves more; it blocks the push."""
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16")
REMEDIES = {
    "extra_forbidden": "is not a key that is known here; docs/integrators/mapping.md has them all",
    "missing": "is missing",
    "string_type": "must be a text in quotes",
    "int_type": "must be a whole number",
    "tuple_type": 'must be a list, such as ["A", "B"]',
    "date_type": "must be a date without quotes, such as 2025-12-31",
    "dict_type": "must be a table, such as { F = [...] }",
    "model_type": "must be a table",
}


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _names(value: object) -> object:
    return (value,) if isinstance(value, str) else _tuple(value)


def _text(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float | date) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_tuple)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Amount = Annotated[str, BeforeValidator(_text), Field(pattern=r"^-?\d{1,15}(\.\d{1,10})?$")]
Spellings = Annotated[tuple[str, ...] | str, BeforeValidator(_tuple)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)


class Source(Part):
    """How the vendor writes the file."""

    format: Literal["csv", "xlsx"] = "csv"
    sheet: str | None = None
    encoding: Literal["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"] = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    header_row: Annotated[int, Field(ge=1, le=1000)] = 1
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""
    date: str | None = None
    empty: Texts = ("",)
    ignore: Texts = ()

    @model_validator(mode="after")
    def agrees(self) -> "Source":
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands are the same sign; say which of the two the file has")
        if self.format == "csv" and self.sheet is not None:
            raise ValueError('sheet is for XLSX files; say format = "xlsx", or leave sheet out')
        if self.format == "xlsx" and self.thousands == ".":
            raise ValueError('cells of an XLSX file hold numbers with a point; leave thousands = "." out')
        return self


class Keep(Part):
    """Rows for which the condition holds are kept."""

    column: str
    values: Texts | None = Field(default=None, alias="in")
    not_in: Texts | None = None

    @model_validator(mode="after")
    def agrees(self) -> "Keep":
        if (self.values is None) == (self.not_in is None):
            raise ValueError("a condition has either in = [...] or not_in = [...]")
        return self


class When(Part):
    below: Amount | None = None
    above: Amount | None = None


class Rule(Part):
    """How one canonical column is made."""

    name: str = ""
    from_: Names = Field(default=(), alias="from")
    as_: str | None = Field(default=None, alias="as")
    constant: Annotated[str | None, BeforeValidator(_text)] = None
    first_of: Texts = ()
    units: Texts = ()
    occurrence_of: str | None = None
    format: str | None = None
    codes: dict[str, Spellings] = Field(default_factory=dict)
    otherwise: str = REFUSE
    table: str | None = None
    multiply_by: str | None = None
    multiply_when: When | None = None
    round: Annotated[int | None, Field(ge=0, le=6)] = None

    @property
    def sources(self) -> tuple[str, ...]:
        return self.from_ or self.first_of

    @property
    def plain_sources(self) -> tuple[str, ...]:
        return tuple(name for name in self.sources if name != OCCURRENCE)

    @property
    def used(self) -> tuple[str, ...]:
        """The headings that it reads."""
        more = tuple(name for name in (self.multiply_by, self.occurrence_of) if name)
        return (*self.plain_sources, *more)

    @property
    def spellings(self) -> Mapping[str, str]:
        """The vendor's spelling, trimmed, to our code; both ways of writing a code table."""
        found: dict[str, str] = {}
        for left, right in self.codes.items():
            pairs = [(left, right)] if isinstance(right, str) else [(spelling, left) for spelling in right]
            for spelling, code in pairs:
                if found.setdefault(spelling.strip(), code) != code:
                    raise MappingBad(f"[columns.{self.name}] codes: one spelling stands for two codes; keep one.")
        return found


class Declared(Part):
    """[facts]: declared with the push; the command line wins."""

    as_of: date | None = None
    period_start: date | None = None
    period_end: date | None = None
    window_start: date | None = None
    window_end: date | None = None
    full_time_weekly_hours: Amount | None = None
    declared_headcount: Annotated[int | None, Field(ge=1, le=5_000_000)] = None
    perimeter: Literal["complete", "partial"] | None = None


class Rows(Part):
    keep: Annotated[tuple[Keep, ...], BeforeValidator(_tuple)] = ()


class MappingFile(Part):
    version: Literal[1]
    kind: str
    source: Source = Source()
    rows: Rows = Rows()
    columns: dict[str, Rule]
    facts: Declared = Declared()

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(self.columns.values())

    def mapped_headings(self) -> tuple[str, ...]:
        """The headings that are read, each once, in the order of the mapping."""
        names = [name for rule in self.rules for name in rule.used] + [keep.column for keep in self.rows.keep]
        return tuple(dict.fromkeys(names))

    @property
    def digest(self) -> str:
        """Of what makes rows. Comments, the order of keys, and [facts], which are declared with each push, are not."""
        made = self.model_dump(mode="json", exclude={"facts"})
        return sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()


KNOWN_KEYS = sorted(
    {
        each.alias or name
        for part in (Source, Keep, When, Rule, Declared, Rows, MappingFile)
        for name, each in part.model_fields.items()
    }
    - {"name"}
)


def read_mapping(text: str) -> MappingFile:
    """Raises MappingBad. What a column may be is checked by mapping_rules."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise MappingBad(f"The mapping is not TOML: {error}. Mind quotes and brackets at that place.") from error
    if document.get("kind") not in KINDS:
        raise MappingBad(f"kind must be one of {', '.join(KINDS)}.")
    columns = document.get("columns")
    for name, parts in columns.items() if isinstance(columns, dict) else ():
        if isinstance(parts, dict):
            parts.setdefault("name", name)
    try:
        return MappingFile.model_validate(document)
    except ValidationError as wrong:
        raise MappingBad("\n".join(_said(error) for error in wrong.errors(include_url=False))) from wrong


def _said(error: Any) -> str:
    """Key, what is wrong, remedy; never what stood there."""
    place = ".".join(str(part) for part in error["loc"] if part not in {"str", "tuple[str, ...]"})
    text = REMEDIES.get(error["type"]) or _limits(error)
    close = get_close_matches(str(error["loc"][-1]), KNOWN_KEYS, n=1) if error["type"] == "extra_forbidden" else []
    if close:
        text = f"is not a key that is known here; perhaps {close[0]}"
    return f"{place or 'mapping'}: {text}."


def _limits(error: Any) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    if error["type"] == "literal_error":
        return f"must be one of {error['ctx']['expected']}"
    return str(error["msg"]).lower()
