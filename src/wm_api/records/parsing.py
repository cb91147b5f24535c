"""From text to types, whole columns at a time. What does not parse is named, and never becomes 0."""

from collections.abc import Callable

import polars as pl

from wm_api.records.columns import Code, Column, Day, Finding, Flag, Integer, Key, Number, where

DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


def parse_column(text: pl.Series, column: Column, first_row: int) -> tuple[pl.Series, list[Finding]]:
    """The typed column, and what is wrong with it; `first_row` is the number of its first data row.

    Employee keys stay text: whether they are valid is asked once a key, not once a row.
    """
    if isinstance(column.type, Key):
        return text, []
    if isinstance(column.type, Day):
        typed = _once_a_run(text, _days)
        return typed, _unparsed(text, typed, column, first_row)
    if isinstance(column.type, Number):
        pattern = rf"-?[0-9]{{1,15}}(?:\.[0-9]{{1,{column.type.places}}})?"
        return _ranged(text, _shaped(text, pattern).cast(pl.Float64, strict=False), column, column.type, first_row)
    if isinstance(column.type, Integer):
        typed = _shaped(text, "-?[0-9]{1,9}").cast(pl.Int32, strict=False)
        return _ranged(text, typed, column, column.type, first_row)
    if isinstance(column.type, Flag):
        wrong = ~text.is_in(["true", "false"]) & text.is_not_null()
        return text == "true", where("value_not_in_vocabulary", column.name, wrong, first_row)
    return _code(text, column, column.type, first_row)


def _once_a_run(text: pl.Series, parsed: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Neighbours that say the same are parsed once: a payroll has few periods and currencies."""
    runs = text.rle_id()
    return parsed(text.filter(runs.ne_missing(runs.shift()))).gather(runs)


def _days(text: pl.Series) -> pl.Series:
    return _shaped(text, DATE).str.to_date("%Y-%m-%d", strict=False)


def _shaped(text: pl.Series, pattern: str) -> pl.Series:
    """Cells of another shape become null. All are looked at as one text first, which takes half the time.

    That text is of the shape too where a cell is several lines of it, which is of no type and becomes null after.
    """
    if text.str.join("\n").str.contains(rf"\A(?:(?:{pattern})(?:\n|\z))*\z").item():
        return text
    return text.set(~text.str.contains(rf"^(?:{pattern})$").fill_null(value=True), None)


def _ranged(
    text: pl.Series, typed: pl.Series, column: Column, kind: Number | Integer, first_row: int
) -> tuple[pl.Series, list[Finding]]:
    unparsed = _unparsed(text, typed, column, first_row)
    if isinstance(kind, Number) and kind.is_money:  # its range depends on the currency of the row
        return typed, unparsed
    outside = ((typed < kind.minimum) | (typed > kind.maximum)).fill_null(value=False)
    return typed, unparsed + where("number_out_of_range", column.name, outside, first_row)


def _code(text: pl.Series, column: Column, kind: Code, first_row: int) -> tuple[pl.Series, list[Finding]]:
    if kind.codes:
        typed = _once_a_run(text, lambda codes: codes.cast(kind.dtype, strict=False))
        return typed, _unparsed(text, typed, column, first_row, "value_not_in_vocabulary")
    codes = text.unique()
    bad = codes.filter(~codes.str.contains(kind.pattern or "").fill_null(value=True))
    if bad.is_empty():
        return text, []
    return text, where("value_not_in_vocabulary", column.name, text.is_in(bad.implode()), first_row)


def _unparsed(
    text: pl.Series, typed: pl.Series, column: Column, first_row: int, code: str = "value_not_of_type"
) -> list[Finding]:
    if typed.null_count() == text.null_count():
        return []
    return where(code, column.name, typed.is_null() & text.is_not_null(), first_row)


def missing(values: pl.Series, column: Column, first_row: int) -> list[Finding]:
    """A required cell that is empty."""
    return where("value_not_of_type", column.name, values.is_null(), first_row) if values.null_count() else []
