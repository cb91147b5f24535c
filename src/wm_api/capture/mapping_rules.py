"""PURE: what each column of a mapping may be: one way to make it, of the type that its record kind has."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from difflib import get_close_matches

from wm_api.capture.mapping import OCCURRENCE, REFUSE, UNDECIDED, MappingFile, Rule, read_mapping
from wm_api.capture.problems import MappingBad
from wm_api.records.columns import Code, Column, Day, Flag, Integer, Key, Number
from wm_api.records.kinds import KINDS, OWN_CODE, UNITS, RecordKind

SAMPLE = datetime(2019, 4, 23, 13, 14, 15)  # noqa: DTZ001 - only to try a date format
FLAGS = ("true", "false")
ALLOWED = {
    "employee_key": {"from_"},
    "date": {"from_", "first_of", "format"},
    "decimal": {"from_", "first_of", "units", "multiply_by", "multiply_when", "round"},
    "integer": {"from_", "first_of"},
    "code": {"from_", "first_of", "codes", "otherwise"},
    "local_code": {"from_", "first_of", "table"},
}
"""Which keys a column may have beside `as`."""


def checked_mapping(text: str) -> MappingFile:
    """The mapping, every column checked against the record kind. Raises MappingBad with all that is wrong."""
    mapping = read_mapping(text)
    kind = KINDS[mapping.kind]
    wrong = [f"[columns.{rule.name}] {said}." for rule in mapping.rules for said in _rule_faults(rule, kind)]
    wrong += [f"{said}." for said in _whole_faults(mapping, kind)]
    if wrong:
        raise MappingBad("\n".join(wrong))
    return mapping


def _whole_faults(mapping: MappingFile, kind: RecordKind) -> Iterator[str]:
    made = set(mapping.columns) | {f"{rule.name}_unit" for rule in mapping.rules if rule.units}
    for column in kind.columns:
        if column.required and column.name not in made:
            yield f"[columns] {column.name} is required for {kind.name}; map it"
    if kind.name == "workforce" and not made & {"weekly_hours", "schedule_type"}:
        yield "[columns] map weekly_hours or schedule_type; one of the two is needed"
    both = set(mapping.mapped_headings()) & set(mapping.source.ignore)
    if both:
        yield f"[source] ignore lists headings that are mapped: {', '.join(sorted(both))}; take them out"
    if mapping.source.date is not None and (fault := _format_fault(mapping.source.date)):
        yield f"[source] date {fault}"
    periods = (mapping.facts.period_start, mapping.facts.period_end)
    if kind.dating == "as_of" and any(periods):
        yield f"[facts] {kind.name} has as_of, no period"
    if kind.dating == "period" and mapping.facts.as_of is not None:
        yield f"[facts] {kind.name} has period_start and period_end, no as_of"


def _rule_faults(rule: Rule, kind: RecordKind) -> Iterator[str]:
    if rule.name not in kind.names:
        close = get_close_matches(rule.name, kind.names, n=1)
        meant = f"perhaps {close[0]}" if close else "its columns are in GET /v1/record-kinds"
        yield f"is not a column of {kind.name}; {meant}"
        return
    if rule.as_ == UNDECIDED:
        possible = " or ".join(_kinds_of(kind.column(rule.name)))
        yield f"is not decided: as must be {possible}, or say constant; take out what the file does not have"
        return
    ways = [way for way in ("from_", "first_of", "constant", "occurrence_of") if getattr(rule, way)]
    if len(ways) != 1:
        yield "must have exactly one of from, first_of, constant, occurrence_of"
        return
    column = kind.column(rule.name)
    if ways[0] in {"constant", "occurrence_of"}:
        yield from _made_faults(rule, column, ways[0])
        return
    fitting = _kinds_of(column)
    if rule.as_ not in fitting:
        yield f"as must be {' or '.join(fitting)} here; decide it"
        return
    yield from _key_faults(rule, rule.as_)
    yield from _code_faults(rule, column)
    yield from _number_faults(rule, column)
    if rule.format is not None and (fault := _format_fault(rule.format)):
        yield f"format {fault}"


def _made_faults(rule: Rule, column: Column, way: str) -> Iterator[str]:
    more = rule.model_fields_set - {"name", way}
    if more:
        yield f"{way} stands alone; take {_spelt(more)} out"
    if way == "occurrence_of" and not isinstance(column.type, Integer):
        yield "occurrence_of is for a column of whole numbers, such as spell_no"
    codes = _vocabulary(column)
    if way == "constant" and codes and rule.constant not in codes:
        yield f"constant must be one of {', '.join(codes)}"


def _kinds_of(column: Column) -> tuple[str, ...]:
    if isinstance(column.type, Code):
        return ("code", "local_code") if column.type == OWN_CODE else ("code",)
    if isinstance(column.type, Key):
        return ("employee_key",)
    if isinstance(column.type, Day):
        return ("date",)
    if isinstance(column.type, Number):
        return ("decimal",)
    return ("integer",) if isinstance(column.type, Integer) else ("code",)


def _key_faults(rule: Rule, as_: str) -> Iterator[str]:
    more = rule.model_fields_set - {"name", "as_"} - ALLOWED[as_]
    if more:
        yield f'{_spelt(more)} does not belong to as = "{as_}"'
    if OCCURRENCE in rule.sources and as_ != "employee_key":
        yield f'"{OCCURRENCE}" is for employee_key; a column of its own has occurrence_of'
    if as_ == "employee_key" and not rule.plain_sources:
        yield "from must name the column with the employee's id"
    if as_ != "employee_key" and len(rule.from_) > 1:
        yield "from names one heading here; for the first that is filled say first_of"


def _code_faults(rule: Rule, column: Column) -> Iterator[str]:
    codes = set(rule.spellings.values()) | ({rule.otherwise} - {REFUSE})
    vocabulary = _vocabulary(column)
    if vocabulary and codes - set(vocabulary):
        yield f"codes and otherwise name codes of the list: {', '.join(vocabulary)}; write code = [spellings]"
    pattern = column.type.pattern if isinstance(column.type, Code) else None
    if pattern and not all(re.search(pattern, code) for code in codes):
        yield f"codes and otherwise must fit {pattern}"


def _number_faults(rule: Rule, column: Column) -> Iterator[str]:
    if rule.multiply_when is not None and rule.multiply_by is None:
        yield "multiply_when needs multiply_by, the column with the factor"
    if isinstance(column.type, Number) and rule.round is not None and rule.round > column.type.places:
        yield f"round must be at most {column.type.places}, the places of the column"
    if rule.units and len(rule.units) != len(rule.first_of):
        yield "units has one unit for each column of first_of"
    if rule.units and rule.name != "base_rate":
        yield "units is for base_rate, and makes base_rate_unit"
    if set(rule.units) - set(UNITS):
        yield f"units must be of {', '.join(UNITS)}"


def _vocabulary(column: Column) -> tuple[str, ...]:
    if isinstance(column.type, Flag):
        return FLAGS
    return column.type.codes if isinstance(column.type, Code) else ()


def _format_fault(text: str) -> str | None:
    """A format names day, month and year, so that a date comes back as it went."""
    try:
        same = datetime.strptime(SAMPLE.strftime(text), text).date() == SAMPLE.date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        same = False
    if same and date(2019, 4, 23).strftime(text) != text:
        return None
    return "must name day, month and year, such as %d/%m/%Y, %m/%d/%Y or %Y-%m-%d"


def _spelt(keys: set[str]) -> str:
    return ", ".join(sorted(key.rstrip("_") for key in keys))
