"""From text to types, whole columns at a time. What does not parse is named, and never becomes 0."""

import polars as pl

from wm_api.records.columns import Code, Column, Day, Finding, Flag, Integer, Key, Number, where

DATE = r"^\d{4}-\d{2}-\d{2}$"


def parse_column(text: pl.Series, column: Column, first_row: int) -> tuple[pl.Series, list[Finding]]:
    """The typed column, and what is wrong with it; `first_row` is the number of its first data row.

    Employee keys stay text: whether they are valid is asked once a key, not once a row.
    """
    if isinstance(column.type, Key):
        return text, []
    if isinstance(column.type, Day):
        typed = _shaped(text, DATE).str.to_date("%Y-%m-%d", strict=False)
        return typed, _unparsed(text, typed, column, first_row)
    if isinstance(column.type, Number):
        pattern = rf"^-?\d{{1,15}}(\.\d{{1,{column.type.places}}})?$"
        return _ranged(text, _shaped(text, pattern).cast(pl.Float64, strict=False), column, column.type, first_row)
    if isinstance(column.type, Integer):
        typed = _shaped(text, r"^-?\d{1,9}$").cast(pl.Int32, strict=False)
        return _ranged(text, typed, column, column.type, first_row)
    if isinstance(column.type, Flag):
        wrong = ~text.is_in(["true", "false"]) & text.is_not_null()
        return text == "true", where("value_not_in_vocabulary", column.name, wrong, first_row)
    return _code(text, column, column.type, first_row)


def _shaped(text: pl.Series, pattern: str) -> pl.Series:
    """Cells of another shape become null."""
    shaped = text.str.contains(pattern)
    return text if shaped.all() else text.set(~shaped.fill_null(value=True), None)


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
        typed = text.cast(kind.dtype, strict=False)
        wrong = typed.is_null() & text.is_not_null()
        return typed, where("value_not_in_vocabulary", column.name, wrong, first_row)
    codes = text.unique()
    bad = codes.filter(~codes.str.contains(kind.pattern or "").fill_null(value=True))
    if bad.is_empty():
        return text, []
    return text, where("value_not_in_vocabulary", column.name, text.is_in(bad.implode()), first_row)


def _unparsed(text: pl.Series, typed: pl.Series, column: Column, first_row: int) -> list[Finding]:
    if typed.null_count() == text.null_count():
        return []
    return where("value_not_of_type", column.name, typed.is_null() & text.is_not_null(), first_row)


def missing(values: pl.Series, column: Column, first_row: int) -> list[Finding]:
    """A required cell that is empty."""
    return where("value_not_of_type", column.name, values.is_null(), first_row) if values.null_count() else []
