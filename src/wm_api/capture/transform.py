"""PURE: mapping, key and frame to the canonical frame; whole-column expressions, ids keyed here."""

import base64
import hmac
import io
from collections.abc import Mapping

import polars as pl

from wm_api.capture.key_file import CustomerKey
from wm_api.capture.mapping import OCCURRENCE, Keep, MappingFile, Rule, Source
from wm_api.records.columns import Number
from wm_api.records.employee_keys import make
from wm_api.records.kinds import KINDS

SEPARATOR = "\x1f"


class CellsRefused(Exception):  # noqa: N818 - named for what is wrong
    """Cells of a column do not fit the mapping: column and rows, never a value."""

    def __init__(self, column: str, rows: list[int], why: str) -> None:
        listed = ", ".join(str(row) for row in rows[:10]) + (" ..." if len(rows) > 10 else "")  # noqa: PLR2004
        super().__init__(f"{column}: {why} in {len(rows)} row(s): {listed}")


def canonical(frame: pl.DataFrame, mapping: MappingFile, key: CustomerKey) -> pl.DataFrame:
    """All-text canonical columns, sorted by natural key. Raises CellsRefused."""
    rows = frame.with_row_index("#row", offset=1)
    for keep in mapping.keep:
        rows = rows.filter(_kept(keep))
    made: dict[str, pl.Series] = {}
    for rule in mapping.rules:
        made.update(_made(rows, rule, mapping, key))
    kind = KINDS[mapping.kind]
    result = pl.DataFrame([made[name].alias(name) for name in kind.names if name in made])
    return result.sort([name for name in kind.natural_key if name in made] + result.columns)


def _kept(keep: Keep) -> pl.Expr:
    cell = pl.col(keep.column).str.strip_chars()
    wanted = cell.is_in(list(keep.values)) if keep.values else pl.lit(value=True)
    return wanted & ~cell.is_in(list(keep.not_in)) if keep.not_in else wanted


def to_parquet(frame: pl.DataFrame) -> bytes:
    """The exact bytes that leave; the same input gives the same bytes."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=3, statistics=False)
    return buffer.getvalue()


def _made(rows: pl.DataFrame, rule: Rule, mapping: MappingFile, key: CustomerKey) -> dict[str, pl.Series]:
    if rule.constant is not None:
        return {rule.name: pl.Series(rule.name, [rule.constant], dtype=pl.String).new_from_index(0, rows.height)}
    if rule.occurrence_of is not None:
        return {rule.name: rows.select(_occurrence([rule.occurrence_of])).to_series().cast(pl.String)}
    if rule.kind == "employee_key":
        return {rule.name: _keys(rows, rule, key)}
    if rule.units:
        return _first_of(rows, rule, mapping.source)
    text = _text(rows, rule, mapping.source)
    if rule.kind == "date":
        return {rule.name: _date(rows, text, rule, mapping.source)}
    if rule.kind in {"decimal", "integer"}:
        return {rule.name: _decimal(rows, text, rule, mapping)}
    if rule.kind == "local_code":
        return {rule.name: _local_code(text, rule, key)}
    return {rule.name: _code(rows, text, rule)}


def _occurrence(columns: list[str]) -> pl.Expr:
    """1, 2, ... in file order for repeats of a key."""
    return (pl.int_range(pl.len()).over(columns) + 1).alias("occurrence")


def _keys(rows: pl.DataFrame, rule: Rule, key: CustomerKey) -> pl.Series:
    plain = [name for name in rule.sources if name != OCCURRENCE]
    parts = [pl.col(name).str.strip_chars() for name in plain]
    if OCCURRENCE in rule.sources:
        parts.append(_occurrence(plain).cast(pl.String))
    ids = rows.select(pl.concat_str(parts, separator=SEPARATOR)).to_series()
    blank = rows.select(pl.any_horizontal(pl.col(name).str.strip_chars() == "" for name in plain)).to_series()
    if blank.any():
        raise CellsRefused(rule.name, rows.filter(blank).get_column("#row").to_list(), "the id is empty")
    made = {each: make(key.secret, key.account, key.epoch, each) for each in ids.unique().to_list()}
    return ids.replace_strict(made, return_dtype=pl.String)


def _text(rows: pl.DataFrame, rule: Rule, source: Source) -> pl.Series:
    """The first source that is not empty, trimmed; a code table's own spellings win over `empty`."""
    spellings = {text for texts in rule.codes.values() for text in texts}
    empty = [each for each in source.empty if each not in spellings]
    cells = [pl.col(name).str.strip_chars() for name in rule.sources]
    return rows.select(
        pl.coalesce(pl.when(cell.is_in(empty)).then(None).otherwise(cell) for cell in cells).alias(rule.name)
    ).to_series()


