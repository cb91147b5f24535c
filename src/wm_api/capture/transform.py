"""PURE: mapping, key and frame to the canonical frame; whole-column expressions, ids keyed and titles coded here."""

import base64
import hmac
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from wm_api.capture import cells
from wm_api.capture.mapping import OCCURRENCE, REFUSE, Keep, MappingFile, Rule, Source
from wm_api.capture.problems import FileRefused, WrongCells
from wm_api.records.columns import Number
from wm_api.records.employee_keys import make
from wm_api.records.kinds import KINDS

ROW = "#row"
SEPARATOR = "\x1f"
ROW_GROUP = 262_144


class Keyed(Protocol):
    """What is needed of the customer's key."""

    @property
    def account(self) -> str: ...
    @property
    def epoch(self) -> str: ...
    @property
    def secret(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Canonical:
    """What would leave, and what stays: file rows, texts of local codes, counts."""

    frame: pl.DataFrame
    rows: pl.Series
    tables: Mapping[str, Mapping[str, str]]
    read: int
    ids: int
    left_out: Mapping[str, int]


@dataclass
class _Work:
    """One pass over the rules; everything that is wrong is gathered, so that it can be mended at once."""

    rows: pl.DataFrame
    mapping: MappingFile
    key: Keyed
    made: dict[str, pl.Series] = field(default_factory=dict)
    wrong: list[WrongCells] = field(default_factory=list)
    tables: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def source(self) -> Source:
        return self.mapping.source

    def refuse(self, column: str, why: str, mask: pl.Series) -> None:
        if mask.any():
            self.wrong.append(WrongCells(column, why, self.rows.get_column(ROW).filter(mask).to_list()))

    def cells(self, name: str) -> pl.Series:
        return self.rows.get_column(name).str.strip_chars()


def canonical(frame: pl.DataFrame, mapping: MappingFile, key: Keyed, wrong: Sequence[WrongCells] = ()) -> Canonical:
    """All-text canonical columns, sorted by natural key. Raises FileRefused, `wrong` included."""
    numbered = frame if ROW in frame.columns else frame.with_row_index(ROW, offset=1)
    rows, left_out = _kept(numbered, mapping.rows.keep)
    ids = _ids(numbered, mapping)
    work = _Work(rows, mapping, key, wrong=list(wrong))
    for rule in mapping.rules:
        _make(work, rule)
    kind = KINDS[mapping.kind]
    for column in kind.columns:
        made = work.made[column.name] if column.required else None
        if made is not None and column.name not in {each.column for each in work.wrong}:
            more = " (a code table may name the empty spelling)" if column.name == "gender" else ""
            work.refuse(column.name, f"is empty, and every row needs it{more}", made.is_null())
    if work.wrong:
        raise FileRefused(work.wrong)
    result = pl.DataFrame([work.made[name].alias(name) for name in kind.names if name in work.made])
    natural = [name for name in kind.natural_key if name in work.made]
    order = result.with_columns(rows.get_column(ROW)).sort([*natural, *result.columns], maintain_order=True)
    return Canonical(order.drop(ROW), order.get_column(ROW), work.tables, numbered.height, ids, left_out)


def _kept(rows: pl.DataFrame, conditions: tuple[Keep, ...]) -> tuple[pl.DataFrame, dict[str, int]]:
    """The rows for which all conditions hold, and how many each one left out."""
    left_out: dict[str, int] = {}
    for keep in conditions:
        cell = pl.col(keep.column).str.strip_chars()
        wanted = [each.strip() for each in keep.values or keep.not_in or ()]
        kept = rows.filter(cell.is_in(wanted) if keep.values is not None else ~cell.is_in(wanted))
        left_out[keep.column] = left_out.get(keep.column, 0) + rows.height - kept.height
        rows = kept
    if rows.is_empty():
        why = "no row is left by the conditions of [[rows.keep]]" if conditions else "the file has no data row"
        raise FileRefused([WrongCells("rows", why, [])])
    return rows, left_out


def to_parquet(frame: pl.DataFrame) -> bytes:
    """The exact bytes that leave; the same input gives the same bytes."""
    buffer = io.BytesIO()
    frame.rechunk().write_parquet(
        buffer, compression="zstd", compression_level=3, statistics=False, row_group_size=ROW_GROUP
    )
    return buffer.getvalue()


def _make(work: _Work, rule: Rule) -> None:
    if rule.constant is not None:
        work.made[rule.name] = pl.Series([rule.constant], dtype=pl.String).new_from_index(0, work.rows.height)
    elif rule.occurrence_of is not None:
        counted = work.rows.select(_occurrence([rule.occurrence_of])).to_series()
        work.made[rule.name] = counted.cast(pl.String)
    elif rule.as_ == "employee_key":
        work.made[rule.name] = _keys(work, rule)
    elif rule.as_ == "date":
        work.made[rule.name] = _date(work, rule)
    elif rule.as_ in {"decimal", "integer"}:
        _number(work, rule)
    else:
        text = _text(work, rule.sources, rule.spellings)
        work.made[rule.name] = _local_code(work, rule, text) if rule.as_ == "local_code" else _code(work, rule, text)


def _occurrence(columns: list[str]) -> pl.Expr:
    """1, 2, ... in file order for repeats of a key."""
    return pl.int_range(1, pl.len() + 1).over([pl.col(name).str.strip_chars() for name in columns]).alias("occurrence")


def _ids(rows: pl.DataFrame, mapping: MappingFile) -> int:
    """How many different employee ids the whole file has, before any row is left out."""
    if "employee_key" not in mapping.columns:
        return 0
    plain = mapping.columns["employee_key"].plain_sources
    return rows.select(pl.col(name).str.strip_chars() for name in plain).n_unique()


def _keys(work: _Work, rule: Rule) -> pl.Series:
    """HMAC of each different id; the id itself goes no further."""
    ids, key = _plain_ids(work, rule), work.key
    made = {each: make(key.secret, key.account, key.epoch, each) for each in ids.unique().to_list()}
    return ids.replace_strict(made, return_dtype=pl.String)


def employee_ids(frame: pl.DataFrame, mapping: MappingFile, key: Keyed) -> list[str]:
    """Each different id of the rows that the mapping keeps, as it is keyed. Raises FileRefused."""
    work = _Work(_kept(frame, mapping.rows.keep)[0], mapping, key)
    ids = _plain_ids(work, next(rule for rule in mapping.rules if rule.name == "employee_key"))
    if work.wrong:
        raise FileRefused(work.wrong)
    return ids.unique().to_list()


def _plain_ids(work: _Work, rule: Rule) -> pl.Series:
    parts = [work.cells(name) for name in rule.plain_sources]
    for part in parts:
        work.refuse(rule.name, "the id is empty", part == "")
        work.refuse(rule.name, "the id has a control character", part.str.contains(r"[\x00-\x1f]"))
    named = pl.DataFrame([part.alias(str(index)) for index, part in enumerate(parts)])
    columns = [pl.col(name) for name in named.columns]
    if OCCURRENCE in rule.sources:
        columns.append(_occurrence(named.columns).cast(pl.String))
    return named.select(pl.concat_str(columns, separator=SEPARATOR)).to_series()


def _text(work: _Work, names: tuple[str, ...], spellings: Mapping[str, str]) -> pl.Series:
    """The first source that is not empty, trimmed; a code table's own spellings win over `empty`."""
    empty = [each.strip() for each in work.source.empty if each.strip() not in spellings]
    if "" not in spellings:
        empty.append("")
    filled = [cell.set(cell.is_in(empty), None) for cell in (work.cells(name) for name in names)]
    first = filled[0]
    for other in filled[1:]:
        first = first.zip_with(first.is_not_null(), other)
    return first


def _date(work: _Work, rule: Rule) -> pl.Series:
    text, form = _text(work, rule.sources, {}), rule.format or work.source.date
    if form is None and (why := cells.dates_need_a_format(text, work.source)):
        work.refuse(rule.name, why, text.is_not_null())
        return text
    found = cells.dates(text, form, work.source)
    work.refuse(rule.name, f"a date is not {form or cells.ISO}", found.is_null() & text.is_not_null())
    return found.dt.to_string(cells.ISO)


def _parsed(work: _Work, rule: Rule, names: tuple[str, ...]) -> pl.Series:
    text = _text(work, names, {})
    values = cells.numbers(text, work.source)
    why = f"a number does not parse with decimal {work.source.decimal!r} and thousands {work.source.thousands!r}"
    work.refuse(rule.name, why, values.is_null() & text.is_not_null())
    return values


def _number(work: _Work, rule: Rule) -> None:
    values = _first_of(work, rule) if rule.first_of else _parsed(work, rule, rule.sources)
    if rule.multiply_by is not None:
        values = _multiplied(work, rule, rule.multiply_by, values)
    kind = KINDS[work.mapping.kind].column(rule.name).type
    places = kind.places if isinstance(kind, Number) else 0
    if rule.round is not None:
        values = values.round(rule.round, mode="half_away_from_zero")
    longer = (values != values.round(places, mode="half_away_from_zero")).fill_null(value=False)
    remedy = f"; say round = {places}" if isinstance(kind, Number) else ""
    work.refuse(rule.name, f"a number has more than {places} places{remedy}", longer)
    work.made[rule.name] = cells.printed(values)


def _multiplied(work: _Work, rule: Rule, by: str, values: pl.Series) -> pl.Series:
    factor, when = _parsed(work, rule, (by,)), values.is_not_null()
    if rule.multiply_when is not None:
        limits = pl.Series([rule.multiply_when.below, rule.multiply_when.above], dtype=pl.String).cast(cells.EXACT)
        if limits[0] is not None:
            when = when & (values < limits[0])
        if limits[1] is not None:
            when = when & (values > limits[1])
    when = when.fill_null(value=False)
    work.refuse(rule.name, f"{by}, the factor, is empty", when & factor.is_null())
    return (values * factor).zip_with(when, values)


def _first_of(work: _Work, rule: Rule) -> pl.Series:
    """The first column with a number, and its unit beside it."""
    parts = [_parsed(work, rule, (name,)) for name in rule.first_of]
    if rule.units:
        units = pl.coalesce(
            pl.when(part.is_not_null()).then(pl.lit(unit)) for part, unit in zip(parts, rule.units, strict=True)
        )
        work.made[f"{rule.name}_unit"] = work.rows.select(units.alias("unit")).to_series()
    first = parts[0]
    for other in parts[1:]:
        first = first.zip_with(first.is_not_null(), other)
    return first


def _local_code(work: _Work, rule: Rule, text: pl.Series) -> pl.Series:
    """j_ and 16 base32 signs of HMAC(key, column, text): the same text, the same code; the text stays here."""
    made = {each: _coded(each, rule.name, work.key.secret) for each in text.drop_nulls().unique().to_list()}
    if rule.table is not None:
        work.tables.setdefault(rule.table, {}).update({code: title for title, code in made.items()})
    return text.replace_strict(made, default=None, return_dtype=pl.String)


def _coded(text: str, column: str, secret: bytes) -> str:
    digest = hmac.digest(secret, f"{column}\0{text}".encode(), "sha256")
    return "j_" + base64.b32encode(digest[:10]).decode().lower()


def _code(work: _Work, rule: Rule, text: pl.Series) -> pl.Series:
    otherwise = None if rule.otherwise == REFUSE else rule.otherwise
    found = cells.coded(text, dict(rule.spellings), otherwise)
    work.refuse(rule.name, "a spelling is not in codes; add it, or say otherwise", found.is_null() & text.is_not_null())
    return found
