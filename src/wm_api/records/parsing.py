"""From text to types, whole columns at a time. What does not parse is named, and never becomes 0."""

import polars as pl

from wm_api.records.columns import Code, Column, Day, Finding, Flag, Integer, Key, Number, finding
from wm_api.records.employee_keys import malformed

DATE = r"^\d{4}-\d{2}-\d{2}$"


def parse_column(text: pl.Series, column: Column, first_row: int) -> tuple[pl.Series, list[Finding]]:
    """The typed column, and what is wrong with it; `first_row` is the number of its first data row."""
    if isinstance(column.type, Key):
        return text, _found("key_malformed", column, malformed(text), first_row)
    if isinstance(column.type, Day):
        shaped = text.str.contains(DATE)
        typed = text.set(~shaped.fill_null(value=True), None).str.to_date("%Y-%m-%d", strict=False)
        return typed, _unparsed(text, typed, column, first_row)
    if isinstance(column.type, Number):
        return _number(text, column, column.type, first_row)
    if isinstance(column.type, Integer):
        return _integer(text, column, column.type, first_row)
    if isinstance(column.type, Flag):
        wrong = ~text.is_in(["true", "false"]) & text.is_not_null()
        return text == "true", _found("value_not_in_vocabulary", column, wrong, first_row)
    return _code(text, column, column.type, first_row)


def _number(text: pl.Series, column: Column, kind: Number, first_row: int) -> tuple[pl.Series, list[Finding]]:
    pattern = rf"^-?\d{{1,15}}(\.\d{{1,{kind.places}}})?$"
    shaped = text.str.contains(pattern).fill_null(value=True)
    typed = text.set(~shaped, None).cast(pl.Float64, strict=False)
    outside = ((typed < kind.minimum) | (typed > kind.maximum)).fill_null(value=False)
    unparsed = _unparsed(text, typed, column, first_row)
    return typed, unparsed + _found("number_out_of_range", column, outside, first_row)


def _integer(text: pl.Series, column: Column, kind: Integer, first_row: int) -> tuple[pl.Series, list[Finding]]:
    shaped = text.str.contains(r"^-?\d{1,9}$").fill_null(value=True)
    typed = text.set(~shaped, None).cast(pl.Int32, strict=False)
    outside = ((typed < kind.minimum) | (typed > kind.maximum)).fill_null(value=False)
    unparsed = _unparsed(text, typed, column, first_row)
    return typed, unparsed + _found("number_out_of_range", column, outside, first_row)


def _code(text: pl.Series, column: Column, kind: Code, first_row: int) -> tuple[pl.Series, list[Finding]]:
    if kind.codes:
        typed = text.cast(kind.dtype, strict=False)
        wrong = typed.is_null() & text.is_not_null()
        return typed, _found("value_not_in_vocabulary", column, wrong, first_row)
    wrong = ~text.str.contains(kind.pattern or "").fill_null(value=True)
    return text, _found("value_not_in_vocabulary", column, wrong, first_row)


def _unparsed(text: pl.Series, typed: pl.Series, column: Column, first_row: int) -> list[Finding]:
    return _found("value_not_of_type", column, typed.is_null() & text.is_not_null(), first_row)


def missing(values: pl.Series, column: Column, first_row: int) -> list[Finding]:
    """A required cell that is empty."""
    return _found("value_not_of_type", column, values.is_null(), first_row)


def _found(code: str, column: Column, wrong: pl.Series, first_row: int) -> list[Finding]:
    if not wrong.any():
        return []
    return [finding(code, column.name, (wrong.arg_true() + first_row).to_list())]