def _date(rows: pl.DataFrame, text: pl.Series, rule: Rule, source: Source) -> pl.Series:
    found = text.str.to_date(rule.format or source.date, strict=False)
    _refuse(rows, text, found, rule.name, "a date does not parse")
    return found.dt.to_string("%Y-%m-%d")


def _parsed(rows: pl.DataFrame, text: pl.Series, name: str, source: Source) -> pl.Series:
    plain = text.str.replace_all(source.thousands, "", literal=True) if source.thousands else text
    plain = plain.str.replace(source.decimal, ".", literal=True) if source.decimal != "." else plain
    shaped = plain.str.contains(r"^-?\d+(\.\d+)?$").fill_null(value=False)
    numbers = plain.set(~shaped, None).cast(pl.Float64, strict=False)
    _refuse(rows, text, numbers, name, "a number does not parse")
    return numbers


def _decimal(rows: pl.DataFrame, text: pl.Series, rule: Rule, mapping: MappingFile) -> pl.Series:
    numbers = _parsed(rows, text, rule.name, mapping.source)
    if rule.multiply_by is not None:
        factor = _parsed(
            rows, _text(rows, Rule(rule.name, sources=(rule.multiply_by,)), mapping.source), rule.name, mapping.source
        )
        when = pl.lit(value=True)
        if rule.below is not None:
            when = when & (pl.col("x") < rule.below)
        if rule.above is not None:
            when = when & (pl.col("x") > rule.above)
        pair = pl.DataFrame({"x": numbers, "f": factor})
        numbers = pair.select(pl.when(when).then(pl.col("x") * pl.col("f")).otherwise(pl.col("x"))).to_series()
    if rule.blank is not None:
        numbers = numbers.fill_null(float(rule.blank))
    kind = KINDS[mapping.kind].column(rule.name).type
    places = rule.round if rule.round is not None else kind.places if isinstance(kind, Number) else 0
    return printed(numbers, places)


def printed(numbers: pl.Series, places: int) -> pl.Series:
    """Plain decimal text without trailing zeros."""
    text = numbers.round(places, mode="half_away_from_zero").cast(pl.Decimal(30, places)).cast(pl.String)
    return text.str.replace(r"\.0+$", "").str.replace(r"(\.\d*?)0+$", "$1") if places else text


def _first_of(rows: pl.DataFrame, rule: Rule, source: Source) -> dict[str, pl.Series]:
    """The first column with a number, and its unit beside it."""
    numbers = [
        _parsed(rows, _text(rows, Rule(rule.name, sources=(name,)), source), rule.name, source) for name in rule.sources
    ]
    frame = pl.DataFrame([each.alias(str(index)) for index, each in enumerate(numbers)])
    units = pl.coalesce(
        pl.when(pl.col(str(index)).is_not_null()).then(pl.lit(unit)) for index, unit in enumerate(rule.units)
    )
    value = frame.select(pl.coalesce(frame.columns)).to_series()
    return {rule.name: printed(value, 4), f"{rule.name}_unit": frame.select(units.alias("unit")).to_series()}


def _local_code(text: pl.Series, rule: Rule, key: CustomerKey) -> pl.Series:
    """j_ and 16 base32 signs of HMAC(key, column, text): the same text, the same code; the text stays here."""
    made = {each: _coded(each, rule.name, key.secret) for each in text.drop_nulls().unique().to_list()}
    return text.replace_strict(made, default=None, return_dtype=pl.String)


def _coded(text: str, column: str, secret: bytes) -> str:
    digest = hmac.digest(secret, f"{column}\0{text}".encode(), "sha256")
    return "j_" + base64.b32encode(digest[:10]).decode().lower()


def _code(rows: pl.DataFrame, text: pl.Series, rule: Rule) -> pl.Series:
    table: Mapping[str, str] = {spelling: code for code, spellings in rule.codes.items() for spelling in spellings}
    if not table:
        return text
    found = text.replace_strict(table, default=None, return_dtype=pl.String)
    if rule.otherwise != "refuse":
        return found.fill_null(rule.otherwise)
    _refuse(rows, text, found, rule.name, "a code is not in the table")
    return found


def _refuse(rows: pl.DataFrame, text: pl.Series, found: pl.Series, column: str, why: str) -> None:
    wrong = found.is_null() & text.is_not_null()
    if wrong.any():
        raise CellsRefused(column, rows.filter(wrong).get_column("#row").to_list(), why)
